// The last five minutes are counted down. Reaching zero proves nothing: the
// server is asked, once, and only its 401 ends the session.
import { announce } from "./announce.js";
import { refresh } from "./api.js";
import { h } from "./dom.js";
import * as session from "./session.js";
import { common } from "./strings.js";
import { clockFace } from "./time.js";

const shownFor = 5 * 60_000;

export const element = h("span", { class: "countdown", role: "timer", "aria-live": "off" });

let asked = false;
let warned = false;

export function startCountdown() {
	const timer = setInterval(() => {
		if (session.hasEnded()) clearInterval(timer);
		else tick();
	}, 1000);
	tick();
}

function tick() {
	const left = session.remaining();
	element.textContent = left <= shownFor ? common.endsIn(clockFace(left)) : "";
	if (left <= shownFor && !warned) {
		warned = true;
		announce(common.endsSoon);
	}
	if (left > 0) asked = false; // the clock was put right
	if (left <= 0 && !asked) {
		asked = true;
		refresh().catch(() => {}); // the next action says what is wrong
	}
}
