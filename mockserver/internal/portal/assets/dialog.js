// Dialogs are the browser's own: they trap focus, close with Escape and give
// focus back. Where the opener is gone, whoever asked takes care of it.
import { button, h, newID } from "./dom.js";
import { common } from "./strings.js";

const open = new Set();

export function closeDialogs() {
	for (const dialog of open) dialog.close();
}

// ask resolves to true if the reader confirms.
export function ask({ title, text, confirm, danger = false }) {
	return new Promise((resolve) => {
		const id = newID("dialog-text");
		const yes = button(confirm, { kind: danger ? "danger" : "primary", on: { click: () => dialog.close("yes") } });
		const dialog = present(title, [h("p", { id, class: "breakable" }, text)], yes);
		dialog.setAttribute("aria-describedby", id);
		dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
	});
}

// present opens a dialog with a title, content and one action beside Cancel.
export function present(title, content, action) {
	const id = newID("dialog");
	const opener = document.activeElement;
	const cancel = button(common.cancel, { on: { click: () => dialog.close() } });
	const dialog = h("dialog", { class: "dialog", "aria-labelledby": id },
		h("h2", { id }, title), content, h("div", { class: "dialog-actions" }, cancel, action));
	document.body.append(dialog);
	open.add(dialog);
	dialog.addEventListener("close", () => {
		open.delete(dialog);
		dialog.remove();
		if (opener?.isConnected) opener.focus();
	});
	dialog.showModal();
	return dialog;
}
