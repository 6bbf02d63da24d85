// Pages that stand in for a view: what is not there, not allowed or not working.
import { Refusal, Unreachable } from "./api.js";
import { button, h, heading } from "./dom.js";
import { icon } from "./icons.js";
import { link } from "./router.js";
import { common, panels } from "./strings.js";

function panel(glyph, title, text, ...actions) {
	return {
		title,
		content: h("div", { class: "panel" }, h("span", { class: "panel-icon" }, icon(glyph)), heading(title), h("p", null, text), actions.length > 0 && h("p", { class: "panel-actions" }, actions)),
	};
}

const home = () => h("a", { class: "button", href: link(["endpoints"]) }, common.home);
const again = (retry) => button(common.retry, { kind: "primary", on: { click: retry } });

export const missing = () => panel("search", panels.missingTitle, panels.missingText, home());
export const forbidden = () => panel("lock", panels.forbiddenTitle, panels.forbiddenText, home());

// trouble says what went wrong when a view could not be loaded.
export function trouble(error, retry) {
	if (error instanceof Unreachable) return panel("alert", panels.offlineTitle, panels.offlineText, again(retry));
	if (!(error instanceof Refusal)) throw error;
	if (error.code === "feature_disabled") return off();
	switch (error.status) {
	case 404: return missing();
	case 403: return forbidden();
	case 429: return panel("waiting", panels.limitedTitle, panels.limitedText(error.retryAfter), again(retry));
	default: return panel("alert", panels.brokenTitle, panels.brokenText, again(retry));
	}
}

const off = () => panel("lock", panels.offTitle, panels.offText);
export const used = () => panel("lock", panels.usedTitle, panels.usedText);
export const over = () => panel("lock", panels.endedTitle, panels.endedText);

// unopened says why a link could not be exchanged. There is no second try: what
// became of the first one is not known.
export function unopened(error) {
	if (!(error instanceof Refusal)) return panel("alert", panels.unopenedTitle, panels.unopenedText);
	if (error.code === "feature_disabled") return off();
	if (error.status === 429) return panel("waiting", panels.busyTitle, panels.busyText(error.retryAfter));
	if (error.status < 500) return used();
	return panel("alert", panels.brokenTitle, panels.brokenText);
}
