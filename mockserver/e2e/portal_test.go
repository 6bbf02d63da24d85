package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// portal is the server and the reader's tab.
type portal struct {
	*site
	*page
	saas string // the origin of the page around the portal; empty where there is none
}

// stage puts up a server and a tab.
type stage func(*testing.T, mockserver.WorkspaceFixture) *portal

// tab shows the portal in a tab of its own.
func tab(t *testing.T, f mockserver.WorkspaceFixture) *portal {
	t.Helper()
	p := unchecked(t, f, false)
	t.Cleanup(p.check)
	return p
}

// frame shows the portal in a frame of a page of another site.
func frame(t *testing.T, f mockserver.WorkspaceFixture) *portal {
	t.Helper()
	p := unchecked(t, f, true)
	t.Cleanup(p.check)
	return p
}

// unchecked is for a test that provokes what the others must not see.
func unchecked(t *testing.T, f mockserver.WorkspaceFixture, framed bool) *portal {
	t.Helper()
	p := &portal{site: serve(t, f, framed), page: newTab(t)}
	if framed {
		p.framed, p.saas = true, embedder(t)
		p.srv.SetFramingOrigins(p.saas)
	}
	return p
}

// embedder is a page at https://saas.test that shows in a frame what its query
// says.
func embedder(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Referrer-Policy", "unsafe-url") // the most that a page could give away
		fmt.Fprintf(w, `<!doctype html><title>SaaS</title><link rel="icon" href="data:,"><style>html,body{margin:0;height:100%%}
			iframe{position:fixed;inset:0;width:100%%;height:100%%;border:0}</style>
			<iframe allow="clipboard-write; clipboard-read"></iframe><script>document.querySelector("iframe").src = location.hash.slice(1)</script>`)
	}))
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "saas.test", 1)
}

func (p *portal) check() {
	p.site.check()
	p.watch.check(p.page.t, p.hosts(), p.codes)
}

func (p *portal) hosts() []string {
	hosts := []string{p.host()}
	if p.framed {
		hosts = append(hosts, strings.TrimPrefix(p.saas, "https://"))
	}
	return hosts
}

// open shows an address of the portal.
func (p *portal) open(link string) {
	p.page.t.Helper()
	if p.framed {
		link = p.saas + "/#" + link
	}
	p.visit(link)
}

// enter opens a fresh session of the application, up to its first view.
func (p *portal) enter(session string) {
	p.page.t.Helper()
	p.open(p.link(session))
	p.find("heading", "Endpoints")
}

// goTo loads a view by its address, as a bookmark does.
func (p *portal) goTo(view string) {
	p.page.t.Helper()
	base := js[string](p.page, `location.pathname.split("/", 4).join("/")`)
	if p.framed {
		js[any](p.page, fmt.Sprintf(`void (window.left = true, location.assign(%q))`, base+"/"+view))
		p.holds(`window.left === undefined`)
		return
	}
	p.visit(p.origin + base + "/" + view)
}

// fixture is a workspace with a catalog and one customer.
func fixture(edits ...func(*mockserver.WorkspaceFixture)) mockserver.WorkspaceFixture {
	f := mockserver.WorkspaceFixture{
		EventTypes: []mockserver.EventTypeFixture{
			{ID: "evt_created", Name: "order.created", Description: "An order was placed"},
			{ID: "evt_paid", Name: "order.paid", Description: "An order was paid"},
			{ID: "evt_invoice", Name: "invoice.issued"},
		},
		Applications: []mockserver.ApplicationFixture{{ID: acme, Name: "Acme Corp"}},
	}
	for _, edit := range edits {
		edit(&f)
	}
	return f
}

// withEndpoints gives the customer endpoints ep_1, ep_2 and so on.
func withEndpoints(endpoints ...mockserver.EndpointFixture) func(*mockserver.WorkspaceFixture) {
	return func(f *mockserver.WorkspaceFixture) {
		for _, e := range endpoints {
			e.ID, e.ApplicationID = fmt.Sprintf("ep_%d", len(f.Endpoints)+1), acme
			f.Endpoints = append(f.Endpoints, e)
		}
	}
}

func hook(n int) mockserver.EndpointFixture {
	return mockserver.EndpointFixture{
		URL: fmt.Sprintf("https://acme.example/hooks/%d", n), Subscriptions: []string{"order.created"}, Deliver: "accept",
	}
}

func ptr[T any](v T) *T { return &v }

// actions are what the audit log has, oldest first.
func (p *portal) actions() []string {
	p.page.t.Helper()
	var log struct{ Data []struct{ Action string } }
	require.NoError(p.page.t, unmarshal([]byte(p.manage("GET", "/audit-logs", "")), &log))
	var actions []string
	for _, row := range slices.Backward(log.Data) {
		actions = append(actions, row.Action)
	}
	return actions
}
