// The session: its token, what the server last said about it, and its end.
import { now, sync } from "./time.js";

export const id = document.body.dataset.session;
const key = `portal:${id}`;

let token = null;
let info = null;
let ended = false;
let whenEnded = () => {};

// Storage can be switched off, and then even looking at it throws. The token is
// then lost with the page, and nothing else.
function storage(use) {
	try {
		return use(window.sessionStorage);
	} catch {
		return null;
	}
}

export const stored = () => storage((s) => s.getItem(key));
export const bearer = () => token;

export function keep(value) {
	token = value;
	storage((s) => s.setItem(key, value));
}

export function forget() {
	token = null;
	storage((s) => s.removeItem(key));
}

// learn takes in what the exchange and GET /session answer.
export function learn(answer) {
	info = answer;
	sync(answer.now);
}

export const application = () => info.application;
export const remaining = () => Date.parse(info.expiresAt) - now();
export const can = (scope) => info.permissions.includes(scope);
export const readOnly = () => !can("endpoints:write");
export const isLive = () => info !== null && !ended;
export const hasEnded = () => ended;

export function onEnd(listener) {
	whenEnded = listener;
}

// end is for a 401, and for nothing else: a countdown may be wrong.
export function end() {
	if (ended) return;
	ended = true;
	forget();
	info = null;
	whenEnded();
}
