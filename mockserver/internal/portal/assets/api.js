// The JSON API. Whatever goes wrong becomes one of the errors below; a 401
// ends the session, and after that nothing is sent any more.
import * as session from "./session.js";

// Refusal is the server's no, in its own words.
export class Refusal extends Error {
	constructor(status, code, message, retryAfter) {
		super(message);
		Object.assign(this, { status, code, retryAfter });
	}
}

// Unreachable means that there was no answer at all.
export class Unreachable extends Error {}

// SessionEnded needs no message: the page that says so is already there.
export class SessionEnded extends Error {}

// isOver tells that nobody is waiting for the answer any more.
export const isOver = (error) => error instanceof SessionEnded || error.name === "AbortError";

const limit = 30_000; // a test waits 10 s for its receiver

export async function call(method, path, { body, text, signal } = {}) {
	if (session.hasEnded()) throw new SessionEnded();
	const response = await send(method, path, session.bearer(), text ?? (body && JSON.stringify(body)), signal);
	if (response.status === 401) {
		session.end();
		throw new SessionEnded();
	}
	return read(response);
}

export const get = (path, signal) => call("GET", path, { signal });
export const post = (path, body) => call("POST", path, { body });
export const patch = (path, body) => call("PATCH", path, { body });
export const remove = (path) => call("DELETE", path);

// at builds a path; what comes from the address bar must not address anything
// else.
export const at = (strings, ...values) => String.raw({ raw: strings }, ...values.map(encodeURIComponent));

// The API stands beside the assets, also where a proxy serves both below a path.
const api = new URL("../v1", import.meta.url).href;

async function send(method, path, token, body, signal) {
	const headers = { Accept: "application/json" };
	if (token) headers.Authorization = `Bearer ${token}`;
	if (body) headers["Content-Type"] = "application/json";
	const signals = [AbortSignal.timeout(limit), signal].filter(Boolean);
	try {
		return await fetch(api + path, {
			method, headers, body, signal: AbortSignal.any(signals), credentials: "omit", cache: "no-store", redirect: "error",
		});
	} catch (error) {
		signal?.throwIfAborted();
		throw new Unreachable(error.message);
	}
}

async function read(response) {
	if (response.status === 204) return null;
	let value;
	try {
		value = exactly(await response.text());
	} catch (error) {
		throw new Unreachable(error.message);
	}
	if (response.ok) return value;
	throw new Refusal(response.status, value.error?.code, value.error?.message ?? "", Number(response.headers.get("Retry-After")) || 0);
}

// exactly keeps numbers as they were written where the browser can: a payload
// with an 18-digit order number must not be shown rounded.
function exactly(text) {
	if (typeof JSON.rawJSON !== "function") return JSON.parse(text);
	return JSON.parse(text, (_, value, { source }) => {
		return typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined ? JSON.rawJSON(source) : value;
	});
}

// check asks whether a stored token is still good, and ends nothing if not.
export async function check(token) {
	const response = await send("GET", "/session", token);
	return response.status === 401 ? null : read(response);
}

export async function exchange(code) {
	return read(await send("POST", "/session/exchange", null, JSON.stringify({ code })));
}

let refreshing = null;

// refresh learns what may have changed: the time, the cap, the catalog. Whoever
// asks while an answer is on its way gets that one.
export function refresh() {
	refreshing ??= get("/session").then(session.learn).finally(() => { refreshing = null; });
	return refreshing;
}
