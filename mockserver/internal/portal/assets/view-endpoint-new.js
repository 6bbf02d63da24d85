// Adding an endpoint, up to the moment when its secret has to be copied.
import { isOver, post } from "./api.js";
import { getCatalog } from "./catalog.js";
import { button, card, h, heading } from "./dom.js";
import { endpointsStep, trail } from "./endpoint-frame.js";
import { endpointFields } from "./endpoint-fields.js";
import { blame, onSubmit, problem } from "./forms.js";
import * as frame from "./frame.js";
import { picker } from "./picker.js";
import { link, replaceAddress } from "./router.js";
import { shownSecret } from "./secret.js";
import * as session from "./session.js";
import { common, endpoints, form as texts, secret } from "./strings.js";

export async function newEndpoint({ signal, onLeave }) {
	const { maxEndpoints: most, endpointCount: used } = session.application();
	if (most !== null && used >= most) return full(most);
	const catalog = await getCatalog(signal);
	const content = h("div", { class: "stack" });
	content.append(...form(catalog, (created) => {
		if (signal.aborted) return; // the reader is somewhere else by now
		success(content, created, onLeave);
	}));
	return { title: texts.newTitle, content };
}

function full(most) {
	return {
		title: texts.newTitle,
		content: [
			trail(endpointsStep()), heading(texts.newTitle),
			h("p", { class: "notice" }, most === 0 ? endpoints.capZero : endpoints.capReachedNoDelete),
			h("p", null, h("a", { class: "button", href: link(["endpoints"]) }, common.home)),
		],
	};
}

function form(catalog, done) {
	const fields = endpointFields();
	const general = problem();
	const choice = catalog.length > 0 ? picker(catalog) : null;
	const submit = button(texts.create, { kind: "primary", type: "submit" });
	const element = h("form", { class: "form card" }, general.element, fields.url.element, fields.description.element, choice?.element,
		h("div", { class: "form-actions" }, submit, h("a", { class: "button", href: link(["endpoints"]) }, common.cancel)));
	onSubmit(element, submit, async () => {
		general.clear();
		for (const f of Object.values(fields)) f.accept();
		const body = { url: fields.url.control.value.trim() };
		const description = fields.description.control.value.trim();
		if (description) body.description = description;
		const eventTypeIds = choice?.chosen() ?? [];
		if (eventTypeIds.length > 0) body.eventTypeIds = eventTypeIds;
		try {
			done(await post("/endpoints", body));
		} catch (error) {
			if (!isOver(error)) blame(error, fields, general);
		}
	});
	return [trail(endpointsStep()), heading(texts.newTitle), element];
}

// success takes the form's place. The address becomes the endpoint's: a reload
// or Back must not offer to add it again.
function success(content, endpoint, onLeave) {
	replaceAddress(link(["endpoints", endpoint.id]));
	const path = ["endpoints", endpoint.id];
	content.replaceChildren(
		trail(endpointsStep()), heading(texts.createdTitle),
		h("p", { class: "mono breakable" }, endpoint.url),
		card(secret.title, h("p", null, texts.createdText), h("div", { class: "secret-row" }, shownSecret(endpoint.secret))),
		h("p", { class: "form-actions" },
			h("a", { class: "button primary", href: link([...path, "test"]) }, texts.createdNext),
			h("a", { class: "button", href: link(path) }, texts.createdView)));
	onLeave(() => content.replaceChildren());
	frame.retitle(texts.createdTitle);
	frame.focusHeading();
	window.scrollTo(0, 0);
}
