// Elements are made by hand: the page's policy lets no markup be parsed, so
// what users have typed can only ever become text.

export function h(tag, props, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
	element.append(...kept(children));
	return element;
}

function set(element, name, value) {
	if (value === undefined || value === null || value === false) return;
	if (name === "on") {
		for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
	} else if (name === "data") {
		Object.assign(element.dataset, value);
	} else {
		element.setAttribute(name, value === true ? "" : value);
	}
}

// kept drops what a condition left out.
function kept(children) {
	return children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false);
}

export function replace(element, ...children) {
	element.replaceChildren(...kept(children));
	return element;
}

let ids = 0;

// newID is for what labels and descriptions point to.
export function newID(name) {
	ids += 1;
	return `${name}-${ids}`;
}

// heading is the one h1 of a view. It takes focus after a navigation, so that
// screen readers begin there.
export function heading(text, props) {
	return h("h1", { tabindex: "-1", ...props }, text);
}

export function hidden(text) {
	return h("span", { class: "visually-hidden" }, text);
}

// facts lists what is known as names and values; a fact without a value is left
// out.
export function facts(pairs) {
	return h("dl", { class: "facts" }, pairs.filter(([, value]) => value || value === 0)
		.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
}

export function card(title, ...content) {
	const id = newID("section");
	return h("section", { class: "card", "aria-labelledby": id }, h("h2", { id, tabindex: "-1" }, title), content);
}

export function button(label, { kind = "", icon: glyph, ...props } = {}) {
	return h("button", { type: "button", class: `button ${kind}`.trim(), ...props }, glyph, h("span", null, label));
}
