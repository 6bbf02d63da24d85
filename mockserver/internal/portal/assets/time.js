// The customer's clock may be wrong, and the server's may stand still. What is
// shown runs from the server's last word plus what has elapsed since.
let heard = 0;
let at = 0;

export function sync(serverNow) {
	heard = Date.parse(serverNow);
	at = performance.now();
}

export function now() {
	return heard + (performance.now() - at);
}

// The texts are English, so the dates are too, in the reader's variety of it.
const locale = navigator.languages?.find((language) => /^en\b/.test(language)) ?? "en";
const absolute = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const plain = new Intl.NumberFormat(locale);

export const number = (n) => plain.format(n);
export const duration = (ms) => (ms < 1000 ? milliseconds.format(ms) : seconds.format(ms / 1000));
const milliseconds = new Intl.NumberFormat(locale, { style: "unit", unit: "millisecond" });
const seconds = new Intl.NumberFormat(locale, { style: "unit", unit: "second", maximumFractionDigits: 1 });

const units = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1000]];

function ago(instant) {
	const distance = instant - now();
	const [unit, size] = units.find(([, length]) => Math.abs(distance) >= length) ?? ["second", 1000];
	if (unit === "second" && Math.abs(distance) < 10_000) return relative.format(0, "second");
	return relative.format(Math.trunc(distance / size), unit);
}

function element(iso, text) {
	const time = document.createElement("time");
	time.dateTime = iso;
	time.textContent = text;
	return time;
}

// moment shows an instant in full, for reading beside a log.
export function moment(iso) {
	return iso === null ? null : element(iso, absolute.format(new Date(iso)));
}

// since shows how long ago an instant was, and keeps that true.
export function since(iso) {
	const time = element(iso, ago(Date.parse(iso)));
	time.title = absolute.format(new Date(iso));
	time.dataset.relative = "";
	return time;
}

export function keepTimes() {
	setInterval(() => {
		for (const time of document.querySelectorAll("time[data-relative]")) time.textContent = ago(Date.parse(time.dateTime));
	}, 15_000);
}

// sampleTime is the instant that a sample payload carries.
export const sampleTime = () => new Date(now()).toISOString();

export function clockFace(ms) {
	const left = Math.max(0, Math.ceil(ms / 1000));
	return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
