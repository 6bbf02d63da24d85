// What the pages of one endpoint share: where they stand, and how to get from
// one to the next.
import { shortURL, target } from "./badges.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { link } from "./router.js";
import * as session from "./session.js";
import { common, endpoint as texts, endpoints } from "./strings.js";

// trail is the way back. Each step is a name and a path, the last one where the
// page itself belongs.
export function trail(...steps) {
	return h("nav", { class: "trail", "aria-label": common.breadcrumb },
		h("ol", null, steps.map(([label, path, name], i) => h("li", null,
			i > 0 && icon("chevron"), h("a", { href: link(path), "aria-label": name }, label)))));
}

export const endpointsStep = () => [endpoints.title, ["endpoints"]];
export const endpointStep = (e) => [shortURL(target(e)), ["endpoints", e.id], target(e)];

export function endpointTabs(id, current) {
	const item = (name, label, ...more) => h("li", null,
		h("a", { href: link(["endpoints", id, ...more]), "aria-current": name === current ? "page" : null }, label));
	const writes = session.can("endpoints:write");
	return h("nav", { class: "tabs under", "aria-label": texts.title }, h("ul", null,
		item("overview", texts.overview), item("deliveries", texts.deliveries, "deliveries"),
		writes && item("test", texts.test, "test"), writes && item("edit", texts.edit, "edit")));
}
