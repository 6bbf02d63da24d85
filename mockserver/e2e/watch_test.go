package e2e_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// watch hears what a tab does that nobody sees: errors, refusals by the page's
// policy and requests.
type watch struct {
	mu         sync.Mutex
	complaints []string
	requests   []sent
	cookies    []string
	contexts   map[cdp.FrameID]string // of the pages themselves, by frame
}

type sent struct{ method, url, referer string }

// violations tells the watch what the policy refused, as soon as it does.
const violations = `addEventListener("securitypolicyviolation", (e) => policyRefused(e.violatedDirective + " " + e.blockedURI))`

func newWatch() *watch { return &watch{contexts: map[cdp.FrameID]string{}} }

// begin listens before the tab shows anything.
func (w *watch) begin(ctx context.Context) error {
	chromedp.ListenTarget(ctx, w.hear)
	return chromedp.Run(ctx, runtime.AddBinding("policyRefused"), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := cdppage.AddScriptToEvaluateOnNewDocument(violations).Do(ctx)
		return err
	}))
}

func (w *watch) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.complain("exception: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeAssert {
			w.complain("console: %s", arguments(e.Args))
		}
	case *runtime.EventBindingCalled:
		w.complain("policy: %s", e.Payload)
	case *cdplog.EventEntryAdded:
		w.entry(e.Entry)
	case *network.EventRequestWillBeSent:
		w.requests = append(w.requests, sent{e.Request.Method, e.Request.URL + e.Request.URLFragment, header(e.Request.Headers, "Referer")})
	case *network.EventResponseReceived:
		if cookie := header(e.Response.Headers, "Set-Cookie"); cookie != "" {
			w.cookies = append(w.cookies, cookie)
		}
	case *runtime.EventExecutionContextCreated:
		w.enter(e.Context)
	}
}

// entry takes what the browser itself logs. That a request has been refused is
// no error of the page.
func (w *watch) entry(e *cdplog.Entry) {
	refused := e.Source == cdplog.SourceNetwork && strings.HasPrefix(e.Text, "Failed to load resource")
	policy := e.Source == cdplog.SourceSecurity || strings.Contains(e.Text, "Content Security Policy")
	if e.Level == cdplog.LevelError && !refused || policy {
		w.complain("log: %s: %s", e.Source, e.Text)
	}
}

func (w *watch) enter(c *runtime.ExecutionContextDescription) {
	var aux struct {
		FrameID   cdp.FrameID `json:"frameId"`
		IsDefault bool        `json:"isDefault"`
	}
	if unmarshal(c.AuxData, &aux) == nil && aux.IsDefault {
		w.contexts[aux.FrameID] = c.UniqueID
	}
}

func (w *watch) complain(format string, args ...any) {
	w.complaints = append(w.complaints, fmt.Sprintf(format, args...))
}

func arguments(args []*runtime.RemoteObject) string {
	var texts []string
	for _, a := range args {
		texts = append(texts, string(a.Value)+a.Description)
	}
	return strings.Join(texts, " ")
}

func header(headers network.Headers, name string) string {
	for key, value := range headers {
		if strings.EqualFold(key, name) {
			return fmt.Sprint(value)
		}
	}
	return ""
}

// frameContext is the script context of the one frame in the tab, or of the tab
// itself.
func (w *watch) frameContext(main cdp.FrameID, framed bool) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for frame, id := range w.contexts {
		if (frame != main) == framed {
			return id
		}
	}
	return ""
}

// complainsOf tells whether there is such a complaint.
func (w *watch) complainsOf(pattern string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.complaints, regexp.MustCompile(pattern).MatchString)
}

// forgive drops the complaints that a test provokes.
func (w *watch) forgive(pattern string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.complaints = slices.DeleteFunc(w.complaints, regexp.MustCompile(pattern).MatchString)
}

// sent are the requests so far.
func (w *watch) sent() []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests)
}

// check is what holds at the end of every test.
func (w *watch) check(t *testing.T, hosts, secrets []string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	assert.Empty(t, w.complaints, "errors, rejections and refusals by the policy")
	assert.Empty(t, w.cookies, "cookies")
	for _, r := range w.requests {
		if strings.HasPrefix(r.url, "data:") {
			continue // goes nowhere; the browser's own error page is full of them
		}
		u, err := url.Parse(r.url)
		assert.NoError(t, err)
		assert.True(t, r.url == "about:blank" || slices.Contains(hosts, u.Host), "a request to another host: %s", r.url)
		assert.NotContains(t, r.url+r.referer, "nhp_", "a token in an address")
		for _, secret := range secrets {
			wire, _, _ := strings.Cut(r.url, "#") // a fragment is never sent
			assert.NotContains(t, wire+" "+r.referer, secret, "a code in an address")
		}
	}
}
