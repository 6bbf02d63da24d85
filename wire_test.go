package nahook_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// zeroFields are the paths of v's fields, at any depth, that are zero.
func zeroFields(v reflect.Value, path string) []string {
	if v.IsZero() {
		return []string{path}
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem() // set, be it to zero
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	var zero []string
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			zero = append(zero, zeroFields(v.Field(i), path+"."+field.Name)...)
		}
	}
	return zero
}

func acme(t *testing.T) nahook.Application {
	return nahook.Application{
		ID: "app_abc123", ExternalID: "cust_123", Name: "Acme Corp",
		Metadata:     map[string]string{"plan": "enterprise", "region": "us-east"},
		MaxEndpoints: nahook.Ptr(3), ShowEventTypes: true,
		CreatedAt: at(t, "2026-01-15T10:30:00.125Z"), UpdatedAt: at(t, "2026-01-16T11:45:30.375Z"),
	}
}

func globex(t *testing.T) nahook.Application {
	return nahook.Application{
		ID: "app_def456", Name: "Globex", Metadata: map[string]string{},
		CreatedAt: at(t, "2026-01-14T09:00:00Z"), UpdatedAt: at(t, "2026-01-14T09:00:00Z"),
	}
}

func webhook(t *testing.T) nahook.Endpoint {
	return nahook.Endpoint{
		ID: "ep_abc123", URL: "https://acme.com/webhooks", Secret: "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh",
		Description: "Production webhook", AuthUsername: "acme", HasAuth: true, IsActive: true,
		Type: nahook.EndpointTypeWebhook, Metadata: map[string]string{"customerId": "cust_123"},
		CreatedAt: at(t, "2026-01-15T10:30:00.125Z"), UpdatedAt: at(t, "2026-01-16T11:45:30.375Z"),
	}
}

func slack(t *testing.T) nahook.Endpoint {
	return nahook.Endpoint{
		ID: "ep_slack1", Secret: "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh", Type: nahook.EndpointTypeSlack,
		Config: nahook.EndpointConfig{WebhookURL: "https://hooks.slack.com/services/T000/B000/XXXX"}, Metadata: map[string]string{},
		CreatedAt: at(t, "2026-01-15T10:30:00Z"), UpdatedAt: at(t, "2026-01-15T10:30:00Z"),
	}
}

func portalSession(t *testing.T) nahook.PortalSession {
	return nahook.PortalSession{
		URL: "https://portal.nahook.com/portal/s/ps_abc123#code=c_one_time", Code: "c_one_time",
		ExpiresAt: at(t, "2026-01-15T11:30:00.125Z"),
	}
}

func allOptions() map[string]any {
	return map[string]any{
		"create_application.json": nahook.CreateApplicationOptions{
			Name: "Acme Corp", ExternalID: "cust_123", Metadata: map[string]string{"plan": "enterprise"},
			MaxEndpoints: nahook.Ptr(3), ShowEventTypes: nahook.Ptr(false),
		},
		"update_application.json": nahook.UpdateApplicationOptions{
			Name: nahook.Ptr("Acme Corporation"), Metadata: map[string]string{"plan": "pro"},
			MaxEndpoints: nahook.Value(12), ShowEventTypes: nahook.Ptr(true),
		},
		"create_endpoint.json": nahook.CreateEndpointOptions{
			URL: "https://acme.com/webhooks", Type: nahook.EndpointTypeWebhook, Description: "Production webhook",
			AuthUsername: "acme", AuthPassword: "correct horse", Metadata: map[string]string{"customerId": "cust_123"},
			Config:        &nahook.EndpointConfig{WebhookURL: "https://hooks.slack.com/services/T000/B000/XXXX"},
			EnvironmentID: "env_abc123",
		},
		"update_endpoint.json": nahook.UpdateEndpointOptions{
			URL: nahook.Ptr("https://acme.com/webhooks/v2"), Description: nahook.Ptr("Moved"),
			Metadata: map[string]string{"customerId": "cust_456"}, IsActive: nahook.Ptr(false),
			Config:       &nahook.EndpointConfig{WebhookURL: "https://hooks.slack.com/services/T000/B000/YYYY"},
			AuthUsername: nahook.Ptr("acme2"), AuthPassword: nahook.Ptr("battery staple"),
		},
		"create_portal_session.json": nahook.CreatePortalSessionOptions{
			Role: nahook.RoleViewer, ExpiresInMinutes: 15, Metadata: map[string]string{"customerId": "cust_123", "plan": "pro"},
		},
	}
}

// nonZero refuses a value with a field that no comparison would miss.
func nonZero(t *testing.T, v any, except ...string) {
	t.Helper()
	assert.Equal(t, except, zeroFields(reflect.ValueOf(v), reflect.TypeOf(v).Name()), "the test must set these fields")
}

func TestOptionsAreTheDocumentedJSON(t *testing.T) {
	t.Parallel()
	for name, options := range allOptions() {
		nonZero(t, options)
		encoded, err := json.Marshal(options)
		require.NoError(t, err)
		assert.JSONEq(t, string(fixture(t, name)), string(encoded), name)

		decoded := reflect.New(reflect.TypeOf(options))
		require.NoError(t, json.Unmarshal(fixture(t, name), decoded.Interface()))
		assert.Equal(t, options, decoded.Elem().Interface(), name)
	}
}

func TestRecordsAreTheDocumentedJSON(t *testing.T) {
	t.Parallel()
	nonZero(t, acme(t))
	nonZero(t, webhook(t), "Endpoint.Config") // slack has it
	nonZero(t, portalSession(t))
	withConfig := webhook(t)
	withConfig.Config = slack(t).Config
	nonZero(t, withConfig)

	session := portalSession(t)
	for name, record := range map[string]any{
		"application.json":    nahook.Ptr(acme(t)),
		"endpoint.json":       nahook.Ptr(webhook(t)),
		"portal_session.json": &session,
	} {
		var want map[string]any
		require.NoError(t, json.Unmarshal(fixture(t, name), &want))
		delete(want, "portalUrl") // the other name of url
		encoded, err := json.Marshal(record)
		require.NoError(t, err)
		literal, err := json.Marshal(want)
		require.NoError(t, err)
		assert.JSONEq(t, string(literal), string(encoded), name)

		decoded := reflect.New(reflect.TypeOf(record).Elem())
		require.NoError(t, json.Unmarshal(fixture(t, name), decoded.Interface()))
		assert.Equal(t, record, decoded.Interface(), name)
	}
}

func TestEndpointWithoutSecret(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(nahook.Endpoint{ID: "ep_1"})
	require.NoError(t, err)
	assert.NotContains(t, string(encoded), `"secret"`)
}

func TestPortalSessionReadsEitherName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"url", "portalUrl"} {
		var session nahook.PortalSession
		require.NoError(t, json.Unmarshal([]byte(`{"`+name+`": "https://p.test/#code=c", "code": "c"}`), &session))
		assert.Equal(t, nahook.PortalSession{URL: "https://p.test/#code=c", Code: "c"}, session)
	}
	session := nahook.PortalSession{Code: "stale"}
	require.NoError(t, json.Unmarshal([]byte(`{"portalUrl": "https://b.test", "url": "https://a.test"}`), &session))
	assert.Equal(t, nahook.PortalSession{URL: "https://a.test"}, session)
	for _, bad := range []string{`{"url": 3}`, `{"portalUrl": 3}`} {
		require.Error(t, json.Unmarshal([]byte(bad), &session))
	}
}

func TestUpdateLeavesSetsAndClears(t *testing.T) {
	t.Parallel()
	none := map[string]string{}
	for want, options := range map[string]any{
		`{}`:                                           nahook.UpdateApplicationOptions{},
		`{"maxEndpoints":null}`:                        nahook.UpdateApplicationOptions{MaxEndpoints: nahook.Null[int]()},
		`{"maxEndpoints":0}`:                           nahook.UpdateApplicationOptions{MaxEndpoints: nahook.Value(0)},
		`{"metadata":{}}`:                              nahook.UpdateApplicationOptions{Metadata: none},
		`{"showEventTypes":false}`:                     nahook.UpdateApplicationOptions{ShowEventTypes: nahook.Ptr(false)},
		`{"name":""}`:                                  nahook.UpdateApplicationOptions{Name: nahook.Ptr("")},
		`{"description":""}`:                           nahook.UpdateEndpointOptions{Description: nahook.Ptr("")},
		`{"authUsername":""}`:                          nahook.UpdateEndpointOptions{AuthUsername: nahook.Ptr("")},
		`{"metadata":{},"isActive":true}`:              nahook.UpdateEndpointOptions{Metadata: none, IsActive: nahook.Ptr(true)},
		`{"name":"A","maxEndpoints":0}`:                nahook.CreateApplicationOptions{Name: "A", MaxEndpoints: nahook.Ptr(0)},
		`{"type":"slack","config":{"webhookUrl":"u"}}`: nahook.CreateEndpointOptions{Type: nahook.EndpointTypeSlack, Config: &nahook.EndpointConfig{WebhookURL: "u"}},
		`{"url":"u"}`:                                  nahook.CreateEndpointOptions{URL: "u"},
	} {
		encoded, err := json.Marshal(options)
		require.NoError(t, err)
		assert.Equal(t, want, string(encoded))
	}
}

func TestNullable(t *testing.T) {
	t.Parallel()
	var left nahook.Nullable[int]
	assert.True(t, left.IsZero())
	assert.False(t, nahook.Value(0).IsZero())
	assert.False(t, nahook.Null[int]().IsZero())
	value, ok := nahook.Value(3).Get()
	assert.Equal(t, 3, value)
	assert.True(t, ok)
	_, ok = nahook.Null[int]().Get()
	assert.False(t, ok)

	assert.Equal(t, "unset null 3", fmt.Sprint(left, nahook.Null[int](), nahook.Value(3)))
	assert.Contains(t, fmt.Sprintf("%+v", nahook.UpdateApplicationOptions{MaxEndpoints: nahook.Value(3)}), "MaxEndpoints:3")

	require.NoError(t, json.Unmarshal([]byte("7"), &left))
	assert.Equal(t, nahook.Value(7), left)
	require.NoError(t, json.Unmarshal([]byte("null"), &left))
	assert.Equal(t, nahook.Null[int](), left)
	require.Error(t, json.Unmarshal([]byte(`"7"`), &left))
}
