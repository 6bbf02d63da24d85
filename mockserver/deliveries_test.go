package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// six has a delivery in each state, as they were left.
const six = `{"workspaces": [{
  "id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "apiKeys": [{"key": "nhk_us_a"}], "sessionTokens": [{"id": "user_a", "token": "nhs_a"}],
  "endpoints": [{"id": "ep_1", "url": "https://one.test", "deliver": "accept"}, {"id": "ep_2", "url": "https://two.test"}],
  "deliveries": [
    {"id": "del_pending", "endpointId": "ep_1", "status": "pending", "idempotencyKey": "k1", "createdAt": "2026-01-10T00:00:01.000Z"},
    {"id": "del_delivering", "endpointId": "ep_1", "status": "delivering", "idempotencyKey": "k2", "payload": {"n": 2}, "createdAt": "2026-01-10T00:00:02.000Z"},
    {"id": "del_delivered", "endpointId": "ep_1", "status": "delivered", "idempotencyKey": "k3", "payload": {"n": 3}, "createdAt": "2026-01-10T00:00:03.000Z",
     "attempts": [
       {"status": "failed", "responseStatusCode": 503, "responseTimeMs": 88, "errorMessage": "try later", "createdAt": "2026-01-10T00:00:03.125Z"},
       {"status": "failed", "errorMessage": "connection reset", "createdAt": "2026-01-10T00:00:08.125Z"},
       {"status": "success", "responseStatusCode": 204, "responseTimeMs": 0, "createdAt": "2026-01-10T00:05:08.125Z"}]},
    {"id": "del_retry", "endpointId": "ep_1", "status": "scheduled_retry", "idempotencyKey": "k4", "payload": {"n": 4}, "createdAt": "2026-01-10T00:00:04.000Z",
     "attempts": [{"status": "failed", "responseStatusCode": 500, "responseTimeMs": 7, "createdAt": "2026-01-10T00:00:04.250Z"}]},
    {"id": "del_failed", "endpointId": "ep_1", "status": "failed", "idempotencyKey": "k5", "createdAt": "2026-01-10T00:00:05.000Z",
     "attempts": [{"status": "failed", "responseStatusCode": 410, "responseTimeMs": 12}]},
    {"id": "del_dead", "endpointId": "ep_1", "status": "dead_letter", "idempotencyKey": "k6", "payload": {"n": 6}, "createdAt": "2026-01-10T00:00:06.000Z",
     "attempts": [{"status": "failed", "errorMessage": "no complete answer within 15s", "createdAt": "2026-01-10T00:00:07.000Z"}]}
  ]
}]}`

// states are the ids and rows of six, newest first.
var states = []struct{ id, status, row string }{
	{"del_dead", "dead_letter", `{"id": "del_dead", "idempotencyKey": "k6", "endpointId": "ep_1", "status": "dead_letter", "totalAttempts": 1,
		"firstAttemptAt": "2026-01-10T00:00:07.000Z", "deliveredAt": null, "nextRetryAt": null, "hasPayload": true,
		"createdAt": "2026-01-10T00:00:06.000Z", "updatedAt": "2026-01-10T00:00:07.000Z"}`},
	{"del_failed", "failed", `{"id": "del_failed", "idempotencyKey": "k5", "endpointId": "ep_1", "status": "failed", "totalAttempts": 1,
		"firstAttemptAt": "2026-01-10T00:00:05.000Z", "deliveredAt": null, "nextRetryAt": null, "hasPayload": false,
		"createdAt": "2026-01-10T00:00:05.000Z", "updatedAt": "2026-01-10T00:00:05.000Z"}`},
	{"del_retry", "scheduled_retry", `{"id": "del_retry", "idempotencyKey": "k4", "endpointId": "ep_1", "status": "scheduled_retry", "totalAttempts": 1,
		"firstAttemptAt": "2026-01-10T00:00:04.250Z", "deliveredAt": null, "nextRetryAt": "2026-01-10T00:00:09.250Z", "hasPayload": true,
		"createdAt": "2026-01-10T00:00:04.000Z", "updatedAt": "2026-01-10T00:00:04.250Z"}`},
	{"del_delivered", "delivered", `{"id": "del_delivered", "idempotencyKey": "k3", "endpointId": "ep_1", "status": "delivered", "totalAttempts": 3,
		"firstAttemptAt": "2026-01-10T00:00:03.125Z", "deliveredAt": "2026-01-10T00:05:08.125Z", "nextRetryAt": null, "hasPayload": true,
		"createdAt": "2026-01-10T00:00:03.000Z", "updatedAt": "2026-01-10T00:05:08.125Z"}`},
	{"del_delivering", "delivering", `{"id": "del_delivering", "idempotencyKey": "k2", "endpointId": "ep_1", "status": "delivering", "totalAttempts": 0,
		"firstAttemptAt": null, "deliveredAt": null, "nextRetryAt": null, "hasPayload": true,
		"createdAt": "2026-01-10T00:00:02.000Z", "updatedAt": "2026-01-10T00:00:02.000Z"}`},
	{"del_pending", "pending", `{"id": "del_pending", "idempotencyKey": "k1", "endpointId": "ep_1", "status": "pending", "totalAttempts": 0,
		"firstAttemptAt": null, "deliveredAt": null, "nextRetryAt": null, "hasPayload": false,
		"createdAt": "2026-01-10T00:00:01.000Z", "updatedAt": "2026-01-10T00:00:01.000Z"}`},
}

// bothFamilies runs a test of what management and dashboard have in common.
func bothFamilies(t *testing.T, fixtures string, test func(t *testing.T, a api, prefix string)) {
	t.Helper()
	for token, prefix := range map[string]string{"nhm_a": inA, "nhs_a": dashA} {
		t.Run(token, func(t *testing.T) {
			t.Parallel()
			test(t, serveFixtures(t, fixtures).as(token), prefix)
		})
	}
}

func TestDeliveryRows(t *testing.T) {
	t.Parallel()
	bothFamilies(t, six, func(t *testing.T, a api, prefix string) {
		var rows []string
		for _, s := range states {
			a.get(prefix+"/deliveries/"+s.id).is(200, s.row)
			rows = append(rows, s.row)
		}
		a.get(prefix+"/endpoints/ep_1/deliveries").is(200, `{"deliveries": [`+strings.Join(rows, ",")+`], "nextCursor": null}`)
		empty := a.get(prefix + "/endpoints/ep_2/deliveries")
		require.Equal(t, 200, empty.status)
		require.Equal(t, `{"deliveries":[],"nextCursor":null}`, empty.body)
		a.get(prefix + "/endpoints/ep_1").text("id")
		a.get(prefix+"/endpoints/ep_0000/deliveries").refuses(404, "not_found", "Endpoint not found")
		for _, path := range []string{"", "/attempts", "?include=payload"} {
			a.get(prefix+"/deliveries/del_0000"+path).refuses(404, "not_found", "Delivery not found")
		}
	})
}

func TestStatusFilter(t *testing.T) {
	t.Parallel()
	bothFamilies(t, six, func(_ *testing.T, a api, prefix string) {
		for _, s := range states {
			a.get(prefix+"/endpoints/ep_1/deliveries?status="+s.status).is(200, `{"deliveries": [`+s.row+`], "nextCursor": null}`)
			a.get(prefix+"/endpoints/ep_2/deliveries?status="+s.status).is(200, `{"deliveries": [], "nextCursor": null}`)
		}
		a.get(prefix+"/endpoints/ep_1/deliveries?status=").is(200, a.get(prefix+"/endpoints/ep_1/deliveries").body)
		for _, wrong := range []string{"Delivered", "scheduledRetry", "dead-letter", "success", "delivered,failed", "%20failed", "null"} {
			a.get(prefix + "/endpoints/ep_1/deliveries?status=" + wrong).
				invalid("status must be one of pending, delivering, delivered, scheduled_retry, failed, dead_letter")
		}
	})
}

// The filter follows a delivery from state to state.
func TestStatusFilterOfMovingDeliveries(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 500}, mockserver.Reply{Status: 500}, mockserver.Reply{})
	in := func(status string) int {
		t.Helper()
		return strings.Count(p.get(inA+"/endpoints/"+p.endpoint+"/deliveries?status="+status).body, `"id":`)
	}
	p.send(`{}`)
	require.Equal(t, []int{1, 0}, []int{in("scheduled_retry"), in("delivered")})
	p.srv.Advance(5 * time.Second)
	require.Equal(t, []int{1, 0}, []int{in("scheduled_retry"), in("delivered")})
	p.srv.Advance(5 * time.Minute)
	require.Equal(t, []int{0, 1}, []int{in("scheduled_retry"), in("delivered")})
}

func TestAttemptRows(t *testing.T) {
	t.Parallel()
	bothFamilies(t, six, func(t *testing.T, a api, prefix string) {
		ids := func(delivery string) []string { return a.get(prefix + "/deliveries/" + delivery + "/attempts").ids() }
		got := ids("del_delivered")
		require.Len(t, got, 3)
		a.get(prefix+"/deliveries/del_delivered/attempts").is(200, fmt.Sprintf(`[
			{"id": %q, "attemptNumber": 1, "status": "failed", "responseStatusCode": 503, "responseTimeMs": 88, "errorMessage": "try later", "createdAt": "2026-01-10T00:00:03.125Z"},
			{"id": %q, "attemptNumber": 2, "status": "failed", "responseStatusCode": null, "responseTimeMs": null, "errorMessage": "connection reset", "createdAt": "2026-01-10T00:00:08.125Z"},
			{"id": %q, "attemptNumber": 3, "status": "success", "responseStatusCode": 204, "responseTimeMs": 0, "errorMessage": null, "createdAt": "2026-01-10T00:05:08.125Z"}]`,
			got[0], got[1], got[2]))
		for _, id := range slices.Concat(got, ids("del_dead")) {
			require.Regexp(t, `^att_\w+$`, id)
		}
		a.get(prefix+"/deliveries/del_failed/attempts").is(200, fmt.Sprintf(`[{"id": %q, "attemptNumber": 1, "status": "failed",
			"responseStatusCode": 410, "responseTimeMs": 12, "errorMessage": null, "createdAt": "2026-01-10T00:00:05.000Z"}]`, ids("del_failed")[0]))
		for _, none := range []string{"del_pending", "del_delivering"} {
			res := a.get(prefix + "/deliveries/" + none + "/attempts")
			require.Equal(t, 200, res.status)
			require.Equal(t, "[]", res.body)
		}
	})
}

// What the engine makes has the same shape as what fixtures say.
func TestLiveDeliveriesAndAttempts(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 503, Delay: 88 * time.Millisecond}, mockserver.Reply{Reset: true}, mockserver.Reply{Status: 201, Delay: 5 * time.Millisecond})
	res := p.as("nhk_us_a").post(ingest+"/"+p.endpoint, `{"payload":{},"idempotencyKey":"k"}`)
	id := res.text("deliveryId")
	p.srv.Advance(5 * time.Second)
	p.get(inA+"/deliveries/"+id).is(200, `{"id": "`+id+`", "idempotencyKey": "k", "endpointId": "`+p.endpoint+`", "status": "scheduled_retry", "totalAttempts": 2,
		"firstAttemptAt": "2026-01-15T10:30:00.000Z", "deliveredAt": null, "nextRetryAt": "2026-01-15T10:35:05.000Z", "hasPayload": true,
		"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:05.000Z"}`)
	p.srv.Drain()
	p.get(inA+"/deliveries/"+id).is(200, `{"id": "`+id+`", "idempotencyKey": "k", "endpointId": "`+p.endpoint+`", "status": "delivered", "totalAttempts": 3,
		"firstAttemptAt": "2026-01-15T10:30:00.000Z", "deliveredAt": "2026-01-15T10:35:05.000Z", "nextRetryAt": null, "hasPayload": true,
		"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:35:05.000Z"}`)
	attempts := p.get(inA + "/deliveries/" + id + "/attempts")
	ids := attempts.ids()
	attempts.is(200, fmt.Sprintf(`[
		{"id": %q, "attemptNumber": 1, "status": "failed", "responseStatusCode": 503, "responseTimeMs": 88, "errorMessage": null, "createdAt": "2026-01-15T10:30:00.000Z"},
		{"id": %q, "attemptNumber": 2, "status": "failed", "responseStatusCode": null, "responseTimeMs": null, "errorMessage": "connection reset", "createdAt": "2026-01-15T10:30:05.000Z"},
		{"id": %q, "attemptNumber": 3, "status": "success", "responseStatusCode": 201, "responseTimeMs": 5, "errorMessage": null, "createdAt": "2026-01-15T10:35:05.000Z"}]`,
		ids[0], ids[1], ids[2]))
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), 3)
}

func TestDeliveriesAreNewestFirst(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, six)
	var want []string
	for i := range 3 { // at one instant
		want = append(want, a.as("nhk_us_a").post(ingest+"/ep_1", fmt.Sprintf(`{"payload":{"n":%d}}`, i)).text("deliveryId"))
	}
	a.srv.Advance(time.Millisecond)
	want = append(want, a.as("nhk_us_a").post(ingest+"/ep_1", `{"payload":{}}`).text("deliveryId"))
	slices.Reverse(want)
	for _, s := range states {
		want = append(want, s.id)
	}
	require.Equal(t, want, a.deliveriesOf("ep_1"))
}

func TestDeliveriesAreNotMadeByTheManagementAPI(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, six)
	for path, allow := range map[string]string{
		"/endpoints/ep_1/deliveries": "GET, HEAD", "/deliveries/del_dead": "GET, HEAD", "/deliveries/del_dead/attempts": "GET, HEAD",
	} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			res := a.do(method, inA+path, `{}`)
			res.refuses(405, "method_not_allowed", "Method not allowed")
			require.Equal(t, []string{allow}, res.header["Allow"])
		}
	}
	for _, path := range []string{"/deliveries", "/deliveries/del_dead/retry", "/deliveries/del_dead/payload", "/endpoints/ep_1/test", "/endpoints/ep_1/deliveries/del_dead"} {
		a.post(inA+path, `{}`).refuses(404, "not_found", "Route not found")
		a.get(inA+path).refuses(404, "not_found", "Route not found")
	}
	a.get(dashA+"/audit-logs").refuses(404, "not_found", "Route not found")
}

// What was delivered stays readable by id when its endpoint goes; its list does not.
func TestDeliveriesOutliveTheirEndpoint(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, six)
	live := a.as("nhk_us_a").post(ingest+"/ep_1", `{"payload":{"n":1}}`).text("deliveryId")
	row := a.get(inA + "/deliveries/" + live).body
	a.delete(inA + "/endpoints/ep_1").isDeleted()
	a.get(inA+"/deliveries/"+live).is(200, row)
	require.Len(t, a.get(inA+"/deliveries/"+live+"/attempts").ids(), 1)
	a.get(inA+"/deliveries/"+live+"?include=payload").is(200, with(t, row, `{"payload": {"status": "available", "data": {"n": 1}, "contentType": "application/json"}}`))
	for _, s := range states {
		a.get(inA+"/deliveries/"+s.id).is(200, s.row)
	}
	for _, query := range []string{"", "?status=delivered"} {
		a.get(inA+"/endpoints/ep_1/deliveries"+query).refuses(404, "not_found", "Endpoint not found")
	}
	a.srv.Advance(7*24*time.Hour - time.Millisecond)
	a.get(inA+"/deliveries/"+live).is(200, row)
	a.srv.Advance(time.Millisecond)
	a.get(inA+"/deliveries/"+live).refuses(404, "not_found", "Delivery not found")
}

// payload gives the envelope alone, or nothing where the key is absent.
func (a api) payload(id string) string {
	a.t.Helper()
	res := a.owner().get(inA + "/deliveries/" + id + "?include=payload")
	require.Equal(a.t, 200, res.status, res.body)
	var row struct{ Payload json.RawMessage }
	require.NoError(a.t, json.Unmarshal([]byte(res.body), &row))
	return string(row.Payload)
}

const (
	forbidden  = `{"status":"forbidden"}`
	processing = `{"status":"processing"}`
	notStored  = `{"status":"not_found"}`
	broken     = `{"status":"error"}`
)

// envelopes are the rows that tell the five answers apart: each but the first
// breaks one rule more than the one before.
const envelopes = `{"workspaces": [{
  "id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "sessionTokens": [{"token": "nhs_a"}],
  "endpoints": [{"id": "ep_1", "url": "https://one.test", "deliver": "accept"}],
  "deliveries": [
    {"id": "del_available", "endpointId": "ep_1", "status": "delivered", "payload": {"b": 1.0, "a": "<é>"}},
    {"id": "del_error", "endpointId": "ep_1", "status": "delivered", "payload": {"a": 1}, "payloadStatus": "error"},
    {"id": "del_none", "endpointId": "ep_1", "status": "failed"},
    {"id": "del_lost", "endpointId": "ep_1", "status": "dead_letter", "payload": {"a": 1}, "payloadStatus": "not_found"},
    {"id": "del_pending", "endpointId": "ep_1", "status": "pending"},
    {"id": "del_delivering", "endpointId": "ep_1", "status": "delivering", "payload": {"a": 1}},
    {"id": "del_slow", "endpointId": "ep_1", "status": "delivered", "payload": {"a": 1}, "payloadStatus": "processing"},
    {"id": "del_retry", "endpointId": "ep_1", "status": "scheduled_retry", "payload": {"a": 1}},
    {"id": "del_shown", "endpointId": "ep_1", "status": "pending", "payload": {"a": 1}, "payloadStatus": "available"}
  ]
}]}`

func TestPayloadEnvelope(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, envelopes)
	want := map[string]string{
		"del_available":  `{"status":"available","data":{"b":1.0,"a":"<é>"},"contentType":"application/json"}`,
		"del_error":      broken,
		"del_none":       notStored,
		"del_lost":       notStored,
		"del_pending":    processing,
		"del_delivering": processing,
		"del_slow":       processing,
		"del_retry":      `{"status":"available","data":{"a":1},"contentType":"application/json"}`,
		"del_shown":      `{"status":"available","data":{"a":1},"contentType":"application/json"}`,
	}
	for id, envelope := range want {
		bare := a.get(inA + "/deliveries/" + id)
		require.NotContains(t, bare.body, `"payload"`)
		a.get(inA+"/deliveries/"+id+"?include=payload").is(200, with(t, bare.body, `{"payload": `+envelope+`}`))
		for _, query := range []string{"?include=", "?include=attempts", "?include=Payload", "?payload=true"} {
			a.get(inA+"/deliveries/"+id+query).is(200, bare.body)
		}
	}
	a.srv.SetPlan(mockserver.PlanHobby)
	for id := range want {
		require.Equal(t, forbidden, a.payload(id), "the plan is judged first")
	}
	a.srv.SetPlan(mockserver.PlanPro)
	for id, envelope := range want {
		require.Equal(t, envelope, a.payload(id))
	}
	require.NotContains(t, a.get(inA+"/endpoints/ep_1/deliveries?include=payload").body, `"payload"`, "lists have none")
}

// Whether a payload is stored is judged when it arrives, whether it is shown when
// it is read.
func TestPayloadsAndPlans(t *testing.T) {
	t.Parallel()
	p := deliver(t)
	shown := func(id string) (bool, string) {
		t.Helper()
		res := p.get(inA + "/deliveries/" + id)
		return strings.Contains(res.body, `"hasPayload":true`), p.payload(id)
	}
	check := func(id string, stored bool, envelope string) {
		t.Helper()
		has, got := shown(id)
		require.Equal(t, stored, has)
		require.Equal(t, envelope, got)
	}
	const available = `{"status":"available","data":{"n":1},"contentType":"application/json"}`
	pro := p.send(`{"n":1}`)
	check(pro, true, available)
	p.srv.SetPlan(mockserver.PlanHobby)
	hobby := p.send(`{"n":1}`)
	check(pro, true, forbidden)
	check(hobby, false, forbidden)
	p.srv.SetPlan(mockserver.PlanPro)
	check(pro, true, available)
	check(hobby, false, notStored)
	require.Equal(t, `{"n":1}`, string(p.receiver.Requests()[1].Body), "it is delivered all the same")
}

// A retry delivers what was not stored for readers.
func TestRetriesOnHobby(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank, mockserver.WithPlan(mockserver.PlanHobby))
	p := a.pipeTo(a.srv.Receiver(mockserver.Reply{Status: 500}, mockserver.Reply{}))
	id := p.send(`{"n":1}`)
	p.srv.Drain()
	require.Equal(t, "delivered", p.state(id).Status)
	require.Equal(t, `{"n":1}`, string(p.receiver.Requests()[1].Body))
	require.Equal(t, forbidden, p.payload(id))
}

// While an attempt is under way, nobody can read its payload.
func TestPayloadsOfAttemptsUnderWay(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank)
	var seen []string
	var p pipeline
	p = a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list, err := a.send(r.Context(), "GET", inA+"/endpoints/"+p.endpoint+"/deliveries", "")
		if err != nil {
			panic(err)
		}
		var page struct{ Deliveries []struct{ ID, Status string } }
		_ = json.Unmarshal([]byte(list.body), &page)
		got, err := a.send(r.Context(), "GET", inA+"/deliveries/"+page.Deliveries[0].ID+"?include=payload", "")
		if err != nil {
			panic(err)
		}
		var row struct{ Payload json.RawMessage }
		_ = json.Unmarshal([]byte(got.body), &row)
		shown, err := a.as("nhs_a").send(r.Context(), "GET", dashA+"/deliveries/"+page.Deliveries[0].ID+"/payload", "")
		if err != nil {
			panic(err)
		}
		seen = append(seen, page.Deliveries[0].Status, string(row.Payload), fmt.Sprint(shown.status, shown.body))
		w.WriteHeader(500)
	})))
	id := p.send(`{"n":1}`)
	require.Equal(t, []string{"delivering", processing, "202" + processing}, seen)
	require.Equal(t, `{"status":"available","data":{"n":1},"contentType":"application/json"}`, p.payload(id))
}

func TestPlanComesBeforeIDs(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, envelopes, mockserver.WithPlan(mockserver.PlanHobby))
	a.get(inA+"/deliveries/del_0000?include=payload").refuses(404, "not_found", "Delivery not found")
	require.Equal(t, 200, a.get(inA+"/endpoints/ep_1/deliveries").status, "deliveries are on every plan")
}
