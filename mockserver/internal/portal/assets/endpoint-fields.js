// What a customer says about an endpoint, when adding and when changing one.
import { h } from "./dom.js";
import { field } from "./forms.js";
import { form as texts } from "./strings.js";

export function endpointFields({ url = "", description = "" } = {}) {
	return {
		url: field({ label: texts.url, hint: texts.urlHint, control: h("input", {
			type: "url", name: "url", value: url, required: true, autocomplete: "off", spellcheck: "false", inputmode: "url", placeholder: "https://" }) }),
		description: field({ label: texts.description, hint: texts.descriptionHint, isOptional: true, control: h("input", {
			type: "text", name: "description", value: description ?? "", autocomplete: "off" }) }),
	};
}
