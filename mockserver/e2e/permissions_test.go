package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// controls are elements that change something, or look as if they did. Those that
// only load or copy are for everybody.
const controls = `[...document.querySelectorAll("main button, main input, main select, main textarea, main form, main [role=switch], dialog")]
	.filter((e) => e.innerText !== "Copy" && e.innerText !== "Copy as curl" && !e.hidden).length`

// B16: who may only read is offered nothing else.
func TestB16Viewer(t *testing.T) {
	t.Parallel()
	p := tab(t, fixture(withEndpoints(hook(1), hook(2)), withDeliveries(failed())))
	p.enter(`{"role":"viewer"}`)
	p.see("Read-only")
	for view, sign := range map[string]string{
		"endpoints": "Endpoints", "endpoints/ep_1": "https://acme.example/hooks/1", "endpoints/ep_1/deliveries": "Deliveries", "events": "Event types",
		"deliveries/del_1": "order.created",
	} {
		p.goTo(view)
		p.find("heading", sign)
		p.see("Read-only")
		require.Zero(t, js[int](p.page, controls), view)
		require.Zero(t, js[int](p.page, `document.querySelectorAll("a[href*='/new'], a[href*='/edit'], a[href*='/test']").length`), view)
	}
	for _, view := range []string{"endpoints/new", "endpoints/ep_1/edit", "endpoints/ep_1/test"} {
		p.goTo(view)
		p.find("heading", noPermission)
		require.Zero(t, js[int](p.page, controls), view)
	}
}

const deleteFirst = "Delete https://acme.example/hooks/1"

// B17: who may delete is asked first.
func TestB17Delete(t *testing.T) {
	t.Parallel()
	p := tab(t, fixture(withEndpoints(hook(1), hook(2))))
	p.enter(`{"role":"editor"}`)
	p.find("switch", "Active: https://acme.example/hooks/1")
	require.NotContains(t, p.html(), "Delete")
	p.click("link", "https://acme.example/hooks/1")
	p.find("button", "Reveal")
	require.NotContains(t, p.html(), "Delete")

	admin := &portal{site: p.site, page: p.another()}
	admin.enter(`{"role":"admin"}`)
	admin.click("button", deleteFirst)
	admin.find("dialog", deleteTitle)
	admin.press(kb.Escape)
	admin.gone("dialog", deleteTitle)
	admin.focusOn("button", deleteFirst)
	admin.find("link", "https://acme.example/hooks/1")

	admin.click("button", deleteFirst)
	admin.find("dialog", deleteTitle)
	admin.click("button", confirmation)
	admin.gone("dialog", deleteTitle)
	admin.gone("link", "https://acme.example/hooks/1")
	admin.focusOn("heading", "Endpoints")
	admin.find("link", "https://acme.example/hooks/2")
	require.NotContains(t, admin.manage("GET", "/applications/"+acme+"/endpoints", ""), "ep_1")
	admin.watch.check(t, admin.hosts(), admin.codes)
}
