// What one attempt came to, in words.
import { outcome as texts } from "./strings.js";

// By what the server says went wrong, where there was no status. The first that
// fits counts.
const failures = [
	[/^connection refused/, "refused"], [/^no complete answer/, "timeout"], [/^host not found/, "notFound"], [/^TLS /, "tls"],
];

// outcome gives a name, a headline and what to do. A status alone is no success:
// the attempt says whether it was one.
export function outcome({ status, responseStatusCode: code, errorMessage }) {
	const kind = kindOf(status, code, errorMessage ?? "");
	const [headline, advice] = texts[kind](code);
	return { kind, headline, advice, isGood: kind === "delivered" };
}

function kindOf(status, code, message) {
	if (status === "success") return "delivered";
	if (code >= 300 && code < 400) return "redirect";
	if (code >= 500) return "serverError";
	if (code >= 400) return "clientError";
	const failure = failures.find(([pattern]) => pattern.test(message));
	if (failure) return failure[1];
	return code ? "otherStatus" : "other";
}
