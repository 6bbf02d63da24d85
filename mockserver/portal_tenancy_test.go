package mockserver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// S19: a customer decides what the portal asks for, and nothing else.
func TestS19NoMassAssignment(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	res := a.exchange(a.code(`{"role":"editor","metadata":{"k0":"0","k1":"1","k2":"2","k3":"3","k4":"4","k5":"5","k6":"6"}}`))
	p := a.as(res.text("token"))
	created := p.post(portal+"/endpoints", `{"url":"https://new.test","description":"Mine","applicationId":"app_b","workspaceId":"ws_b","environmentId":"env_a_staging",
		"metadata":{"evil":"yes"},"secret":"whsec_ZXZpbGV2aWxldmlsZXZpbGV2aWxldmls","id":"ep_evil","createdAt":"2020-01-01T00:00:00.000Z","type":"slack"}`)
	created.is(201, `{"id": "$id", "url": "https://new.test", "secret": "$secret", "description": "Mine", "authUsername": null, "hasAuth": false,
		"isActive": true, "type": "webhook", "config": {}, "metadata": {"k0":"0","k1":"1","k2":"2","k3":"3","k4":"4","k5":"5","k6":"6"},
		"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z", "subscriptionCount": 0, "last24Hours": {"delivered": 0, "failed": 0}}`)
	require.NotEqual(t, "ep_evil", created.text("id"))
	require.NotContains(t, created.text("secret"), "ZXZpb")
	seen := a.as("nhs_a").get("/api/workspaces/ws_a/endpoints/" + created.text("id"))
	require.Equal(t, "app_a", seen.text("applicationId"))
	require.Equal(t, "env_a", seen.text("environmentId"))

	changed := p.patch(portal+"/endpoints/"+created.text("id"), `{"description":"Ours","metadata":{},"type":"slack","secret":"x","applicationId":"app_b"}`)
	require.Equal(t, 200, changed.status, changed.body)
	require.Contains(t, changed.body, `"metadata":{"k0":"0"`)
	require.Contains(t, changed.body, `"description":"Ours"`)
	require.Contains(t, changed.body, `"type":"webhook"`)
}

// S20: what belongs to others does not exist.
func TestS20EndpointsOfOthersDoNotExist(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	p := a.portalAs("admin")
	for _, r := range portalRoutes(t) {
		if !strings.Contains(r.Path, "{endpoint}") {
			continue
		}
		body := bodyOf(r.Method)
		if r.Operation == "portal.subscriptions.create" {
			body = `{"eventTypeIds":["evt_b"]}`
		}
		answer := func(id string) string {
			res := p.do(r.Method, strings.NewReplacer("{endpoint}", id, "{eventType}", "evt_a").Replace(r.Path), body)
			res.refuses(404, "not_found", "Endpoint not found")
			return res.body
		}
		random := answer("ep_random")
		for _, foreign := range []string{"ep_b", "ep_c", "ep_ws", "ep_slack"} {
			require.Equal(t, random, answer(foreign), r.Operation)
		}
	}
	a.as("nhm_a").get(inA+"/endpoints/ep_b").is(200, with(t, epB, `{"secret":"whsec_YmV0YV93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"}`))
}

// S21: neither do deliveries, cursors and event types.
func TestS21DeliveriesOfOthersDoNotExist(t *testing.T) {
	t.Parallel()
	fixtures := `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "applications": [{"id": "app_a", "name": "A"}, {"id": "app_b", "name": "B"}],
		"eventTypes": [{"id": "evt_a", "name": "order.created"}],
		"endpoints": [{"id": "ep_a", "applicationId": "app_a", "url": "https://a.test"}, {"id": "ep_b", "applicationId": "app_b", "url": "https://b.test"}],
		"deliveries": [{"id": "del_a", "endpointId": "ep_a", "eventType": "order.created", "status": "failed", "payload": {"a": 1}},
			{"id": "del_b", "endpointId": "ep_b", "status": "failed"}, {"id": "del_b2", "endpointId": "ep_b", "status": "failed"}]}]}`
	a := serveFixtures(t, fixtures)
	p := a.portalAs("viewer")
	for _, path := range []string{"/deliveries/del_b", "/deliveries/del_b/attempts", "/deliveries/del_random", "/deliveries/del_b?include=payload"} {
		p.get(portal+path).refuses(404, "not_found", "Delivery not found")
	}
	cursor := a.as("nhm_a").get(inA + "/endpoints/ep_b/deliveries?limit=1").text("nextCursor")
	p.get(portal+"/endpoints/ep_a/deliveries?cursor="+cursor).refuses(400, "invalid_cursor", "The cursor is invalid: restart pagination from the beginning")

	row := `{"id": "del_a", "idempotencyKey": "$key", "endpointId": "ep_a", "status": "failed", "totalAttempts": 0, "firstAttemptAt": null, "deliveredAt": null,
		"nextRetryAt": null, "hasPayload": true, "createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z", "eventType": "order.created"}`
	got := p.get(portal + "/deliveries/del_a")
	row = strings.Replace(row, "$key", got.text("idempotencyKey"), 1)
	got.is(200, row)
	p.get(portal+"/endpoints/ep_a/deliveries").is(200, `{"deliveries": [`+row+`], "nextCursor": null}`)
	p.get(portal+"/deliveries/del_a?include=payload").is(200, with(t, row, `{"payload": {"status": "available", "data": {"a": 1}, "contentType": "application/json"}}`))
	p.get(portal+"/deliveries/del_a/attempts").is(200, `[]`)
	a.as("nhm_a").delete(inA + "/endpoints/ep_a").isDeleted()
	require.Equal(t, 200, p.get(portal+"/deliveries/del_a").status, "it outlives its endpoint")
}

// S22: only a reveal shows a secret that is there already, and leaves a row.
func TestS22Reveal(t *testing.T) {
	t.Parallel()
	a := serve(t)
	p := a.portalAs("editor")
	for _, path := range []string{"/endpoints", "/endpoints/ep_a", "/session", "/endpoints/ep_a/subscriptions"} {
		require.NotContains(t, p.get(portal+path).body, "whsec_")
	}
	require.NotContains(t, a.events(), "endpoint.secret_revealed")
	p.get(portal+"/endpoints/ep_a/secret/reveal").refuses(405, "method_not_allowed", "Method not allowed")
	p.post(portal+"/endpoints/ep_a/secret/reveal", "").is(200, `{"secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"}`)
	require.Contains(t, a.events(), "endpoint.secret_revealed")
}
