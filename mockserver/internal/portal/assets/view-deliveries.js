// The deliveries of one endpoint, filtered by what the address says.
import { at, get, isOver } from "./api.js";
import { announce } from "./announce.js";
import { deliveryBadge } from "./badges.js";
import { button, h, heading, replace } from "./dom.js";
import { endpointStep, endpointTabs, endpointsStep, trail } from "./endpoint-frame.js";
import { link, remember } from "./router.js";
import * as session from "./session.js";
import { deliveries as texts, status as names } from "./strings.js";
import { now, since } from "./time.js";

export async function viewDeliveries({ params, query, signal, state }) {
	const asked = query.get("status") ?? "";
	const status = Object.hasOwn(names, asked) ? asked : "";
	const load = (cursor) => page(params.id, status, cursor, signal);
	const [endpoint, first] = await Promise.all([get(at`/endpoints/${params.id}`, signal), load(null)]);
	const pages = [first];
	// Coming back, the reader finds as much as was there before.
	while (pages.length < (state?.pages ?? 1) && pages.at(-1).nextCursor) {
		const next = await load(pages.at(-1).nextCursor).catch((error) => { if (isOver(error)) throw error; });
		if (!next) break;
		pages.push(next);
	}
	return {
		title: texts.title,
		content: [
			trail(endpointsStep(), endpointStep(endpoint)), heading(texts.title), endpointTabs(endpoint.id, "deliveries"),
			chips(endpoint.id, status), listing(pages, status, load), h("p", { class: "muted foot" }, texts.kept),
		],
	};
}

function page(endpointID, status, cursor, signal) {
	const query = new URLSearchParams();
	if (status) query.set("status", status);
	if (cursor) query.set("cursor", cursor);
	const search = query.toString();
	return get(at`/endpoints/${endpointID}/deliveries` + (search ? `?${search}` : ""), signal);
}

function chips(id, current) {
	const chip = (status, label) => h("li", null, h("a", {
		class: "chip", href: link(["endpoints", id, "deliveries"], status ? { status } : {}), "aria-current": status === current ? "true" : null }, label));
	return h("nav", { "aria-label": texts.filter }, h("ul", { class: "chips" },
		chip("", texts.all), Object.entries(names).map(([status, label]) => chip(status, label))));
}

function listing(pages, status, load) {
	const notice = h("p", { class: "notice", tabindex: "-1", hidden: true });
	const rows = h("ul", { class: "rows deliveries", role: "list", "aria-label": texts.list });
	const empty = h("div", { class: "empty" }, h("p", null, status === "" && session.readOnly() ? texts.emptyReadOnly : texts.empty[status]));
	const older = button(texts.older, { on: { click: () => more() } });
	const seen = new Set(); // a delivery that has changed places is not shown twice
	let cursor = null;
	let count = 0;

	const add = ({ deliveries, nextCursor }) => {
		const fresh = deliveries.filter(({ id }) => !seen.has(id));
		const added = fresh.map(row);
		for (const { id } of fresh) seen.add(id);
		rows.append(...added);
		cursor = nextCursor;
		count += 1;
		older.hidden = cursor === null;
		rows.hidden = seen.size === 0;
		empty.hidden = seen.size > 0;
		return added;
	};
	const restart = async () => {
		const first = await load(null);
		replace(rows);
		seen.clear();
		count = 0;
		add(first);
		remember({ pages: count });
		notice.textContent = texts.restarted;
		notice.hidden = false;
		notice.focus();
	};
	const more = async () => {
		if (older.getAttribute("aria-busy")) return;
		older.setAttribute("aria-busy", "true");
		try {
			const added = add(await load(cursor));
			remember({ pages: count });
			notice.hidden = true;
			announce(texts.loaded(added.length, seen.size), { isShown: true });
			if (older.hidden) added[0]?.querySelector("a").focus({ preventScroll: true }); // the button is gone
		} catch (error) {
			if (isOver(error)) return;
			if (error.code === "invalid_cursor") await restart().catch(fail);
			else fail(error);
		} finally {
			older.removeAttribute("aria-busy");
		}
	};
	const fail = (error) => {
		if (!isOver(error)) announce(texts.olderFailed);
	};
	pages.forEach(add);
	return [notice, rows, empty, h("p", { class: "older" }, older)];
}

// retry does not say that what is to come was a while ago, as it would where
// the server's clock stands still.
function retry(iso) {
	return Date.parse(iso) > now() ? [`${texts.retries} `, since(iso)] : texts.due;
}

function row(delivery) {
	const name = delivery.eventType ?? texts.direct;
	return h("li", { data: { id: delivery.id } },
		h("div", { class: "row-state" }, deliveryBadge(delivery.status)),
		h("div", { class: "row-main" },
			h("a", { class: "row-link mono breakable", href: link(["deliveries", delivery.id]) }, name),
			h("p", { class: "row-note muted mono" }, delivery.id)),
		h("div", { class: "row-fact" }, texts.attempts(delivery.totalAttempts),
			delivery.nextRetryAt && h("span", { class: "muted row-when" }, " ", retry(delivery.nextRetryAt))),
		h("div", { class: "row-fact row-age" }, since(delivery.createdAt)));
}
