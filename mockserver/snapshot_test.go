package mockserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// everything is every list of a workspace as the API shows it, and the audit log.
func everything(a api) map[string]string {
	all := map[string]string{}
	for _, path := range []string{
		"/applications", "/endpoints", "/event-types", "/environments", "/audit-logs", "/applications/app_a/endpoints", "/endpoints/ep_a/subscriptions",
		"/endpoints/ep_b/deliveries", "/environments/env_a/event-types", "/environments/env_a_staging/event-types",
	} {
		all[path] = a.get(inA + path).body
	}
	return all
}

// changeAll does something of every kind.
func changeAll(a api) (created string) {
	created = a.post(inA+"/applications", `{"name":"Globex","externalId":"cust_new"}`).text("id")
	a.patch(inA+"/applications/app_b", `{"name":"B2","maxEndpoints":4}`)
	a.delete(inA + "/applications/app_a")
	a.post(inA+"/endpoints", `{"url":"https://new.test"}`)
	a.post(inA+"/endpoints/ep_b/subscriptions", `{"eventTypeIds":["evt_b"]}`)
	a.delete(inA + "/event-types/evt_a")
	a.post(inA+"/environments", `{"name":"QA","slug":"qa"}`)
	a.put(inA+"/environments/env_a_staging/event-types/evt_b/visibility", `{"published":true}`)
	a.as("nhk_us_a").post("/api/ingest/ep_b", `{"payload":{"n":1}}`)
	a.post(inA+"/applications/app_b/portal", `{}`)
	a.delete(inA + "/environments/env_a_staging")
	a.as("nhs_a").delete("/api/cli/tokens/clitok_a")
	a.srv.SetPlan(mockserver.PlanHobby)
	a.srv.SetEndpointLimit(1)
	a.srv.NewManagementToken(mockserver.TokenOptions{})
	a.srv.Advance(time.Hour)
	return created
}

// A restored workspace is what it was, any number of times, and gives equal ids
// again.
func TestRestore(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.as("nhk_us_a").post("/api/ingest/ep_b", `{"payload":{"n":0},"idempotencyKey":"k"}`)
	session := a.post(inA+"/applications/app_a/portal", `{}`)
	portal := a.as("").post("/portal/v1/session/exchange", `{"code":"`+session.text("code")+`"}`).text("token")
	before, export := everything(a), a.srv.Export(true)
	s := a.srv.Snapshot()
	var created []string
	for range 3 {
		created = append(created, changeAll(a))
		require.NotEqual(t, before, everything(a))
		require.Equal(t, 401, a.as(portal).get("/portal/v1/session").status, "the session went with its application")
		require.Equal(t, 401, a.as("nhk_us_staging").post("/api/ingest/ep_ws", `{"payload":{}}`).status, "the key went with its environment")
		a.srv.Restore(s)
		require.Equal(t, before, everything(a))
		require.Equal(t, export, a.srv.Export(true))
		require.Equal(t, opening, a.srv.Now())
		require.Equal(t, 200, a.as(portal).get("/portal/v1/session").status)
		require.Equal(t, 202, a.as("nhk_us_staging").post("/api/ingest/ep_ws", `{"payload":{}}`).status)
		require.Equal(t, 200, a.as("nhc_us_a").get("/api/workspaces/ws_a/applications").status)
		repeated := a.as("nhk_us_a").post("/api/ingest/ep_b", `{"payload":{},"idempotencyKey":"k"}`)
		require.Contains(t, before["/endpoints/ep_b/deliveries"], repeated.text("deliveryId"))
		a.srv.Restore(s)
	}
	assert.Equal(t, []string{created[0], created[0], created[0]}, created)
	assert.Len(t, a.srv.Requests(mockserver.Operation("portalSessions.create")), 4, "the journal stays")
}

func TestTokensMadeAfterASnapshotAreUnknownAfterwards(t *testing.T) {
	t.Parallel()
	a := serve(t)
	s := a.srv.Snapshot()
	token := a.srv.NewManagementToken(mockserver.TokenOptions{})
	require.Equal(t, 200, a.as(token).get(inA+"/applications").status)
	a.srv.Restore(s)
	require.Equal(t, 401, a.as(token).get(inA+"/applications").status)
	require.Equal(t, "nhm_a", a.srv.ManagementToken())
	require.Equal(t, 200, a.as("nhm_b").get(inB+"/applications").status, "another workspace is not touched")
}

// A retry that is scheduled in the snapshot happens after each restoration, once.
func TestRetriesAreRestored(t *testing.T) {
	t.Parallel()
	a := serve(t)
	r := a.srv.Receiver(mockserver.Reply{Status: 500})
	endpoint := a.post(inA+"/endpoints", `{"url":"`+r.URL()+`"}`).text("id")
	id := a.as("nhk_us_a").post("/api/ingest/"+endpoint, `{"payload":{}}`).text("deliveryId")
	s := a.srv.Snapshot()
	for i := range 3 {
		a.srv.Drain()
		require.Len(t, r.Requests(), 1+7*(i+1))
		require.Equal(t, "dead_letter", a.get(inA+"/deliveries/"+id).text("status"))
		a.srv.Restore(s)
		require.Equal(t, "scheduled_retry", a.get(inA+"/deliveries/"+id).text("status"))
		require.Equal(t, 1, strings.Count(a.get(inA+"/deliveries/"+id+"/attempts").body, `"id"`))
	}
}

// What was on its way when the snapshot was taken is not lost: it is due at once,
// and whoever finishes the attempt of then changes nothing.
func TestWhatWasOnItsWayIsDueAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mockserver.Start(t, mockserver.WithRealClock())
		a := over(t, srv)
		in := "/management/v1/workspaces/" + srv.ID()
		release := make(chan struct{})
		r := srv.ReceiverHandler(blocking(release))
		endpoint := a.post(in+"/endpoints", `{"url":"`+r.URL()+`"}`).text("id")
		id := a.as(srv.APIKey()).post("/api/ingest/"+endpoint, `{"payload":{}}`).text("deliveryId")
		synctest.Wait()
		require.Equal(t, "delivering", a.get(in+"/deliveries/"+id).text("status"))
		s := srv.Snapshot()
		srv.Restore(s)
		close(release)
		synctest.Wait()
		require.Equal(t, "delivered", a.get(in+"/deliveries/"+id).text("status"))
		require.Len(t, r.Requests(), 2)
		require.Equal(t, 1, strings.Count(a.get(in+"/deliveries/"+id+"/attempts").body, `"id"`))
		time.Sleep(time.Hour)
		require.Len(t, r.Requests(), 2)
	})
}

// blocking takes a delivery once it is let go.
func blocking(release <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })
}

func TestSnapshotsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	srv := mockserver.Start(r)
	other := srv.NewWorkspace()
	srv.Restore(other.Snapshot())
	srv.Restore(nil)
	srv.Import(mockserver.WorkspaceFixture{ID: "ws_x"})
	srv.Import(mockserver.WorkspaceFixture{Plan: "free"})
	srv.Import(mockserver.WorkspaceFixture{FramingOrigins: []string{"x"}})
	before := srv.Export(true)
	srv.Import(mockserver.WorkspaceFixture{Applications: []mockserver.ApplicationFixture{{Name: "A"}, {}}})
	srv.Import(mockserver.WorkspaceFixture{ManagementTokens: []mockserver.TokenFixture{{Token: other.ManagementToken()}}})
	require.Equal(t, before, srv.Export(true), "nothing is changed")
	require.Equal(t, 7, len(r.lines))
	for i, want := range []string{
		"Restore: the snapshot is not one of this workspace", "Restore: the snapshot is not one of this workspace",
		`Import: the fixture is one of the workspace "ws_x", and this is "` + srv.ID() + `"`,
		`Import: plan: "free" does not exist; use "hobby" or "pro"`, `Import: "x" is not an origin`,
		"Import: applications[1]: name is required", "Import: Management token ",
	} {
		require.Contains(t, r.lines[i], "fatal: mockserver: "+want)
	}
	require.NoError(t, srv.Close())
}

// What is exported can be parsed, imported and exported again, and is the same.
func TestExportsAreFixtures(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithSchedule(time.Second, time.Minute))
	changeAll(a)
	a.srv.SetPlan(mockserver.PlanPro)
	a.srv.SetRateLimit(1000, time.Minute)
	a.srv.SetFramingOrigins("https://app.example.test")
	exported := a.srv.Export(true)
	text, err := json.MarshalIndent(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{exported}}, "", "  ")
	require.NoError(t, err)
	parsed, err := mockserver.ParseFixtures(text)
	require.NoError(t, err, "%s", text)

	fresh := over(t, mockserver.Start(t, mockserver.WithFixtures(parsed), mockserver.WithStart(a.srv.Now())))
	require.Equal(t, encoded(t, exported), encoded(t, fresh.srv.Export(true)))
	shown := everything(a)
	delete(shown, "/audit-logs")
	again := everything(fresh)
	delete(again, "/audit-logs")
	for path, body := range shown {
		if path == "/environments" || strings.HasSuffix(path, "/event-types") || path == "/endpoints/ep_b/deliveries" || path == "/endpoints" || path == "/applications" {
			continue // fixtures do not say when these were made, or changed
		}
		require.Equal(t, body, again[path], path)
	}

	a.srv.Import(parsed.Workspaces[0])
	require.Equal(t, encoded(t, exported), encoded(t, a.srv.Export(true)))
	require.Equal(t, 429, lastOf(1001, func() int { return a.direct().get(inA + "/applications/app_b").status }))
}

// encoded is a fixture as text, in which payloads are spaced alike.
func encoded(t *testing.T, f mockserver.WorkspaceFixture) string {
	t.Helper()
	text, err := json.Marshal(f)
	require.NoError(t, err)
	return string(text)
}

func lastOf(n int, status func() int) int {
	last := 0
	for range n {
		last = status()
	}
	return last
}

func TestExportsWithoutSecrets(t *testing.T) {
	t.Parallel()
	a := serve(t)
	text, err := json.Marshal(a.srv.Export(false))
	require.NoError(t, err)
	for _, secret := range []string{"nhm_a", "nhk_us_a", "nhs_a", "nhc_us_a", "whsec_", password, `"acme"`} {
		assert.NotContains(t, string(text), secret)
	}
	whole, err := json.Marshal(a.srv.Export(true))
	require.NoError(t, err)
	for _, secret := range []string{"nhm_a", "nhk_us_a", "nhs_a", "nhc_us_a", "whsec_", password, `"acme"`} {
		assert.Contains(t, string(whole), secret)
	}
	f := a.srv.Export(false)
	a.srv.Import(f)
	token := a.srv.ManagementToken()
	require.NotEqual(t, "nhm_a", token)
	require.Equal(t, 200, a.as(token).get(inA+"/applications/app_a").status)
	require.Equal(t, 401, a.as("nhm_a").get(inA+"/applications/app_a").status)
	require.Equal(t, f, a.srv.Export(false))
}

func TestSettingsCanBeSet(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.srv.SetEndpointLimit(4)
	require.Equal(t, 403, a.post(inA+"/endpoints", `{"url":"https://a.test"}`).status)
	a.srv.SetEndpointLimit(5)
	require.Equal(t, 201, a.post(inA+"/endpoints", `{"url":"https://a.test"}`).status)
	a.srv.SetRateLimit(1, time.Minute)
	require.Equal(t, 200, a.get(inA+"/applications").status)
	require.Equal(t, 429, a.get(inA+"/applications").status)

	r := &recorder{}
	srv := mockserver.Start(r)
	srv.SetEndpointLimit(-1)
	srv.SetRateLimit(0, time.Minute)
	r.finish()
	require.Equal(t, []string{
		"fatal: mockserver: SetEndpointLimit: -1 is not between 0 and 2147483647",
		"fatal: mockserver: SetRateLimit: 0 requests in 1m0s is no limit; both must be positive",
	}, r.lines)
}

func BenchmarkSnapshot(b *testing.B) {
	const rows = 200_000
	fixture := mockserver.WorkspaceFixture{Endpoints: []mockserver.EndpointFixture{{ID: "ep_1", URL: "https://a.test"}, {ID: "ep_2", URL: "https://b.test"}}}
	for range rows / 2 {
		fixture.Deliveries = append(fixture.Deliveries,
			mockserver.DeliveryFixture{EndpointID: "ep_1", Status: "delivered"}, mockserver.DeliveryFixture{EndpointID: "ep_2", Status: "failed"})
	}
	srv, err := mockserver.New(mockserver.WithFixtures(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{fixture}}))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, srv.Close()) })
	b.ReportAllocs()
	for b.Loop() {
		srv.Snapshot()
	}
}
