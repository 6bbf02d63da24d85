// Which view an address shows, and how the address changes. Links are real links:
// they can be copied, opened in a tab and walked through with Back.
import { closeDialogs } from "./dialog.js";
import { announce } from "./announce.js";
import * as frame from "./frame.js";
import * as session from "./session.js";
import { refresh } from "./api.js";
import { forbidden, missing, trouble } from "./panels.js";

// The session stands in the path: what is before it and it itself stay as they are.
const home = `/portal/s/${session.id}`;
const base = location.pathname.slice(0, location.pathname.indexOf(home) + home.length);
const theme = new URLSearchParams(location.search).get("theme");

let routes = [];
let entry = history.state?.entry ?? newEntry();
let visit = new AbortController();
let leavers = [];
let notice = "";
const scrolled = new Map(); // by history entry

function newEntry() {
	return Math.random().toString(36).slice(2);
}

// link is the address of a view. The theme that the page was opened with goes along.
export function link(path, query = {}) {
	const params = new URLSearchParams(query);
	if (theme) params.set("theme", theme);
	const search = params.toString();
	return base + "/" + path.map(encodeURIComponent).join("/") + (search ? `?${search}` : "");
}

export function start(table) {
	routes = table;
	history.scrollRestoration = "manual";
	document.addEventListener("click", follow);
	window.addEventListener("popstate", ({ state }) => {
		if (!session.isLive()) return;
		scrolled.set(entry, scrollY);
		entry = state?.entry ?? newEntry();
		show(scrolled.get(entry));
	});
	if (segments().length === 0) replaceAddress(link(["endpoints"]));
	else replaceAddress(location.href);
	return show(0, true);
}

// replaceAddress changes the address of the view that is shown, without a new one.
export function replaceAddress(href) {
	history.replaceState({ ...history.state, entry }, "", href);
}

// remember keeps something for when the reader comes back to this entry.
export function remember(values) {
	history.replaceState({ ...history.state, ...values }, "");
}

// navigate goes to a view. What no longer exists is replaced, so that Back does
// not lead to it.
export function navigate(href, { replace = false } = {}) {
	scrolled.set(entry, scrollY);
	const target = new URL(href, location.href);
	if (replace) {
		history.replaceState({ entry }, "", target);
	} else if (target.href !== location.href) {
		entry = newEntry();
		history.pushState({ entry }, "", target);
	}
	return show(0);
}

function follow(event) {
	const anchor = event.target.closest?.("a[href]");
	const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
	if (!anchor || !plain || event.defaultPrevented || anchor.target || !session.isLive()) return;
	if (anchor.origin !== location.origin || !anchor.pathname.startsWith(`${base}/`)) return;
	event.preventDefault();
	navigate(anchor.href);
}

function segments() {
	try {
		return location.pathname.slice(base.length).split("/").filter(Boolean).map(decodeURIComponent);
	} catch {
		return ["%"]; // a broken escape, which no route has
	}
}

function match() {
	const path = segments();
	for (const route of routes) {
		const params = {};
		const fits = route.path.length === path.length && route.path.every((part, i) => {
			if (part.startsWith(":")) params[part.slice(1)] = path[i];
			return part.startsWith(":") || part === path[i];
		});
		if (fits) return { ...route, params };
	}
	return null;
}

function leave() {
	visit.abort();
	visit = new AbortController();
	for (const leaver of leavers.splice(0)) leaver();
	closeDialogs();
}

// show renders the view of the address. The old one stays until the new one is
// there, except for what must not outlive it.
async function show(scroll = 0, first = false) {
	leave();
	const { signal } = visit;
	frame.busy(true);
	let page;
	try {
		// The session is asked alone: if it has ended, one request says so.
		if (!first) await refresh();
		page = await render(signal);
	} catch (error) {
		if (signal.aborted || !session.isLive()) return;
		page = trouble(error, () => show());
	}
	if (signal.aborted || !session.isLive()) return;
	frame.show(page, match()?.section);
	if (!first) frame.focusHeading();
	window.scrollTo(0, scroll);
	if (notice) announce(notice);
	notice = "";
}

async function render(signal) {
	const route = match();
	if (!route) return missing();
	if (route.needs && !session.can(route.needs)) return forbidden();
	return route.view({
		params: route.params, query: new URLSearchParams(location.search), signal, state: history.state,
		onLeave: (leaver) => (signal.aborted ? leaver() : leavers.push(leaver)),
	});
}

// notify says something once the next view is there.
export function notify(text) {
	notice = text;
}
