// Copying, with the truth about whether it worked.
import { announce } from "./announce.js";
import { button, h } from "./dom.js";
import { icon } from "./icons.js";
import { common } from "./strings.js";

const keys = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘C" : "Ctrl+C";

// copyButton copies a text that an element shows, or has to show if the browser
// refuses and the reader must copy by hand.
export function copyButton({ label = common.copy, named, text, source }) {
	const outcome = h("span", { class: "copy-outcome" });
	const copy = async () => {
		const done = await write(text());
		if (!done) select(source());
		outcome.textContent = done ? common.copied : common.copyByHand(keys);
		announce(outcome.textContent, { isShown: true });
	};
	return h("span", { class: "copy" },
		button(label, { icon: icon("copy"), "aria-label": named && `${label}: ${named}`, on: { click: copy } }), outcome);
}

// write reports false where the browser has no clipboard for this page: inside
// a frame that was not given it, or without TLS.
async function write(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return false;
	}
}

function select(element) {
	element.hidden = false;
	element.focus();
	getSelection().selectAllChildren(element);
}
