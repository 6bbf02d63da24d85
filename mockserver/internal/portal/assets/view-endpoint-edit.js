// Changing an endpoint.
import { at, get, isOver, patch } from "./api.js";
import { button, h, heading } from "./dom.js";
import { endpointFields } from "./endpoint-fields.js";
import { endpointStep, endpointTabs, endpointsStep, trail } from "./endpoint-frame.js";
import { blame, check, onSubmit, problem } from "./forms.js";
import { link, navigate, notify } from "./router.js";
import { common, form as texts } from "./strings.js";

export async function editEndpoint({ params, signal }) {
	const endpoint = await get(at`/endpoints/${params.id}`, signal);
	return {
		title: texts.editTitle,
		content: [
			trail(endpointsStep(), endpointStep(endpoint)), heading(texts.editTitle), endpointTabs(endpoint.id, "edit"), form(endpoint, signal),
		],
	};
}

function form(endpoint, signal) {
	const fields = endpointFields(endpoint);
	if (endpoint.type === "slack") delete fields.url; // it has none: its address is the provider's business
	const active = check({ label: texts.active, hint: texts.activeHint, checked: endpoint.isActive });
	const general = problem();
	const submit = button(texts.save, { kind: "primary", type: "submit" });
	const home = link(["endpoints", endpoint.id]);
	const element = h("form", { class: "form card" }, general.element, Object.values(fields).map((f) => f.element), active.element,
		h("div", { class: "form-actions" }, submit, h("a", { class: "button", href: home }, common.cancel)));
	onSubmit(element, submit, async () => {
		general.clear();
		for (const f of Object.values(fields)) f.accept();
		const body = changes(endpoint, fields, active.control.checked);
		try {
			if (Object.keys(body).length > 0) await patch(at`/endpoints/${endpoint.id}`, body);
		} catch (error) {
			if (!isOver(error)) blame(error, fields, general);
			return;
		}
		if (signal.aborted) return;
		notify(Object.keys(body).length > 0 ? texts.saved : texts.unchanged);
		navigate(home);
	});
	return element;
}

// changes are only what the reader has changed: somebody else may have changed
// the rest.
function changes(endpoint, fields, isActive) {
	const body = {};
	for (const [name, { control }] of Object.entries(fields)) {
		const value = control.value.trim();
		if (value !== (endpoint[name] ?? "")) body[name] = value;
	}
	if (isActive !== endpoint.isActive) body.isActive = isActive;
	return body;
}
