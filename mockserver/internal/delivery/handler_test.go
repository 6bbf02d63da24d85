package delivery_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const inProcess = "http://receiver.example.test"

func newHandlers(t testing.TB, limit time.Duration) *delivery.Handlers {
	t.Helper()
	h := delivery.NewHandlers(machine, limit, func(problem string) { t.Errorf("late: %s", problem) })
	t.Cleanup(h.Close)
	return h
}

func serve(t *testing.T, handler http.HandlerFunc) (domain.Outcome, string) {
	t.Helper()
	o, problem := newHandlers(t, ample).Serve(t.Context(), handler, message(inProcess))
	return settled(o), problem
}

// A handler sees the same request in memory as over a socket.
func TestRequestIsTheOneOfASocket(t *testing.T) {
	t.Parallel()
	type seen struct {
		Method, URI, Proto, Body, Host, UserInfo string
		URL                                      url.URL
		Header                                   http.Header
		Length                                   int64
		Major, Minor                             int
		Encoding                                 []string
	}
	var got seen
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Contains(t, r.RemoteAddr, "127.0.0.1:")
		got = seen{r.Method, r.RequestURI, r.Proto, string(body), r.Host, r.URL.User.String(), *r.URL, r.Header, r.ContentLength, r.ProtoMajor, r.ProtoMinor, r.TransferEncoding}
	})
	server := newServer(t, handler)
	for _, path := range []string{"", "/", "/hooks", "/a%2Fb/%20?x=1&y=%20", "/hooks?", "?only=query", "//double"} {
		m := message(server.URL + path)
		m.Header.Set("Authorization", "Basic dXNlcjpwYXNz")
		require.True(t, newSender(t, delivery.Egress{}, ample).Send(t.Context(), m).Success())
		socket := got
		got = seen{}
		o, problem := newHandlers(t, ample).Serve(t.Context(), handler, m)
		require.Equal(t, domain.Outcome{StatusCode: 200}, settled(o))
		require.Empty(t, problem)
		require.Equal(t, socket, got, path)
	}
}

func TestHandlersDoNotChangeTheMessage(t *testing.T) {
	t.Parallel()
	m := message(inProcess)
	before := m.Header.Clone()
	newHandlers(t, ample).Serve(t.Context(), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.Header.Set("Webhook-Id", "other")
		r.Header["User-Agent"][0] = "other"
	}), m)
	require.Equal(t, before, m.Header)
}

func TestHandlerAnswers(t *testing.T) {
	t.Parallel()
	full := make([]byte, 1<<20)
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    domain.Outcome
	}{
		"nothing":              {func(http.ResponseWriter, *http.Request) {}, domain.Outcome{StatusCode: 200}},
		"body":                 {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok"); w.WriteHeader(500) }, domain.Outcome{StatusCode: 200}},
		"first status":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); w.WriteHeader(200) }, domain.Outcome{StatusCode: 500}},
		"informational":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(410) }, domain.Outcome{StatusCode: 410}},
		"switching protocols":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(101); w.WriteHeader(200) }, domain.Outcome{StatusCode: 101}},
		"flush":                {func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); w.WriteHeader(500) }, domain.Outcome{StatusCode: 200}},
		"redirect":             {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusTemporaryRedirect) }, domain.Outcome{StatusCode: 307, Failure: "redirects are not followed"}},
		"retry-after":          {answering(429, "Retry-After: 9").ServeHTTP, domain.Outcome{StatusCode: 429, RetryAfter: 9 * time.Second}},
		"retry-after too late": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429); w.Header().Set("Retry-After", "9") }, domain.Outcome{StatusCode: 429}},
		"1 MiB":                {func(w http.ResponseWriter, _ *http.Request) { w.Write(full) }, domain.Outcome{StatusCode: 200}},
		"1 MiB and a byte":     {func(w http.ResponseWriter, _ *http.Request) { w.Write(full); w.Write(full[:1]) }, domain.Outcome{StatusCode: 200, Failure: "the answer is longer than 1 MiB"}},
		"without end": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(full); err != nil {
					return
				}
			}
		}, domain.Outcome{StatusCode: 200, Failure: "the answer is longer than 1 MiB"}},
		"abort":               {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, domain.Outcome{Failure: "connection reset"}},
		"abort after a start": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); panic(http.ErrAbortHandler) }, domain.Outcome{Failure: "connection reset"}},
		"abort after a flush": {func(w http.ResponseWriter, _ *http.Request) {
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, domain.Outcome{StatusCode: 200, Failure: "connection reset"}},
		"no body with 204": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			_, err := io.WriteString(w, "x")
			assert.ErrorIs(t, err, http.ErrBodyNotAllowed)
		}, domain.Outcome{StatusCode: 204}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, problem := serve(t, test.handler)
			require.Equal(t, test.want, o)
			require.Empty(t, problem)
		})
	}
}

func TestHandlersOwnMistakes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler  http.HandlerFunc
		failure  string
		problems []string
	}{
		"panic":          {func(http.ResponseWriter, *http.Request) { panic("ouch") }, "connection reset", []string{"handler panicked: ouch", "handler_test.go"}},
		"nil panic":      {func(http.ResponseWriter, *http.Request) { panic(nil) }, "connection reset", []string{"panicked: panic called with nil"}},
		"invalid status": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(0) }, "connection reset", []string{"invalid WriteHeader code 0"}},
		"status of four": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(1000) }, "connection reset", []string{"invalid WriteHeader code 1000"}},
		"nil handler":    {nil, "connection reset", []string{"nil pointer"}},
		"goexit":         {func(http.ResponseWriter, *http.Request) { runtime.Goexit() }, "the handler ended its goroutine", []string{"as t.FailNow does"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, problem := serve(t, test.handler)
			require.Equal(t, domain.Outcome{Failure: test.failure}, o)
			for _, part := range test.problems {
				require.Contains(t, problem, part)
			}
		})
	}
}

func TestInvalidURLForHandlers(t *testing.T) {
	t.Parallel()
	o, problem := newHandlers(t, ample).Serve(t.Context(), answering(200), message("http://[::1"))
	require.Equal(t, domain.Outcome{Failure: "the URL is not valid"}, o)
	require.Empty(t, problem)
}

// Fifteen seconds and more pass here, none of them outside the bubble.
func TestHandlerThatHangs(t *testing.T) {
	t.Parallel()
	for _, flushed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHandlers(t, ample)
			var writes error
			o, problem := h.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if flushed {
					w.(http.Flusher).Flush()
				}
				time.Sleep(time.Minute)
				assert.Error(t, r.Context().Err())
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(503)
				_, writes = io.WriteString(w, "late")
			}), message(inProcess))
			want := domain.Outcome{Failure: "no complete answer within 15s", Took: 15 * time.Second}
			if flushed {
				want.StatusCode = 200
			}
			require.Equal(t, want, o)
			require.Empty(t, problem)
			start := time.Now()
			h.Close()
			require.Equal(t, 45*time.Second, time.Since(start), "Close waits for the handler")
			require.ErrorIs(t, writes, http.ErrHandlerTimeout)
		})
	}
}

func TestHandlerJustInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHandlers(t, ample)
		o, _ := h.Serve(t.Context(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(ample - 1) }), message(inProcess))
		require.Equal(t, domain.Outcome{StatusCode: 200, Took: ample - 1}, o)
		m := message(inProcess)
		m.Limit = 10 * time.Second
		o, _ = h.Serve(t.Context(), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), m)
		require.Equal(t, domain.Outcome{Failure: "no complete answer within 10s", Took: 10 * time.Second}, o)
	})
}

func TestMistakesAfterTheLimitAreToldTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		told := make(chan string, 4)
		h := delivery.NewHandlers(machine, ample, func(problem string) { told <- problem })
		for _, end := range []func(){func() { panic("late") }, runtime.Goexit, func() {}, func() { panic(http.ErrAbortHandler) }} {
			o, problem := h.Serve(t.Context(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				time.Sleep(time.Minute)
				end()
			}), message(inProcess))
			require.Equal(t, "no complete answer within 15s", o.Failure)
			require.Empty(t, problem)
			time.Sleep(time.Minute)
		}
		h.Close()
		require.Len(t, told, 2)
		require.Contains(t, <-told, "handler panicked: late")
		require.Contains(t, <-told, "t.FailNow")
	})
}

func TestCloseCancelsHandlers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHandlers(t, ample)
		outcome := make(chan domain.Outcome, 1)
		go func() {
			o, _ := h.Serve(context.Background(), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), message(inProcess))
			outcome <- o
		}()
		synctest.Wait()
		h.Close()
		o := <-outcome
		require.Equal(t, domain.Outcome{Failure: "the attempt was cancelled"}, o)
		o, problem := h.Serve(t.Context(), answering(200), message(inProcess))
		require.Equal(t, domain.Outcome{Failure: "the attempt was cancelled"}, o)
		require.Empty(t, problem)
	})
}

// Handlers that write while their attempt is given up show races, if any.
func TestWritingAcrossTheLimit(t *testing.T) {
	t.Parallel()
	h := newHandlers(t, time.Millisecond)
	var attempts sync.WaitGroup
	for range 20 {
		attempts.Go(func() {
			o, problem := h.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for {
					w.Header().Set("Retry-After", "1")
					w.WriteHeader(200)
					w.(http.Flusher).Flush()
					if _, err := w.Write([]byte("x")); err != nil && r.Context().Err() != nil {
						return
					}
				}
			}), message(inProcess))
			assert.Contains(t, []string{"no complete answer within 1ms", "the answer is longer than 1 MiB"}, o.Failure)
			assert.Empty(t, problem)
		})
	}
	attempts.Wait()
}

func TestInsideHandler(t *testing.T) {
	t.Parallel()
	require.False(t, delivery.InsideHandler())
	var direct, deep, deferred, elsewhere bool
	_, problem := serve(t, func(http.ResponseWriter, *http.Request) {
		direct = delivery.InsideHandler()
		descend(200, func() { deep = delivery.InsideHandler() })
		var other sync.WaitGroup
		other.Go(func() { elsewhere = delivery.InsideHandler() })
		other.Wait()
		defer func() { deferred = recover() != nil && delivery.InsideHandler() }()
		panic("ouch")
	})
	require.Empty(t, problem)
	require.True(t, direct)
	require.True(t, deep)
	require.True(t, deferred)
	require.False(t, elsewhere)
	descend(200, func() { require.False(t, delivery.InsideHandler()) })
}

func descend(depth int, f func()) {
	if depth == 0 {
		f()
		return
	}
	descend(depth-1, f)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, " 120 ": 2 * time.Minute, "86399": 86399 * time.Second, "86400": 24 * time.Hour, "86401": 24 * time.Hour,
		"4294967295": 24 * time.Hour, "4294967296": 24 * time.Hour, "99999999999999999999999": 24 * time.Hour,
		"-1": 0, "+1": 0, "1.5": 0, "1e3": 0, "0x10": 0, "soon": 0, "1 2": 0, "-99999999999999999999999": 0,
		"Thu, 15 Jan 2026 10:30:05 GMT": 5 * time.Second, "Thursday, 15-Jan-26 10:31:00 GMT": time.Minute, "Thu Jan 15 10:30:07 2026": 7 * time.Second,
		"Thu, 15 Jan 2026 10:30:00 GMT": 0, "Thu, 15 Jan 2026 10:29:59 GMT": 0, "Thu, 01 Jan 1970 00:00:00 GMT": 0,
		"Fri, 16 Jan 2026 10:30:00 GMT": 24 * time.Hour, "Fri, 16 Jan 2026 10:30:01 GMT": 24 * time.Hour, "Fri, 31 Dec 9999 23:59:59 GMT": 24 * time.Hour,
		"2026-01-15T10:30:05Z": 0,
	} {
		for status, counts := range map[int]bool{429: true, 502: true, 503: true, 504: true, 200: false, 202: false, 400: false, 408: false, 410: false, 500: false, 501: false, 505: false} {
			o, _ := serve(t, answering(status, "Retry-After: "+value).ServeHTTP)
			if !counts {
				require.Zero(t, o.RetryAfter, "%d %s", status, value)
				continue
			}
			require.Equal(t, domain.Outcome{StatusCode: status, RetryAfter: want}, o, value)
		}
	}
}

func TestNoFailureTellsASecret(t *testing.T) {
	t.Parallel()
	o, problem := serve(t, func(http.ResponseWriter, *http.Request) { panic("ouch") })
	for _, leak := range []string{"whsec_", strings.TrimPrefix(secret, "whsec_")} {
		require.NotContains(t, o.Failure+problem, leak)
	}
}

func BenchmarkServe(b *testing.B) {
	h := newHandlers(b, ample)
	handler := answering(200)
	m := message(inProcess)
	b.ReportAllocs()
	for b.Loop() {
		if o, _ := h.Serve(b.Context(), handler, m); !o.Success() {
			b.Fatal(o.Failure)
		}
	}
}

func BenchmarkInsideHandler(b *testing.B) {
	for b.Loop() {
		delivery.InsideHandler()
	}
}
