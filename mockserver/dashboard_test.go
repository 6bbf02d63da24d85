package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// dash is a row as the dashboard has it.
func dash(t *testing.T, row, environment, application, last string) string {
	t.Helper()
	return with(t, row, fmt.Sprintf(`{"environmentId": %s, "applicationId": %s, "lastDeliveryAt": %s}`, environment, application, last))
}

func TestDashboardEndpointRows(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"nhs_a", "nhc_us_a"} {
		a := serve(t).as(token)
		rowA, rowB := dash(t, epA, `"env_a"`, `"app_a"`, "null"), dash(t, epB, `"env_a"`, `"app_b"`, `"2026-01-10T00:00:00.000Z"`)
		rowWS, rowSlack := dash(t, epWS, `"env_a_staging"`, "null", "null"), dash(t, epSlack, `"env_a"`, "null", "null")
		a.get(dashA+"/endpoints").is(200, "["+rowSlack+","+rowWS+","+rowB+","+rowA+"]")
		a.get(dashA+"/endpoints?applicationId=").is(200, "["+rowSlack+","+rowWS+","+rowB+","+rowA+"]")
		a.get(dashA+"/endpoints?applicationId=app_a").is(200, "["+rowA+"]")
		a.get(dashA+"/endpoints?applicationId=app_b").is(200, "["+rowB+"]")
		a.get(dashA+"/endpoints?applicationId=app_0000").refuses(404, "not_found", "Application not found")
		a.get(dashA+"/endpoints/ep_a").is(200, with(t, rowA, `{"secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"}`))
		a.patch(dashA+"/endpoints/ep_a", `{"description":"Changed"}`).is(200, with(t, rowA, `{"description": "Changed", "updatedAt": "2026-01-15T10:30:00.000Z"}`))

		app := a.post(dashA+"/applications", `{"name":"Empty"}`).text("id")
		res := a.get(dashA + "/endpoints?applicationId=" + app)
		require.Equal(t, "[]", res.body)
		a.delete(dashA + "/endpoints/ep_a").isDeleted()
		a.get(dashA+"/endpoints/ep_a").refuses(404, "not_found", "Endpoint not found")
		require.Equal(t, "[]", a.get(dashA+"/endpoints?applicationId=app_a").body)
	}
}

func TestLastDeliveryAt(t *testing.T) {
	t.Parallel()
	a := serve(t)
	last := func() string {
		t.Helper()
		var row struct{ LastDeliveryAt *string }
		require.NoError(t, json.Unmarshal([]byte(a.as("nhs_a").get(dashA+"/endpoints/ep_b").body), &row))
		return *row.LastDeliveryAt
	}
	require.Equal(t, "2026-01-10T00:00:00.000Z", last())
	a.srv.Advance(time.Second)
	require.Equal(t, 202, a.as("nhk_us_a").post(ingest+"/ep_b", `{"payload":{}}`).status)
	require.Equal(t, "2026-01-15T10:30:01.000Z", last())
	a.srv.Advance(time.Second)
	require.Equal(t, 200, a.as("nhs_a").post(dashA+"/endpoints/ep_b/test", "").status)
	require.Equal(t, "2026-01-15T10:30:02.000Z", last())
	list := a.as("nhs_a").get(dashA + "/endpoints").body
	require.Equal(t, 1, strings.Count(list, `"lastDeliveryAt":"2026-01-15T10:30:02.000Z"`))
	require.Equal(t, 3, strings.Count(list, `"lastDeliveryAt":null`))
}

func TestManagementRowsHaveNoOwners(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, path := range []string{inA + "/endpoints", inA + "/endpoints/ep_a", inA + "/applications/app_a/endpoints"} {
		for _, key := range []string{"environmentId", "applicationId", "lastDeliveryAt"} {
			require.NotContains(t, a.get(path).body, key)
		}
	}
	a.as("nhs_a").get(dashA+"/applications/app_a/endpoints").is(200, "["+epA+"]") // exactly as there
}

func TestDashboardCreatesEndpoints(t *testing.T) {
	t.Parallel()
	a := serve(t).as("nhs_a")
	const plain = `{"id": "$id", "secret": "$secret", "url": "https://a.test", "description": null, "authUsername": null, "hasAuth": false,
		"isActive": true, "type": "webhook", "config": {}, "metadata": {}, ` + created + `}`
	res := a.post(dashA+"/endpoints", `{"url":"https://a.test","environmentId":"env_a_staging"}`)
	res.is(201, dash(t, plain, `"env_a_staging"`, "null", "null"))
	a.get(dashA+"/endpoints/"+res.text("id")).is(200, res.body)
	res = a.post(dashA+"/endpoints", `{"url":"https://a.test","environmentId":"env_a","applicationId":"app_b"}`)
	res.is(201, dash(t, plain, `"env_a"`, `"app_b"`, "null"))
	require.Equal(t, []string{res.text("id"), "ep_b"}, a.as("nhm_a").get(inA+"/applications/app_b/endpoints").ids())
	res = a.post(dashA+"/endpoints", `{"type":"slack","config":{"webhookUrl":"https://hooks.slack.com/x"},"environmentId":"env_a"}`)
	res.is(201, dash(t, with(t, plain, `{"url": "", "type": "slack", "config": {"webhookUrl": "https://hooks.slack.com/x"}}`), `"env_a"`, "null", "null"))

	a.post(dashA+"/endpoints", `{"url":"https://a.test"}`).invalid("environmentId is required")
	a.post(dashA+"/endpoints", `{"url":"https://a.test","environmentId":null}`).invalid("environmentId is required")
	a.post(dashA+"/endpoints", `{"environmentId":"env_a"}`).invalid("url is required")
	a.post(dashA+"/endpoints", `{"url":"https://a.test","environmentId":3}`).invalid("environmentId must be a string")
	a.post(dashA+"/endpoints", `{"url":"https://a.test","environmentId":"env_a","applicationId":3}`).invalid("applicationId must be a string")
	for _, id := range []string{"", "production", "env_b"} {
		a.post(dashA+"/endpoints", `{"url":"https://a.test","environmentId":"`+id+`"}`).refuses(404, "not_found", "Environment not found")
	}
	a.post(dashA+"/endpoints", `{"url":"https://a.test","environmentId":"env_a","applicationId":"app_c"}`).refuses(404, "not_found", "Application not found")
	res = a.post(dashA+"/applications/app_b/endpoints", `{"url":"https://a.test"}`)
	res.refuses(405, "method_not_allowed", "Method not allowed")
	require.Equal(t, []string{"GET, HEAD"}, res.header["Allow"])
}

// The cap of an application is enforced here as everywhere.
func TestCapsOnTheDashboard(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.capA("2")
	const body = `{"url":"https://a.test","environmentId":"env_a","applicationId":"app_a"}`
	id := a.as("nhs_a").post(dashA+"/endpoints", body).text("id")
	a.as("nhs_a").post(dashA+"/endpoints", body).refuses(403, "application_endpoint_limit_reached", "Application endpoint limit reached")
	a.full(ofA)
	a.as("nhs_a").patch(dashA+"/endpoints/"+id, `{"isActive":false}`)
	a.as("nhs_a").post(dashA+"/endpoints", body).refuses(403, "application_endpoint_limit_reached", "Application endpoint limit reached")
	a.as("nhs_a").delete(dashA + "/endpoints/" + id).isDeleted()
	require.Equal(t, 201, a.as("nhs_a").post(dashA+"/endpoints", body).status)

	crowded := serve(t, mockserver.WithEndpointLimit(4)).as("nhs_a")
	crowded.post(dashA+"/endpoints", body).refuses(403, "endpoint_limit_reached", "Workspace endpoint limit reached")
}

func TestHobbyDashboards(t *testing.T) {
	t.Parallel()
	own := strings.NewReplacer("app_a", "app_h", "ep_a", "ep_h", "evt_a", "evt_h", "env_a_staging", "env_h_staging", "del_a", "del_h", "env_a", "env_h_staging", "order.paid", "order.created")
	for _, op := range dashboard {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			res := serve(t).as("nhs_hobby").do(op.method, "/api/workspaces/ws_hobby"+own.Replace(op.path), own.Replace(op.body))
			switch {
			case strings.HasPrefix(op.path, "/applications"):
				res.refuses(403, "feature_disabled", notOnThisPlan)
			case op.name == "dashboard.deliveries.payload":
				res.refuses(403, "feature_disabled", "Payload storage is not available on your plan")
			default:
				require.Equal(t, op.status, res.status, res.body)
			}
		})
	}
}

// Real codes where the management API has an envelope.
func TestDashboardPayloads(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, envelopes).as("nhs_a")
	path := func(id string) string { return dashA + "/deliveries/" + id + "/payload" }
	shown := a.get(path("del_available"))
	require.Equal(t, 200, shown.status)
	require.Equal(t, `{"payload":{"b":1.0,"a":"<é>"}}`, shown.body)
	a.get(path("del_retry")).is(200, `{"payload": {"a": 1}}`)
	a.get(path("del_shown")).is(200, `{"payload": {"a": 1}}`)
	for _, id := range []string{"del_pending", "del_delivering", "del_slow"} {
		a.get(path(id)).is(202, `{"status": "processing"}`)
	}
	for _, id := range []string{"del_none", "del_lost"} {
		a.get(path(id)).refuses(404, "not_found", "Payload not found")
	}
	a.get(path("del_error")).refuses(500, "internal_error", "Something went wrong")
	a.get(path("del_0000")).refuses(404, "not_found", "Delivery not found")
	a.srv.SetPlan(mockserver.PlanHobby)
	for _, id := range []string{"del_available", "del_pending", "del_none", "del_error"} {
		a.get(path(id)).refuses(403, "feature_disabled", "Payload storage is not available on your plan")
	}
	a.srv.SetPlan(mockserver.PlanPro)
	require.Equal(t, shown.body, a.get(path("del_available")).body)
}

func TestRetryOfEachState(t *testing.T) {
	t.Parallel()
	for _, s := range states {
		t.Run(s.status, func(t *testing.T) {
			t.Parallel()
			p := pipeline{api: serveFixtures(t, six)}
			p.srv.Advance(time.Second)
			retry := func() response {
				t.Helper()
				return p.as("nhs_a").post(dashA+"/deliveries/"+s.id+"/retry", "")
			}
			res := retry()
			if s.status != "failed" && s.status != "dead_letter" {
				res.refuses(409, "conflict", "Only failed and dead_letter deliveries can be retried")
				p.get(inA+"/deliveries/"+s.id).is(200, s.row)
				return
			}
			res.is(200, with(t, s.row, `{"status": "pending", "updatedAt": "2026-01-15T10:30:01.000Z"}`))
			p.get(inA+"/deliveries/"+s.id).is(200, with(t, s.row, `{"status": "delivered", "totalAttempts": 2, "deliveredAt": "2026-01-15T10:30:01.000Z",
				"updatedAt": "2026-01-15T10:30:01.000Z"}`))
			trace := p.trace(s.id)
			require.Equal(t, "2 success 2026-01-15T10:30:01.000Z 200 0ms", trace[1])
			retry().refuses(409, "conflict", "Only failed and dead_letter deliveries can be retried")
			require.Len(t, p.attempts(s.id), 2)
		})
	}
}

func TestRetryOfALiveDelivery(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 410}, mockserver.Reply{Status: 500}, mockserver.Reply{Status: 204, Delay: 9 * time.Millisecond})
	id := p.send(`{ "n": 1 }`)
	retry := func() response {
		t.Helper()
		return p.as("nhs_a").post(dashA+"/deliveries/"+id+"/retry", `{}`)
	}
	before := p.get(inA + "/deliveries/" + id).body
	p.srv.Advance(time.Minute)
	retry().is(200, with(t, before, `{"status": "pending", "updatedAt": "2026-01-15T10:31:00.000Z"}`))
	p.get(inA+"/deliveries/"+id).is(200, with(t, before, `{"status": "failed", "totalAttempts": 2, "updatedAt": "2026-01-15T10:31:00.000Z"}`))
	p.srv.Drain()
	require.Len(t, p.receiver.Requests(), 2, "one attempt outside the schedule")
	require.Equal(t, opening.Add(time.Minute), p.srv.Now())
	p.srv.Advance(time.Minute)
	retry().is(200, with(t, before, `{"status": "pending", "totalAttempts": 2, "updatedAt": "2026-01-15T10:32:00.000Z"}`))
	p.get(inA+"/deliveries/"+id).is(200, with(t, before, `{"status": "delivered", "totalAttempts": 3, "deliveredAt": "2026-01-15T10:32:00.000Z", "updatedAt": "2026-01-15T10:32:00.000Z"}`))
	require.Equal(t, []string{
		"1 failed 2026-01-15T10:30:00.000Z 410 0ms", "2 failed 2026-01-15T10:31:00.000Z 500 0ms", "3 success 2026-01-15T10:32:00.000Z 204 9ms",
	}, p.trace(id))
	requests := p.receiver.Requests()
	require.Len(t, requests, 3)
	for _, r := range requests {
		require.Equal(t, requests[0].Header.Get("Webhook-Id"), r.Header.Get("Webhook-Id"))
		require.Equal(t, fmt.Sprint(r.At.Unix()), r.Header.Get("Webhook-Timestamp"))
		require.Equal(t, `{ "n": 1 }`, string(r.Body))
		require.Equal(t, mockserver.SignatureValid, r.Signature)
	}
}

// Of many retries at once, one is accepted.
func TestParallelRetries(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 410}, mockserver.Reply{})
	id := p.send(`{}`)
	statuses := make([]int, 50)
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() {
			res, err := p.as("nhs_a").send(t.Context(), http.MethodPost, dashA+"/deliveries/"+id+"/retry", "")
			if err == nil {
				statuses[i] = res.status
			}
		})
	}
	group.Wait()
	slices.Sort(statuses)
	require.Equal(t, append([]int{200}, slices.Repeat([]int{409}, 49)...), statuses)
	require.Len(t, p.receiver.Requests(), 2)
	require.Equal(t, 2, p.state(id).TotalAttempts)
}

// A dead letter that is retried in vain has failed, and is no dead letter again.
func TestRetryOfADeadLetter(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 500})
	id := p.send(`{}`)
	p.srv.Drain()
	require.Equal(t, state{Status: "dead_letter", TotalAttempts: 8, FirstAttemptAt: "2026-01-15T10:30:00.000Z"}, p.state(id))
	require.Equal(t, "pending", p.as("nhs_a").post(dashA+"/deliveries/"+id+"/retry", "").text("status"))
	require.Equal(t, state{Status: "failed", TotalAttempts: 9, FirstAttemptAt: "2026-01-15T10:30:00.000Z"}, p.state(id))
	require.Equal(t, 9, p.attempts(id)[8].AttemptNumber)
}

func TestRetriesNeedAnActiveEndpoint(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 410})
	id := p.send(`{}`)
	row := p.get(inA + "/deliveries/" + id).body
	retry := func() response {
		t.Helper()
		return p.as("nhs_a").post(dashA+"/deliveries/"+id+"/retry", "")
	}
	p.patch(inA+"/endpoints/"+p.endpoint, `{"isActive":false}`)
	retry().refuses(409, "conflict", "Endpoint is disabled")
	p.patch(inA+"/endpoints/"+p.endpoint, `{"isActive":true}`)
	require.Equal(t, 200, retry().status)
	p.delete(inA + "/endpoints/" + p.endpoint).isDeleted()
	retry().refuses(409, "conflict", "Endpoint is deleted")
	p.get(inA+"/deliveries/"+id).is(200, with(t, row, `{"totalAttempts": 2}`))
	require.Len(t, p.receiver.Requests(), 2)
	p.as("nhs_a").post(dashA+"/deliveries/del_0000/retry", "").refuses(404, "not_found", "Delivery not found")
}

// A seeded row without a payload sends {}, and nothing is stored by that.
func TestRetryOfARowWithoutPayload(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, strings.Replace(six, `"deliver": "accept"`, `"description": "received"`, 1))
	r := a.srv.Receiver()
	require.Equal(t, 200, a.patch(inA+"/endpoints/ep_1", fmt.Sprintf(`{"url":%q}`, r.URL())).status)
	for _, id := range []string{"del_failed", "del_dead"} {
		require.Equal(t, 200, a.as("nhs_a").post(dashA+"/deliveries/"+id+"/retry", "").status)
	}
	requests := r.Requests()
	require.Len(t, requests, 2)
	require.Equal(t, `{}`, string(requests[0].Body))
	require.Equal(t, `{"n": 6}`, string(requests[1].Body), "the bytes of the fixture")
	for _, r := range requests {
		require.Equal(t, mockserver.SignatureValid, r.Signature)
		require.Regexp(t, `^msg_\w+$`, r.Header.Get("Webhook-Id"))
	}
	require.NotEqual(t, requests[0].Header.Get("Webhook-Id"), requests[1].Header.Get("Webhook-Id"))
	require.Contains(t, a.get(inA+"/deliveries/del_failed").body, `"hasPayload":false`)
	require.Equal(t, notStored, a.payload("del_failed"))
}

// tested is the answer to a test of an endpoint.
func tested(t *testing.T, res response) (delivery, attempt response) {
	t.Helper()
	require.Equal(t, 200, res.status, res.body)
	var body map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(res.body), &body))
	require.Len(t, body, 2)
	delivery, attempt = res, res
	delivery.body, attempt.body = string(body["delivery"]), string(body["attempt"])
	return delivery, attempt
}

func TestTestsOfEndpoints(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reply                   mockserver.Reply
		status, row, attemptRow string
	}{
		"taken": {mockserver.Reply{Status: 204, Delay: 12 * time.Millisecond}, "delivered", `"2026-01-15T10:30:01.000Z"`,
			`"status": "success", "responseStatusCode": 204, "responseTimeMs": 12, "errorMessage": null`},
		"refused": {mockserver.Reply{Status: 500}, "failed", "null",
			`"status": "failed", "responseStatusCode": 500, "responseTimeMs": 0, "errorMessage": null`},
		"gone": {mockserver.Reply{Status: 410}, "failed", "null",
			`"status": "failed", "responseStatusCode": 410, "responseTimeMs": 0, "errorMessage": null`},
		"reset": {mockserver.Reply{Reset: true}, "failed", "null",
			`"status": "failed", "responseStatusCode": null, "responseTimeMs": null, "errorMessage": "connection reset"`},
		"hanging": {mockserver.Reply{Hang: true}, "failed", "null",
			`"status": "failed", "responseStatusCode": null, "responseTimeMs": null, "errorMessage": "no complete answer within 10s"`},
		"too slow": {mockserver.Reply{Delay: 10*time.Second + time.Millisecond}, "failed", "null",
			`"status": "failed", "responseStatusCode": null, "responseTimeMs": null, "errorMessage": "no complete answer within 10s"`},
		"just in time": {mockserver.Reply{Delay: 10 * time.Second}, "delivered", `"2026-01-15T10:30:01.000Z"`,
			`"status": "success", "responseStatusCode": 200, "responseTimeMs": 10000, "errorMessage": null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := deliver(t, c.reply)
			p.srv.Advance(time.Second)
			delivery, attempt := tested(t, p.as("nhs_a").post(dashA+"/endpoints/"+p.endpoint+"/test", ""))
			id := delivery.text("id")
			delivery.is(200, `{"id": "`+id+`", "idempotencyKey": "$idempotencyKey", "endpointId": "`+p.endpoint+`", "status": "`+c.status+`", "totalAttempts": 1,
				"firstAttemptAt": "2026-01-15T10:30:01.000Z", "deliveredAt": `+c.row+`, "nextRetryAt": null, "hasPayload": true,
				"createdAt": "2026-01-15T10:30:01.000Z", "updatedAt": "2026-01-15T10:30:01.000Z"}`)
			attempt.is(200, `{"id": "$id", "attemptNumber": 1, "createdAt": "2026-01-15T10:30:01.000Z", `+c.attemptRow+`}`)
			p.get(inA+"/deliveries/"+id).is(200, delivery.body)
			p.get(inA+"/deliveries/"+id+"/attempts").is(200, "["+attempt.body+"]")
			require.Equal(t, []string{id}, p.deliveriesOf(p.endpoint))
			p.srv.Drain()
			require.Equal(t, opening.Add(time.Second), p.srv.Now(), "it is never retried")
			requests := p.receiver.Requests()
			require.Len(t, requests, 1)
			require.Equal(t, `{"type":"nahook.test","test":true,"createdAt":"2026-01-15T10:30:01.000Z"}`, string(requests[0].Body))
			require.Equal(t, mockserver.SignatureValid, requests[0].Signature)
		})
	}
}

func TestWhatATestSends(t *testing.T) {
	t.Parallel()
	p := deliver(t)
	for _, name := range []string{"order.created", "order.paid"} {
		require.Equal(t, 201, p.post(inA+"/event-types", `{"name":"`+name+`"}`).status)
	}
	ids := p.get(inA + "/event-types").ids() // newest first
	send := func(body string) string {
		t.Helper()
		tested(t, p.as("nhs_a").post(dashA+"/endpoints/"+p.endpoint+"/test", body))
		requests := p.receiver.Requests()
		return string(requests[len(requests)-1].Body)
	}
	sample := func(name string) string {
		return `{"type":"` + name + `","test":true,"createdAt":"2026-01-15T10:30:00.000Z"}`
	}
	require.Equal(t, sample("nahook.test"), send(`{}`))
	require.Equal(t, sample("order.paid"), send(`{"eventType":"order.paid"}`), "of the workspace, subscribed or not")
	p.post(inA+"/endpoints/"+p.endpoint+"/subscriptions", fmt.Sprintf(`{"eventTypeIds":[%q]}`, ids[0]))
	p.post(inA+"/endpoints/"+p.endpoint+"/subscriptions", fmt.Sprintf(`{"eventTypeIds":[%q]}`, ids[1]))
	require.Equal(t, sample("order.paid"), send(""), "the first subscription")
	require.Equal(t, sample("order.created"), send(`{"eventType":"order.created"}`))
	require.Equal(t, `{ "own": [1, 2.0] }`, send(`{"payload":{ "own": [1, 2.0] }}`))
	require.Equal(t, `{}`, send(`{"eventType":"order.created","payload":{}}`))
	a := p.as("nhs_a")
	path := dashA + "/endpoints/" + p.endpoint + "/test"
	p.srv.Advance(time.Minute)
	a.post(path, `{"payload":[]}`).invalid("payload must be an object")
	a.post(path, `{"payload":`+sized(256<<10+1)+`}`).refuses(413, "payload_too_large", "payload must be at most 262144 bytes")
	a.post(path, `{"eventType":3}`).invalid("eventType must be a string")
	for _, name := range []string{"order.lost", "", "Order.created", "nahook.test", ids[0]} {
		a.post(path, `{"eventType":"`+name+`"}`).refuses(404, "not_found", "Event type not found")
	}
	require.Len(t, p.receiver.Requests(), 6)
	require.Len(t, p.deliveriesOf(p.endpoint), 6)
}

// A test is how somebody finds out whether to switch an endpoint on.
func TestTestsWorkOnDisabledEndpoints(t *testing.T) {
	t.Parallel()
	p := deliver(t)
	p.patch(inA+"/endpoints/"+p.endpoint, `{"isActive":false}`)
	delivery, _ := tested(t, p.as("nhs_a").post(dashA+"/endpoints/"+p.endpoint+"/test", ""))
	require.Equal(t, "delivered", delivery.text("status"))
	require.Len(t, p.receiver.Requests(), 1)
	require.Contains(t, p.get(inA+"/endpoints/"+p.endpoint).body, `"isActive":false`)
	p.as("nhs_a").post(dashA+"/endpoints/ep_0000/test", "").refuses(404, "not_found", "Endpoint not found")
}

func TestTestsOfSlackEndpoints(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank)
	r := a.srv.Receiver()
	id := a.post(inA+"/endpoints", fmt.Sprintf(`{"type":"slack","config":{"webhookUrl":%q}}`, r.URL())).text("id")
	tested(t, a.as("nhs_a").post(dashA+"/endpoints/"+id+"/test", ""))
	require.Len(t, r.Requests(), 1)
	require.Equal(t, mockserver.SignatureMissing, r.Requests()[0].Signature)
}

// A failed test is a failed delivery: it may be retried by hand.
func TestFailedTestsMayBeRetried(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 500}, mockserver.Reply{})
	delivery, _ := tested(t, p.as("nhs_a").post(dashA+"/endpoints/"+p.endpoint+"/test", ""))
	require.Equal(t, "pending", p.as("nhs_a").post(dashA+"/deliveries/"+delivery.text("id")+"/retry", "").text("status"))
	require.Equal(t, state{Status: "delivered", TotalAttempts: 2, FirstAttemptAt: "2026-01-15T10:30:00.000Z", DeliveredAt: "2026-01-15T10:30:00.000Z"},
		p.state(delivery.text("id")))
}

// At most ten a minute, each credential for itself.
func TestTestsAreLimited(t *testing.T) {
	t.Parallel()
	a := serve(t)
	path := dashA + "/endpoints/ep_b/test"
	one, two, cli := a.as("nhs_a"), a.as(a.srv.NewSessionToken(mockserver.TokenOptions{})), a.as("nhc_us_a")
	one.post(path, "").limits(nil)
	a.srv.Advance(500 * time.Millisecond)
	one.post(path, `{"eventType":"order.lost"}`).refuses(404, "not_found", "Event type not found") // counts as well
	for range 8 {
		require.Equal(t, 200, one.post(path, "").status)
	}
	for range 2 {
		refused := one.post(path, "{")
		refused.refuses(429, "rate_limited", "Too many requests")
		refused.limits(map[string]string{"Retry-After": "60"}) // 59.5 s
	}
	require.Equal(t, 200, one.get(dashA+"/endpoints/ep_b").status, "the rest goes on")
	require.Equal(t, 200, one.post(dashA+"/deliveries/del_a/retry", "").status)
	for range 10 {
		require.Equal(t, 200, two.post(path, "").status)
		require.Equal(t, 200, cli.post(path, "").status)
	}
	require.Equal(t, 429, two.post(path, "").status)
	require.Equal(t, 429, cli.post(path, "").status)
	a.srv.Advance(time.Minute - 501*time.Millisecond)
	require.Equal(t, 429, one.post(path, "").status)
	a.srv.Advance(time.Millisecond)
	for range 10 {
		require.Equal(t, 200, one.post(path, "").status)
	}
	require.Equal(t, 429, one.post(path, "").status)
}

func TestRetryAndTestReadBodiesLikeEveryRoute(t *testing.T) {
	t.Parallel()
	a := serve(t).as("nhs_a")
	for _, path := range []string{dashA + "/deliveries/del_a/retry", dashA + "/endpoints/ep_b/test"} {
		a.post(path, "{").invalid("Request body must be valid JSON")
		a.post(path, "[]").invalid("Request body must be a JSON object")
		a.post(path, "{}", header("Content-Type", "text/plain")).refuses(415, "unsupported_media_type", "Content-Type must be application/json")
		a.post(path, padded("{}", 1<<20+1)).refuses(413, "payload_too_large", "Request body must be at most 1048576 bytes")
	}
	a.get(dashA+"/deliveries/del_a").is(200, delA)
	require.Equal(t, 200, a.post(dashA+"/deliveries/del_a/retry", "", header("Content-Type", "text/plain")).status, "an empty body needs no type")
}

// What the dashboard shares with the management API it does alike.
func TestTheDashboardIsTheSameWorkspace(t *testing.T) {
	t.Parallel()
	a := serve(t)
	d := a.as("nhs_a")
	for _, path := range []string{"/applications", "/applications/app_a", "/applications/app_a/endpoints", "/event-types", "/event-types/evt_a", "/environments",
		"/environments/env_a", "/environments/env_a_staging/event-types", "/endpoints/ep_a/subscriptions", "/deliveries/del_a", "/deliveries/del_a/attempts",
		"/endpoints/ep_b/deliveries", "/applications?limit=1&offset=1"} {
		d.get(dashA+path).is(200, a.get(inA+path).body)
	}
	app := d.post(dashA+"/applications", `{"name":"New","externalId":"x","metadata":{"a":"b"},"maxEndpoints":1,"showEventTypes":false}`)
	app.is(201, `{"id": "$id", "externalId": "x", "name": "New", "metadata": {"a": "b"}, "maxEndpoints": 1, "showEventTypes": false, `+created+`}`)
	a.get(inA+"/applications/"+app.text("id")).is(200, app.body)
	d.post(dashA+"/applications", `{"name":"New","externalId":"x"}`).refuses(409, "conflict", "An application with this externalId already exists")
	d.get(dashA + "/applications?limit=0").invalid("limit must be a positive integer")
	d.post(dashA+"/environments", `{"name":"S","slug":"staging"}`).refuses(409, "conflict", "An environment with this slug already exists")
	require.Equal(t, 409, d.delete(dashA+"/environments/env_a").status)
	require.Equal(t, http.StatusConflict, d.post(dashA+"/event-types", `{"name":"order.paid"}`).status)
}
