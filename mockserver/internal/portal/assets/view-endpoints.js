// The list of endpoints, which is home.
import { at, get, isOver, patch } from "./api.js";
import { announce } from "./announce.js";
import { activeBadge, shortURL, target } from "./badges.js";
import { button, h, heading } from "./dom.js";
import { deleteEndpoint } from "./endpoint-delete.js";
import { icon } from "./icons.js";
import { link, navigate, notify } from "./router.js";
import * as session from "./session.js";
import { endpoints as texts } from "./strings.js";

export async function viewEndpoints({ signal }) {
	const rows = await get("/endpoints", signal);
	return {
		title: texts.title,
		content: [head(rows), session.application().maxEndpoints === 0 && !session.readOnly() && h("p", { class: "notice" }, icon("lock"), texts.capZero),
			rows.length > 0 ? list(rows) : empty()],
	};
}

function head(rows) {
	const { maxEndpoints: most, endpointCount: used } = session.application();
	const full = most !== null && used >= most;
	return h("div", { class: "head" },
		h("div", null, heading(texts.title), most !== null && h("p", { class: "muted" }, texts.used(used, most))),
		rows.length > 0 && !session.readOnly() && most !== 0 && h("div", { class: "head-action" }, full ? fullButton() : addLink()));
}

const addLink = () => h("a", { class: "button primary", href: link(["endpoints", "new"]) }, icon("plus"), h("span", null, texts.add));

// fullButton can be reached and read, unlike a disabled one, and does nothing.
function fullButton() {
	const reason = session.can("endpoints:delete") ? texts.capReached : texts.capReachedNoDelete;
	return [
		button(texts.add, { kind: "primary", icon: icon("plus"), "aria-disabled": "true", "aria-describedby": "cap-reason", on: { click: () => announce(reason) } }),
		h("p", { id: "cap-reason", class: "hint" }, reason),
	];
}

function empty() {
	if (session.readOnly() || session.application().maxEndpoints === 0) {
		return h("div", { class: "empty" }, h("p", null, texts.emptyReadOnly));
	}
	return h("div", { class: "empty" },
		h("p", { class: "empty-lead" }, texts.empty), addLink(),
		h("ol", { class: "steps" }, texts.steps.map(([title, text]) => h("li", null, h("strong", null, title), h("span", { class: "muted" }, text)))));
}

function list(rows) {
	return h("ul", { class: "rows endpoints", role: "list", "aria-label": texts.list }, rows.map(row));
}

function row(endpoint) {
	const url = target(endpoint);
	const state = h("div", { class: "row-state" }, activeBadge(endpoint.isActive));
	const { delivered, failed } = endpoint.last24Hours;
	return h("li", { data: { id: endpoint.id } },
		h("div", { class: "row-main" },
			h("a", { class: "row-link", href: link(["endpoints", endpoint.id]), "aria-label": url }, shortURL(url)),
			(endpoint.description || endpoint.type === "slack") && h("p", { class: "row-note muted", dir: "auto" }, endpoint.description ?? texts.slack)),
		state,
		h("div", { class: "row-fact" }, texts.subscriptions(endpoint.subscriptionCount)),
		h("div", { class: "row-fact" },
			h("span", null, texts.delivered(delivered)), " · ", h("span", { class: failed > 0 ? "bad-text" : null }, texts.failed(failed)),
			h("span", { class: "muted row-when" }, ` ${texts.lastDay}`)),
		!session.readOnly() && h("div", { class: "row-controls" }, activeSwitch(endpoint, state), deleteButton(endpoint)));
}

// activeSwitch shows at once what is asked for, and takes it back if the server
// says no.
function activeSwitch(endpoint, state) {
	let isActive = endpoint.isActive;
	const show = (value) => {
		control.setAttribute("aria-checked", String(value));
		state.replaceChildren(activeBadge(value));
	};
	const toggle = async () => {
		if (control.getAttribute("aria-busy")) return;
		control.setAttribute("aria-busy", "true");
		show(!isActive);
		try {
			({ isActive } = await patch(at`/endpoints/${endpoint.id}`, { isActive: !isActive }));
			announce(isActive ? texts.enabled : texts.nowDisabled);
		} catch (error) {
			if (isOver(error)) return;
			announce(texts.toggleFailed);
		} finally {
			show(isActive);
			control.removeAttribute("aria-busy");
		}
	};
	const control = h("button", { type: "button", class: "switch", role: "switch", "aria-checked": String(isActive), "aria-label": texts.toggle(target(endpoint)), on: { click: toggle } });
	return control;
}

function deleteButton(endpoint) {
	if (!session.can("endpoints:delete")) return null;
	const confirm = async () => {
		if (!await deleteEndpoint(endpoint)) return;
		notify(texts.deleted);
		navigate(link(["endpoints"])); // which puts focus on the heading
	};
	return h("button", { type: "button", class: "button icon-only", "aria-label": texts.deleteNamed(target(endpoint)), title: texts.delete, on: { click: confirm } }, icon("trash"));
}
