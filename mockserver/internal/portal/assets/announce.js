// One live region for the whole page. It is visible too, except for what stands
// in the page already.
import { h } from "./dom.js";

export const region = h("div", { class: "announcement", role: "status" });

let timer = 0;

export function announce(text, { isShown = false } = {}) {
	clearTimeout(timer);
	region.textContent = "";
	region.classList.toggle("visually-hidden", isShown);
	// A region that gets the same text again says nothing, unless it was empty
	// for a moment.
	setTimeout(() => { region.textContent = text; }, 50);
	timer = setTimeout(() => { region.textContent = ""; }, 8000);
}
