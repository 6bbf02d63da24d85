package e2e_test

import (
	"context"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/stretchr/testify/require"
)

// clipboard is one for the whole browser.
var clipboard sync.Mutex

// B10: Copy says what really happened.
func TestB10Copy(t *testing.T) {
	t.Parallel()
	b10(t, tab)
}

func b10(t *testing.T, on stage) {
	p := on(t, fixture(withEndpoints(hook(1))))
	inBrowser(t, func(ctx context.Context) error {
		return browser.GrantPermissions([]browser.PermissionType{browser.PermissionTypeClipboardReadWrite, browser.PermissionTypeClipboardSanitizedWrite}).
			WithBrowserContextID(p.profile).Do(ctx)
	})
	p.enter(`{}`)
	p.click("link", "https://acme.example/hooks/1")
	p.click("button", "Reveal")
	p.find("button", copySecret)
	secret := p.secret()

	clipboard.Lock()
	defer clipboard.Unlock()
	js[any](p.page, `navigator.clipboard.writeText("something else")`)
	p.click("button", copySecret)
	p.see(copied)
	require.Equal(t, secret, js[string](p.page, `navigator.clipboard.readText()`))

	p.goTo("endpoints/ep_1")
	p.click("button", "Reveal")
	p.find("button", copySecret)
	js[any](p.page, refuseToCopy)
	p.click("button", copySecret)
	p.see(pressToCopy)
	require.False(t, js[bool](p.page, `window.saidCopied`))
	require.Equal(t, secret, js[string](p.page, `getSelection().toString()`))
}

// refuseToCopy makes every way of copying fail, and notes whether the page says
// "Copied" all the same.
const refuseToCopy = `
	navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
	navigator.clipboard.write = navigator.clipboard.writeText;
	document.execCommand = () => false;
	window.saidCopied = false;
	void new MutationObserver(() => { window.saidCopied ||= document.body.innerText.includes("Copied"); })
		.observe(document.body, { subtree: true, childList: true, characterData: true })`

// secret is the signing secret in the page.
func (p *page) secret() string {
	p.t.Helper()
	p.holds(`/whsec_/.test(document.body.innerText)`)
	return js[string](p, `document.body.innerText.match(/whsec_[\w+/=-]+/)[0]`)
}

func (p *page) hasNoSecret() {
	p.t.Helper()
	p.holds(`!document.documentElement.outerHTML.includes("whsec_") && ![...document.querySelectorAll("input, textarea")].some((e) => e.value.includes("whsec_"))`)
}

// longTimers keeps timers of ten seconds and more for elapse to run.
const longTimers = `(() => {
	const start = window.setTimeout, stop = window.clearTimeout, waiting = new Map();
	let last = 1e9;
	window.setTimeout = (run, ms, ...args) => {
		if (!(ms >= 10_000)) return start(run, ms, ...args);
		last += 1;
		waiting.set(last, { run, ms });
		return last;
	};
	window.clearTimeout = (id) => waiting.delete(id) || stop(id);
	window.elapse = (ms) => {
		for (const [id, timer] of waiting) if (timer.ms <= ms) { waiting.delete(id); timer.run(); }
	};
})()`

// B11: a secret is in the page while the reader looks at it, and no longer.
func TestB11Reveal(t *testing.T) {
	t.Parallel()
	b11(t, tab)
}

func b11(t *testing.T, on stage) {
	p := on(t, fixture(withEndpoints(hook(1))))
	p.early(longTimers)
	p.enter(`{}`)
	p.click("link", "https://acme.example/hooks/1")
	p.find("button", "Reveal")
	p.hasNoSecret()
	require.NotContains(t, p.actions(), "endpoint.secret_revealed")

	reveal := func() {
		t.Helper()
		p.click("button", "Reveal")
		p.secret()
	}
	reveal()
	p.click("button", "Hide")
	p.hasNoSecret()

	reveal()
	js[any](p.page, `void elapse(29_999)`)
	p.secret()
	js[any](p.page, `void elapse(30_000)`)
	p.hasNoSecret()
	p.find("button", "Reveal")

	reveal()
	p.click("link", "Deliveries")
	p.find("heading", "Deliveries")
	p.hasNoSecret()
	p.back()
	p.find("button", "Reveal")
	p.hasNoSecret()
	for _, e := range p.calls() {
		if e.method == "GET" {
			require.NotContains(t, e.body, "whsec_", e.path)
		}
	}
}
