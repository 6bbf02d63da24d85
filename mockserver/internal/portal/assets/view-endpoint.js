// One endpoint: what is known about it, its subscriptions and its secret.
import { at, get } from "./api.js";
import { getCatalog } from "./catalog.js";
import { activeBadge, shortURL, target } from "./badges.js";
import { button, card, facts, h, heading } from "./dom.js";
import { deleteEndpoint } from "./endpoint-delete.js";
import { endpointTabs, endpointsStep, trail } from "./endpoint-frame.js";
import { icon } from "./icons.js";
import { link, navigate, notify } from "./router.js";
import { secretCard } from "./secret.js";
import * as session from "./session.js";
import { endpoint as texts, endpoints } from "./strings.js";
import { subscriptionsCard } from "./subscriptions.js";
import { moment } from "./time.js";

export async function viewEndpoint({ params, signal, onLeave }) {
	const [endpoint, subscribed, catalog] = await Promise.all([
		get(at`/endpoints/${params.id}`, signal),
		get(at`/endpoints/${params.id}/subscriptions`, signal),
		getCatalog(signal),
	]);
	const url = target(endpoint);
	return {
		title: url,
		content: [
			trail(endpointsStep()),
			h("div", { class: "title-row" }, heading(shortURL(url), { "aria-label": url }), activeBadge(endpoint.isActive)),
			endpointTabs(endpoint.id, "overview"),
			card(texts.facts, facts([
				[texts.url, h("span", { class: "mono breakable" }, url)],
				[texts.description, endpoint.description && h("span", { class: "breakable", dir: "auto" }, endpoint.description)],
				[texts.lastDay, texts.results(endpoint.last24Hours.delivered, endpoint.last24Hours.failed)],
				[texts.created, moment(endpoint.createdAt)],
				[texts.updated, endpoint.updatedAt !== endpoint.createdAt && moment(endpoint.updatedAt)],
				[texts.id, h("span", { class: "mono breakable" }, endpoint.id)],
			])),
			subscriptionsCard(endpoint.id, subscribed, catalog),
			session.can("endpoints:write") && secretCard(endpoint.id, onLeave),
			session.can("endpoints:delete") && dangerCard(endpoint),
		],
	};
}

function dangerCard(endpoint) {
	const confirm = async () => {
		if (!await deleteEndpoint(endpoint)) return;
		notify(endpoints.deleted);
		navigate(link(["endpoints"]), { replace: true });
	};
	return card(texts.danger, h("p", { class: "muted" }, texts.dangerText),
		button(endpoints.delete, { kind: "danger-quiet", icon: icon("trash"), on: { click: confirm } }));
}
