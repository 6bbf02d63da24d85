package mockserver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

func TestTheJournalHasEveryRequest(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.post(inA+"/applications?a=b", `{"name":"A/B"}`, header("X-Trace", "1"))
	a.srv.Advance(time.Second)
	a.get(inA + "/applications/a%2Fb")
	all := a.srv.Requests()
	require.Len(t, all, 2)
	created := all[0]
	assert.Equal(t, []string{"Bearer [redacted]"}, created.Header["Authorization"])
	assert.Equal(t, []string{"1"}, created.Header["X-Trace"])
	assert.Equal(t, []string{"no-store"}, created.ResponseHeader["Cache-Control"])
	assert.Regexp(t, "^req_[0-9a-f]{16}$", created.ResponseHeader.Get("X-Request-Id"))
	assert.Contains(t, string(created.ResponseBody), `"name":"A/B"`)
	created.Header, created.ResponseHeader, created.ResponseBody = nil, nil, nil
	assert.Equal(t, mockserver.Exchange{
		At: opening, Workspace: "ws_a", Operation: "applications.create", Method: "POST", Host: "api.nahook.com", Path: inA + "/applications", Query: "a=b",
		Body: []byte(`{"name":"A/B"}`), Status: 201,
	}, created)
	assert.Equal(t, `10:30:01.000 applications.get GET `+inA+`/applications/a%2Fb → 404 {"error":{"code":"not_found","message":"Application not found"}}`, all[1].String())
}

func TestTheJournalHasAttempts(t *testing.T) {
	t.Parallel()
	a := serve(t)
	r := a.srv.Receiver(mockserver.Reply{Reset: true}, mockserver.Reply{Status: 302}, mockserver.Reply{})
	endpoint := a.post(inA+"/endpoints", `{"url":"`+r.URL()+`?a=b","authUsername":"u","authPassword":"`+password+`"}`).text("id")
	delivery := a.as("nhk_us_a").post("/api/ingest/"+endpoint, `{"payload":{"secret":"kept","code":"SAVE10"}}`).text("deliveryId")
	a.srv.Drain()
	got := a.srv.Requests(mockserver.Operation("delivery.attempt"))
	lines := make([]string, len(got))
	for i, e := range got {
		lines[i] = e.String()
		assert.Equal(t, `{"secret":"kept","code":"SAVE10"}`, string(e.Body), "a payload is the program's")
		assert.Equal(t, r.Requests()[i].Header.Get("Webhook-Signature"), e.Header.Get("Webhook-Signature"))
		assert.Equal(t, "Basic [redacted]", e.Header.Get("Authorization"))
	}
	to := " delivery.attempt " + delivery + " https://receiver-1.test/webhooks?a=b → "
	assert.Equal(t, []string{
		"10:30:00.000" + to + "connection reset", "10:30:05.000" + to + "302: redirects are not followed", "10:35:05.000" + to + "200",
	}, lines)
	sent := a.srv.Requests(mockserver.Operation("ingest.send"))
	require.Len(t, sent, 1)
	assert.Contains(t, string(sent[0].Body), "SAVE10")
}

// What opens doors is not written down, wherever the API says it.
func TestTheJournalHasNoSecrets(t *testing.T) {
	t.Parallel()
	a := serve(t)
	created := a.post(inA+"/endpoints", `{"url":"https://a.test","authUsername":"u","authPassword":"`+password+`","metadata":{"code":"kept","secret":"kept"}}`)
	session := a.post(inA+"/applications/app_a/portal", `{}`)
	exchanged := a.as("").post("/portal/v1/session/exchange", `{"code":"`+session.text("code")+`"}`)
	a.as(exchanged.text("token")).get("/portal/v1/session")
	a.as("").post("/portal/v1/session/exchange", `{"code":"`+session.text("code"))
	grant := a.as("").post("/api/cli/device-grant/start", `{}`)
	a.srv.ApproveDeviceGrant(grant.text("user_code"))
	polled := a.as("").post("/api/cli/device-grant/poll", `{"device_code":"`+grant.text("device_code")+`"}`)
	rotated := a.as("nhs_a").get(dashA + "/endpoints/" + created.text("id"))
	require.Equal(t, 200, rotated.status, rotated.body)

	text := journalText(a.srv.Workspace)
	_, link, _ := strings.Cut(session.text("url"), "#")
	for _, secret := range []string{
		"nhm_a", "nhs_a", password, created.text("secret"), session.text("code"), link, exchanged.text("token"), grant.text("device_code"), polled.text("access_token"),
	} {
		assert.NotContains(t, text, secret)
	}
	assert.Contains(t, text, `"metadata":{"code":"kept","secret":"kept"}`, "what a program stores is its own")
	assert.Contains(t, text, `"authPassword":"[redacted]"`)
	assert.Contains(t, text, `"url":"https://a.test"`)
	assert.Contains(t, text, `#[redacted]"`)
}

// What is held does not change, and what is given belongs to who asks.
func TestExchangesAreCopies(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.post(inA+"/applications", `{"name":"A"}`)
	first := a.srv.Requests()[0]
	first.Header.Set("X", "y")
	first.ResponseHeader.Set("X", "y")
	first.Body[0], first.ResponseBody[0] = 'x', 'x'
	second := a.srv.Requests()[0]
	assert.Empty(t, second.Header.Get("X")+second.ResponseHeader.Get("X"))
	assert.Equal(t, `{"name":"A"}`, string(second.Body))
	assert.Equal(t, byte('{'), second.ResponseBody[0])
}

func TestMatchers(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.post(inA+"/applications", `{"name":"A","metadata":{"a.b":"1"},"maxEndpoints":3}`, header("X-Trace", "1"))
	a.get(inA + "/applications/app_x")
	a.as("nhk_us_a").post("/api/ingest/batch", `{"items":[{"endpointId":"ep_b","payload":{"n":[1,{"deep":null}]}}]}`)
	for _, c := range []struct {
		want int
		m    mockserver.Matcher
	}{
		{4, mockserver.Matcher{}}, // an attempt among them
		{1, mockserver.Operation("applications.create")},
		{2, mockserver.Host("api.nahook.com:443")},
		{1, mockserver.Method("GET")},
		{1, mockserver.Path("/management/*/workspaces/*/applications/*")},
		{0, mockserver.Path("/management/*/workspaces/*/applications/*/*")},
		{1, mockserver.Answered(404)},
		{1, mockserver.Header("x-trace", "1")},
		{0, mockserver.Header("x-trace", "2")},
		{0, mockserver.Header("authorization", "Bearer nhm_a")},
		{1, mockserver.Field("name", "A")},
		{1, mockserver.Field("maxEndpoints", 3)},
		{0, mockserver.Field("maxEndpoints", "3")},
		{0, mockserver.Field("metadata.a.b", "1")},
		{1, mockserver.Field("items.0.endpointId", "ep_b")},
		{1, mockserver.Field("items.0.payload.n", []any{1, map[string]any{"deep": nil}})},
		{0, mockserver.Field("items.1.endpointId", "ep_b")},
		{0, mockserver.Field("items.-1.endpointId", "ep_b")},
		{0, mockserver.Field("items.x", "ep_b")},
		{0, mockserver.Field("name.x", "A")},
		{1, mockserver.Field("items.0.payload.n.1.deep", nil)},
		{0, mockserver.Field("gone", nil)},
		{1, mockserver.All(mockserver.Method("POST"), mockserver.Answered(202))},
		{0, mockserver.All(mockserver.Method("GET"), mockserver.Answered(202))},
	} {
		if c.m.String() == "host api.nahook.com:443" {
			c.want = 0
		}
		assert.Len(t, a.srv.Requests(c.m), c.want, c.m)
	}
}

func TestExpect(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.post(inA+"/applications", `{"name":"A"}`)
	a.post(inA+"/applications", `{"name":""}`)
	a.get(inA + "/applications")
	create := mockserver.Operation("applications.create")
	found := a.srv.Expect(t, 1, create, mockserver.Answered(201))
	require.Len(t, found, 1)
	require.Equal(t, `{"name":"A"}`, string(found[0].Body))
	a.srv.Expect(t, 3)
	a.srv.Expect(t, 0, mockserver.Operation("applications.delete"))

	r := &recorder{}
	a.srv.Expect(r, 2, create, mockserver.Answered(201), mockserver.Field("name", "B"))
	a.srv.Expect(r, 1, create)
	a.srv.Expect(r, 1, mockserver.Operation("applications.creates"))
	invalid := `{"error":{"code":"validation_error","message":"name is required"}}`
	require.Equal(t, []string{
		"error: mockserver: want 2 requests with operation applications.create, status 201, field name \"B\", got 0 of 3; nearest:\n" +
			"  10:30:00.000 applications.create POST " + inA + "/applications → 201\n" +
			"    field name is \"A\", not \"B\"\n" +
			"  10:30:00.000 applications.create POST " + inA + "/applications → 400 " + invalid + "\n" +
			"    status is 400, not 201\n    field name is \"\", not \"B\"\n" +
			"  10:30:00.000 applications.list GET " + inA + "/applications → 200\n" +
			"    operation is applications.list, not applications.create\n    status is 200, not 201\n    field name is absent, not \"B\"",
		"error: mockserver: want 1 request with operation applications.create, got 2\n" +
			"  10:30:00.000 applications.create POST " + inA + "/applications → 201\n" +
			"  10:30:00.000 applications.create POST " + inA + "/applications → 400 " + invalid,
		"error: mockserver: Expect: there is no operation \"applications.creates\"; Server.Operations lists all",
	}, r.lines)

	r = &recorder{}
	serve(t).srv.Expect(r, 1)
	require.Equal(t, []string{"error: mockserver: want 1 request, got 0: there were no requests at all"}, r.lines)
}

// What has been dropped could have been what is asked for.
func TestTheJournalIsBounded(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithJournal(3, 1<<20))
	for range 4 {
		a.get(inA + "/applications")
	}
	a.get(inA + "/endpoints")
	require.Len(t, a.srv.Requests(), 3)
	a.srv.Expect(t, 1, mockserver.Operation("endpoints.list"))
	r := &recorder{}
	a.srv.Expect(r, 2, mockserver.Operation("applications.list"))
	a.srv.Expect(r, 1)
	refused := "the journal has dropped 2 exchanges that could matter: WithJournal lets it keep more than 3, and more than 1048576 bytes"
	require.Equal(t, []string{
		"error: mockserver: Expect: " + refused,
		"error: mockserver: want 1 request, got 3\n  " + fmt.Sprint(a.srv.Requests()[0]) + "\n  " + fmt.Sprint(a.srv.Requests()[1]) + "\n  " + fmt.Sprint(a.srv.Requests()[2]),
	}, r.lines)
	_, err := a.srv.WaitFor(t.Context(), mockserver.Method("POST"))
	require.EqualError(t, err, "mockserver: waiting for a request with method POST: "+refused)
	_, err = a.srv.WaitFor(t.Context(), mockserver.Operation("endpoints.list"))
	require.NoError(t, err)

	a = serve(t, mockserver.WithJournal(1000, 20<<10))
	for range 10 {
		a.post(inA+"/applications", `{"name":"`+strings.Repeat("x", 4000)+`"}`)
	}
	require.Len(t, a.srv.Requests(), 3)
	for range 1000 {
		a.direct().get(inA + "/applications/app_a")
	}
	require.Less(t, len(a.srv.Requests()), 20)
	_, err = mockserver.New(mockserver.WithJournal(0, 1))
	require.EqualError(t, err, "mockserver: WithJournal: 0 exchanges and 1 bytes; both must be positive")
}

func TestWaitFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := over(t, mockserver.Start(t, mockserver.WithRealClock()))
		in := "/management/v1/workspaces/" + a.srv.ID()
		r := a.srv.Receiver(mockserver.Reply{Status: 500}, mockserver.Reply{})
		id := a.post(in+"/endpoints", `{"url":"`+r.URL()+`"}`).text("id")
		delivery := a.as(a.srv.APIKey()).post("/api/ingest/"+id, `{"payload":{}}`).text("deliveryId")
		began := time.Now()
		e, err := a.srv.WaitFor(t.Context(), mockserver.Operation("delivery.attempt"), mockserver.Answered(200))
		require.NoError(t, err)
		require.Equal(t, delivery, e.Delivery)
		require.Equal(t, 5*time.Second, time.Since(began))
		require.Contains(t, a.get(in+"/deliveries/"+delivery).body, `"delivered"`, "what is in the journal has happened")

		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("gave up"))
		defer cancel()
		_, err = a.srv.WaitFor(ctx, mockserver.Method("DELETE"))
		require.EqualError(t, err, "mockserver: waiting for a request with method DELETE: gave up")
		_, err = a.srv.WaitFor(t.Context(), mockserver.Operation("x"))
		require.EqualError(t, err, `mockserver: WaitFor: there is no operation "x"; Server.Operations lists all`)
	})
}

// A client that has its answer finds it in the journal.
func TestTheJournalIsAheadOfTheAnswer(t *testing.T) {
	t.Parallel()
	a := serve(t).overSocket()
	big := strings.Repeat("x", 200)
	for range 60 {
		a.post(inA+"/applications", `{"name":"`+big+`","metadata":{"a":"`+big+`"}}`)
	}
	for i := range 200 {
		a.get(inA + "/applications?limit=100")
		require.Len(t, a.srv.Requests(mockserver.Operation("applications.list")), i+1)
	}
}

func TestTheJournalInParallel(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithJournal(50, 1<<20)).direct()
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for range 50 {
				if res, err := a.send(t.Context(), http.MethodGet, inA+"/applications", ""); err != nil || res.status != 200 {
					t.Error(res.status, err)
				}
				a.srv.Requests(mockserver.Answered(200))
			}
		})
	}
	running.Wait()
	require.Len(t, a.srv.Requests(), 50)
}

// Requests that name no workspace are the default one's; a path names one.
func TestWhoseJournal(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.as("nhm_nobody").get(inB + "/applications")
	a.as("nhm_nobody").get("/management/v1/workspaces/ws_x/applications")
	a.as("").get("/nowhere")
	b := a.srv.Workspaces()[1]
	require.Equal(t, "ws_b", b.ID())
	require.Len(t, b.Requests(), 1)
	require.Equal(t, 401, b.Requests()[0].Status)
	require.Len(t, a.srv.Requests(), 2)
	require.Equal(t, "10:30:00.000 (no route) GET /nowhere → 404 {\"error\":{\"code\":\"not_found\",\"message\":\"Route not found\"}}", a.srv.Requests()[1].String())
	require.Subset(t, a.srv.Operations(), []string{"applications.list", "delivery.attempt", "portal.page", "dashboard.deliveries.retry", "cli.deviceGrant.poll"})
}
