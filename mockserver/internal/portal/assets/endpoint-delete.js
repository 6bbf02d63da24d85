// Deleting an endpoint, from wherever it is offered.
import { isOver, remove, at } from "./api.js";
import { announce } from "./announce.js";
import { ask } from "./dialog.js";
import { endpoints as texts } from "./strings.js";
import { target } from "./badges.js";

// deleteEndpoint asks first, and tells whether the endpoint is gone.
export async function deleteEndpoint(endpoint) {
	const text = texts.deleteText(target(endpoint));
	if (!await ask({ title: texts.deleteTitle, text, confirm: texts.deleteConfirm, danger: true })) return false;
	try {
		await remove(at`/endpoints/${endpoint.id}`);
		return true;
	} catch (error) {
		if (error.status === 404) return true; // somebody else was faster
		if (!isOver(error)) announce(texts.deleteFailed);
		return false;
	}
}
