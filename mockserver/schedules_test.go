package mockserver_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

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
