package e2e_test

import (
	"testing"

	"github.com/nahook/nahook-go/mockserver"
)

// view is one page with something to see in it.
type view struct {
	name string
	show func(*portal)
}

// views are all pages of the portal. Those after the session's end come last.
var views = []view{
	{"endpoints", loads("endpoints", "Endpoints")},
	{"endpoint-new", loads("endpoints/new", addEndpoint)},
	{"endpoint-created", func(p *portal) {
		loads("endpoints/new", addEndpoint)(p)
		p.fill(urlField, "https://acme.example/created")
		p.click("button", addEndpoint)
		p.find("heading", endpointAdded)
	}},
	{"endpoint", loads("endpoints/ep_1", longURL)},
	{"endpoint-revealed", func(p *portal) {
		loads("endpoints/ep_1", longURL)(p)
		p.click("button", "Reveal")
		p.secret()
	}},
	{"subscribe-dialog", func(p *portal) {
		loads("endpoints/ep_1", longURL)(p)
		p.click("button", "Add event types")
		p.find("dialog", "Add event types")
	}},
	{"delete-dialog", func(p *portal) {
		loads("endpoints/ep_1", longURL)(p)
		p.click("button", "Delete")
		p.find("dialog", deleteTitle)
	}},
	{"endpoint-edit", loads("endpoints/ep_1/edit", "Edit endpoint")},
	{"endpoint-invalid", func(p *portal) {
		loads("endpoints/ep_1/edit", "Edit endpoint")(p)
		p.fill(urlField, "javascript:alert(1)")
		p.click("button", "Save changes")
		p.holds(`document.querySelector("[aria-invalid=true]") !== null`)
	}},
	{"test", loads("endpoints/ep_3/test", testTitle)},
	{"test-result", func(p *portal) {
		loads("endpoints/ep_3/test", testTitle)(p)
		p.click("button", sendTest)
		p.see(saysRefused)
	}},
	{"deliveries", loads("endpoints/ep_1/deliveries", "Deliveries")},
	{"deliveries-empty", loads("endpoints/ep_2/deliveries?status=failed", "Deliveries")},
	{"delivery", loads("deliveries/del_2", "order.created")},
	{"events", loads("events", "Event types")},
	{"missing", loads("endpoints/ep_unknown", "Not found")},
	{"ended", func(p *portal) {
		p.goTo("endpoints")
		p.find("heading", "Endpoints")
		p.call("DELETE", "/portal/v1/session", p.token(), "")
		p.click("link", "Event types")
		p.find("heading", sessionEnded)
	}},
	{"used", func(p *portal) {
		p.open(p.origin + "/portal/s/ps_unknown#code=unknown")
		p.find("heading", usedLink)
	}},
}

func loads(path, heading string) func(*portal) {
	return func(p *portal) {
		p.goTo(path)
		p.find("heading", heading)
		p.holds(`document.querySelector("main:not([aria-busy])") !== null`)
	}
}

// token is the session's, as the page keeps it.
func (p *portal) token() string {
	p.page.t.Helper()
	return js[string](p.page, `Object.values(sessionStorage)[0]`)
}

const longURL = "https://hooks.logistics.acme.example/integrations/webhooks/v2/production/orders-and-invoices"

// gallery shows an application in which every page has something to show.
func gallery(t *testing.T) *portal {
	t.Helper()
	long := hook(1)
	long.URL, long.Description = longURL, "Order pipeline, production: an unusuallylongwordthatnobodywouldeverbreakbyhandbutmustnotmakethepagewider"
	off := mockserver.EndpointFixture{URL: "http://" + closedPort(t) + "/closed", Description: "Old staging box", IsActive: ptr(false)}
	retried := failed()
	retried.Status = "scheduled_retry"
	f := fixture(capped(10), withEndpoints(long, hook(2), off), withDeliveries(delivered(), failed(), retried, delivered(), delivered()))
	for _, name := range []string{"order.refunded", "customer.created", "customer.subscription.renewal.reminder.scheduled", "ping"} {
		f.EventTypes = append(f.EventTypes, mockserver.EventTypeFixture{Name: name, Description: "Sent when this happens, with the whole record."})
	}
	p := tab(t, f)
	p.enter(`{"role":"admin"}`)
	return p
}
