package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// withDeliveries gives ep_1 deliveries del_1, del_2 and so on, the newest first.
func withDeliveries(deliveries ...mockserver.DeliveryFixture) func(*mockserver.WorkspaceFixture) {
	return func(f *mockserver.WorkspaceFixture) {
		for i, d := range deliveries {
			at := time.Now().Add(-time.Duration(i+1) * time.Minute)
			d.ID, d.EndpointID, d.EventType, d.CreatedAt = fmt.Sprintf("del_%d", i+1), "ep_1", "order.created", &at
			f.Deliveries = append(f.Deliveries, d)
		}
	}
}

func delivered() mockserver.DeliveryFixture {
	return mockserver.DeliveryFixture{Status: "delivered", Payload: json.RawMessage(`{"number":1}`), Attempts: []mockserver.AttemptFixture{
		{Status: "success", ResponseStatusCode: ptr(200), ResponseTimeMs: ptr(84)},
	}}
}

func failed() mockserver.DeliveryFixture {
	return mockserver.DeliveryFixture{Status: "failed", Payload: json.RawMessage(`{"number":2}`), Attempts: []mockserver.AttemptFixture{
		{Status: "failed", ResponseStatusCode: ptr(502), ResponseTimeMs: ptr(88)},
		{Status: "failed", ErrorMessage: "connection refused", ResponseTimeMs: ptr(3)},
	}}
}

// B13: a filter is part of the address, so that Back restores it.
func TestB13FilterAndBack(t *testing.T) {
	t.Parallel()
	p := tab(t, fixture(withEndpoints(hook(1)), withDeliveries(delivered(), failed(), delivered(), failed(), delivered())))
	p.enter(`{}`)
	p.click("link", "https://acme.example/hooks/1")
	p.click("link", "Deliveries")
	p.find("list", deliveryRows)
	require.Len(t, p.rows(), 5)
	p.click("link", "Failed")
	filtered := func() {
		t.Helper()
		p.holds(`new URLSearchParams(location.search).get("status") === "failed"`)
		p.find("heading", "Deliveries")
		p.until("two rows are left", func() bool { return len(p.rows()) == 2 })
		for _, row := range p.rows() {
			require.Contains(t, row, "Failed")
		}
		require.Equal(t, "true", of[string](p.page, p.find("link", "Failed"), `function () { return this.getAttribute("aria-current"); }`))
	}
	filtered()
	p.until("the delivery can be clicked", func() bool { return p.clickNode(p.nodesOf(`document.querySelector("[data-id=del_4] a")`)[0]) == nil })
	p.find("heading", "order.created")
	p.see("Attempt 2")
	p.see("connection refused")
	require.Equal(t, "deliveries/del_4", p.path())
	p.back()
	filtered()
	p.click("link", "Dead letter")
	p.see(noDeadLetters)
}

// B14: the list grows by pages, and begins again where it cannot go on.
func TestB14LoadOlder(t *testing.T) {
	t.Parallel()
	many := make([]mockserver.DeliveryFixture, 120)
	for i := range many {
		many[i] = delivered()
	}
	p := tab(t, fixture(withEndpoints(hook(1)), withDeliveries(many...)))
	p.enter(`{}`)
	p.goTo("endpoints/ep_1/deliveries")
	p.shows(50)
	p.click("button", loadOlder)
	p.shows(100)
	p.click("button", loadOlder)
	p.shows(120)
	p.gone("button", loadOlder)

	p.goTo("endpoints")
	p.find("heading", "Endpoints")
	p.goTo("endpoints/ep_1/deliveries")
	p.shows(50)
	p.repeats()
	p.click("button", loadOlder)
	p.shows(100)
	p.change(func(r *http.Request) {
		if query := r.URL.Query(); query.Has("cursor") {
			query.Set("cursor", "stale")
			r.URL.RawQuery = query.Encode()
		}
	}, nil)
	p.click("button", loadOlder)
	p.see(restarted)
	p.shows(50)
	p.change(nil, nil)
	p.click("button", loadOlder)
	p.shows(100)
}

// repeats has the first page served once more in place of the next one.
func (p *portal) repeats() {
	p.page.t.Helper()
	p.change(func(r *http.Request) { r.URL.RawQuery = "" }, nil)
	before := len(p.calls())
	p.click("button", loadOlder)
	p.until("an older page is asked for", func() bool { return len(p.calls()) > before })
	p.holds(`[...document.querySelectorAll("main button")].every((button) => !button.hasAttribute("aria-busy"))`)
	p.shows(50)
	p.change(nil, nil)
}

// shows waits until n deliveries are listed, in order and each of them once.
func (p *portal) shows(n int) {
	p.page.t.Helper()
	p.find("list", deliveryRows)
	p.until(fmt.Sprintf("%d rows", n), func() bool { return len(p.rows()) == n })
	ids := of[[]string](p.page, p.find("list", deliveryRows), `function () { return [...this.children].map((row) => row.dataset.id); }`)
	for i, id := range ids {
		require.Equal(p.page.t, fmt.Sprintf("del_%d", i+1), id)
	}
}

// B15: why a payload is not there is said, for each reason differently.
func TestB15PayloadStates(t *testing.T) {
	t.Parallel()
	in := func(status string) mockserver.DeliveryFixture {
		d := delivered()
		d.PayloadStatus = status
		return d
	}
	p := tab(t, fixture(withEndpoints(hook(1)), withDeliveries(in("available"), in("processing"), in("not_found"), in("error"), in("available"))))
	// The plan that keeps no payloads has no portal, so the server never says this.
	p.change(nil, func(e *exchange) {
		if e.path == "/portal/v1/deliveries/del_5" {
			e.body = forbidden(t, e.body)
		}
	})
	p.enter(`{}`)
	said := map[string]string{}
	for status, id := range map[string]string{
		"available": "del_1", "processing": "del_2", "not_found": "del_3", "error": "del_4", "forbidden": "del_5",
	} {
		p.goTo("deliveries/" + id)
		p.find("heading", "Payload")
		said[status] = js[string](p.page, `[...document.querySelectorAll("h2")].find((h) => h.innerText === "Payload").closest("section").innerText`)
		isThere := status == "available"
		require.Equal(t, isThere, len(p.all("button", copyPayload)) == 1, status)
	}
	require.Contains(t, said["available"], `"number": 1`)
	require.Contains(t, said["forbidden"], "plan")
	texts := map[string]bool{}
	for _, sentence := range said {
		texts[sentence] = true
	}
	require.Len(t, texts, 5, "%q", said)
}

// forbidden takes the payload out of a delivery.
func forbidden(t *testing.T, delivery string) string {
	t.Helper()
	var members map[string]any
	assert.NoError(t, unmarshal([]byte(delivery), &members)) // not on the test's goroutine
	members["payload"] = map[string]string{"status": "forbidden"}
	changed, err := json.Marshal(members)
	assert.NoError(t, err)
	return string(changed)
}
