// One delivery: what it is, what was tried, and what was sent.
import { at, get } from "./api.js";
import { deliveryBadge, outcomeBadge, shortURL, target } from "./badges.js";
import { copyButton } from "./copy.js";
import { curl } from "./curl.js";
import { card, facts, h, heading } from "./dom.js";
import { endpointStep, endpointsStep, trail } from "./endpoint-frame.js";
import { link } from "./router.js";
import { delivery as texts, deliveries, endpoint as endpointTexts } from "./strings.js";
import { duration, moment } from "./time.js";

export async function viewDelivery({ params, signal }) {
	const [delivery, attempts] = await Promise.all([
		get(at`/deliveries/${params.id}?include=payload`, signal),
		get(at`/deliveries/${params.id}/attempts`, signal),
	]);
	const endpoint = await endpointOf(delivery, signal);
	const title = delivery.eventType ?? deliveries.direct;
	return {
		title: `${texts.title}: ${title}`,
		content: [
			steps(endpoint),
			h("div", { class: "title-row" }, heading(title, { class: "breakable" }), deliveryBadge(delivery.status)),
			card(texts.facts, details(delivery, endpoint)),
			card(texts.attempts, attemptList(attempts)),
			card(texts.payload, payload(delivery.payload, endpoint)),
		],
	};
}

// endpointOf is null where the endpoint has been deleted: its deliveries stay.
async function endpointOf({ endpointId }, signal) {
	try {
		return await get(at`/endpoints/${endpointId}`, signal);
	} catch (error) {
		if (error.status === 404) return null;
		throw error;
	}
}

function steps(endpoint) {
	if (endpoint === null) return trail(endpointsStep());
	return trail(endpointsStep(), endpointStep(endpoint), [endpointTexts.deliveries, ["endpoints", endpoint.id, "deliveries"]]);
}

const mono = (text) => h("span", { class: "mono breakable" }, text);

function details(delivery, endpoint) {
	const url = endpoint && target(endpoint);
	return facts([
		[texts.type, mono(delivery.eventType ?? deliveries.direct)],
		[texts.endpoint, endpoint ? h("a", { href: link(["endpoints", endpoint.id]), "aria-label": url }, shortURL(url)) : texts.deletedEndpoint],
		[texts.created, moment(delivery.createdAt)],
		[texts.first, moment(delivery.firstAttemptAt)],
		[texts.delivered, moment(delivery.deliveredAt)],
		[texts.next, moment(delivery.nextRetryAt)],
		[texts.attempts, delivery.totalAttempts],
		[texts.id, mono(delivery.id)],
		[texts.key, mono(delivery.idempotencyKey)],
	]);
}

function attemptList(attempts) {
	if (attempts.length === 0) return h("p", { class: "muted" }, texts.none);
	return h("ol", { class: "attempts", role: "list" }, attempts.map((attempt) => {
		const isGood = attempt.status === "success";
		const code = attempt.responseStatusCode;
		return h("li", null,
			h("div", { class: "attempt-head" },
				h("strong", null, texts.attempt(attempt.attemptNumber)), outcomeBadge(isGood, isGood ? texts.succeeded : texts.failed)),
			h("p", { class: "attempt-facts" },
				h("span", null, code === null ? texts.noAnswer : texts.answer(code)),
				attempt.responseTimeMs !== null && h("span", null, duration(attempt.responseTimeMs)),
				h("span", { class: "muted" }, moment(attempt.createdAt))),
			attempt.errorMessage && h("p", { class: "breakable bad-text" }, attempt.errorMessage));
	}));
}

function payload({ status, data, contentType }, endpoint) {
	if (status !== "available") return h("p", { class: "muted", data: { payload: status } }, texts.payloads[status] ?? texts.payloads.error);
	const pretty = JSON.stringify(data, null, 2);
	const pre = h("pre", { tabindex: "0", role: "region", "aria-label": texts.payload }, pretty);
	const command = endpoint && curl(target(endpoint), contentType, JSON.stringify(data));
	const shown = endpoint && h("pre", { tabindex: "0", role: "region", "aria-label": texts.curlLabel, hidden: true }, command);
	return [
		h("div", { class: "payload-actions" },
			copyButton({ named: texts.payloadLabel, text: () => pretty, source: () => pre }),
			endpoint && copyButton({ label: texts.curl, text: () => command, source: () => shown })),
		pre, shown, endpoint && h("p", { class: "hint" }, texts.curlHint),
	];
}
