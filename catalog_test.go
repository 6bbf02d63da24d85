package nahook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

func orderCreated(t *testing.T) nahook.EventType {
	return nahook.EventType{ID: "evt_abc123", Name: "order.created", Description: "An order was placed", CreatedAt: at(t, "2026-01-15T10:30:00.125Z")}
}

func staging(t *testing.T) nahook.Environment {
	return nahook.Environment{
		ID: "env_abc123", Name: "Staging", Slug: "staging",
		CreatedAt: at(t, "2026-01-15T10:30:00.125Z"), UpdatedAt: at(t, "2026-01-16T11:45:30.375Z"),
	}
}

func production(t *testing.T) nahook.Environment {
	return nahook.Environment{
		ID: "env_def456", Name: "Production", Slug: "production", IsDefault: true,
		CreatedAt: at(t, "2026-01-15T10:30:00.125Z"), UpdatedAt: at(t, "2026-01-15T10:30:00.125Z"),
	}
}

func subscription(t *testing.T) nahook.Subscription {
	return nahook.Subscription{ID: "sub_abc123", EventTypeID: "evt_abc123", EventTypeName: "order.created", CreatedAt: at(t, "2026-01-15T10:30:00.125Z")}
}

var published = nahook.EventTypeVisibility{EventTypeID: "evt_abc123", EventTypeName: "order.created", Published: true}

var catalogOptions = map[string]any{
	"create_event_type.json":    nahook.CreateEventTypeOptions{Name: "order.refunded", Description: "An order was paid back"},
	"update_event_type.json":    nahook.UpdateEventTypeOptions{Description: nahook.Ptr("An order was placed")},
	"create_environment.json":   nahook.CreateEnvironmentOptions{Name: "Quality assurance", Slug: "qa"},
	"update_environment.json":   nahook.UpdateEnvironmentOptions{Name: nahook.Ptr("Staging")},
	"create_subscriptions.json": nahook.CreateSubscriptionOptions{EventTypeIDs: []string{"evt_abc123", "evt_def456"}},
	"update_visibility.json":    nahook.SetEventTypeVisibilityOptions{Published: true},
}

// Both directions, so that no tag can be misspelt on either.
func TestCatalogIsTheDocumentedJSON(t *testing.T) {
	t.Parallel()
	for name, value := range catalogOptions {
		nonZero(t, value)
		sameBothWays(t, name, value)
	}
	everyField(t, orderCreated(t))
	everyField(t, subscription(t))
	everyField(t, published)
	def := production(t)
	def.IsDefault = true
	everyField(t, def)
	sameBothWays(t, "event_type.json", orderCreated(t))
	sameBothWays(t, "environment.json", staging(t))
	sameBothWays(t, "visibility.json", published)
	sameBothWays(t, "subscribed.json", nahook.SubscribeResult{Subscribed: 1})
}

func sameBothWays(t *testing.T, name string, value any) {
	t.Helper()
	encoded, err := json.Marshal(value)
	require.NoError(t, err)
	assert.JSONEq(t, string(fixture(t, name)), string(encoded), name)
	decoded := reflect.New(reflect.TypeOf(value))
	require.NoError(t, json.Unmarshal(fixture(t, name), decoded.Interface()))
	assert.Equal(t, value, decoded.Elem().Interface(), name)
}

func TestCatalogOperations(t *testing.T) {
	t.Parallel()
	file := func(name string) string { return string(fixture(t, name)) }
	orderPaid := nahook.EventType{ID: "evt_def456", Name: "order.paid", CreatedAt: at(t, "2026-01-15T10:30:00.125Z")}
	second := nahook.Subscription{ID: "sub_def456", EventTypeID: "evt_def456", EventTypeName: "order.paid", CreatedAt: at(t, "2026-01-16T11:45:30.375Z")}
	hidden := nahook.EventTypeVisibility{EventTypeID: "evt_def456", EventTypeName: "order.paid"}
	const types, subscriptions, environments = "/workspaces/ws/event-types", "/workspaces/ws/endpoints/ep/subscriptions", "/workspaces/ws/environments"
	runOperations(t, map[string]operation{
		"eventTypes.list": {exchange{method: "GET", path: types, status: 200, answer: file("event_types_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) { return m.EventTypes.List(ctx, "ws") },
			&nahook.List[nahook.EventType]{Data: []nahook.EventType{orderPaid, orderCreated(t)}}},
		"eventTypes.create": {exchange{method: "POST", path: types, body: file("create_event_type.json"), status: 201, answer: file("event_type.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.EventTypes.Create(ctx, "ws", catalogOptions["create_event_type.json"].(nahook.CreateEventTypeOptions))
			}, nahook.Ptr(orderCreated(t))},
		"eventTypes.get": {exchange{method: "GET", path: types + "/evt", status: 200, answer: file("event_type.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.EventTypes.Get(ctx, "ws", "evt")
			}, nahook.Ptr(orderCreated(t))},
		"eventTypes.update": {exchange{method: "PATCH", path: types + "/evt", body: file("update_event_type.json"), status: 200, answer: file("event_type.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.EventTypes.Update(ctx, "ws", "evt", catalogOptions["update_event_type.json"].(nahook.UpdateEventTypeOptions))
			}, nahook.Ptr(orderCreated(t))},
		"eventTypes.delete": {exchange{method: "DELETE", path: types + "/evt", status: 204},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return none(m.EventTypes.Delete(ctx, "ws", "evt"))
			}, nil},

		"subscriptions.list": {exchange{method: "GET", path: subscriptions, status: 200, answer: file("subscriptions_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Subscriptions.List(ctx, "ws", "ep")
			},
			&nahook.List[nahook.Subscription]{Data: []nahook.Subscription{second, subscription(t)}}},
		"subscriptions.create": {exchange{method: "POST", path: subscriptions, body: file("create_subscriptions.json"), status: 201, answer: file("subscribed.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Subscriptions.Create(ctx, "ws", "ep", catalogOptions["create_subscriptions.json"].(nahook.CreateSubscriptionOptions))
			}, &nahook.SubscribeResult{Subscribed: 1}},
		"subscriptions.create with nothing new": {exchange{method: "POST", path: subscriptions, body: `{"eventTypeIds":["evt"]}`, status: 201, answer: `{"subscribed":0}`},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Subscriptions.Create(ctx, "ws", "ep", nahook.CreateSubscriptionOptions{EventTypeIDs: []string{"evt"}})
			}, &nahook.SubscribeResult{}},
		"subscriptions.delete": {exchange{method: "DELETE", path: subscriptions + "/evt", status: 204},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return none(m.Subscriptions.Delete(ctx, "ws", "ep", "evt"))
			}, nil},

		"environments.list": {exchange{method: "GET", path: environments, status: 200, answer: file("environments_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) { return m.Environments.List(ctx, "ws") },
			&nahook.List[nahook.Environment]{Data: []nahook.Environment{production(t), staging(t)}}},
		"environments.create": {exchange{method: "POST", path: environments, body: file("create_environment.json"), status: 201, answer: file("environment.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Environments.Create(ctx, "ws", catalogOptions["create_environment.json"].(nahook.CreateEnvironmentOptions))
			}, nahook.Ptr(staging(t))},
		"environments.get": {exchange{method: "GET", path: environments + "/env", status: 200, answer: file("environment.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Environments.Get(ctx, "ws", "env")
			}, nahook.Ptr(staging(t))},
		"environments.update": {exchange{method: "PATCH", path: environments + "/env", body: file("update_environment.json"), status: 200, answer: file("environment.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Environments.Update(ctx, "ws", "env", catalogOptions["update_environment.json"].(nahook.UpdateEnvironmentOptions))
			}, nahook.Ptr(staging(t))},
		"environments.delete": {exchange{method: "DELETE", path: environments + "/env", status: 204},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return none(m.Environments.Delete(ctx, "ws", "env"))
			}, nil},
		"environments.listVisibility": {exchange{method: "GET", path: environments + "/env/event-types", status: 200, answer: file("visibility_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Environments.ListEventTypeVisibility(ctx, "ws", "env")
			}, &nahook.List[nahook.EventTypeVisibility]{Data: []nahook.EventTypeVisibility{hidden, published}}},
		"environments.setVisibility": {exchange{method: "PUT", path: environments + "/env/event-types/evt/visibility", body: file("update_visibility.json"), status: 200, answer: file("visibility.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Environments.SetEventTypeVisibility(ctx, "ws", "env", "evt", catalogOptions["update_visibility.json"].(nahook.SetEventTypeVisibilityOptions))
			}, &published},
	})
}

func TestCatalogMakesTheRoundTrip(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		ctx, m, ws := t.Context(), b.mgmt, b.ID()
		created, err := m.EventTypes.Create(ctx, ws, nahook.CreateEventTypeOptions{Name: "order.created", Description: "An order was placed"})
		require.NoError(t, err)
		require.Equal(t, &nahook.EventType{ID: created.ID, Name: "order.created", Description: "An order was placed", CreatedAt: startOfTime}, created)
		got, err := m.EventTypes.Get(ctx, ws, created.ID)
		require.NoError(t, err)
		require.Equal(t, created, got)
		cleared, err := m.EventTypes.Update(ctx, ws, created.ID, nahook.UpdateEventTypeOptions{Description: nahook.Ptr("")})
		require.NoError(t, err)
		require.Empty(t, cleared.Description)
		_, err = m.EventTypes.Create(ctx, ws, nahook.CreateEventTypeOptions{Name: "order.created"})
		require.ErrorIs(t, err, nahook.ErrConflict)

		endpoint, err := m.Endpoints.Create(ctx, ws, nahook.CreateEndpointOptions{URL: "https://acme.test/hooks"})
		require.NoError(t, err)
		result, err := m.Subscriptions.Create(ctx, ws, endpoint.ID, nahook.CreateSubscriptionOptions{EventTypeIDs: []string{created.ID}})
		require.NoError(t, err)
		require.Equal(t, 1, result.Subscribed)
		subscribed, err := m.Subscriptions.List(ctx, ws, endpoint.ID)
		require.NoError(t, err)
		everyField(t, subscribed.Data[0])
		require.Equal(t, []nahook.Subscription{{
			ID: subscribed.Data[0].ID, EventTypeID: created.ID, EventTypeName: "order.created", CreatedAt: startOfTime,
		}}, subscribed.Data)
		require.NoError(t, m.Subscriptions.Delete(ctx, ws, endpoint.ID, created.ID))
		require.ErrorIs(t, m.Subscriptions.Delete(ctx, ws, endpoint.ID, created.ID), nahook.ErrNotFound)

		require.NoError(t, m.EventTypes.Delete(ctx, ws, created.ID))
		left, err := m.EventTypes.List(ctx, ws)
		require.NoError(t, err)
		require.Empty(t, left.Data)
	})
}

func TestEnvironmentsMakeTheRoundTrip(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		ctx, m, ws := t.Context(), b.mgmt, b.ID()
		created, err := m.Environments.Create(ctx, ws, nahook.CreateEnvironmentOptions{Name: "Staging", Slug: "staging"})
		require.NoError(t, err)
		b.Advance(time.Minute)
		updated, err := m.Environments.Update(ctx, ws, created.ID, nahook.UpdateEnvironmentOptions{Name: nahook.Ptr("Test")})
		require.NoError(t, err)
		require.Equal(t, &nahook.Environment{
			ID: created.ID, Name: "Test", Slug: "staging", CreatedAt: startOfTime, UpdatedAt: startOfTime.Add(time.Minute),
		}, updated)
		all, err := m.Environments.List(ctx, ws)
		require.NoError(t, err)
		require.Len(t, all.Data, 2)
		everyField(t, all.Data[0])
		require.Equal(t, *updated, all.Data[1])
		standard, err := m.Environments.Get(ctx, ws, all.Data[0].ID)
		require.NoError(t, err)
		require.Equal(t, all.Data[0], *standard)

		eventType, err := m.EventTypes.Create(ctx, ws, nahook.CreateEventTypeOptions{Name: "order.created"})
		require.NoError(t, err)
		visible, err := m.Environments.SetEventTypeVisibility(ctx, ws, created.ID, eventType.ID, nahook.SetEventTypeVisibilityOptions{Published: true})
		require.NoError(t, err)
		require.Equal(t, &nahook.EventTypeVisibility{EventTypeID: eventType.ID, EventTypeName: "order.created", Published: true}, visible)
		list, err := m.Environments.ListEventTypeVisibility(ctx, ws, created.ID)
		require.NoError(t, err)
		require.Equal(t, []nahook.EventTypeVisibility{*visible}, list.Data)

		require.ErrorIs(t, m.Environments.Delete(ctx, ws, standard.ID), nahook.ErrConflict)
		require.NoError(t, m.Environments.Delete(ctx, ws, created.ID))
		for i := range 9 {
			_, err = m.Environments.Create(ctx, ws, nahook.CreateEnvironmentOptions{Name: "E", Slug: fmt.Sprint("env-", i)})
			require.NoError(t, err)
		}
		_, err = m.Environments.Create(ctx, ws, nahook.CreateEnvironmentOptions{Name: "E", Slug: "one-too-many"})
		require.ErrorIs(t, err, nahook.ErrEnvironmentLimitReached)
	}, mockserver.WithPlan(mockserver.PlanHobby))
}

// A record without what every such record has is some other JSON, wherever it
// comes.
func TestForeignJSONIsNoRecord(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`[null]`, `[{}]`, `[{"foo":1}]`} {
		mgmt := through(t, roundTrip(reply(200, body)))
		for name, list := range map[string]func() error{
			"applications":  func() error { _, err := mgmt.Applications.List(t.Context(), "ws", nil); return err },
			"endpoints":     func() error { _, err := mgmt.Endpoints.List(t.Context(), "ws"); return err },
			"event types":   func() error { _, err := mgmt.EventTypes.List(t.Context(), "ws"); return err },
			"subscriptions": func() error { _, err := mgmt.Subscriptions.List(t.Context(), "ws", "ep"); return err },
			"environments":  func() error { _, err := mgmt.Environments.List(t.Context(), "ws"); return err },
			"visibility": func() error {
				_, err := mgmt.Environments.ListEventTypeVisibility(t.Context(), "ws", "env")
				return err
			},
		} {
			require.ErrorContains(t, list(), "the response is not the documented JSON", "%s %s", name, body)
		}
	}
	mgmt := through(t, roundTrip(reply(200, `{"error":"login first"}`)))
	_, err := mgmt.Subscriptions.Create(t.Context(), "ws", "ep", nahook.CreateSubscriptionOptions{EventTypeIDs: []string{"evt"}})
	require.ErrorContains(t, err, `it has no "subscribed"`)
}
