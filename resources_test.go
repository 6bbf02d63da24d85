package nahook_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// operation is a call, the one request that it makes, and what it returns.
type operation struct {
	exchange
	call func(context.Context, *nahook.Management) (any, error)
	want any
}

func runOperations(t *testing.T, operations map[string]operation) {
	t.Helper()
	for name, c := range operations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mgmt, mock := mocked(t)
			c.on(mock)
			got, err := c.call(t.Context(), mgmt)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			assert.Equal(t, 1, mock.GetTotalCallCount())
		})
	}
}

func none(err error) (any, error) { return nil, err }

// Every operation, with everything it can carry, against the documented bodies.
func TestOperations(t *testing.T) {
	t.Parallel()
	options := allOptions()
	file := func(name string) string { return string(fixture(t, name)) }
	oneApp, oneEndpoint := nahook.Ptr(acme(t)), nahook.Ptr(webhook(t))
	bareSlack, bareWebhook := slack(t), webhook(t)
	bareSlack.Secret, bareWebhook.Secret = "", ""
	endpoints := &nahook.List[nahook.Endpoint]{Data: []nahook.Endpoint{bareWebhook, bareSlack}}
	applications := &nahook.List[nahook.Application]{Data: []nahook.Application{acme(t), globex(t)}}

	runOperations(t, map[string]operation{
		"applications.list": {
			exchange{method: "GET", path: "/workspaces/ws_abc/applications", query: "limit=20&offset=40", status: 200, answer: file("applications_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Applications.List(ctx, "ws_abc", &nahook.ListApplicationsOptions{Limit: 20, Offset: 40})
			}, applications,
		},
		"applications.list with no options": {
			exchange{method: "GET", path: "/workspaces/ws_abc/applications", status: 200, answer: "[]"},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Applications.List(ctx, "ws_abc", &nahook.ListApplicationsOptions{})
			}, &nahook.List[nahook.Application]{Data: []nahook.Application{}},
		},
		"applications.create": {
			exchange{method: "POST", path: "/workspaces/ws_abc/applications", body: file("create_application.json"), status: 201, answer: file("application.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Applications.Create(ctx, "ws_abc", options["create_application.json"].(nahook.CreateApplicationOptions))
			}, oneApp,
		},
		"applications.get": {
			exchange{method: "GET", path: "/workspaces/ws_abc/applications/app_abc123", status: 200, answer: file("application.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Applications.Get(ctx, "ws_abc", "app_abc123")
			}, oneApp,
		},
		"applications.get with nulls": {
			exchange{method: "GET", path: "/workspaces/ws_abc/applications/app_def456", status: 200, answer: file("application_nulls.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Applications.Get(ctx, "ws_abc", "app_def456")
			}, nahook.Ptr(globex(t)),
		},
		"applications.update": {
			exchange{method: "PATCH", path: "/workspaces/ws_abc/applications/app_abc123", body: file("update_application.json"), status: 200, answer: file("application.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Applications.Update(ctx, "ws_abc", "app_abc123", options["update_application.json"].(nahook.UpdateApplicationOptions))
			}, oneApp,
		},
		"applications.delete": {
			exchange{method: "DELETE", path: "/workspaces/ws_abc/applications/app_abc123", status: 204},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return none(m.Applications.Delete(ctx, "ws_abc", "app_abc123"))
			}, nil,
		},
		"applications.listEndpoints": {
			exchange{method: "GET", path: "/workspaces/ws_abc/applications/app_abc123/endpoints", status: 200, answer: file("endpoints_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Applications.ListEndpoints(ctx, "ws_abc", "app_abc123")
			}, endpoints,
		},
		"applications.createEndpoint": {
			exchange{method: "POST", path: "/workspaces/ws_abc/applications/app_abc123/endpoints", body: file("create_endpoint.json"), status: 201, answer: file("endpoint.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Applications.CreateEndpoint(ctx, "ws_abc", "app_abc123", options["create_endpoint.json"].(nahook.CreateEndpointOptions))
			}, oneEndpoint,
		},
		"endpoints.list": {
			exchange{method: "GET", path: "/workspaces/ws_abc/endpoints", status: 200, answer: file("endpoints_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) { return m.Endpoints.List(ctx, "ws_abc") }, endpoints,
		},
		"endpoints.create": {
			exchange{method: "POST", path: "/workspaces/ws_abc/endpoints", body: file("create_endpoint.json"), status: 201, answer: file("endpoint_slack.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Endpoints.Create(ctx, "ws_abc", options["create_endpoint.json"].(nahook.CreateEndpointOptions))
			}, nahook.Ptr(slack(t)),
		},
		"endpoints.get": {
			exchange{method: "GET", path: "/workspaces/ws_abc/endpoints/ep_abc123", status: 200, answer: file("endpoint.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Endpoints.Get(ctx, "ws_abc", "ep_abc123")
			}, oneEndpoint,
		},
		"endpoints.update": {
			exchange{method: "PATCH", path: "/workspaces/ws_abc/endpoints/ep_abc123", body: file("update_endpoint.json"), status: 200, answer: file("endpoint.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Endpoints.Update(ctx, "ws_abc", "ep_abc123", options["update_endpoint.json"].(nahook.UpdateEndpointOptions))
			}, oneEndpoint,
		},
		"endpoints.delete": {
			exchange{method: "DELETE", path: "/workspaces/ws_abc/endpoints/ep_abc123", status: 204},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return none(m.Endpoints.Delete(ctx, "ws_abc", "ep_abc123"))
			}, nil,
		},
		"portalSessions.create": {
			exchange{method: "POST", path: "/workspaces/ws_abc/applications/app_abc123/portal", body: file("create_portal_session.json"), status: 201, answer: file("portal_session.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				o := options["create_portal_session.json"].(nahook.CreatePortalSessionOptions)
				return m.PortalSessions.Create(ctx, "ws_abc", "app_abc123", &o)
			}, nahook.Ptr(portalSession(t)),
		},
		"portalSessions.create with no options": {
			exchange{method: "POST", path: "/workspaces/ws_abc/applications/app_abc123/portal", body: "{}", status: 201, answer: file("portal_session.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.PortalSessions.Create(ctx, "ws_abc", "app_abc123", nil)
			}, nahook.Ptr(portalSession(t)),
		},
	})
}

// A server that does not know of showEventTypes and maxEndpoints yet shows the
// former and has no limit.
func TestApplicationWithoutNewerFields(t *testing.T) {
	t.Parallel()
	mgmt, mock := mocked(t)
	legacy := string(fixture(t, "application_legacy.json"))
	exchange{method: http.MethodGet, path: "/workspaces/ws/applications/app", status: 200, answer: legacy}.on(mock)
	exchange{method: http.MethodGet, path: "/workspaces/ws/applications", status: 200, answer: "[" + legacy + "]"}.on(mock)
	exchange{method: http.MethodGet, path: "/workspaces/ws/applications/null", status: 200, answer: `{"id": "app", "showEventTypes": null}`}.on(mock)
	exchange{method: http.MethodGet, path: "/workspaces/ws/applications/text", status: 200, answer: `{"id": "app", "showEventTypes": "yes"}`}.on(mock)

	one, err := mgmt.Applications.Get(t.Context(), "ws", "app")
	require.NoError(t, err)
	assert.True(t, one.ShowEventTypes)
	assert.Nil(t, one.MaxEndpoints)

	page, err := mgmt.Applications.List(t.Context(), "ws", nil)
	require.NoError(t, err)
	assert.Equal(t, []nahook.Application{*one}, page.Data)

	null, err := mgmt.Applications.Get(t.Context(), "ws", "null")
	require.NoError(t, err)
	assert.True(t, null.ShowEventTypes)

	_, err = mgmt.Applications.Get(t.Context(), "ws", "text")
	require.ErrorContains(t, err, "GET /workspaces/ws/applications/text: 200 unknown: the response is not the documented JSON")
}

// Room for a list is made by what the body looks like, but not by what it says.
func TestHostileList(t *testing.T) {
	t.Parallel()
	body := `[{` + strings.Repeat(`"id":"ep_1",`, 100_000) + `"url":"https://a.test"}]`
	list, err := through(t, roundTrip(reply(200, body))).Endpoints.List(t.Context(), "ws")
	require.NoError(t, err)
	assert.Len(t, list.Data, 1)
	assert.LessOrEqual(t, cap(list.Data), 100)
}
