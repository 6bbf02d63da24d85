package nahook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// A transport may change what it is given: no other attempt sees it.
func TestAttemptsShareNothing(t *testing.T) {
	t.Parallel()
	requests := map[*http.Request]bool{}
	mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		requests[r] = true
		assert.Equal(t, "https://api.nahook.com/management/v1/workspaces/ws/applications", r.URL.String())
		assert.Equal(t, http.Header{
			"Accept": {"application/json"}, "Authorization": {"Bearer " + secretToken}, "Content-Type": {"application/json"},
			"User-Agent": {"nahook-go/" + nahook.Version}, "X-Trace": {"mine"},
		}, r.Header)
		r.Header["Accept"] = append(r.Header["Accept"], "text/csv")
		assert.Equal(t, "nahook-go/"+nahook.Version, r.Header.Get("User-Agent"), "no header's values are another's")
		r.URL.Host, r.URL.Path, r.Host = "elsewhere.test", "/prefix"+r.URL.Path, "elsewhere.test"
		for name := range r.Header {
			r.Header[name][0] = "changed"
		}
		return reply(429, "")(r)
	}), quick)
	require.ErrorIs(t, verbs["POST"](t.Context(), mgmt, nahook.WithHeader("X-Trace", "mine")), nahook.ErrRateLimited)
	assert.Len(t, requests, 3)
}

// Sent is about all attempts, and what one attempt shows proves nothing about
// the next.
func TestSentCoversAllAttempts(t *testing.T) {
	t.Parallel()
	refused := undialled(failing(errRefused))
	reset := dialled(failing(errReset))
	for name, c := range map[string]struct {
		verb     string
		answers  []httpmock.Responder
		attempts int
		sent     bool
	}{
		"never":             {"GET", []httpmock.Responder{refused, refused, refused}, 3, false},
		"at first":          {"GET", []httpmock.Responder{reset, refused, refused}, 3, true},
		"unknown at first":  {"GET", []httpmock.Responder{failing(errReset), refused, refused}, 3, true},
		"at last":           {"GET", []httpmock.Responder{refused, refused, reset}, 3, true},
		"connection at 429": {"POST", []httpmock.Responder{dialled(reply(429, "")), refused, refused}, 3, true},
		"after a dial":      {"POST", []httpmock.Responder{refused, reset}, 2, true},
		"after no trace":    {"POST", []httpmock.Responder{refused, failing(errReset)}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := 0
			err := verbs[c.verb](t.Context(), through(t, inTurn(&count, c.answers...), quick))
			var failed *nahook.TransportError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, c.attempts, failed.Attempts)
			assert.Equal(t, c.sent, failed.Sent)
		})
	}
}

// dialled answers as net/http does, over a connection.
func dialled(answer httpmock.Responder) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		trace.GetConn(r.URL.Host)
		trace.GotConn(httptrace.GotConnInfo{})
		return answer(r)
	}
}

// witnessed is a body that tells whether it was closed.
type witnessed struct {
	io.Reader
	closed *bool
}

func (w witnessed) Close() error {
	*w.closed = true
	return nil
}

// However an attempt ends, its body is closed and its context over.
func TestAttemptsCleanUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   io.Reader
	}{
		"success":  {200, strings.NewReader(`{"id": "app_1"}`)},
		"refusal":  {404, strings.NewReader("{}")},
		"failure":  {503, strings.NewReader("busy")},
		"too much": {200, new(endless)},
		"broken":   {200, errReader{errReset}},
		"redirect": {302, strings.NewReader("moved")},
		"nonsense": {0, strings.NewReader("")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var contexts []context.Context
			closed := false
			_ = verbs["GET"](t.Context(), through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				contexts = append(contexts, r.Context())
				return &http.Response{StatusCode: c.status, Body: witnessed{c.body, &closed}, ContentLength: -1}, nil
			})), nahook.WithoutRetry())
			require.Len(t, contexts, 1)
			assert.ErrorIs(t, contexts[0].Err(), context.Canceled)
			assert.True(t, closed)
		})
	}
}

// What an attempt that got no response leaves is nothing of the one before.
func TestResponseIsTheLastAttempts(t *testing.T) {
	t.Parallel()
	count := 0
	var response nahook.Response
	answer := reply(503, "busy", "X-RateLimit-Limit", "100", "Retry-After", "0")
	err := verbs["GET"](t.Context(), through(t, inTurn(&count, answer, failing(errReset)), quick), nahook.WithResponse(&response))
	require.ErrorIs(t, err, errReset)
	response.Duration = 0
	assert.Equal(t, nahook.Response{Attempts: 3}, response)
}

// A response that breaks off is none: what came of it says nothing.
func TestResponseOfABrokenAnswer(t *testing.T) {
	t.Parallel()
	var response nahook.Response
	err := verbs["POST"](t.Context(), through(t, roundTrip(brokenOff)), nahook.WithResponse(&response))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	response.Duration = 0
	assert.Equal(t, nahook.Response{Attempts: 1}, response)
}

// A transport that tells of the connection it wants, and not of the one it gets,
// has sent what is answered.
func TestAnswersProveThatTheyWereAsked(t *testing.T) {
	t.Parallel()
	count := 0
	err := verbs["POST"](t.Context(), through(t, inTurn(&count, undialled(brokenOff)), quick))
	var failed *nahook.TransportError
	require.ErrorAs(t, err, &failed)
	assert.True(t, failed.Sent)
	assert.Equal(t, 1, count)
}

// A context that was cancelled without a reason says so once.
func TestCancelWithoutCause(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := verbs["GET"](ctx, through(t, roundTrip(func(*http.Request) (*http.Response, error) {
		cancel()
		return nil, errReset
	})))
	require.EqualError(t, err, "nahook: GET /workspaces/ws/applications/app: context canceled")
}

// The caller's reason stays within reach when it comes between two attempts.
func TestCancelCauseDuringBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("shutting down")
		time.AfterFunc(time.Second, func() { cancel(reason) })
		var response nahook.Response
		err := verbs["GET"](ctx, through(t, roundTrip(reply(503, "", "Retry-After", "20"))), nahook.WithResponse(&response))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, reason)
		require.EqualError(t, err, "nahook: GET /workspaces/ws/applications/app: context canceled: shutting down")
		assert.Equal(t, nahook.Response{Attempts: 1, Duration: time.Second}, response)
	})
}

// A context that the caller ended is not worth another attempt, whatever the
// attempt's own outcome.
func TestCancelledWhileAnswering(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	count := 0
	err := verbs["GET"](ctx, through(t, inTurn(&count, func(*http.Request) (*http.Response, error) {
		cancel()
		return nil, errReset
	}), quick))
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, count)
}

// overdue is a context whose deadline has passed before its timer has noticed.
type overdue struct {
	context.Context
	deadline time.Time
}

func (o overdue) Deadline() (time.Time, bool) { return o.deadline, true }

// The caller's deadline is the caller's when a timer of package net tells of it
// first.
func TestDeadlineByTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := overdue{t.Context(), time.Now().Add(time.Second)}
		err := verbs["GET"](ctx, through(t, roundTrip(func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return nil, os.ErrDeadlineExceeded
		})))
		require.EqualError(t, err, "nahook: GET /workspaces/ws/applications/app: context deadline exceeded")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// Where the attempt's limit and the call's end at once, it is the call's: there
// is no time for another attempt.
func TestCallLimitWinsTheTie(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		err := verbs["GET"](t.Context(), through(t, roundTrip(hanging)), nahook.WithCallTimeout(30*time.Second))
		require.ErrorIs(t, err, nahook.ErrCallTimeout)
		require.NotErrorIs(t, err, nahook.ErrAttemptTimeout)
	})
}

// A wait is begun only if it leaves an attempt the time to be of use.
func TestNoWaitForNothing(t *testing.T) {
	t.Parallel()
	for limit, count := range map[time.Duration]int{1049 * time.Millisecond: 1, 1050 * time.Millisecond: 2} {
		inBubble(t, limit.String(), func(t *testing.T) {
			requests := 0
			answer := func(r *http.Request) (*http.Response, error) {
				if requests > 1 {
					return hanging(r)
				}
				return reply(503, "")(r)
			}
			policy := nahook.WithRetry(nahook.RetryPolicy{MinWait: time.Second, MaxWait: time.Second})
			err := verbs["GET"](t.Context(), through(t, inTurn(&requests, answer), policy), nahook.WithCallTimeout(limit))
			assert.Equal(t, count, requests)
			assert.Equal(t, count == 1, errors.Is(err, nahook.ErrServer))
		})
	}
}
