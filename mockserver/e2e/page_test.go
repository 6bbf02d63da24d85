package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for one thing, and lifetime how long it may
// take in all.
const (
	patience = 30 * time.Second
	lifetime = 2 * time.Minute
)

// page is a tab, seen and used as a reader does. What it says about elements is
// about the portal, also where that is in a frame of the tab.
type page struct {
	t      *testing.T
	ctx    context.Context
	watch  *watch
	framed bool

	profile cdp.BrowserContextID
}

// newTab opens a tab in a browser context of its own, which ends with the test.
func newTab(t *testing.T) *page {
	t.Helper()
	slots <- struct{}{}
	t.Cleanup(func() { <-slots })
	var id cdp.BrowserContextID
	inBrowser(t, func(ctx context.Context) (err error) {
		id, err = target.CreateBrowserContext().WithDisposeOnDetach(true).Do(ctx)
		return err
	})
	t.Cleanup(func() { inBrowser(t, target.DisposeBrowserContext(id).Do) })
	return openTab(t, id, true)
}

// another opens one more tab beside p.
func (p *page) another() *page {
	p.t.Helper()
	return openTab(p.t, p.profile, false)
}

// openTab needs a window for the first tab of a browser context.
func openTab(t *testing.T, profile cdp.BrowserContextID, first bool) *page {
	t.Helper()
	var id target.ID
	inBrowser(t, func(ctx context.Context) (err error) {
		id, err = target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(first).Do(ctx)
		return err
	})
	tab, closeTab := chromedp.NewContext(chrome, chromedp.WithTargetID(id))
	ctx, cancel := context.WithTimeout(tab, lifetime)
	t.Cleanup(func() { cancel(); closeTab() })
	p := &page{t: t, ctx: ctx, profile: profile, watch: newWatch()}
	require.NoError(t, p.watch.begin(ctx))
	p.run(emulation.SetFocusEmulationEnabled(true)) // all tabs behave as the one in front
	return p
}

// inBrowser sends a command to the browser, rather than to a tab.
func inBrowser(t *testing.T, command func(context.Context) error) {
	t.Helper()
	require.NoError(t, command(cdp.WithExecutor(chrome, chromedp.FromContext(chrome).Browser)))
}

func (p *page) run(actions ...chromedp.Action) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Run(p.ctx, actions...))
}

// early runs a script in every document before the page's own.
func (p *page) early(script string) {
	p.t.Helper()
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := cdppage.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}))
}

func (p *page) visit(url string) {
	p.t.Helper()
	p.run(chromedp.Navigate(url))
}

func (p *page) reload() {
	p.t.Helper()
	p.run(chromedp.Reload())
}

func (p *page) back() {
	p.t.Helper()
	js[any](p, `void setTimeout(() => history.back())`)
}

// evaluate runs a script in the portal. It fails while one page makes room for
// the next.
func (p *page) evaluate(script string, into any) error {
	return chromedp.Run(p.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		main := cdp.FrameID(chromedp.FromContext(ctx).Target.TargetID)
		id := p.watch.frameContext(main, p.framed)
		call := runtime.Evaluate(script).WithReturnByValue(true).WithAwaitPromise(true)
		if id != "" {
			call = call.WithUniqueContextID(id)
		}
		value, exception, err := call.Do(ctx)
		switch {
		case err != nil:
			return err
		case exception != nil:
			return exception
		case into == nil || value.Type == runtime.TypeUndefined:
			return nil
		}
		return unmarshal(value.Value, into)
	}))
}

// js runs a script and gives its result.
func js[T any](p *page, script string) T {
	p.t.Helper()
	var value T
	require.NoError(p.t, p.evaluate(script, &value), script)
	return value
}

// until waits for a condition.
func (p *page) until(what string, ok func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); {
		if time.Now().After(deadline) {
			p.t.Fatalf("not within %v: %s\n%s", patience, what, p.describe())
		}
		<-time.After(20 * time.Millisecond)
	}
}

// holds waits until a script gives true.
func (p *page) holds(script string) {
	p.t.Helper()
	p.until(script, func() bool {
		var yes bool
		return p.evaluate(script, &yes) == nil && yes
	})
}

// describe is what is shown when a test has waited in vain.
func (p *page) describe() string {
	var text string
	err := p.evaluate(`location.href + "\n" + document.body?.innerText`, &text)
	p.watch.mu.Lock()
	defer p.watch.mu.Unlock()
	return fmt.Sprintf("%v %s\ncomplaints: %q", err, text, p.watch.complaints)
}

// press presses keys one after another.
func (p *page) press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		p.run(chromedp.KeyEvent(key))
	}
}

// see waits until a text is in sight.
func (p *page) see(text string) {
	p.t.Helper()
	p.holds(fmt.Sprintf(`document.body?.innerText.includes(%q) ?? false`, text))
}

// html is everything that is in the document.
func (p *page) html() string {
	p.t.Helper()
	return js[string](p, `document.documentElement.outerHTML`)
}

// path is the address of the view within the session.
func (p *page) path() string {
	p.t.Helper()
	href := js[string](p, `location.pathname + location.search`)
	parts := strings.SplitN(href, "/", 5)
	require.Len(p.t, parts, 5, href)
	return parts[4]
}

// focused describes the element that has focus: its accessible role and name.
func (p *page) focused() (role, name string) {
	p.t.Helper()
	nodes := p.nodesOf(`document.activeElement`)
	if len(nodes) == 0 {
		return "", ""
	}
	return nodes[0].Role.text(), nodes[0].Name.text()
}
