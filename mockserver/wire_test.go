package mockserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/internal/wirefixtures"
	"github.com/nahook/nahook-go/mockserver"
)

// documented is the workspace behind the documented bodies, a day before its
// rows are changed for the last time.
const documented = `{"workspaces": [{
	"id": "ws_a", "managementTokens": [{"token": "nhm_a"}],
	"environments": [
		{"id": "env_def456", "name": "Production", "slug": "production"}, {"id": "env_abc123", "name": "Stage", "slug": "staging"}
	],
	"eventTypes": [{"id": "evt_abc123", "name": "order.created", "description": "Placed"}, {"id": "evt_def456", "name": "order.paid"}],
	"applications": [
		{"id": "app_def456", "name": "Globex", "showEventTypes": false, "createdAt": "2026-01-14T09:00:00.000Z"},
		{"id": "app_abc123", "externalId": "cust_123", "name": "Acme", "metadata": {"plan": "enterprise", "region": "us-east"},
		 "maxEndpoints": 3, "createdAt": "2026-01-15T10:30:00.125Z"}
	],
	"endpoints": [
		{"id": "ep_slack1", "type": "slack", "config": {"webhookUrl": "https://hooks.slack.com/services/T000/B000/XXXX"}, "isActive": false,
		 "secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh", "createdAt": "2026-01-15T10:30:00.000Z"},
		{"id": "ep_abc123", "url": "https://acme.com/webhooks", "description": "Webhook", "authUsername": "acme", "authPassword": "pa55-never-shown",
		 "metadata": {"customerId": "cust_123"}, "secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh",
		 "subscriptions": ["order.created"], "createdAt": "2026-01-15T10:30:00.125Z"}
	]
}]}`

func wire(t *testing.T, name string) string {
	t.Helper()
	body, err := wirefixtures.FS.ReadFile(name)
	require.NoError(t, err)
	return string(body)
}

func TestRowsHaveTheDocumentedShape(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, documented, mockserver.WithStart(time.Date(2026, 1, 16, 11, 45, 30, 375_000_000, time.UTC)))
	a.patch(inA+"/applications/app_abc123", `{"name":"Acme Corp"}`).is(200, wire(t, "application.json"))
	require.Equal(t, 200, a.patch(inA+"/endpoints/ep_abc123", `{"description":"Production webhook"}`).status)

	a.get(inA+"/applications/app_abc123").is(200, wire(t, "application.json"))
	a.get(inA+"/applications/app_def456").is(200, wire(t, "application_nulls.json"))
	a.get(inA+"/applications").is(200, wire(t, "applications_list.json"))
	a.get(inA+"/endpoints/ep_abc123").is(200, wire(t, "endpoint.json"))
	a.get(inA+"/endpoints/ep_slack1").is(200, wire(t, "endpoint_slack.json"))
	a.get(inA+"/endpoints").is(200, wire(t, "endpoints_list.json"))
}

// Event types and environments are as old as the server.
func TestRowsOfTheCatalogHaveTheDocumentedShape(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, 1, 15, 10, 30, 0, 125_000_000, time.UTC)
	a := serveFixtures(t, documented, mockserver.WithStart(first))
	a.srv.Advance(time.Date(2026, 1, 16, 11, 45, 30, 375_000_000, time.UTC).Sub(first))

	a.patch(inA+"/event-types/evt_abc123", wire(t, "update_event_type.json")).is(200, wire(t, "event_type.json"))
	a.get(inA+"/event-types/evt_abc123").is(200, wire(t, "event_type.json"))
	a.get(inA+"/event-types").is(200, wire(t, "event_types_list.json"))

	a.patch(inA+"/environments/env_abc123", wire(t, "update_environment.json")).is(200, wire(t, "environment.json"))
	a.get(inA+"/environments/env_abc123").is(200, wire(t, "environment.json"))
	a.get(inA+"/environments").is(200, wire(t, "environments_list.json"))

	a.put(visibility("env_abc123", "evt_abc123"), wire(t, "update_visibility.json")).is(200, wire(t, "visibility.json"))
	a.get(inA+"/environments/env_abc123/event-types").is(200, wire(t, "visibility_list.json"))

	const subscriptions = inA + "/endpoints/ep_abc123/subscriptions"
	a.post(subscriptions, wire(t, "create_subscriptions.json")).is(201, wire(t, "subscribed.json"))
	rows := a.get(subscriptions)
	generated := rows.ids()
	require.Len(t, generated, 2)
	rows.is(200, strings.NewReplacer("sub_def456", generated[0], "sub_abc123", generated[1]).Replace(wire(t, "subscriptions_list.json")))
}

// A field that the server does not know would be a problem and fail the test.
func TestDocumentedRequestsAreUnderstood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fixture, method, path string
		status                int
	}{
		{"create_application.json", "POST", "/applications", 201},
		{"update_application.json", "PATCH", "/applications/app_abc123", 200},
		{"create_endpoint.json", "POST", "/endpoints", 201},
		{"create_endpoint.json", "POST", "/applications/app_abc123/endpoints", 201},
		{"update_endpoint.json", "PATCH", "/endpoints/ep_abc123", 200},
		{"create_event_type.json", "POST", "/event-types", 201},
		{"update_event_type.json", "PATCH", "/event-types/evt_abc123", 200},
		{"create_subscriptions.json", "POST", "/endpoints/ep_abc123/subscriptions", 201},
		{"create_environment.json", "POST", "/environments", 201},
		{"update_environment.json", "PATCH", "/environments/env_abc123", 200},
		{"update_visibility.json", "PUT", "/environments/env_abc123/event-types/evt_abc123/visibility", 200},
		{"create_portal_session.json", "POST", "/applications/app_abc123/portal", 201},
	} {
		t.Run(c.fixture, func(t *testing.T) {
			t.Parallel()
			a := serveFixtures(t, documented)
			if c.fixture == "create_application.json" {
				a.delete(inA + "/applications/app_abc123").isDeleted() // it holds the externalId
			}
			require.Equal(t, c.status, a.do(c.method, inA+c.path, wire(t, c.fixture)).status)
		})
	}
}
