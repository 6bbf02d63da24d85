package nahook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// Every limit ends a call at its instant and says whose it was.
func TestLimits(t *testing.T) {
	t.Parallel()
	limits := []error{nahook.ErrAttemptTimeout, nahook.ErrCallTimeout, context.DeadlineExceeded, context.Canceled}
	for name, c := range map[string]struct {
		verb     string
		answer   httpmock.Responder
		options  []nahook.Option
		call     []nahook.CallOption
		deadline time.Duration // the caller's
		cancel   time.Duration // when the caller cancels
		want     error         // the one of limits that matches
		text     string
		after    time.Duration
		attempts int
	}{
		"default": {
			verb: "GET", answer: hanging,
			want: nahook.ErrCallTimeout, text: "call timed out after 1m0s (2 attempts)", after: time.Minute, attempts: 2,
		},
		"attempt, POST": {
			verb: "POST", answer: hanging,
			want: nahook.ErrAttemptTimeout, text: "attempt timed out after 30s", after: 30 * time.Second, attempts: 1,
		},
		"WithAttemptTimeout": {
			verb: "POST", answer: hanging, options: []nahook.Option{nahook.WithAttemptTimeout(time.Second)},
			want: nahook.ErrAttemptTimeout, text: "attempt timed out after 1s", after: time.Second, attempts: 1,
		},
		"WithTimeout": {
			verb: "GET", answer: hanging, options: []nahook.Option{nahook.WithTimeout(time.Second)},
			want: nahook.ErrCallTimeout, text: "call timed out after 1s", after: time.Second, attempts: 1,
		},
		"WithCallTimeout": {
			verb: "GET", answer: hanging, call: []nahook.CallOption{nahook.WithCallTimeout(2 * time.Second)},
			want: nahook.ErrCallTimeout, text: "call timed out after 2s", after: 2 * time.Second, attempts: 1,
		},
		"deadline": {
			verb: "GET", answer: hanging, deadline: 3 * time.Second,
			want: context.DeadlineExceeded, text: "context deadline exceeded", after: 3 * time.Second, attempts: 1,
		},
		"deadline and limit at once": {
			verb: "GET", answer: hanging, deadline: 3 * time.Second, call: []nahook.CallOption{nahook.WithCallTimeout(3 * time.Second)},
			want: context.DeadlineExceeded, text: "context deadline exceeded", after: 3 * time.Second, attempts: 1,
		},
		"cancelled in flight": {
			verb: "GET", answer: hanging, cancel: 4 * time.Second,
			want: context.Canceled, text: "context canceled", after: 4 * time.Second, attempts: 1,
		},
		"cancelled during back-off": {
			verb: "GET", answer: reply(503, "", "Retry-After", "20"), cancel: 5 * time.Second,
			want: context.Canceled, text: "context canceled", after: 5 * time.Second, attempts: 1,
		},
		"cancelled while the body came": {
			verb: "GET", answer: stalled(200), cancel: 5 * time.Second,
			want: context.Canceled, text: "context canceled", after: 5 * time.Second, attempts: 1,
		},
		"cancelled while an error's body came": {
			verb: "GET", answer: stalled(500), cancel: time.Second / 2,
			want: context.Canceled, text: "context canceled", after: time.Second / 2, attempts: 1,
		},
		"body that stalls": {
			verb: "POST", answer: stalled(201),
			want: nahook.ErrAttemptTimeout, text: "attempt timed out after 30s", after: 30 * time.Second, attempts: 1,
		},
		"a foreign deadline": { // as of a dialer
			verb: "POST", answer: failing(fmt.Errorf("dial: %w", context.DeadlineExceeded)),
			text: "dial: context deadline exceeded", attempts: 1,
		},
		"a foreign cancellation": {
			verb: "POST", answer: failing(fmt.Errorf("stopped: %w", context.Canceled)), text: "stopped: context canceled", attempts: 1,
		},
		"a transport that quotes the URL": {
			verb: "POST", answer: failing(&url.Error{Op: "Get", URL: "https://h/?q=s3cr3t", Err: io.EOF}), text: "EOF", attempts: 1,
		},
		"neither response nor error": {
			verb: "POST", answer: func(*http.Request) (*http.Response, error) { return nil, nil },
			text: "the http.RoundTripper returned neither response nor error", attempts: 1,
		},
		"no status": {
			verb: "GET", answer: func(*http.Request) (*http.Response, error) { return &http.Response{}, nil },
			text: "the response has no final HTTP status: 0", attempts: 1,
		},
		"a status below all":  {verb: "GET", answer: reply(99, "{}"), text: "the response has no final HTTP status: 99", attempts: 1},
		"a status beyond all": {verb: "GET", answer: reply(1000, "{}"), text: "the response has no final HTTP status: 1000", attempts: 1},
		"a proxy's password": {
			verb: "POST", answer: failing(errors.New(`bad proxy "http://user:p@ss@h.test:80"`)), text: `bad proxy "http://[redacted]@h.test:80"`, attempts: 1,
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.deadline > 0 {
				ctx, cancel = context.WithTimeout(ctx, c.deadline)
				defer cancel()
			}
			if c.cancel > 0 {
				time.AfterFunc(c.cancel, cancel)
			}
			start := time.Now()
			err := verbs[c.verb](ctx, through(t, roundTrip(c.answer), c.options...), c.call...)
			assert.Equal(t, c.after, time.Since(start))
			var failed *nahook.TransportError
			require.ErrorAs(t, err, &failed)
			assert.Contains(t, err.Error()+"$", ": "+c.text+"$")
			assert.Equal(t, c.attempts, failed.Attempts)
			assert.True(t, failed.Sent)
			for _, limit := range limits {
				assert.Equal(t, limit == c.want, errors.Is(err, limit), "%v", limit)
			}
		})
	}
}

// stalled sends the start of a body and then waits for the request's context.
func stalled(status int) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		res, err := reply(status, "")(r)
		res.ContentLength = -1
		res.Body = io.NopCloser(&slowBody{ctx: r.Context(), fast: 10})
		return res, err
	}
}

// slowBody has some bytes at once, and then none until its context ends.
type slowBody struct {
	ctx  context.Context
	fast int
}

func (s *slowBody) Read(p []byte) (int, error) {
	if s.fast == 0 {
		<-s.ctx.Done()
		return 0, s.ctx.Err()
	}
	n := min(len(p), s.fast)
	s.fast -= n
	return n, nil
}

// The caller's reason for the end of a context stays within reach.
func TestCancelCause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("shutting down")
		time.AfterFunc(time.Second, func() { cancel(reason) })
		err := verbs["GET"](ctx, through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context()) // as net/http does
		})))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, reason)
		assert.EqualError(t, err, "nahook: GET /workspaces/ws/applications/app: context canceled: shutting down")
	})
}

// The time limit of the caller's client bounds an attempt, like our own.
func TestHTTPClientTimeout(t *testing.T) {
	t.Parallel()
	for limit, want := range map[time.Duration]time.Duration{time.Second: time.Second, time.Hour: 30 * time.Second} {
		inBubble(t, limit.String(), func(t *testing.T) {
			start := time.Now()
			mgmt, err := nahook.NewManagement(secretToken, nahook.WithHTTPClient(&http.Client{Transport: roundTrip(hanging), Timeout: limit}))
			require.NoError(t, err)
			err = verbs["POST"](t.Context(), mgmt)
			require.ErrorIs(t, err, nahook.ErrAttemptTimeout)
			assert.Equal(t, want, time.Since(start))
		})
	}
}

// endless is a body that goes on, and counts what was read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	for status, limit := range map[int]int{200: 65 << 20, 500: 2 << 20} {
		body := new(endless)
		mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: io.NopCloser(body), ContentLength: 1 << 40, Request: r}, nil
		}))
		err := verbs["GET"](t.Context(), mgmt, nahook.WithoutRetry())
		require.Error(t, err)
		assert.LessOrEqual(t, body.read, limit*2, "read buffers are larger than what is taken from them")
		if status == 200 {
			require.EqualError(t, err, "nahook: GET /workspaces/ws/applications/app: the response body is over 64 MiB")
		}
	}
}

// An error's body is not waited for any longer than it is worth.
func TestSlowErrorBody(t *testing.T) {
	t.Parallel()
	for _, fast := range []int{0, 10, 100 << 10} {
		inBubble(t, fmt.Sprint(fast), func(t *testing.T) {
			start := time.Now()
			mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 404, Body: io.NopCloser(&slowBody{r.Context(), fast}), Request: r}, nil
			}))
			require.ErrorIs(t, verbs["GET"](t.Context(), mgmt), nahook.ErrNotFound)
			assert.Equal(t, time.Second, time.Since(start))
		})
	}
}
