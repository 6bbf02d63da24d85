package mockserver_test

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// A handler that closes the server it was called by would wait for itself.
func TestReceiversCannotCloseTheServer(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New(options(t, blank, nil)...)
	require.NoError(t, err)
	var refusal error
	p := over(t, srv).pipeTo(srv.ReceiverHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { refusal = srv.Close() })))
	require.Equal(t, "delivered", p.state(p.send(`{}`)).Status)
	require.EqualError(t, refusal, "mockserver: Close: it was called by a receiver: the attempt under way would have to wait for itself")
	require.NoError(t, srv.Close())
}

// Handlers may wait for attempts at sockets, also of another workspace: all are
// ended before any is waited for.
func TestCloseEndsEveryAttemptAtOnce(t *testing.T) {
	t.Parallel()
	hanging, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { hanging.Close() })
	srv, err := mockserver.New(options(t, blank, nil)...)
	require.NoError(t, err)
	a := over(t, srv)
	other := srv.NewWorkspace()
	res, err := a.as(other.ManagementToken()).send(t.Context(), "POST", "/management/v1/workspaces/"+other.ID()+"/endpoints", `{"url":"http://`+hanging.Addr().String()+`"}`)
	require.NoError(t, err)
	res.t = t
	far := res.text("id")
	p := a.pipeTo(srv.ReceiverHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = a.as(other.APIKey()).send(r.Context(), "POST", "/api/ingest/"+far, `{"payload":{}}`)
	})))
	began := time.Now()
	ended := make(chan bool)
	go func() {
		defer close(ended)
		_, _ = p.as("nhk_us_a").send(t.Context(), "POST", "/api/ingest/"+p.endpoint, `{"payload":{}}`)
	}()
	conn, err := hanging.Accept() // the attempt that nobody answers is under way
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, srv.Close())
	<-ended
	require.Less(t, time.Since(began), 10*time.Second, "the limit of an attempt is 15 s")
}

// Applications need a plan that has them, whichever route names one.
func TestApplicationsOnTheDashboardNeedTheirPlan(t *testing.T) {
	t.Parallel()
	a := serve(t).as("nhs_a")
	const endpoints = "/api/workspaces/ws_a/endpoints"
	body := `{"url":"https://x.test","environmentId":"env_a","applicationId":"app_a"}`
	require.Equal(t, 201, a.post(endpoints, body).status)
	a.srv.SetPlan(mockserver.PlanHobby)
	const refusal = "Developer Portal is not available on your plan"
	a.post(endpoints, body).refuses(403, "feature_disabled", refusal)
	a.get(endpoints+"?applicationId=app_a").refuses(403, "feature_disabled", refusal)
	require.Equal(t, 200, a.get(endpoints).status)
}

// What is recorded at a customer's endpoint the customer sees: so a test there
// names nothing that the portal hides.
func TestTestsDoNotNameHiddenEventTypes(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, `{"workspaces": [{"id": "ws_a", "sessionTokens": [{"token": "nhs_a"}], "applications": [{"id": "app_a", "name": "A"}],
		"eventTypes": [{"id": "evt_1", "name": "shown.type"}, {"id": "evt_2", "name": "secret.type", "publishedIn": []}, {"id": "evt_3", "name": "subscribed.type", "publishedIn": []}],
		"endpoints": [{"id": "ep_a", "applicationId": "app_a", "url": "https://a.test", "deliver": "accept", "subscriptions": ["subscribed.type"]},
			{"id": "ep_own", "url": "https://own.test", "deliver": "accept"}]}]}`).as("nhs_a")
	test := func(endpoint, name string) response {
		return a.post("/api/workspaces/ws_a/endpoints/"+endpoint+"/test", `{"eventType":"`+name+`"}`)
	}
	test("ep_a", "secret.type").refuses(404, "not_found", "Event type not found")
	require.Equal(t, 200, test("ep_a", "shown.type").status)
	require.Equal(t, 200, test("ep_a", "subscribed.type").status)
	require.Equal(t, 200, test("ep_own", "secret.type").status)
}

// A session whose application is gone is a session that never was.
func TestSessionsOfDeletedApplicationsAreUnknown(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithFramingOrigins("https://saas.test"))
	link, code := a.link(), a.code(`{}`)
	require.Contains(t, a.visit(link).header.Get("Content-Security-Policy"), "frame-ancestors https://saas.test;")
	a.as("nhm_a").delete(inA + "/applications/app_a").isDeleted()
	require.Equal(t, "DENY", a.visit(link).header.Get("X-Frame-Options"))
	a.srv.SetPlan(mockserver.PlanHobby)
	require.Equal(t, invalidCode, a.exchange(code).body)
}

// Of two seeded rows with one key, the younger is what the key means.
func TestSeededKeysOfTwoAges(t *testing.T) {
	t.Parallel()
	for _, order := range [][2]string{{"10:00:00", "09:00:00"}, {"09:00:00", "10:00:00"}} {
		a := serveFixtures(t, fmt.Sprintf(`{"workspaces": [{"id": "ws_a", "apiKeys": [{"key": "nhk_us_a"}], "endpoints": [{"id": "ep_1", "url": "https://a.test", "deliver": "accept"}],
			"deliveries": [{"id": "del_%[1]s", "endpointId": "ep_1", "status": "failed", "idempotencyKey": "k", "createdAt": "2026-01-15T%[1]s.000Z"},
				{"id": "del_%[2]s", "endpointId": "ep_1", "status": "failed", "idempotencyKey": "k", "createdAt": "2026-01-15T%[2]s.000Z"}]}]}`, order[0], order[1]))
		require.Equal(t, "del_10:00:00", a.as("nhk_us_a").post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":"k"}`).text("deliveryId"))
	}
}

func TestTokensHaveIDsOfTheirOwn(t *testing.T) {
	t.Parallel()
	_, err := mockserver.ParseFixtures([]byte(`{"workspaces": [{"cliTokens": [{"id": "x", "token": "nhc_1"}, {"id": "x", "token": "nhc_2"}]}]}`))
	require.EqualError(t, err, `workspaces[0]: cliTokens[1]: the token id "x" is given twice`)
}
