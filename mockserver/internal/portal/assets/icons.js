// Icons repeat what text beside them says, so they are hidden from screen readers.
const SVG = "http://www.w3.org/2000/svg";

const shapes = {
	active: "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5M5.2 8.2l2 2 3.7-4.2",
	disabled: "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5M6.4 5.8v4.4M9.6 5.8v4.4",
	failed: "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2",
	dead: "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5M3.7 3.7l8.6 8.6",
	waiting: "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5M8 4.6V8l2.3 1.6",
	retry: "M13.5 2.5v3.6H9.9M13.2 6A5.6 5.6 0 1 0 13.6 9",
	sending: "M2.2 8h10.6M9.2 4.4 12.8 8l-3.6 3.6",
	alert: "M8 2.2 14.3 13H1.7zM8 6.3v3M8 11.1v.1",
	lock: "M4 7.2h8v6H4zM5.6 7.2V5.1a2.4 2.4 0 0 1 4.8 0v2.1",
	plus: "M8 3v10M3 8h10",
	trash: "M2.8 4.3h10.4M6.2 4.3V2.6h3.6v1.7M4.2 4.3l.6 9.1h6.4l.6-9.1M6.7 6.8v4.2M9.3 6.8v4.2",
	copy: "M5.8 5.8h7.4v7.4H5.8zM10.2 5.8V2.8H2.8v7.4h3",
	eye: "M1.5 8S3.9 3.7 8 3.7 14.5 8 14.5 8 12.1 12.3 8 12.3 1.5 8 1.5 8M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6",
	eyeOff: "M2.2 2.2l11.6 11.6M6.3 4c.5-.2 1.1-.3 1.7-.3 4.1 0 6.5 4.3 6.5 4.3s-.7 1.3-2 2.4M4.2 5.1C2.4 6.3 1.5 8 1.5 8s2.4 4.3 6.5 4.3c.9 0 1.7-.2 2.5-.5",
	send: "M14 2 7 9M14 2 9.6 14 7 9 2 6.4z",
	chevron: "M6 3.5 10.5 8 6 12.5",
	search: "M7 2.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6M10.5 10.5l3.3 3.3",
};

export function icon(name) {
	const svg = document.createElementNS(SVG, "svg");
	for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" })) {
		svg.setAttribute(key, value);
	}
	const path = document.createElementNS(SVG, "path");
	path.setAttribute("d", shapes[name]);
	svg.append(path);
	return svg;
}
