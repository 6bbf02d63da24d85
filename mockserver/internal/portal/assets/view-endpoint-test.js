// Sending a test, as often as the limit allows, without losing the payload.
import { Refusal, Unreachable, at, call, get, isOver } from "./api.js";
import { announce } from "./announce.js";
import { outcomeBadge } from "./badges.js";
import { getCatalog } from "./catalog.js";
import { card, facts, h, heading, replace } from "./dom.js";
import { endpointStep, endpointTabs, endpointsStep, trail } from "./endpoint-frame.js";
import { blame, field, onSubmit, problem } from "./forms.js";
import { icon } from "./icons.js";
import { outcome } from "./outcome.js";
import { link } from "./router.js";
import { test as texts } from "./strings.js";
import { duration, sampleTime } from "./time.js";

const standIn = "nahook.test"; // what the server takes for an endpoint without subscriptions

export async function testEndpoint({ params, signal }) {
	const [endpoint, subscribed, catalog] = await Promise.all([
		get(at`/endpoints/${params.id}`, signal),
		get(at`/endpoints/${params.id}/subscriptions`, signal),
		getCatalog(signal),
	]);
	const result = h("div", { class: "result" });
	return {
		title: texts.title,
		content: [
			trail(endpointsStep(), endpointStep(endpoint)), heading(texts.title), endpointTabs(endpoint.id, "test"),
			h("p", { class: "muted" }, texts.text), form(endpoint, types(subscribed, catalog), result), result,
		],
	};
}

// types are the subscribed ones and those of the catalog. The stand-in is the
// server's default where nothing is subscribed, and cannot be asked for by name.
function types(subscribed, catalog) {
	const names = subscribed.map(({ eventTypeName }) => eventTypeName).sort();
	const others = catalog.map(({ name }) => name).filter((name) => !names.includes(name)).sort();
	return names.length > 0 ? [...names, ...others] : [standIn, ...others];
}

const sample = (type) => JSON.stringify({ type, test: true, createdAt: sampleTime() }, null, 2);

function form(endpoint, names, result) {
	const type = field({ label: texts.type, control: h("select", { name: "eventType" }, names.map((name) => h("option", { value: name }, name))) });
	const payload = field({ label: texts.payload, hint: texts.payloadHint, control: h("textarea", {
		name: "payload", class: "mono", rows: "9", spellcheck: "false", autocomplete: "off", autocapitalize: "off" }) });
	let suggested = sample(names[0]);
	payload.control.value = suggested;
	type.control.addEventListener("change", () => {
		if (payload.control.value !== suggested) return; // it is the reader's by now
		suggested = sample(type.control.value);
		payload.control.value = suggested;
	});
	const general = problem();
	const label = h("span", null, texts.send);
	const submit = h("button", { type: "submit", class: "button primary" }, icon("send"), label);
	const element = h("form", { class: "form card" }, general.element, type.element, payload.element, h("div", { class: "form-actions" }, submit));
	onSubmit(element, submit, async () => {
		general.clear();
		type.accept();
		payload.accept();
		const wrong = complaint(payload.control.value);
		if (wrong) {
			payload.refuse(wrong);
			payload.control.focus();
			return;
		}
		submit.disabled = true;
		label.textContent = texts.sending;
		replace(result);
		try {
			const text = body(type.control.value, payload.control.value);
			show(result, await call("POST", at`/endpoints/${endpoint.id}/test`, { text }));
		} catch (error) {
			if (!isOver(error)) explain(error, { eventType: type, Event: type, payload }, general);
		} finally {
			submit.disabled = false;
			label.textContent = texts.send;
			if (document.activeElement === document.body) submit.focus(); // disabling took it away
		}
	});
	return element;
}

function complaint(text) {
	try {
		const value = JSON.parse(text);
		return value === null || typeof value !== "object" || Array.isArray(value) ? texts.notObject : null;
	} catch (error) {
		return texts.notJSON(error.message);
	}
}

// body puts the payload in as it was typed: reading and writing it again would
// round long numbers.
function body(type, payload) {
	const prefix = type === standIn ? "" : `"eventType":${JSON.stringify(type)},`;
	return `{${prefix}"payload":${payload}}`;
}

function explain(error, fields, general) {
	if (error instanceof Unreachable) general.say(texts.offline);
	else if (error instanceof Refusal && error.status === 429) general.say(texts.limited(error.retryAfter));
	else blame(error, fields, general);
}

function show(result, { delivery, attempt }) {
	const { kind, headline, advice, isGood } = outcome(attempt);
	replace(result, card(texts.result,
		h("p", { class: "result-head", data: { outcome: kind } }, outcomeBadge(isGood, headline)),
		h("p", null, advice),
		facts([
			[texts.httpStatus, attempt.responseStatusCode],
			[texts.took, attempt.responseTimeMs !== null && duration(attempt.responseTimeMs)],
			[texts.reason, attempt.errorMessage && h("span", { class: "breakable" }, attempt.errorMessage)],
		]),
		h("p", null, h("a", { href: link(["deliveries", delivery.id]) }, texts.delivery))));
	announce(`${headline}. ${advice}`, { isShown: true });
}
