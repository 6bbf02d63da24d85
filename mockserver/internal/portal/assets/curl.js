// The request as a command for a POSIX shell.

// quoted is safe for any text: inside single quotes nothing is special but the
// quote itself.
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// curl does not interpret brackets in the URL, nor an @ at the start of the
// payload.
export function curl(url, contentType, payload) {
	return [
		"curl -X POST --globoff", `  -H ${quoted(`content-type: ${contentType}`)}`, `  --data-raw ${quoted(payload)}`, `  ${quoted(url)}`,
	].join(" \\\n");
}
