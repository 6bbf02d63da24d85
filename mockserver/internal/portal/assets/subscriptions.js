// What an endpoint is subscribed to. Existing subscriptions are always listed;
// others can be added only from the catalog.
import { at, get, isOver, post, remove } from "./api.js";
import { announce } from "./announce.js";
import { ask, present } from "./dialog.js";
import { button, card, h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { picker } from "./picker.js";
import * as session from "./session.js";
import { subscriptions as texts } from "./strings.js";

export function subscriptionsCard(endpointID, subscribed, catalog) {
	const body = h("div");
	const section = card(texts.title, body);
	const title = section.querySelector("h2");
	const writes = session.can("subscriptions:write");

	const reload = async () => {
		subscribed = await get(at`/endpoints/${endpointID}/subscriptions`);
		render();
	};
	const attempt = async (action, done) => {
		try {
			await action();
			await reload();
			announce(done);
			return true;
		} catch (error) {
			if (!isOver(error)) announce(texts.failed);
			return false;
		}
	};
	const unsubscribe = async ({ eventTypeId: id, eventTypeName: name }) => {
		const isListed = catalog.some((type) => type.id === id);
		if (!isListed && !await ask({ title: texts.finalTitle, text: texts.finalText(name), confirm: texts.remove, danger: true })) return;
		if (await attempt(() => remove(at`/endpoints/${endpointID}/subscriptions/${id}`), texts.removed(name))) title.focus();
	};
	const render = () => {
		const rows = [...subscribed].sort((a, b) => (a.eventTypeName < b.eventTypeName ? -1 : 1));
		const rest = catalog.filter(({ id }) => !subscribed.some(({ eventTypeId }) => eventTypeId === id));
		replace(body,
			rows.length === 0 && h("p", { class: "muted" }, texts.none),
			rows.length > 0 && h("ul", { class: "plain-rows", role: "list" }, rows.map((row) => h("li", null,
				h("span", { class: "mono breakable" }, row.eventTypeName),
				writes && h("button", { type: "button", class: "button small", "aria-label": texts.removeNamed(row.eventTypeName), on: { click: () => unsubscribe(row) } }, texts.remove)))),
			writes && rest.length > 0 && button(texts.add, { icon: icon("plus"), on: { click: () => choose(rest) } }));
	};
	const choose = (types) => {
		const choice = picker(types);
		const error = h("p", { class: "field-error", role: "alert" });
		const subscribe = button(texts.subscribe, { kind: "primary", on: { click: async () => {
			const eventTypeIds = choice.chosen();
			if (eventTypeIds.length === 0) {
				error.textContent = texts.chooseOne;
				choice.focus();
				return;
			}
			dialog.close();
			if (await attempt(() => post(at`/endpoints/${endpointID}/subscriptions`, { eventTypeIds }), texts.subscribed(eventTypeIds.length))) title.focus();
		} } });
		const dialog = present(texts.addTitle, [choice.element, error], subscribe);
	};
	render();
	return section;
}
