// A link works once, so the page asks its backend for a new one each time it is
// loaded, and again a minute before the session ends.
const frame = document.getElementById('portal');

async function show() {
  const response = await fetch('/portal-session', { method: 'POST' });
  if (!response.ok) {
    frame.replaceWith(await response.text());
    return;
  }
  const session = await response.json();
  frame.src = session.url;
  setTimeout(show, Math.max(session.expiresInSeconds - 60, 30) * 1000);
}

show();
