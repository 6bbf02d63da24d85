package nahook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// records is a JSON log, a map for each line, without its times.
type records struct{ bytes.Buffer }

func (r *records) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(r, &slog.HandlerOptions{Level: level}))
}

func (r *records) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for decoder := json.NewDecoder(&r.Buffer); ; {
		line := map[string]any{}
		err := decoder.Decode(&line)
		if errors.Is(err, io.EOF) {
			return lines
		}
		require.NoError(t, err)
		delete(line, "time")
		lines = append(lines, line)
	}
}

func TestTheLogOfACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log records
		count := 0
		mgmt := through(t, inTurn(&count,
			func(*http.Request) (*http.Response, error) {
				time.Sleep(300 * time.Millisecond)
				return nil, &url.Error{Op: "Get", URL: "https://host/ws_s3cr3t?cursor=s3cr3t", Err: errors.New("connection\nreset by nhm_s3cr3t_t0k3n at http://user:s3cr3t@proxy.test")}
			},
			reply(503, envelope("internal_error", "s3cr3t"), "Retry-After", "9"),
			reply(200, `{"deliveries": [], "nextCursor": null}`),
		), nahook.WithLogger(log.logger(slog.LevelDebug)), nahook.WithRetry(nahook.RetryPolicy{MinWait: time.Second, MaxWait: time.Second}))
		_, err := mgmt.Deliveries.List(t.Context(), "ws_s3cr3t", "ep_s3cr3t", &nahook.ListDeliveriesOptions{Cursor: "s3cr3t"})
		require.NoError(t, err)
		assert.NotContains(t, log.String(), "cr3t")

		is := func(attempt int, more map[string]any) map[string]any {
			line := map[string]any{
				"level": "DEBUG", "msg": "nahook: attempt", "operation": "deliveries.list", "method": "GET",
				"path": "/workspaces/{workspace}/endpoints/{endpoint}/deliveries", "attempt": float64(attempt),
			}
			for key, value := range more {
				line[key] = value
			}
			return line
		}
		const second = float64(time.Second)
		wait := func(attempt int, d float64) map[string]any {
			return is(attempt, map[string]any{"level": "INFO", "msg": "nahook: waiting to try again", "wait": d})
		}
		assert.Equal(t, []map[string]any{
			is(1, map[string]any{"error": `connection\nreset by [redacted] at http://[redacted]@proxy.test`, "duration": 0.3 * second, "request_id": ""}),
			wait(1, second),
			is(2, map[string]any{"status": 503.0, "duration": 0.0, "request_id": "req_1"}),
			wait(2, 9*second),
			is(3, map[string]any{"status": 200.0, "duration": 0.0, "request_id": "req_1"}),
		}, log.lines(t))
	})
}

func TestTheLogHasLevels(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for level, want := range map[slog.Level]int{slog.LevelDebug: 3, slog.LevelInfo: 1, slog.LevelWarn: 0} {
			var log records
			count := 0
			mgmt := through(t, inTurn(&count, reply(429, envelope("rate_limited", "later")), reply(200, "[]")), nahook.WithLogger(log.logger(level)))
			_, err := mgmt.Endpoints.List(t.Context(), "ws")
			require.NoError(t, err)
			assert.Len(t, log.lines(t), want, level)
		}
	})
}

// fromContext is a handler that logs what a context holds, as those of tracing do.
type fromContext struct{ slog.Handler }

type traceKey struct{}

func (h fromContext) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.Any("trace", ctx.Value(traceKey{})))
	return h.Handler.Handle(ctx, r)
}

func TestTheLogHasTheCallsContext(t *testing.T) {
	t.Parallel()
	var log records
	mgmt := through(t, roundTrip(reply(200, "[]")), nahook.WithLogger(slog.New(fromContext{log.logger(slog.LevelDebug).Handler()})))
	_, err := mgmt.Endpoints.List(context.WithValue(t.Context(), traceKey{}, "trace_1"), "ws")
	require.NoError(t, err)
	assert.Equal(t, "trace_1", log.lines(t)[0]["trace"])
}

func TestMiddlewareSeesEveryAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		var requests []*http.Request
		named := func(name string) nahook.Option {
			return nahook.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					seen = append(seen, name+" "+r.Header.Get("X-Trail"))
					r.Header.Set("X-Trail", r.Header.Get("X-Trail")+name)
					requests = append(requests, r)
					return next.RoundTrip(r)
				})
			})
		}
		count := 0
		mgmt := through(t, inTurn(&count, reply(503, "{}"), reply(200, "[]")), named("outer"), named("inner"))
		_, err := mgmt.Endpoints.List(t.Context(), "ws")
		require.NoError(t, err)
		assert.Equal(t, []string{"outer ", "inner outer", "outer ", "inner outer"}, seen, "each attempt starts anew")
		assert.NotSame(t, requests[0], requests[2])
	})
}

// What a middleware answers by itself is an answer.
func TestMiddlewareMayAnswer(t *testing.T) {
	t.Parallel()
	mgmt := through(t, roundTrip(failing(errors.New("not reached"))), nahook.WithMiddleware(func(http.RoundTripper) http.RoundTripper {
		return roundTrip(reply(404, envelope("not_found", "Endpoint not found")))
	}))
	_, err := mgmt.Endpoints.Get(t.Context(), "ws", "ep")
	require.ErrorIs(t, err, nahook.ErrNotFound)
}

// A proof that nothing was sent survives a middleware, which passes the request on.
func TestMiddlewareKeepsTheProofThatNothingWasSent(t *testing.T) {
	t.Parallel()
	mgmt, err := nahook.NewManagement(secretToken, nahook.WithBaseURL("http://127.0.0.1:1"), nahook.WithRetry(nahook.RetryPolicy{MaxAttempts: 1}),
		nahook.WithMiddleware(func(next http.RoundTripper) http.RoundTripper { return next }))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, mgmt.Close()) })
	_, err = mgmt.Applications.Create(t.Context(), "ws", nahook.CreateApplicationOptions{Name: "Acme"})
	var failed *nahook.TransportError
	require.ErrorAs(t, err, &failed)
	assert.False(t, failed.Sent)
}

func TestMiddlewareThatGivesNothing(t *testing.T) {
	t.Parallel()
	_, err := nahook.NewManagement(secretToken, nahook.WithMiddleware(func(http.RoundTripper) http.RoundTripper { return nil }))
	require.ErrorIs(t, err, nahook.ErrInvalidArgument)
	require.EqualError(t, err, "nahook: invalid argument: a middleware returned no http.RoundTripper")
}
