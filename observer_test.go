package nahook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// told is what an observer was told, a line each.
type told []string

func (l *told) note(format string, values ...any) { *l = append(*l, fmt.Sprintf(format, values...)) }

// observe is an observer that notes everything, and leaves its name in the context.
func (l *told) observe(name string) nahook.Option {
	return nahook.WithObserver(func(ctx context.Context, c nahook.Call) (context.Context, nahook.Observer) {
		l.note("%s begins %s %s %s %s after %v", name, c.Operation, c.Method, c.Path, c.URL, ctx.Value(traceKey{}))
		return context.WithValue(ctx, traceKey{}, name), nahook.Observer{
			Attempt: func(a nahook.CallAttempt) {
				l.note("%s attempt %d: %d %v %q in %s", name, a.Number, a.StatusCode, a.Err, a.RequestID, a.Duration)
			},
			Wait: func(d time.Duration) { l.note("%s waits %s", name, d) },
			End:  func(err error) { l.note("%s ends: %v", name, err) },
		}
	})
}

func TestObserverFollowsACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l told
		count := 0
		mgmt := through(t, inTurn(&count,
			func(*http.Request) (*http.Response, error) {
				time.Sleep(300 * time.Millisecond)
				return nil, &url.Error{Op: "Get", URL: "https://host/?cursor=s3cr3t", Err: errors.New("reset by " + secretToken)}
			},
			func(r *http.Request) (*http.Response, error) {
				assert.Equal(t, "inner", r.Context().Value(traceKey{}), "the attempts have the context of the observers")
				return reply(200, `{"deliveries": [], "nextCursor": null}`)(r)
			},
		), nahook.WithRetry(nahook.RetryPolicy{MinWait: time.Second, MaxWait: time.Second}), l.observe("outer"), l.observe("inner"),
			nahook.WithObserver(func(context.Context, nahook.Call) (context.Context, nahook.Observer) { return nil, nahook.Observer{} }))
		_, err := mgmt.Deliveries.List(t.Context(), "ws/1", "ep_1", &nahook.ListDeliveriesOptions{Cursor: "s3cr3t"})
		require.NoError(t, err)
		const about = "deliveries.list GET /workspaces/{workspace}/endpoints/{endpoint}/deliveries " + server + "/workspaces/ws%2F1/endpoints/ep_1/deliveries"
		assert.Equal(t, told{
			"outer begins " + about + " after <nil>",
			"inner begins " + about + " after outer",
			`outer attempt 1: 0 reset by [redacted] "" in 300ms`,
			`inner attempt 1: 0 reset by [redacted] "" in 300ms`,
			"outer waits 1s",
			"inner waits 1s",
			`outer attempt 2: 200 <nil> "req_1" in 0s`,
			`inner attempt 2: 200 <nil> "req_1" in 0s`,
			"inner ends: <nil>",
			"outer ends: <nil>",
		}, l)
	})
}

// Every method begins one call and ends it once, with the error that it returns,
// whatever goes wrong; a call that is refused is none.
func TestMethodsAreObserved(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]http.RoundTripper{
		"a refusal":         roundTrip(reply(404, envelope("not_found", "Not here"))),
		"no answer":         roundTrip(failing(errors.New("reset"))),
		"unreadable":        roundTrip(reply(200, "<html>")),
		"of another shape":  roundTrip(reply(200, `"text"`)),
		"a foreign object":  roundTrip(reply(200, `{"x": 1}`)),
		"an ended context":  nil,
		"a refused request": nil,
	} {
		var calls []nahook.Call
		var ends []error
		observer := nahook.WithObserver(func(ctx context.Context, c nahook.Call) (context.Context, nahook.Observer) {
			calls = append(calls, c)
			return ctx, nahook.Observer{End: func(err error) { ends = append(ends, err) }}
		})
		for _, m := range methods(t, transport, observer, nahook.WithRetry(nahook.RetryPolicy{MaxAttempts: 1})) {
			calls, ends = nil, nil
			ctx, cancel := context.WithCancel(t.Context())
			ids, want := someIDs(m.ids), 1
			switch name {
			case "an ended context":
				cancel()
			case "a refused request":
				ids[0], want = "..", 0
			}
			err := m.call(ctx, ids)
			cancel()
			require.Len(t, calls, want, "%s: %s", name, m.name)
			require.Len(t, ends, want, "%s: %s", name, m.name)
			if want == 1 {
				assert.Equal(t, m.name, calls[0].Operation)
				assert.Contains(t, err0(err), ends[0], "%s: %s", name, m.name)
			}
		}
	}
}

// err0 is an error and what is within it, as the items of a batch have the error
// of their request.
func err0(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) == 1 {
		err = joined.Unwrap()[0]
	}
	return []error{err, errors.Unwrap(err)}
}

func TestOptionsAreOneOption(t *testing.T) {
	t.Parallel()
	var agent string
	echo := roundTrip(func(r *http.Request) (*http.Response, error) {
		agent = r.Header.Get("User-Agent")
		return reply(200, "[]")(r)
	})
	mgmt := through(t, echo, nahook.WithUserAgent("a"), nahook.Options(nil, nahook.WithUserAgent("b"), nahook.Options(nahook.WithUserAgent("c"))), nahook.Options())
	_, err := mgmt.Endpoints.List(t.Context(), "ws")
	require.NoError(t, err)
	assert.Equal(t, "c", agent)
	_, err = nahook.NewManagement(secretToken, nahook.Options(nahook.WithUserAgent("a"), nahook.WithTimeout(0)))
	require.ErrorIs(t, err, nahook.ErrInvalidArgument)
	require.ErrorContains(t, err, "WithTimeout")
	_, err = nahook.NewManagement(secretToken, nahook.WithObserver(nil))
	require.ErrorIs(t, err, nahook.ErrInvalidArgument)
	require.EqualError(t, err, "nahook: invalid argument: WithObserver: the observer is nil")
}
