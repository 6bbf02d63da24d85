package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// pipeline is a workspace with one endpoint that a receiver stands behind.
type pipeline struct {
	api
	receiver *mockserver.Receiver
	endpoint string
	secret   string
}

const blank = `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "apiKeys": [{"key": "nhk_us_a"}], "sessionTokens": [{"token": "nhs_a"}]}]}`

func deliver(t *testing.T, replies ...mockserver.Reply) pipeline {
	t.Helper()
	a := serveFixtures(t, blank)
	return a.pipeTo(a.srv.Receiver(replies...))
}

func (a api) pipeTo(r *mockserver.Receiver) pipeline {
	a.t.Helper()
	res := a.post(inA+"/endpoints", fmt.Sprintf(`{"url":%q}`, r.URL()))
	return pipeline{api: a, receiver: r, endpoint: res.text("id"), secret: res.text("secret")}
}

// send accepts a message and gives its delivery's id.
func (p pipeline) send(payload string) string {
	p.t.Helper()
	res := p.as("nhk_us_a").post("/api/ingest/"+p.endpoint, `{"payload":`+payload+`}`)
	require.Equal(p.t, 202, res.status, res.body)
	return res.text("deliveryId")
}

// state is what the API says of a delivery.
type state struct {
	Status         string
	TotalAttempts  int
	FirstAttemptAt string
	DeliveredAt    string
	NextRetryAt    string
}

func (p pipeline) state(id string) state {
	p.t.Helper()
	var s state
	res := p.get(inA + "/deliveries/" + id)
	require.Equal(p.t, 200, res.status, res.body)
	require.NoError(p.t, json.Unmarshal([]byte(res.body), &s))
	return s
}

type attempt struct {
	AttemptNumber      int
	Status             string
	ResponseStatusCode *int
	ResponseTimeMs     *int
	ErrorMessage       *string
	CreatedAt          string
}

func (p pipeline) attempts(id string) []attempt {
	p.t.Helper()
	var rows []attempt
	res := p.get(inA + "/deliveries/" + id + "/attempts")
	require.Equal(p.t, 200, res.status, res.body)
	require.NoError(p.t, json.Unmarshal([]byte(res.body), &rows))
	return rows
}

// line is an attempt in one line.
func (a attempt) line() string {
	text := fmt.Sprint(a.AttemptNumber, " ", a.Status, " ", a.CreatedAt)
	if a.ResponseStatusCode != nil {
		text += fmt.Sprint(" ", *a.ResponseStatusCode)
	}
	if a.ResponseTimeMs != nil {
		text += fmt.Sprint(" ", *a.ResponseTimeMs, "ms")
	}
	if a.ErrorMessage != nil {
		text += " " + *a.ErrorMessage
	}
	return text
}

func (p pipeline) trace(id string) []string {
	p.t.Helper()
	var lines []string
	for _, a := range p.attempts(id) {
		lines = append(lines, a.line())
	}
	return lines
}

func TestTheFirstAttemptIsMadeWithinTheRequest(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 204, Delay: 88 * time.Millisecond})
	id := p.send(`{"order": "ord_1",  "amount": 49.90}`)
	got := p.receiver.Requests()
	require.Len(t, got, 1)
	require.Equal(t, `{"order": "ord_1",  "amount": 49.90}`, string(got[0].Body), "the payload's exact bytes")
	require.Equal(t, p.receiver.URL(), got[0].URL)
	require.Equal(t, opening, got[0].At)
	require.Equal(t, mockserver.SignatureValid, got[0].Signature)
	require.Equal(t, state{
		Status: "delivered", TotalAttempts: 1, FirstAttemptAt: "2026-01-15T10:30:00.000Z", DeliveredAt: "2026-01-15T10:30:00.000Z",
	}, p.state(id))
	require.Equal(t, []string{"1 success 2026-01-15T10:30:00.000Z 204 88ms"}, p.trace(id))
}

func TestTheWholeScheduleAndItsTrace(t *testing.T) {
	t.Parallel()
	run := func() (trace []string, requests []mockserver.Received) {
		p := deliver(t, mockserver.Reply{Status: 503, Delay: 7 * time.Millisecond}, mockserver.Reply{Hang: true}, mockserver.Reply{Reset: true}, mockserver.Reply{Status: 302})
		id := p.send(`{}`)
		p.srv.Drain()
		require.Equal(t, state{Status: "dead_letter", TotalAttempts: 8, FirstAttemptAt: "2026-01-15T10:30:00.000Z"}, p.state(id))
		trace = append(p.trace(id), p.get(inA+"/deliveries/"+id+"/attempts").body, p.get(inA+"/deliveries/"+id).body)
		require.Equal(t, "2026-01-16T14:05:05.000Z", p.srv.Now().Format("2006-01-02T15:04:05.000Z07:00"), "Drain stops at the last attempt")
		return trace, p.receiver.Requests()
	}
	trace, requests := run()
	require.Equal(t, []string{
		"1 failed 2026-01-15T10:30:00.000Z 503 7ms",
		"2 failed 2026-01-15T10:30:05.000Z no complete answer within 15s",
		"3 failed 2026-01-15T10:35:05.000Z connection reset",
		"4 failed 2026-01-15T11:05:05.000Z 302 0ms redirects are not followed",
		"5 failed 2026-01-15T13:05:05.000Z 302 0ms redirects are not followed",
		"6 failed 2026-01-15T18:05:05.000Z 302 0ms redirects are not followed",
		"7 failed 2026-01-16T04:05:05.000Z 302 0ms redirects are not followed",
		"8 failed 2026-01-16T14:05:05.000Z 302 0ms redirects are not followed",
	}, trace[:8])
	require.Len(t, requests, 8)
	for _, r := range requests {
		require.Equal(t, requests[0].Header.Get("Webhook-Id"), r.Header.Get("Webhook-Id"), "the same on every attempt")
		require.Equal(t, fmt.Sprint(r.At.Unix()), r.Header.Get("Webhook-Timestamp"), "that of this attempt")
		require.Equal(t, mockserver.SignatureValid, r.Signature)
	}
	again, _ := run()
	require.Equal(t, trace, again, "the same seed gives the same trace")
}

func TestAdvanceMakesWhatFallsDueAtItsInstant(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 500}, mockserver.Reply{Status: 500}, mockserver.Reply{})
	id := p.send(`{}`)
	require.Equal(t, state{
		Status: "scheduled_retry", TotalAttempts: 1, FirstAttemptAt: "2026-01-15T10:30:00.000Z", NextRetryAt: "2026-01-15T10:30:05.000Z",
	}, p.state(id))
	p.srv.Advance(5*time.Second - time.Millisecond)
	require.Len(t, p.receiver.Requests(), 1)
	p.srv.Advance(time.Millisecond)
	require.Len(t, p.receiver.Requests(), 2)
	p.srv.Advance(time.Hour)
	require.Equal(t, []string{
		"1 failed 2026-01-15T10:30:00.000Z 500 0ms", "2 failed 2026-01-15T10:30:05.000Z 500 0ms", "3 success 2026-01-15T10:35:05.000Z 200 0ms",
	}, p.trace(id))
	require.Equal(t, state{
		Status: "delivered", TotalAttempts: 3, FirstAttemptAt: "2026-01-15T10:30:00.000Z", DeliveredAt: "2026-01-15T10:35:05.000Z",
	}, p.state(id))
	require.Equal(t, opening.Add(time.Hour+5*time.Second), p.srv.Now())
}

// Retries that fall due at one instant are made in the order of their deliveries,
// and each earlier one before each later one.
func TestDueRetriesAreMadeInOrder(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 500})
	first, second := p.send(`{"n":1}`), p.send(`{"n":2}`)
	p.srv.Advance(time.Second)
	third := p.send(`{"n":3}`)
	p.srv.Advance(5 * time.Second)
	var bodies []string
	for _, r := range p.receiver.Requests() {
		bodies = append(bodies, string(r.Body))
	}
	require.Equal(t, []string{`{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":1}`, `{"n":2}`, `{"n":3}`}, bodies)
	require.NotEqual(t, first, second)
	require.NotEqual(t, second, third)
}

func TestRotatedSecretsSignTogetherForAWhile(t *testing.T) {
	t.Parallel()
	p := deliver(t)
	fresh := p.srv.RotateSecret(p.endpoint, time.Hour)
	require.NotEqual(t, p.secret, fresh)
	require.Equal(t, fresh, p.get(inA+"/endpoints/"+p.endpoint).text("secret"))
	p.send(`{}`)
	p.srv.Advance(time.Hour - time.Millisecond)
	p.send(`{}`)
	p.srv.Advance(time.Millisecond)
	p.send(`{}`)
	p.srv.RotateSecret(p.endpoint, 0)
	p.send(`{}`)
	var signatures []int
	for _, r := range p.receiver.Requests() {
		require.Equal(t, mockserver.SignatureValid, r.Signature)
		signatures = append(signatures, len(strings.Fields(r.Header.Get("Webhook-Signature"))))
	}
	require.Equal(t, []int{2, 2, 1, 1}, signatures)
}

func TestWhatAWebhookCarries(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank)
	r := a.srv.Receiver()
	require.Equal(t, 201, a.post(inA+"/endpoints", fmt.Sprintf(`{"url":%q,"authUsername":"acme","authPassword":"pa55-never-shown"}`, r.URL()+"?a=1")).status)
	p := pipeline{api: a, receiver: r, endpoint: a.get(inA + "/endpoints").ids()[0]}
	p.send(`{}`)
	got := r.Requests()[0]
	require.Equal(t, r.URL()+"?a=1", got.URL)
	require.Equal(t, "Basic YWNtZTpwYTU1LW5ldmVyLXNob3du", got.Header.Get("Authorization"))
	require.Equal(t, "application/json", got.Header.Get("Content-Type"))
	require.Equal(t, "Nahook-Webhooks/1.0", got.Header.Get("User-Agent"))
	require.Regexp(t, `^msg_[0-9a-z]{20}$`, got.Header.Get("Webhook-Id"))
	require.Len(t, got.Header, 6)
}

func TestSlackGetsTextAndNoSignature(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		`{"text": "Deploy <done> & ü"}`: `{"text":"Deploy <done> & ü"}`,
		`{"text": 3,  "a": [1, 2]}`:     `{"text":"{\"text\":3,\"a\":[1,2]}"}`,
		`{"text": null}`:                `{"text":"{\"text\":null}"}`,
		`{"a": "<b>"}`:                  `{"text":"{\"a\":\"<b>\"}"}`,
	} {
		t.Run(payload, func(t *testing.T) {
			t.Parallel()
			a := serveFixtures(t, blank)
			r := a.srv.Receiver()
			res := a.post(inA+"/endpoints", fmt.Sprintf(`{"type":"slack","config":{"webhookUrl":%q}}`, r.URL()))
			p := pipeline{api: a, receiver: r, endpoint: res.text("id")}
			id := p.send(payload)
			got := r.Requests()[0]
			require.Equal(t, want, string(got.Body))
			require.Equal(t, mockserver.SignatureMissing, got.Signature)
			require.Equal(t, http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Nahook-Webhooks/1.0"}}, got.Header)
			require.Equal(t, "delivered", p.state(id).Status)
		})
	}
}

func TestAcceptedWithoutARequest(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "apiKeys": [{"key": "nhk_us_a"}],
		"endpoints": [{"id": "ep_1", "url": "https://nobody.test/hooks", "deliver": "accept"}, {"id": "ep_2", "url": "https://api.test/hooks"}]}]}`,
		mockserver.WithAcceptedHosts("api.test"))
	for _, endpoint := range []string{"ep_1", "ep_2"} {
		p := pipeline{api: a, endpoint: endpoint}
		require.Equal(t, []string{"1 success 2026-01-15T10:30:00.000Z 200 0ms"}, p.trace(p.send(`{}`)))
	}
}
