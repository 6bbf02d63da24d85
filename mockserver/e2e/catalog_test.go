package e2e_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// B19: a hidden catalog is hidden everywhere, and what is subscribed goes on.
func TestB19HiddenCatalog(t *testing.T) {
	t.Parallel()
	f := fixture(func(f *mockserver.WorkspaceFixture) { f.Applications[0].ShowEventTypes = ptr(false) })
	p := tab(t, f)
	receiver := p.srv.Receiver()
	id := p.endpoint(receiver.URL(), "")
	p.manage("POST", "/endpoints/"+id+"/subscriptions", `{"eventTypeIds":["evt_created"]}`)
	p.enter(`{}`)
	views := []string{"endpoints", "endpoints/new", "endpoints/" + id, "endpoints/" + id + "/edit", "endpoints/" + id + "/test", "endpoints/" + id + "/deliveries", "events"}
	for _, view := range views {
		p.goTo(view)
		p.holds(`document.querySelector("main:not([aria-busy]) h1") !== null`)
		html := p.html()
		for _, hidden := range []string{"order.paid", "invoice.issued", "An order was paid"} {
			require.NotContains(t, html, hidden, view)
		}
	}
	p.goTo("endpoints/" + id)
	p.find("button", "Unsubscribe from order.created")
	require.Empty(t, p.all("button", "Add event types"))

	p.call("POST", "/api/ingest/event/order.created", p.srv.APIKey(), `{"payload":{"number":1}}`)
	require.Len(t, receiver.Requests(), 1)
	p.click("link", "Deliveries")
	p.find("list", deliveryRows)
	require.Len(t, p.rows(), 1)

	p.click("link", sendTest)
	p.find("heading", testTitle)
	p.click("button", sendTest)
	p.see(saysDelivered)
	for _, e := range p.calls() {
		for _, hidden := range []string{"order.paid", "invoice.issued", "evt_paid", "evt_invoice"} {
			require.NotContains(t, e.body, hidden, e.path)
		}
	}
}

// B20: what people have typed is text, wherever it is shown.
func TestB20Escaping(t *testing.T) {
	t.Parallel()
	const image, script = `<img src=x onerror=window.P=1>`, `"><script>window.P=1</script>`
	f := fixture(func(f *mockserver.WorkspaceFixture) {
		f.Applications[0].Name = image
		f.EventTypes[0].Description, f.EventTypes[1].Description = image, script
	}, withEndpoints(hook(1)), withDeliveries(mockserver.DeliveryFixture{
		Status: "failed", Payload: json.RawMessage(`{"image":"<img src=x onerror=window.P=1>","script":"\"><script>window.P=1</script>"}`), IdempotencyKey: script,
		Attempts: []mockserver.AttemptFixture{{Status: "failed", ErrorMessage: image}},
	}))
	f.Endpoints[0].Description = script
	p := tab(t, f)
	p.enter(`{"role":"admin"}`)
	for view, shown := range map[string][]string{
		"endpoints": {image, script}, "endpoints/new": {image, script}, "endpoints/ep_1": {image, script}, "events": {image, script},
		"deliveries/del_1": {image, script, `\"><script>window.P=1</script>`}, "endpoints/ep_1/deliveries": {image}, "endpoints/ep_1/test": {image},
	} {
		p.goTo(view)
		for _, text := range shown {
			p.see(text)
		}
		p.clean(view)
	}
	p.goTo("endpoints/ep_1/edit")
	p.find("textbox", descriptionField)
	require.Equal(t, script, p.valueOf(descriptionField))
	p.fill(descriptionField, image+script)
	p.click("button", "Save changes")
	p.see(image + script)
	p.clean("saved")
}

// clean tells that nothing was parsed as markup.
func (p *portal) clean(view string) {
	p.page.t.Helper()
	require.Equal(p.page.t, "undefined", js[string](p.page, `typeof window.P`), view)
	require.Zero(p.page.t, js[int](p.page, `document.querySelectorAll("body img, body script").length`), view)
}
