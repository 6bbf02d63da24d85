package mockserver_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// complete says something about everything that fixtures have a word for.
const complete = `{"workspaces": [{
	"id": "ws_x", "name": "Initech", "plan": "hobby", "endpointLimit": 9, "rateLimit": {"limit": 500, "windowSeconds": 7}, "schedule": [11, 12],
	"framingOrigins": ["https://one.test", "https://two.test"],
	"managementTokens": [{"id": "tok_2", "token": "nhm_2"}, {"id": "tok_1", "token": "nhm_1", "disabled": true, "expiresAt": "2030-01-01T00:00:00.123Z"}],
	"apiKeys": [{"key": "nhk_us_2", "environment": "qa"}, {"key": "nhk_us_1", "environment": "production", "disabled": true}],
	"sessionTokens": [{"id": "ses_1", "token": "nhs_1", "revoked": true}, {"id": "ses_2", "token": "nhs_2", "expiresAt": "2031-01-01T00:00:00.000Z"}],
	"cliTokens": [{"id": "cli_1", "token": "nhc_us_1", "revoked": true}],
	"environments": [{"id": "env_p", "name": "Live", "slug": "production"}, {"id": "env_q", "name": "Quality", "slug": "qa"}],
	"eventTypes": [{"id": "evt_1", "name": "order.created", "description": "An order was placed", "publishedIn": ["qa"]},
		{"id": "evt_2", "name": "order.paid", "publishedIn": ["production", "qa"]}, {"id": "evt_3", "name": "order.lost", "publishedIn": []}],
	"applications": [{"id": "app_1", "name": "Acme", "externalId": "cust_1", "metadata": {"plan": "enterprise"}, "maxEndpoints": 8, "showEventTypes": false,
			"createdAt": "2026-01-01T00:00:00.001Z"},
		{"id": "app_2", "name": "Beta", "metadata": {}, "maxEndpoints": 0, "showEventTypes": true, "createdAt": "2026-01-02T00:00:00.000Z"}],
	"endpoints": [
		{"id": "ep_1", "applicationId": "app_1", "environment": "qa", "type": "webhook", "url": "https://one.test/hooks",
			"secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh", "description": "Orders", "authUsername": "acme", "authPassword": "pa55",
			"isActive": false, "subscriptions": ["order.created", "order.lost"], "metadata": {"team": "billing"}, "deliver": "accept", "createdAt": "2026-01-03T00:00:00.002Z"},
		{"id": "ep_2", "environment": "production", "type": "slack", "config": {"webhookUrl": "https://hooks.test/T0"},
			"secret": "whsec_c2xhY2tfd2ViaG9va19zaWduaW5nX2tleV8zMmJ5dGVz", "isActive": true, "metadata": {}, "createdAt": "2026-01-04T00:00:00.000Z"}],
	"deliveries": [
		{"id": "del_1", "endpointId": "ep_1", "eventType": "order.created", "status": "failed", "idempotencyKey": "key_1", "payload": {"order": "<ord_1>"}, "payloadStatus": "error",
			"createdAt": "2026-01-05T00:00:00.003Z", "attempts": [
				{"status": "failed", "errorMessage": "connection reset", "createdAt": "2026-01-05T00:00:00.004Z"},
				{"status": "failed", "responseStatusCode": 502, "responseTimeMs": 88, "createdAt": "2026-01-05T00:00:05.000Z"}]},
		{"id": "del_2", "endpointId": "ep_2", "status": "delivered", "idempotencyKey": "key_2", "createdAt": "2026-01-06T00:00:00.000Z",
			"attempts": [{"status": "success", "responseStatusCode": 200, "responseTimeMs": 0, "createdAt": "2026-01-06T00:00:00.000Z"}]}]
}]}`

// completely parses it anew.
func completely(t *testing.T) mockserver.Fixtures {
	t.Helper()
	parsed, err := mockserver.ParseFixtures([]byte(complete))
	require.NoError(t, err)
	return parsed
}

// What is exported is what was given, word for word.
func TestAnExportIsTheFixture(t *testing.T) {
	t.Parallel()
	want := completely(t).Workspaces[0]
	said := map[string]bool{}
	mention(reflect.ValueOf(want), said)
	for _, typ := range []reflect.Type{
		reflect.TypeFor[mockserver.WorkspaceFixture](), reflect.TypeFor[mockserver.RateLimitFixture](), reflect.TypeFor[mockserver.TokenFixture](),
		reflect.TypeFor[mockserver.APIKeyFixture](), reflect.TypeFor[mockserver.EnvironmentFixture](), reflect.TypeFor[mockserver.EventTypeFixture](),
		reflect.TypeFor[mockserver.ApplicationFixture](), reflect.TypeFor[mockserver.EndpointFixture](), reflect.TypeFor[mockserver.EndpointConfigFixture](),
		reflect.TypeFor[mockserver.DeliveryFixture](), reflect.TypeFor[mockserver.AttemptFixture](),
	} {
		for _, field := range reflect.VisibleFields(typ) {
			assert.True(t, said[typ.Name()+"."+field.Name], "the fixture says nothing about %s.%s", typ.Name(), field.Name)
		}
	}

	srv := mockserver.Start(t, mockserver.WithFixtures(completely(t)), mockserver.WithStart(opening))
	require.Equal(t, want, srv.Export(true))
	srv.Import(want)
	require.Equal(t, want, srv.Export(true))
	srv.Restore(srv.Snapshot())
	require.Equal(t, want, srv.Export(true))
}

// mention notes the fields of structs that are not zero.
func mention(v reflect.Value, said map[string]bool) {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		mention(v.Elem(), said)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			mention(v.Index(i), said)
		}
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				said[v.Type().Name()+"."+v.Type().Field(i).Name] = true
			}
			mention(v.Field(i), said)
		}
	}
}

// spoil changes everything that can be reached by way of v, in place.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			v.SetMapIndex(key, reflect.ValueOf("spoilt"))
		}
	case reflect.Struct:
		if at, ok := v.Addr().Interface().(*time.Time); ok {
			*at = at.Add(time.Hour)
			return
		}
		for i := range v.NumField() {
			spoil(v.Field(i))
		}
	case reflect.String:
		v.SetString("spoilt")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int:
		v.SetInt(v.Int() + 1)
	case reflect.Uint8:
		v.SetUint(v.Uint() ^ 1)
	}
}

func TestAnExportIsTheCallers(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t, mockserver.WithFixtures(completely(t)), mockserver.WithStart(opening))
	for range 2 {
		mine := srv.Export(true)
		spoil(reflect.ValueOf(&mine))
		require.NotEqual(t, mine, srv.Export(true))
		require.Equal(t, completely(t).Workspaces[0], srv.Export(true))
	}
}

// What deliveries were made with is not in anybody else's hands either.
func TestAnExportedPayloadIsTheCallers(t *testing.T) {
	t.Parallel()
	a := serve(t)
	r := a.srv.Receiver(mockserver.Reply{Status: 500}, mockserver.Reply{})
	id := a.as("nhk_us_a").post(ingest+"/"+a.endpointAt(a.srv.Workspace, r), `{"payload":{"order":"1"}}`).text("deliveryId")
	before := a.srv.Export(true)
	mine := a.srv.Export(true)
	spoil(reflect.ValueOf(&mine))
	require.Equal(t, before, a.srv.Export(true))
	require.Contains(t, a.get(inA+"/endpoints/ep_a").body, `"isActive":false`)
	a.srv.Drain()
	require.Equal(t, `{"order":"1"}`, string(r.Requests()[1].Body))
	require.Equal(t, mockserver.SignatureValid, r.Requests()[1].Signature)
	require.Equal(t, "delivered", a.get(inA+"/deliveries/"+id).text("status"))
}

func TestFixturesMayBeChangedOnceTheyAreGiven(t *testing.T) {
	t.Parallel()
	want := completely(t).Workspaces[0]
	given := completely(t)
	srv := mockserver.Start(t, mockserver.WithFixtures(given), mockserver.WithStart(opening))
	spoil(reflect.ValueOf(&given))
	require.Equal(t, want, srv.Export(true))

	again := completely(t).Workspaces[0]
	srv.Import(again)
	spoil(reflect.ValueOf(&again))
	require.Equal(t, want, srv.Export(true))
	srv.Restore(srv.Snapshot())
	require.Equal(t, want, srv.Export(true))
}

// Fixtures count in whole seconds: what is less than one becomes one.
func TestPartsOfASecondAreRoundedUp(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t, mockserver.WithRateLimit(1000, 500*time.Millisecond), mockserver.WithSchedule(1500*time.Millisecond))
	f := srv.Export(true)
	require.Equal(t, &mockserver.RateLimitFixture{Limit: 1000, WindowSeconds: 1}, f.RateLimit)
	require.Equal(t, []int{2}, f.Schedule)
	srv.Import(f)
	require.Equal(t, f, srv.Export(true))
}
