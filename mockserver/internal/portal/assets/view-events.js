// The catalog of event types.
import { getCatalog, grouped } from "./catalog.js";
import { h, heading } from "./dom.js";
import * as session from "./session.js";
import { missing } from "./panels.js";
import { events as texts } from "./strings.js";

export async function viewEvents({ signal }) {
	if (!session.application().showEventTypes) return missing();
	const types = await getCatalog(signal);
	return {
		title: texts.title,
		content: [
			h("div", { class: "head" }, h("div", null, heading(texts.title), h("p", { class: "muted" }, texts.text))),
			types.length === 0 ? h("div", { class: "empty" }, h("p", null, texts.empty)) : grouped(types).map(group),
		],
	};
}

function group([name, types]) {
	return h("section", { class: "card", "aria-label": name }, h("h2", { class: "mono" }, name),
		h("dl", { class: "catalog" }, types.map((type) => h("div", null,
			h("dt", { class: "mono" }, type.name),
			h("dd", { class: "muted", dir: "auto" }, type.description ?? texts.undescribed)))));
}
