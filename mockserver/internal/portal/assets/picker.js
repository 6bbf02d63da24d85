// The event picker: searchable, and in groups that can be chosen as a whole.
import { announce } from "./announce.js";
import { grouped } from "./catalog.js";
import { h, hidden, newID } from "./dom.js";
import { picker as texts } from "./strings.js";

// picker gives the element, and what is chosen in it.
export function picker(types) {
	const count = h("span", { class: "muted", "aria-live": "polite" });
	const groups = grouped(types).map(([name, members]) => group(name, members, () => update()));
	const search = h("input", { type: "search", autocomplete: "off", spellcheck: "false", "aria-label": texts.search, placeholder: texts.search });
	const nothing = h("p", { class: "muted picker-nothing", hidden: true }, texts.matches(0));
	const update = () => { count.textContent = texts.selected(chosen().length); };
	const chosen = () => groups.flatMap((g) => g.chosen());
	search.addEventListener("input", () => {
		const matches = groups.reduce((sum, g) => sum + g.filter(search.value.trim().toLowerCase()), 0);
		nothing.hidden = matches > 0;
		announce(texts.matches(matches), { isShown: true });
	});
	// Enter looks for something here, and must not submit the form around it.
	search.addEventListener("keydown", (event) => {
		if (event.key === "Enter") event.preventDefault();
	});
	update();
	const id = newID("picker");
	return {
		chosen, focus: () => search.focus(),
		element: h("fieldset", { class: "picker", "aria-describedby": `${id}-hint` },
			h("legend", null, texts.legend), h("p", { id: `${id}-hint`, class: "hint" }, texts.hint),
			h("div", { class: "picker-head" }, search, count),
			h("div", { class: "picker-list" }, groups.map((g) => g.element), nothing)),
	};
}

function group(name, types, changed) {
	const rows = types.map((type) => row(type, () => { settle(); changed(); }));
	const all = h("input", { type: "checkbox", id: newID("group"), on: { change: () => {
		for (const r of rows) if (!r.element.hidden) r.box.checked = all.checked;
		settle();
		changed();
	} } });
	// settle shows what the boxes below say: all, none, or some.
	const settle = () => {
		const shown = rows.filter((r) => !r.element.hidden);
		const checked = shown.filter((r) => r.box.checked).length;
		all.checked = checked === shown.length && checked > 0;
		all.indeterminate = checked > 0 && checked < shown.length;
	};
	const isLone = types.length === 1;
	const element = h("div", { class: "picker-group", role: "group", "aria-label": name },
		!isLone && h("div", { class: "picker-all" }, all, h("label", { for: all.id }, name, hidden(` – ${texts.group(name)}`))),
		h("ul", { class: isLone ? "lone" : null }, rows.map((r) => r.element)));
	return {
		element,
		chosen: () => rows.filter((r) => r.box.checked).map((r) => r.id),
		filter(words) {
			for (const r of rows) r.element.hidden = !r.text.includes(words);
			settle();
			const shown = rows.filter((r) => !r.element.hidden).length;
			element.hidden = shown === 0;
			return shown;
		},
	};
}

function row({ id, name, description }, changed) {
	const boxID = newID("type");
	const box = h("input", { type: "checkbox", id: boxID, value: id, on: { change: changed }, "aria-describedby": description && `${boxID}-text` });
	return {
		id, box, text: `${name} ${description ?? ""}`.toLowerCase(),
		element: h("li", { class: "check" }, box,
			h("div", null, h("label", { for: boxID, class: "mono" }, name),
				description && h("p", { id: `${boxID}-text`, class: "hint", dir: "auto" }, description))),
	};
}
