package mockserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
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

func TestRetryAfterLengthensAWaitAndNeverShortensIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header string
		want   time.Duration
	}{
		"seconds":                        {503, "60", time.Minute},
		"an HTTP date":                   {429, "Thu, 15 Jan 2026 10:31:00 GMT", time.Minute},
		"too short":                      {502, "1", 5 * time.Second},
		"in the past":                    {504, "Thu, 15 Jan 2026 10:29:00 GMT", 5 * time.Second},
		"on a status without it":         {500, "60", 5 * time.Second},
		"nonsense":                       {503, "soon", 5 * time.Second},
		"negative":                       {503, "-60", 5 * time.Second},
		"a hundred years, at most a day": {503, "3155760000", 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := deliver(t, mockserver.Reply{Status: c.status, Header: http.Header{"Retry-After": {c.header}}})
			id := p.send(`{}`)
			require.Equal(t, opening.Add(c.want).Format("2006-01-02T15:04:05.000Z07:00"), p.state(id).NextRetryAt)
		})
	}
}

func TestWhatEndsADeliveryEarly(t *testing.T) {
	t.Parallel()
	t.Run("410", func(t *testing.T) {
		t.Parallel()
		p := deliver(t, mockserver.Reply{Status: 410})
		id := p.send(`{}`)
		require.Equal(t, state{Status: "failed", TotalAttempts: 1, FirstAttemptAt: "2026-01-15T10:30:00.000Z"}, p.state(id))
		p.srv.Drain()
		require.Len(t, p.receiver.Requests(), 1)
	})
	t.Run("an endpoint that is disabled when its retry falls due", func(t *testing.T) {
		t.Parallel()
		p := deliver(t, mockserver.Reply{Status: 500})
		id := p.send(`{}`)
		require.Equal(t, 200, p.patch(inA+"/endpoints/"+p.endpoint, `{"isActive":false}`).status)
		require.Equal(t, "scheduled_retry", p.state(id).Status)
		p.srv.Advance(5 * time.Second)
		require.Equal(t, state{Status: "failed", TotalAttempts: 1, FirstAttemptAt: "2026-01-15T10:30:00.000Z"}, p.state(id))
		require.Len(t, p.receiver.Requests(), 1)
	})
	t.Run("an endpoint that is enabled again in time", func(t *testing.T) {
		t.Parallel()
		p := deliver(t, mockserver.Reply{Status: 500}, mockserver.Reply{})
		id := p.send(`{}`)
		require.Equal(t, 200, p.patch(inA+"/endpoints/"+p.endpoint, `{"isActive":false}`).status)
		require.Equal(t, 200, p.patch(inA+"/endpoints/"+p.endpoint, `{"isActive":true}`).status)
		p.srv.Advance(5 * time.Second)
		require.Equal(t, "delivered", p.state(id).Status)
	})
	t.Run("an endpoint that is deleted", func(t *testing.T) {
		t.Parallel()
		p := deliver(t, mockserver.Reply{Status: 500})
		id := p.send(`{}`)
		p.delete(inA + "/endpoints/" + p.endpoint).isDeleted()
		p.srv.Drain()
		require.Equal(t, "failed", p.state(id).Status)
		require.Len(t, p.attempts(id), 1)
		p.get(inA+"/endpoints/"+p.endpoint+"/deliveries").refuses(404, "not_found", "Endpoint not found")
		require.Len(t, p.receiver.Requests(), 1)
	})
	t.Run("an endpoint that is deleted while its attempt is under way", func(t *testing.T) {
		t.Parallel()
		a := serveFixtures(t, blank)
		var p pipeline
		p = a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			res, err := a.send(r.Context(), "DELETE", inA+"/endpoints/"+p.endpoint, "")
			if err != nil || res.status != 204 {
				panic(fmt.Sprint(res.status, err))
			}
			w.WriteHeader(500)
		})))
		id := p.send(`{}`)
		p.srv.Drain()
		require.Equal(t, "failed", p.state(id).Status)
		require.Len(t, p.attempts(id), 1)
		a.get(inA+"/endpoints").is(200, "[]")
	})
}

func TestStatesThatOnlyAReceiverSees(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank)
	var seen []string
	look := func(_ http.ResponseWriter, r *http.Request) {
		var payload struct{ Look string }
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &payload)
		list, err := a.send(r.Context(), "GET", inA+"/endpoints/"+payload.Look+"/deliveries?limit=1", "")
		if err != nil {
			panic(err)
		}
		var page struct {
			Deliveries []struct{ Status string }
		}
		_ = json.Unmarshal([]byte(list.body), &page)
		seen = append(seen, page.Deliveries[0].Status)
	}
	one := a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(look)))
	two := a.pipeTo(a.srv.Receiver())
	one.send(fmt.Sprintf(`{"look":%q}`, one.endpoint))
	require.Equal(t, []string{"delivering"}, seen)

	// Of an event, all deliveries are accepted before the first is attempted.
	require.Equal(t, 201, a.post(inA+"/event-types", `{"name":"order.created"}`).status)
	catalog := a.get(inA + "/event-types").ids()
	for _, endpoint := range []string{one.endpoint, two.endpoint} {
		require.Equal(t, 201, a.post(inA+"/endpoints/"+endpoint+"/subscriptions", fmt.Sprintf(`{"eventTypeIds":[%q]}`, catalog[0])).status)
	}
	res := a.as("nhk_us_a").post("/api/ingest/event/order.created", fmt.Sprintf(`{"payload":{"look":%q}}`, two.endpoint))
	require.Equal(t, 202, res.status, res.body)
	require.Equal(t, []string{"delivering", "pending"}, seen)
	require.Len(t, two.receiver.Requests(), 1)
}

// Receivers may send: the attempts that this causes are made before the one that
// caused them is over.
func TestReceiversMaySend(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank)
	end := a.pipeTo(a.srv.Receiver())
	relay := a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		res, err := a.as("nhk_us_a").send(r.Context(), "POST", "/api/ingest/"+end.endpoint, `{"payload":`+string(body)+`}`)
		if err != nil || res.status != 202 {
			panic(fmt.Sprint(res.status, err))
		}
	})))
	id := relay.send(`{"n":1}`)
	require.Equal(t, "delivered", relay.state(id).Status)
	require.Len(t, end.receiver.Requests(), 1)
	require.Equal(t, `{"n":1}`, string(end.receiver.Requests()[0].Body))
}

func TestReceiversMustNotMoveTheClock(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New(options(t, blank, nil)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	a := over(t, srv)
	verbs := []func(){func() { srv.Advance(time.Second) }, srv.Drain}
	p := a.pipeTo(srv.ReceiverHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		verb := verbs[0]
		verbs = verbs[1:]
		verb()
	})))
	id := p.send(`{}`)
	require.Equal(t, []string{"1 failed 2026-01-15T10:30:00.000Z connection reset"}, p.trace(id))
	srv.Advance(5 * time.Second)
	problems := srv.Problems()
	require.Len(t, problems, 2)
	const why = "it was called by a receiver: the attempt under way would have to wait for itself"
	for i, verb := range []string{"Advance", "Drain"} {
		text, _, _ := strings.Cut(problems[i].Text, "\n")
		require.Equal(t, "the receiver's handler panicked: mockserver: "+verb+": "+why, text)
		require.Equal(t, "delivery.attempt", problems[i].Operation)
	}
}

func TestOneAtATimeMovesTheClock(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New(options(t, blank, nil)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	a := over(t, srv)
	var refusal any
	p := a.pipeTo(srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Webhook-Timestamp") == fmt.Sprint(opening.Unix()) {
			w.WriteHeader(500)
			return
		}
		done := make(chan bool)
		go func() {
			defer close(done)
			defer func() { refusal = recover() }()
			srv.Advance(time.Second)
		}()
		<-done
	})))
	p.send(`{}`)
	srv.Advance(5 * time.Second)
	require.Equal(t, "mockserver: Advance: another Advance or Drain is under way: there is one at a time, and receivers cannot call either", refusal)
	require.Equal(t, opening.Add(5*time.Second), srv.Now())
}

func TestAReceiverThatPanicsIsAProblem(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New(options(t, blank, nil)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	p := over(t, srv).pipeTo(srv.ReceiverHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh no") })))
	id := p.send(`{}`)
	require.Equal(t, []string{"1 failed 2026-01-15T10:30:00.000Z connection reset"}, p.trace(id))
	require.Len(t, srv.Problems(), 1)
	require.Contains(t, srv.Problems()[0].Text, "the receiver's handler panicked: oh no\n")
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		a := serveFixtures(t, blank, mockserver.WithSchedule())
		p := a.pipeTo(a.srv.Receiver(mockserver.Reply{Status: 500}))
		require.Equal(t, "dead_letter", p.state(p.send(`{}`)).Status)
	})
	t.Run("of the test's own", func(t *testing.T) {
		t.Parallel()
		a := serveFixtures(t, blank, mockserver.WithSchedule(time.Second, 0, time.Minute))
		p := a.pipeTo(a.srv.Receiver(mockserver.Reply{Status: 500}))
		id := p.send(`{}`)
		p.srv.Advance(time.Second)
		require.Equal(t, "2026-01-15T10:31:01.000Z", p.state(id).NextRetryAt)
		require.Equal(t, 3, p.state(id).TotalAttempts)
		p.srv.Drain()
		require.Equal(t, "dead_letter", p.state(id).Status)
		require.Equal(t, 4, p.state(id).TotalAttempts)
	})
	t.Run("of a fixture", func(t *testing.T) {
		t.Parallel()
		a := serveFixtures(t, `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "apiKeys": [{"key": "nhk_us_a"}], "schedule": [3]}]}`)
		p := a.pipeTo(a.srv.Receiver(mockserver.Reply{Status: 500}))
		id := p.send(`{}`)
		p.srv.Advance(3 * time.Second)
		require.Equal(t, state{Status: "dead_letter", TotalAttempts: 2, FirstAttemptAt: "2026-01-15T10:30:00.000Z"}, p.state(id))
	})
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

// With a running clock, deliveries are made in the background; the bubble's time
// is the fast-forward.
func TestTheRealClockDeliversInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fixtures, err := mockserver.ParseFixtures([]byte(blank))
		require.NoError(t, err)
		a := over(t, mockserver.Start(t, mockserver.WithFixtures(fixtures), mockserver.WithRealClock()))
		began := time.Now()
		p := a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Second) // of the bubble
			if time.Since(began) < 5*time.Minute {
				w.WriteHeader(500)
			}
		})))
		id := p.send(`{}`)
		require.Empty(t, p.attempts(id))
		time.Sleep(1500 * time.Millisecond)
		require.Equal(t, "scheduled_retry", p.state(id).Status)
		require.Equal(t, 1000, *p.attempts(id)[0].ResponseTimeMs)
		time.Sleep(10 * time.Minute)
		require.Equal(t, "delivered", p.state(id).Status)
		var offsets []time.Duration
		for _, r := range p.receiver.Requests() {
			offsets = append(offsets, r.At.Sub(began))
		}
		require.Equal(t, []time.Duration{0, 6 * time.Second, 5*time.Minute + 7*time.Second}, offsets)
	})
}

func TestAtMost32AttemptsAreUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fixtures, err := mockserver.ParseFixtures([]byte(blank))
		require.NoError(t, err)
		a := over(t, mockserver.Start(t, mockserver.WithFixtures(fixtures), mockserver.WithRealClock(), mockserver.WithSchedule(time.Minute)))
		arrivals := make(chan time.Time, 200)
		p := a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrivals <- time.Now()
			time.Sleep(time.Second)
			w.WriteHeader(500)
		})))
		began := time.Now()
		for range 100 {
			p.send(`{}`)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		counts := map[time.Duration]int{}
		close(arrivals)
		for at := range arrivals {
			counts[at.Sub(began)]++
		}
		const s = time.Second
		require.Equal(t, map[time.Duration]int{
			0: 32, s: 32, 2 * s: 32, 3 * s: 4,
			61 * s: 32, 62 * s: 32, 63 * s: 32, 64 * s: 4,
		}, counts)
	})
}

func TestAHandlerThatHangsFailsTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fixtures, err := mockserver.ParseFixtures([]byte(blank))
		require.NoError(t, err)
		a := over(t, mockserver.Start(t, mockserver.WithFixtures(fixtures), mockserver.WithSchedule()))
		p := a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })))
		began := time.Now()
		id := p.send(`{}`)
		require.Equal(t, 15*time.Second, time.Since(began), "machine time")
		require.Equal(t, "no complete answer within 15s", *p.attempts(id)[0].ErrorMessage)
	})
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

func TestDrainWaitsForAttemptsOfOthers(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank)
	arrived, leave := make(chan bool), make(chan bool)
	p := a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Webhook-Timestamp") == fmt.Sprint(opening.Unix()) {
			close(arrived)
			<-leave
			w.WriteHeader(500)
		}
	})))
	sent := make(chan error)
	go func() {
		_, err := a.as("nhk_us_a").send(t.Context(), "POST", "/api/ingest/"+p.endpoint, `{"payload":{}}`)
		sent <- err
	}()
	<-arrived
	drained := make(chan bool)
	go func() {
		defer close(drained)
		a.srv.Drain()
	}()
	close(leave)
	require.NoError(t, errors.Join(<-sent))
	<-drained
	require.Len(t, p.receiver.Requests(), 2)
	require.Equal(t, opening.Add(5*time.Second), a.srv.Now())
}

func TestReceiverMistakes(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	for want, do := range map[string]func(){
		"Receiver: reply 2: the status 99 is not between 200 and 599; 0 stands for 200":           func() { srv.Receiver(mockserver.Reply{}, mockserver.Reply{Status: 99}) },
		"Receiver: reply 1: the delay -1s is negative":                                            func() { srv.Receiver(mockserver.Reply{Delay: -time.Second}) },
		"ReceiverHandler: the handler is nil":                                                     func() { srv.ReceiverHandler(nil) },
		`RotateSecret: there is no endpoint "ep_missing"`:                                         func() { srv.RotateSecret("ep_missing", 0) },
		"RotateSecret: the grace period -1s is negative":                                          func() { srv.RotateSecret("ep", -time.Second) },
		`SetPlan: the plan "free" does not exist; use "hobby" or "pro"`:                           func() { srv.SetPlan("free") },
		`ApproveDeviceGrant: no device grant with the user code "AAAA-AAAA" waits for a decision`: func() { srv.ApproveDeviceGrant("AAAA-AAAA") },
		`DenyDeviceGrant: no device grant with the user code "AAAA-AAAA" waits for a decision`:    func() { srv.DenyDeviceGrant("AAAA-AAAA") },
	} {
		require.PanicsWithValue(t, "mockserver: "+want, do)
	}
	for want, option := range map[string]mockserver.Option{
		"WithSchedule: -1s is not between 0 and a year":         mockserver.WithSchedule(time.Second, -time.Second),
		"WithSchedule: 8761h0m0s is not between 0 and a year":   mockserver.WithSchedule(8761 * time.Hour),
		"WithEgress: 7 is neither EgressLocal nor EgressPublic": mockserver.WithEgress(7),
	} {
		_, err := mockserver.New(option)
		require.EqualError(t, err, "mockserver: "+want)
	}
}

// Receivers of one workspace are unknown in another.
func TestReceiversBelongToTheirWorkspace(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t, mockserver.WithStrict(false))
	other := srv.NewWorkspace()
	r := other.Receiver()
	require.Equal(t, r.URL(), srv.Receiver().URL())
	require.Empty(t, slices.Concat(r.Requests()))
}
