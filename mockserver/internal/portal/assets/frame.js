// What surrounds every view: the header with the navigation, and the main
// landmark that views come and go in.
import { region } from "./announce.js";
import { element as countdown } from "./countdown.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { link } from "./router.js";
import * as session from "./session.js";
import { common, endpoints, events } from "./strings.js";

const main = h("main", { id: "main", tabindex: "-1" });
const header = h("header", { class: "bar" });

export function mount() {
	const skip = h("a", { class: "skip", href: "#main", on: { click: skipToMain } }, common.skip);
	replace(main, h("p", { class: "loading" }, common.loading));
	document.body.replaceChildren(skip, header, main, region);
}

// skipToMain leaves the address alone: a fragment would be one more step for Back.
function skipToMain(event) {
	event.preventDefault();
	main.focus();
}

export function show(page, section) {
	busy(false);
	const { name } = session.application();
	retitle(page.title);
	replace(header, h("div", { class: "bar-inner" }, brand(name), navigation(section), state()));
	replace(main, page.content);
}

export function retitle(title) {
	document.title = common.title(title, session.application().name);
}

function brand(name) {
	return h("p", { class: "brand" },
		h("span", { class: "brand-mark", "aria-hidden": "true" }, Array.from(name)[0]?.toUpperCase()),
		h("span", { class: "brand-name", title: name, dir: "auto" }, name));
}

function navigation(section) {
	const item = (label, path) => h("li", null,
		h("a", { href: link([path]), "aria-current": section === path ? "page" : null }, label));
	return h("nav", { class: "tabs", "aria-label": common.navigation }, h("ul", null,
		item(endpoints.title, "endpoints"),
		session.application().showEventTypes && item(events.title, "events")));
}

function state() {
	return h("div", { class: "bar-state" },
		countdown, session.readOnly() && h("span", { class: "badge" }, icon("lock"), common.readOnly));
}

export function busy(isBusy) {
	if (isBusy) main.setAttribute("aria-busy", "true");
	else main.removeAttribute("aria-busy");
}

export function focusHeading() {
	main.querySelector("h1")?.focus({ preventScroll: true });
}

// alone shows a page of its own, without the header, and leaves nothing of what
// was there before.
export function alone(page) {
	document.title = page.title;
	document.body.replaceChildren(h("main", { id: "main", class: "alone" }, page.content), region);
	region.textContent = "";
	document.querySelector("h1").focus();
}
