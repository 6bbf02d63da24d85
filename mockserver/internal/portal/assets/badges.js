// States are told by a word, an icon and a colour, in this order of importance.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { endpoints, status as names } from "./strings.js";

const looks = {
	pending: ["quiet", "waiting"], delivering: ["info", "sending"], delivered: ["good", "active"],
	scheduled_retry: ["warn", "retry"], failed: ["bad", "failed"], dead_letter: ["bad", "dead"],
};

function badge(tone, glyph, text) {
	return h("span", { class: `badge ${tone}` }, icon(glyph), text);
}

export function deliveryBadge(status) {
	const [tone, glyph] = looks[status] ?? ["quiet", "waiting"];
	return badge(tone, glyph, names[status] ?? status);
}

export function activeBadge(isActive) {
	return isActive ? badge("good", "active", endpoints.active) : badge("quiet", "disabled", endpoints.disabled);
}

export const outcomeBadge = (good, text) => badge(good ? "good" : "bad", good ? "active" : "failed", text);

// target is where an endpoint's deliveries go.
export const target = (endpoint) => endpoint.url || endpoint.config.webhookUrl || "";

// tailOf is how much of a URL's end is kept: its last part if that is a short
// one.
function tailOf(characters) {
	const part = characters.length - characters.lastIndexOf("/");
	return part >= 4 && part <= 20 ? part : 14;
}

// shortURL gives up the middle of a URL where room is short: hosts and the ends
// of paths are what tells endpoints apart. The full URL stays in the title, and
// whoever makes a link or a heading of it names that with the full URL.
export function shortURL(url) {
	const characters = Array.from(url);
	const cut = characters.length > 28 ? characters.length - tailOf(characters) : characters.length;
	return h("span", { class: "url", title: url },
		h("span", { class: "url-head" }, characters.slice(0, cut).join("")),
		h("span", { class: "url-tail" }, characters.slice(cut).join("")));
}
