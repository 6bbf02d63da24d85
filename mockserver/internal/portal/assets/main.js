// The page begins here: from a link with a code, or a stored token, to a view.
import { check, exchange } from "./api.js";
import { startCountdown } from "./countdown.js";
import { alone, mount } from "./frame.js";
import { over, trouble, unopened } from "./panels.js";
import { start } from "./router.js";
import { routes } from "./routes.js";
import * as session from "./session.js";
import { keepTimes } from "./time.js";

const theme = new URLSearchParams(location.search).get("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

// takeCode removes the code from the address before anything else happens, so
// that neither Back nor a bookmark brings it back.
function takeCode() {
	const code = new URLSearchParams(location.hash.slice(1)).get("code");
	if (code !== null) history.replaceState(history.state, "", location.pathname + location.search);
	return code;
}

// open finds a token. A stored one comes first: after a reload of the page
// around a frame, the frame's address has the old code again, and exchanging
// that would revoke the session that is still good.
async function open(code) {
	const token = session.stored();
	const known = token && await check(token);
	if (known) {
		session.keep(token);
		session.learn(known);
		return;
	}
	session.forget();
	if (!code) {
		alone(over());
		return;
	}
	try {
		const { token: fresh, ...answer } = await exchange(code);
		session.keep(fresh);
		session.learn(answer);
	} catch (error) {
		alone(unopened(error));
	}
}

async function boot(code) {
	try {
		await open(code);
	} catch (error) {
		alone(trouble(error, () => boot(code)));
		return;
	}
	if (!session.isLive()) return;
	mount();
	startCountdown();
	keepTimes();
	await start(routes);
}

session.onEnd(() => alone(over()));
// A link to this very page changes only the fragment, and loads nothing.
window.addEventListener("hashchange", takeCode);
const code = takeCode();
// A page that the browser prepares in advance must not use up the code.
if (document.prerendering) document.addEventListener("prerenderingchange", () => boot(code), { once: true });
else boot(code);
