// Forms: labelled fields whose errors stand beside them.
import { Refusal, Unreachable } from "./api.js";
import { h, newID } from "./dom.js";
import { common, form as texts } from "./strings.js";

// field ties a control to its label, its hint and its error.
export function field({ label, hint, control, isOptional = false }) {
	const id = newID("field");
	const hintID = hint && `${id}-hint`;
	const error = h("p", { id: `${id}-error`, class: "field-error" });
	control.id = id;
	const describe = (...ids) => {
		const list = ids.filter(Boolean).join(" ");
		if (list) control.setAttribute("aria-describedby", list);
		else control.removeAttribute("aria-describedby");
	};
	describe(hintID);
	return {
		label, control,
		element: h("div", { class: "field" },
			h("label", { for: id }, label, isOptional && h("span", { class: "muted" }, ` (${common.optional})`)),
			control, error, hint && h("p", { id: hintID, class: "hint" }, hint)),
		refuse(text) {
			error.textContent = text;
			control.setAttribute("aria-invalid", "true");
			describe(error.id, hintID);
		},
		accept() {
			error.textContent = "";
			control.removeAttribute("aria-invalid");
			describe(hintID);
		},
	};
}

// check is a box with a label and a hint.
export function check({ label, hint, checked }) {
	const id = newID("check");
	const control = h("input", { type: "checkbox", id, checked, "aria-describedby": hint && `${id}-hint` });
	return {
		control,
		element: h("div", { class: "check" }, control,
			h("div", null, h("label", { for: id }, label), hint && h("p", { id: `${id}-hint`, class: "hint" }, hint))),
	};
}

// problem is where a form says what no field is to blame for.
export function problem() {
	const element = h("p", { class: "notice bad", tabindex: "-1", hidden: true });
	return {
		element,
		say(text) {
			element.textContent = text;
			element.hidden = false;
			element.focus();
		},
		clear() {
			element.hidden = true;
			element.textContent = "";
		},
	};
}

// blame finds the field that a refusal is about: its message begins with the
// field's name. What no field is to blame for the form says itself.
export function blame(error, fields, general) {
	const [, name, rest] = /^(\w+)\S* (.*)$/s.exec(error.message) ?? [];
	if (error instanceof Refusal && error.status === 400 && Object.hasOwn(fields, name)) {
		fields[name].refuse(texts.invalid(fields[name].label, rest));
		fields[name].control.focus();
		return;
	}
	general.say(explain(error));
}

function explain(error) {
	if (error instanceof Unreachable) return texts.offline;
	if (error.code === "application_endpoint_limit_reached") return texts.limit;
	if (error.status === 429) return texts.waitAndRetry(error.retryAfter);
	return error.message ? `${texts.failed} ${error.message}.` : texts.failed;
}

// onSubmit runs one submission at a time and shows that it runs. Forms have
// no address to go to: the page's policy refuses that.
export function onSubmit(form, submit, send) {
	form.noValidate = true; // the server's word counts, and its errors are shown in one way
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		if (submit.getAttribute("aria-busy")) return;
		submit.setAttribute("aria-busy", "true");
		try {
			await send();
		} finally {
			submit.removeAttribute("aria-busy");
		}
	});
}
