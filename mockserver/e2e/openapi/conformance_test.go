package openapi_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
	"github.com/nahook/nahook-go/mockserver/conformance"
)

// workspaces are a server with one workspace for each state that a request can
// meet.
const workspaces = `{"workspaces": [
	{"id": "ws_main", "managementTokens": [{"token": "nhm_main"}, {"token": "nhm_disabled", "disabled": true}, {"token": "nhm_expired", "expiresAt": "2020-01-01T00:00:00Z"}],
	 "apiKeys": [{"key": "nhk_us_main"}, {"key": "nhk_us_disabled", "disabled": true}],
	 "eventTypes": [{"name": "order.created", "description": "An order"}],
	 "applications": [{"id": "app_main", "name": "Acme Corp", "externalId": "cust_1", "metadata": {"tier": "gold"}, "maxEndpoints": 5}],
	 "endpoints": [
		{"id": "ep_main", "url": "https://example.test/webhooks", "subscriptions": ["order.created"], "deliver": "accept"},
		{"id": "ep_slack", "type": "slack", "config": {"webhookUrl": "https://slack.test/hook"}, "deliver": "accept"},
		{"id": "ep_acme", "applicationId": "app_main", "url": "https://acme.test/", "description": "Orders", "authUsername": "user", "authPassword": "word", "metadata": {"a": "1"}, "deliver": "accept"}],
	 "deliveries": [
		{"id": "del_shown", "endpointId": "ep_acme", "eventType": "order.created", "status": "delivered", "payload": {"a": 1},
		 "attempts": [{"status": "failed", "errorMessage": "timed out"}, {"status": "success", "responseStatusCode": 200, "responseTimeMs": 8}]},
		{"id": "del_processing", "endpointId": "ep_acme", "status": "delivering", "payload": {}},
		{"id": "del_empty", "endpointId": "ep_acme", "status": "dead_letter"},
		{"id": "del_broken", "endpointId": "ep_acme", "status": "failed", "payloadStatus": "error", "attempts": [{"status": "failed", "responseStatusCode": 410}]},
		{"id": "del_waiting", "endpointId": "ep_acme", "status": "scheduled_retry", "attempts": [{"status": "failed", "responseStatusCode": 503, "responseTimeMs": 0}]}]},
	{"id": "ws_other", "managementTokens": [{"token": "nhm_other"}], "apiKeys": [{"key": "nhk_us_other"}]},
	{"id": "ws_hobby", "plan": "hobby", "managementTokens": [{"token": "nhm_hobby"}], "apiKeys": [{"key": "nhk_us_hobby"}],
	 "endpoints": [{"id": "ep_hobby", "url": "https://example.test/"}], "deliveries": [{"id": "del_hidden", "endpointId": "ep_hobby", "status": "delivered", "payload": {}}]},
	{"id": "ws_downgraded", "managementTokens": [{"token": "nhm_downgraded"}], "applications": [{"id": "app_downgraded", "name": "Initech"}]},
	{"id": "ws_capped", "endpointLimit": 2, "managementTokens": [{"token": "nhm_capped"}], "applications": [{"id": "app_capped", "name": "Globex"}]},
	{"id": "ws_full", "endpointLimit": 0, "managementTokens": [{"token": "nhm_full"}],
	 "applications": [{"id": "app_full", "name": "Hooli"}, {"id": "app_none", "name": "Umbrella", "maxEndpoints": 0}]},
	{"id": "ws_throttled", "rateLimit": {"limit": 3, "windowSeconds": 3600}, "managementTokens": [{"token": "nhm_throttled"}]},
	{"id": "ws_spent", "rateLimit": {"limit": 1, "windowSeconds": 3600}, "managementTokens": [{"token": "nhm_spent"}], "apiKeys": [{"key": "nhk_us_spent"}],
	 "applications": [{"id": "app_spent", "name": "Vandelay"}]}
]}`

// serve starts a server with the workspaces, every answer of which is recorded.
func serve(t *testing.T) (*mockserver.Server, *recorder) {
	t.Helper()
	fixtures, err := mockserver.ParseFixtures([]byte(workspaces))
	require.NoError(t, err)
	srv, err := mockserver.New(mockserver.WithFixtures(fixtures))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	return srv, newRecorder(load(t), srv.HTTPClient().Transport)
}

func runConformance(t *testing.T, srv *mockserver.Server, r *recorder) {
	t.Helper()
	target := conformance.Target{
		Client: &http.Client{Transport: r}, BaseURL: "https://api.nahook.com", Disposable: true,
		Tenant: conformance.Tenant{
			WorkspaceID: "ws_main", ManagementToken: "nhm_main", APIKey: "nhk_us_main", SessionToken: srv.SessionToken(),
		},
		DisabledAPIKey: "nhk_us_disabled", DisabledManagementToken: "nhm_disabled", ExpiredManagementToken: "nhm_expired",
		EndpointID: "ep_main", EventType: "order.created",
		Other:     conformance.Tenant{WorkspaceID: "ws_other", ManagementToken: "nhm_other", APIKey: "nhk_us_other"},
		Hobby:     conformance.Tenant{WorkspaceID: "ws_hobby", ManagementToken: "nhm_hobby", APIKey: "nhk_us_hobby"},
		Capped:    conformance.Tenant{WorkspaceID: "ws_capped", ManagementToken: "nhm_capped"},
		Throttled: conformance.Tenant{WorkspaceID: "ws_throttled", ManagementToken: "nhm_throttled"},
		Receiver: func(_ context.Context, status int) (conformance.Receiver, error) {
			receiver := srv.Receiver(mockserver.Reply{Status: status})
			return conformance.Receiver{URL: receiver.URL(), Received: func() []conformance.Webhook {
				var got []conformance.Webhook
				for _, request := range receiver.Requests() {
					got = append(got, conformance.Webhook{Method: http.MethodPost, Header: request.Header, Body: request.Body})
				}
				return got
			}}, nil
		},
	}
	report := conformance.Run(t.Context(), target, conformance.Cases(), nil)
	for _, failure := range report.Failures() {
		assert.NoError(t, failure.Err, failure.ID)
	}
}
