// The signing secret. It is in the page only while it is shown.
import { at, isOver, post } from "./api.js";
import { announce } from "./announce.js";
import { copyButton } from "./copy.js";
import { button, card, h, hidden, replace } from "./dom.js";
import { icon } from "./icons.js";
import { secret as texts } from "./strings.js";

const shownFor = 30_000;

export function shownSecret(value) {
	const code = h("code", { class: "secret", tabindex: "-1", translate: "no" }, value);
	return [code, copyButton({ named: texts.label, text: () => value, source: () => code })];
}

// secretCard shows the secret for a while, on request. It asks the server each
// time, which keeps a record of it.
export function secretCard(endpointID, onLeave) {
	const place = h("div", { class: "secret-row" });
	let timer = 0;
	const reveal = button(texts.reveal, { icon: icon("eye"), on: { click: () => show() } });
	const hide = button(texts.hide, { icon: icon("eyeOff"), on: { click: () => mask(true) } });
	let left = false;

	const mask = (moveFocus) => {
		clearTimeout(timer);
		const hadFocus = place.contains(document.activeElement);
		replace(place, h("span", { class: "secret masked" }, h("span", { "aria-hidden": "true" }, "•".repeat(16)), hidden(texts.masked)), reveal);
		if (moveFocus && hadFocus) reveal.focus();
	};
	const show = async () => {
		if (reveal.getAttribute("aria-busy")) return;
		reveal.setAttribute("aria-busy", "true");
		try {
			const { secret } = await post(at`/endpoints/${endpointID}/secret/reveal`);
			if (left) return; // the reader has gone on before the answer came
			replace(place, shownSecret(secret), hide, h("p", { class: "hint" }, texts.hides));
			hide.focus();
			announce(texts.shown, { isShown: true });
			timer = setTimeout(() => { mask(true); announce(texts.gone, { isShown: true }); }, shownFor);
		} catch (error) {
			if (!isOver(error)) announce(texts.failed);
		} finally {
			reveal.removeAttribute("aria-busy");
		}
	};
	onLeave(() => { left = true; mask(false); });
	mask(false);
	return card(texts.title, h("p", { class: "muted" }, texts.text), place);
}
