// Pages that stand in for a view: what is not there, not allowed or not working.
import { Refusal, Unreachable } from "./api.js";
import { button, h, heading } from "./dom.js";
import { link } from "./router.js";
import { common, panels } from "./strings.js";

function panel(title, text, ...actions) {
	return {
		title,
		content: h("div", { class: "panel" }, heading(title), h("p", null, text), actions.length > 0 && h("p", { class: "panel-actions" }, actions)),
	};
}

const home = () => h("a", { class: "button", href: link(["endpoints"]) }, common.home);
const again = (retry) => button(common.retry, { kind: "primary", on: { click: retry } });

export const missing = () => panel(panels.missingTitle, panels.missingText, home());
export const forbidden = () => panel(panels.forbiddenTitle, panels.forbiddenText, home());

// trouble says what went wrong when a view could not be loaded.
export function trouble(error, retry) {
	if (error instanceof Unreachable) return panel(panels.offlineTitle, panels.offlineText, again(retry));
	if (!(error instanceof Refusal)) throw error;
	switch (error.status) {
	case 404: return missing();
	case 403: return forbidden();
	case 429: return panel(panels.limitedTitle, panels.limitedText(error.retryAfter), again(retry));
	default: return panel(panels.brokenTitle, panels.brokenText, again(retry));
	}
}

export const used = () => panel(panels.usedTitle, panels.usedText);
export const over = () => panel(panels.endedTitle, panels.endedText);

// unopened says why a link could not be exchanged. There is no second try: what
// became of the first one is not known.
export function unopened(error) {
	if (!(error instanceof Refusal)) return panel(panels.unopenedTitle, panels.unopenedText);
	if (error.status === 429) return panel(panels.busyTitle, panels.busyText(error.retryAfter));
	if (error.status < 500) return used();
	return panel(panels.brokenTitle, panels.brokenText);
}
