package e2e_test

import (
	"context"
	"strings"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// B01: opening the link shows the endpoints, and the code is gone.
func TestB01Open(t *testing.T) {
	t.Parallel()
	b01(t, tab)
}

func b01(t *testing.T, on stage) {
	p := on(t, fixture(withEndpoints(hook(1))))
	link := p.link(`{}`)
	p.open(link)
	p.opened(link)

	p.click("link", "Event types")
	p.find("heading", "order")
	p.back()
	p.opened(link)
	if p.framed {
		return // the history of the tab is that of the page around
	}
	for _, url := range p.history() {
		require.NotContains(t, url, p.codes[0])
	}
	p.back() // out of the portal
	p.holds(`location.href === "about:blank"`)
	js[any](p.page, `void setTimeout(() => history.forward())`)
	p.opened(link)
}

// opened tells that a link has led to the endpoints.
func (p *portal) opened(link string) {
	p.page.t.Helper()
	p.find("heading", "Endpoints")
	p.find("link", "https://acme.example/hooks/1")
	p.see("Acme Corp")
	address, _, _ := strings.Cut(link, "#")
	require.Equal(p.page.t, address+"/endpoints", js[string](p.page, `location.href`))
	require.Equal(p.page.t, "", js[string](p.page, `document.referrer.includes("code") ? "code" : ""`))
}

func (p *portal) history() []string {
	p.page.t.Helper()
	var urls []string
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, entries, err := cdppage.GetNavigationHistory().Do(ctx)
		for _, e := range entries {
			urls = append(urls, e.URL)
		}
		return err
	}))
	return urls
}

// B02: nobody but the exchange has seen the code, and nothing at all the token.
func TestB02NothingIsLogged(t *testing.T) {
	t.Parallel()
	b02(t, tab)
}

func b02(t *testing.T, on stage) {
	p := on(t, fixture(withEndpoints(hook(1))))
	p.enter(`{}`)
	p.click("link", "https://acme.example/hooks/1")
	p.find("heading", "https://acme.example/hooks/1")
	log := p.log.String()
	require.Contains(t, log, "portal.session.exchange")
	require.NotContains(t, log, p.codes[0])
	require.NotContains(t, log, "nhp_")
	require.NotEmpty(t, p.watch.sent())
	for _, e := range p.calls() {
		require.Empty(t, e.referer, e.path)
	}
	p.check() // every address and Referer
}

// B03: a reload keeps the session.
func TestB03Reload(t *testing.T) {
	t.Parallel()
	b03(t, tab)
}

func b03(t *testing.T, on stage) {
	p := on(t, fixture(withEndpoints(hook(1))))
	p.enter(`{}`)
	for range 2 {
		p.reload()
		p.find("heading", "Endpoints")
		p.find("link", "https://acme.example/hooks/1")
	}
	require.Equal(t, 1, p.exchanges())
}

// B04: a link that is opened twice ends the session.
func TestB04SecondTab(t *testing.T) {
	t.Parallel()
	b04(t, tab)
}

func b04(t *testing.T, on stage) {
	p := on(t, fixture(withEndpoints(hook(1))))
	link := p.link(`{}`)
	p.open(link)
	p.find("link", "https://acme.example/hooks/1")
	second := p.another()
	second.visit(link)
	second.find("heading", usedLink)
	require.NotContains(t, js[string](second, `location.href`), "code")
	second.watch.check(t, p.hosts(), p.codes)

	p.click("link", "https://acme.example/hooks/1")
	p.ended()
}

// ended tells that the session is over and that nothing of it is left.
func (p *portal) ended() {
	p.page.t.Helper()
	p.find("heading", sessionEnded)
	require.Equal(p.page.t, 0, js[int](p.page, `sessionStorage.length + localStorage.length`))
	require.NotContains(p.page.t, p.html(), "acme.example")
	require.NotContains(p.page.t, p.html(), "Acme Corp")
}

// B05: a code lives five minutes.
func TestB05LateLink(t *testing.T) {
	t.Parallel()
	b05(t, tab)
}

func b05(t *testing.T, on stage) {
	p := on(t, fixture())
	link := p.link(`{}`)
	p.srv.Advance(5*time.Minute + time.Second)
	p.open(link)
	p.find("heading", usedLink)
	require.NotContains(t, js[string](p.page, `location.href`), "code")
}

// B06: a session ends when it was said to.
func TestB06SessionEnds(t *testing.T) {
	t.Parallel()
	b06(t, tab)
}

func b06(t *testing.T, on stage) {
	p := on(t, fixture(withEndpoints(hook(1))))
	p.enter(`{}`)
	p.find("link", "https://acme.example/hooks/1")
	p.srv.Advance(time.Hour)
	before := len(p.calls())
	p.click("link", "Event types")
	p.ended()
	require.LessOrEqual(t, len(p.calls()), before+1)
}
