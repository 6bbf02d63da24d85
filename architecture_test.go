package nahook_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// The calls of the vendor's documentation, as they stand there.
func TestDocumentedCalls(t *testing.T) {
	t.Parallel()
	mgmt, mock := mocked(t)
	ctx := t.Context()
	const applications = "/workspaces/ws_abc/applications"
	one, many := string(fixture(t, "application.json")), string(fixture(t, "applications_list.json"))
	for _, e := range []exchange{
		{method: http.MethodGet, path: applications, status: 200, answer: many},
		{method: http.MethodPost, path: applications, status: 201, answer: one, body: `{"name": "Acme Corp", "externalId": "cust_123", "metadata": {"plan": "enterprise"}}`},
		{method: http.MethodGet, path: applications + "/app_123", status: 200, answer: one},
		{method: http.MethodPatch, path: applications + "/app_123", status: 200, answer: one, body: `{"name": "Acme Corporation"}`},
		{method: http.MethodDelete, path: applications + "/app_123", status: 204},
		{method: http.MethodGet, path: applications + "/app_123/endpoints", status: 200, answer: string(fixture(t, "endpoints_list.json"))},
		{method: http.MethodPost, path: applications + "/app_123/endpoints", status: 201, answer: string(fixture(t, "endpoint.json")), body: `{"url": "https://acme.com/webhooks"}`},
	} {
		e.on(mock)
	}

	{
		result, err := mgmt.Applications.List(ctx, "ws_abc", nil)
		require.NoError(t, err)
		assert.Len(t, result.Data, 2)
	}
	{
		app, err := mgmt.Applications.Create(ctx, "ws_abc", nahook.CreateApplicationOptions{
			Name:       "Acme Corp",
			ExternalID: "cust_123",
			Metadata:   map[string]string{"plan": "enterprise"},
		})
		require.NoError(t, err)
		assert.Equal(t, "app_abc123", app.ID)
	}
	{
		app, err := mgmt.Applications.Get(ctx, "ws_abc", "app_123")
		require.NoError(t, err)
		assert.Equal(t, "Acme Corp", app.Name)
	}
	{
		app, err := mgmt.Applications.Update(ctx, "ws_abc", "app_123", nahook.UpdateApplicationOptions{
			Name: stringPtr("Acme Corporation"),
		})
		require.NoError(t, err)
		assert.Equal(t, "app_abc123", app.ID)
	}
	{
		err := mgmt.Applications.Delete(ctx, "ws_abc", "app_123")
		require.NoError(t, err)
	}
	{
		result, err := mgmt.Applications.ListEndpoints(ctx, "ws_abc", "app_123")
		require.NoError(t, err)
		assert.Equal(t, "ep_slack1", result.Data[1].ID)
	}
	{
		ep, err := mgmt.Applications.CreateEndpoint(ctx, "ws_abc", "app_123", nahook.CreateEndpointOptions{
			URL: "https://acme.com/webhooks",
		})
		require.NoError(t, err)
		assert.Equal(t, "ep_abc123", ep.ID)
	}
	assert.Equal(t, 7, mock.GetTotalCallCount())
}
