package mockserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

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
	require.Equal(t, "mockserver: Advance: another Advance, Drain or Restore is under way: there is one at a time, and receivers cannot call either", refusal)
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
	a := serveFixtures(t, blank)
	foreign, own := a.srv.NewWorkspace().Receiver(), a.srv.Receiver()
	require.Equal(t, foreign.URL(), own.URL())
	p := a.pipeTo(own)
	p.send(`{}`)
	require.Len(t, own.Requests(), 1)
	require.Empty(t, foreign.Requests())
}
