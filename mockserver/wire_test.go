package mockserver_test

import (
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
	"environments": [{"id": "env_abc123", "name": "Staging", "slug": "staging"}],
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
		 "createdAt": "2026-01-15T10:30:00.125Z"}
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
