package mockserver_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// S23: disabled endpoints count, deleted ones do not.
func TestS23CapsInThePortal(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.patch(inA+"/applications/app_a", `{"maxEndpoints":2}`)
	p := a.portalAs("admin")
	full := func() {
		t.Helper()
		p.post(portal+"/endpoints", `{"url":"https://x.test"}`).refuses(403, "application_endpoint_limit_reached", "Application endpoint limit reached")
	}
	id := p.post(portal+"/endpoints", `{"url":"https://x.test"}`).text("id")
	full()
	require.Equal(t, 200, p.patch(portal+"/endpoints/"+id, `{"isActive":false}`).status)
	full()
	p.delete(portal + "/endpoints/" + id).isDeleted()
	require.Equal(t, 201, p.post(portal+"/endpoints", `{"url":"https://x.test"}`).status)
	require.Contains(t, p.get(portal+"/session").body, `"maxEndpoints":2,"endpointCount":2`)
}

// S24: one cap for both doors, under any concurrency.
func TestS24OneCapForBothDoors(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.patch(inA+"/applications/app_a", `{"maxEndpoints":2}`)
	p := a.portalAs("admin")
	var mu sync.Mutex
	statuses := map[int]int{}
	var creates sync.WaitGroup
	for i := range 50 {
		creates.Go(func() {
			client, path := a.as("nhm_a"), inA+"/applications/app_a/endpoints"
			if i%2 == 0 {
				client, path = p, portal+"/endpoints"
			}
			res, err := client.send(t.Context(), http.MethodPost, path, `{"url":"https://x.test"}`)
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			statuses[res.status]++
		})
	}
	creates.Wait()
	require.Equal(t, map[int]int{201: 1, 403: 49}, statuses)
	require.Len(t, a.get(inA+"/applications/app_a/endpoints").ids(), 2)
}

// S25: a cap stops new endpoints and nothing else.
func TestS25LoweredCaps(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.patch(inA+"/applications/app_a", `{"maxEndpoints":0}`)
	p := a.portalAs("editor")
	p.post(portal+"/endpoints", `{"url":"https://x.test"}`).refuses(403, "application_endpoint_limit_reached", "Application endpoint limit reached")
	require.Equal(t, []string{"ep_a"}, p.get(portal+"/endpoints").ids())
	require.Equal(t, 200, p.patch(portal+"/endpoints/ep_a", `{"description":"Still mine"}`).status)
}

// S26: a hidden catalog shows nothing, takes no new subscriptions, and stops no
// delivery.
func TestS26HiddenCatalogs(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "apiKeys": [{"key": "nhk_us_a"}],
		"applications": [{"id": "app_a", "name": "A"}], "eventTypes": [{"id": "evt_a", "name": "order.created"}, {"id": "evt_b", "name": "order.paid"},
			{"id": "evt_hidden", "name": "internal.only", "publishedIn": []}],
		"endpoints": [{"id": "ep_a", "applicationId": "app_a", "url": "https://a.test", "deliver": "accept", "subscriptions": ["order.created"]}]}]}`)
	p := a.portalAs("editor")
	require.Equal(t, []string{"evt_b", "evt_a"}, p.get(portal+"/event-types").ids())
	subscribe := func(id string) response {
		return p.post(portal+"/endpoints/ep_a/subscriptions", `{"eventTypeIds":["`+id+`"]}`)
	}
	subscribe("evt_hidden").refuses(404, "not_found", "Event type not found")
	subscribe("evt_random").refuses(404, "not_found", "Event type not found")
	p.post(portal+"/endpoints", `{"url":"https://x.test","eventTypeIds":["evt_b","evt_hidden"]}`).refuses(404, "not_found", "Event type not found")
	require.Equal(t, []string{"ep_a"}, p.get(portal+"/endpoints").ids(), "both or neither")
	test := func(name string) response { return p.post(portal+"/endpoints/ep_a/test", `{"eventType":"`+name+`"}`) }
	test("internal.only").refuses(404, "not_found", "Event type not found")
	require.Equal(t, 200, test("order.paid").status)

	a.patch(inA+"/applications/app_a", `{"showEventTypes":false}`)
	p.get(portal+"/event-types").is(200, `[]`)
	for _, id := range []string{"evt_b", "evt_hidden", "evt_random", "evt_a"} {
		subscribe(id).refuses(403, "forbidden", "Event types are not available")
	}
	p.post(portal+"/endpoints", `{"url":"https://x.test","eventTypeIds":["evt_b"]}`).refuses(403, "forbidden", "Event types are not available")
	require.Equal(t, 201, p.post(portal+"/endpoints", `{"url":"https://x.test"}`).status)
	for _, name := range []string{"order.paid", "internal.only", "no.such"} {
		test(name).refuses(404, "not_found", "Event type not found")
	}
	require.Equal(t, 200, test("order.created").status, "it is subscribed")
	require.Contains(t, p.get(portal+"/endpoints/ep_a/subscriptions").body, `"eventTypeName":"order.created"`)
	res := a.as("nhk_us_a").post("/api/ingest/event/order.created", `{"payload":{}}`)
	require.Len(t, res.deliveryIDs(), 1)
	require.Equal(t, 204, p.delete(portal+"/endpoints/ep_a/subscriptions/evt_a").status)
}

// The test delivery of the portal is that of the dashboard.
func TestPortalTestDelivery(t *testing.T) {
	t.Parallel()
	a := serve(t)
	p := a.portalAs("editor")
	r := a.srv.Receiver(mockserver.Reply{Status: 500, Delay: 7 * time.Millisecond})
	id := p.post(portal+"/endpoints", `{"url":"`+r.URL()+`"}`).text("id")
	require.Equal(t, 201, a.as("nhm_a").post(inA+"/endpoints/"+id+"/subscriptions", `{"eventTypeIds":["evt_a"]}`).status)
	res := p.post(portal+"/endpoints/"+id+"/test", "")
	require.Equal(t, 200, res.status, res.body)
	require.Contains(t, res.body, `"status":"failed"`)
	require.Contains(t, res.body, `"responseStatusCode":500,"responseTimeMs":7`)
	require.Equal(t, `{"type":"order.created","test":true,"createdAt":"2026-01-15T10:30:00.000Z"}`, string(r.Requests()[0].Body))
	for range 9 {
		require.Equal(t, 200, p.post(portal+"/endpoints/"+id+"/test", `{"payload":{"a":1}}`).status)
	}
	p.post(portal+"/endpoints/"+id+"/test", "").refuses(429, "rate_limited", "Too many requests")
	require.Equal(t, 200, a.portalAs("editor").post(portal+"/endpoints/"+id+"/test", "").status, "another session")
	require.Contains(t, p.get(portal+"/endpoints").body, `"last24Hours":{"delivered":0,"failed":11}`)
	a.srv.Advance(24*time.Hour + time.Millisecond)
	require.Contains(t, a.portalAs("viewer").get(portal+"/endpoints").body, `"last24Hours":{"delivered":0,"failed":0}`)
}
