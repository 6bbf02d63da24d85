package nahook_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// quick repeats without waiting to speak of.
var quick = nahook.WithRetry(nahook.RetryPolicy{MaxWait: time.Microsecond})

// listening is a server on a socket, with its connections and requests counted.
type listening struct {
	*httptest.Server
	connections, requests atomic.Int64
}

func listen(t *testing.T, start func(*httptest.Server), handler http.HandlerFunc) *listening {
	t.Helper()
	l := new(listening)
	l.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.requests.Add(1)
		handler(w, r)
	}))
	l.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			l.connections.Add(1)
		}
	}
	l.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(l.Server)
	t.Cleanup(l.Close)
	return l
}

// socket is a client of the default transport.
func socket(t *testing.T, base string) *nahook.Management {
	t.Helper()
	mgmt, err := nahook.NewManagement(secretToken, nahook.WithBaseURL(base), quick)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, mgmt.Close()) })
	return mgmt
}

// A connection is used again whatever came over it.
func TestOneConnectionPerHundredCalls(t *testing.T) {
	t.Parallel()
	page := []byte("[" + strings.Repeat(" ", 20<<10) + "]")
	html := []byte("<html>" + strings.Repeat("x", 500<<10))
	send := func(w http.ResponseWriter, status int, body []byte) {
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
	for name, handler := range map[string]http.HandlerFunc{
		"Content-Length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(page)))
			send(w, 200, page)
		},
		"chunked": func(w http.ResponseWriter, _ *http.Request) {
			send(w, 200, page[:100])
			w.(http.Flusher).Flush()
			_, _ = w.Write(page[100:])
		},
		"4xx":                 func(w http.ResponseWriter, _ *http.Request) { send(w, 404, []byte(envelope("not_found", "No"))) },
		"5xx with large HTML": func(w http.ResponseWriter, _ *http.Request) { send(w, 500, html) },
		"204":                 func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := listen(t, (*httptest.Server).Start, handler)
			mgmt := socket(t, server.URL)
			for range 100 {
				var response nahook.Response
				_, err := mgmt.Endpoints.List(t.Context(), "ws", nahook.WithResponse(&response))
				assert.Equal(t, response.StatusCode == 200, err == nil)
			}
			assert.GreaterOrEqual(t, server.requests.Load(), int64(100))
			assert.EqualValues(t, 1, server.connections.Load())
		})
	}
}

// A proxy that switches protocols keeps the connection open: the call must not
// wait for what will never be an answer.
func TestSwitchedProtocols(t *testing.T) {
	t.Parallel()
	hangUp := make(chan struct{})
	server := listen(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n")
		<-hangUp
	})
	defer close(hangUp)
	_, err := socket(t, server.URL).Applications.Get(t.Context(), "ws", "app")
	var failed *nahook.TransportError
	require.ErrorAs(t, err, &failed)
	require.ErrorContains(t, err, "the response has no final HTTP status: 101")
	assert.Equal(t, 1, failed.Attempts)
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"/elsewhere", "https://evil.test/", "", "http://[::1", ":"} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			server := listen(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Location"] = []string{location}
				w.WriteHeader(status)
			})
			for verb, call := range verbs {
				server.requests.Store(0)
				err := call(t.Context(), socket(t, server.URL))
				var refused *nahook.APIError
				require.ErrorAs(t, err, &refused, "%s %d %q", verb, status, location)
				assert.Equal(t, status, refused.StatusCode)
				assert.Equal(t, "unknown", refused.Code)
				assert.EqualValues(t, 1, server.requests.Load())
			}
		}
	}
}

func TestTruncatedAnswers(t *testing.T) {
	t.Parallel()
	whole := string(fixture(t, "application.json"))
	server := listen(t, (*httptest.Server).Start, nil)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if server.requests.Add(1)%2 == 0 {
			_, _ = io.WriteString(w, whole)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
		_, _ = io.WriteString(w, whole[:20])
	})
	mgmt := socket(t, server.URL)
	app, err := mgmt.Applications.Get(t.Context(), "ws", "app")
	require.NoError(t, err)
	assert.Equal(t, acme(t), *app)
	assert.EqualValues(t, 2, server.requests.Load())

	_, err = mgmt.Applications.Create(t.Context(), "ws", createAcme)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	var failed *nahook.TransportError
	require.ErrorAs(t, err, &failed)
	assert.True(t, failed.Sent)
	assert.EqualValues(t, 3, server.requests.Load(), "a POST that may have worked is not repeated")
}

// A connection that is cut after the request was read.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	server := listen(t, (*httptest.Server).Start, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	})
	for verb, want := range map[string]int{"GET": 3, "PATCH": 3, "DELETE": 3, "POST": 1} {
		server.requests.Store(0)
		err := verbs[verb](t.Context(), socket(t, server.URL))
		var failed *nahook.TransportError
		require.ErrorAs(t, err, &failed)
		assert.True(t, failed.Sent)
		assert.Equal(t, want, failed.Attempts, verb)
		assert.EqualValues(t, want, server.requests.Load(), verb)
	}
}

// Nothing is sent where there is no connection, so a POST is repeated too.
func TestFailedDials(t *testing.T) {
	t.Parallel()
	dials := 0
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		dials++
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errRefused}
	}}
	for verb, call := range verbs {
		dials = 0
		err := call(t.Context(), through(t, transport, quick))
		var failed *nahook.TransportError
		require.ErrorAs(t, err, &failed)
		require.ErrorIs(t, err, errRefused)
		assert.False(t, failed.Sent, verb)
		assert.Equal(t, 3, failed.Attempts, verb)
		assert.Equal(t, 3, dials, verb)
		assert.Contains(t, err.Error(), "dial tcp: connection refused (nothing was sent) (3 attempts)")
	}
}

func TestBadCertificates(t *testing.T) {
	t.Parallel()
	server := listen(t, (*httptest.Server).StartTLS, func(http.ResponseWriter, *http.Request) {})
	for verb, call := range verbs {
		err := call(t.Context(), socket(t, server.URL))
		var failed *nahook.TransportError
		require.ErrorAs(t, err, &failed)
		assert.False(t, failed.Sent, verb)
		assert.Equal(t, 1, failed.Attempts, "it will not get better: %s", verb)
		var authority x509.UnknownAuthorityError
		require.ErrorAs(t, err, &authority)
	}
	assert.Zero(t, server.requests.Load())
}

// An https URL of a server of plain http is a mistake that says so.
func TestSchemeMismatch(t *testing.T) {
	t.Parallel()
	server := listen(t, (*httptest.Server).Start, func(http.ResponseWriter, *http.Request) {})
	err := verbs["GET"](t.Context(), socket(t, strings.Replace(server.URL, "http:", "https:", 1)))
	require.ErrorIs(t, err, http.ErrSchemeMismatch)
	require.EqualError(t, err, "nahook: GET /workspaces/ws/applications/app: http: server gave HTTP response to HTTPS client (nothing was sent)")
	var failed *nahook.TransportError
	require.ErrorAs(t, err, &failed)
	assert.False(t, failed.Sent)
	assert.Equal(t, 1, failed.Attempts, "it will not get better")
	assert.Zero(t, server.requests.Load())
}

// A server of another protocol may be another one next time.
func TestOtherProtocols(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "220 mail.test ESMTP\r\n")
			_, _ = io.CopyN(io.Discard, conn, 1)
			_ = conn.Close()
		}
	}()
	err = verbs["POST"](t.Context(), socket(t, "https://"+listener.Addr().String()))
	require.NotErrorIs(t, err, http.ErrSchemeMismatch)
	var failed *nahook.TransportError
	require.ErrorAs(t, err, &failed)
	assert.False(t, failed.Sent)
	assert.Equal(t, 3, failed.Attempts)
	require.NoError(t, listener.Close())
	<-served
}

// A TLS handshake that fails for another reason is a connection not had.
func TestFailedHandshakes(t *testing.T) {
	t.Parallel()
	old := listen(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
		s.StartTLS()
	}, func(http.ResponseWriter, *http.Request) {})
	err := verbs["POST"](t.Context(), socket(t, old.URL))
	var failed *nahook.TransportError
	require.ErrorAs(t, err, &failed, "TLS 1.1 is refused")
	assert.False(t, failed.Sent)
	assert.Equal(t, 3, failed.Attempts)
	assert.Zero(t, old.requests.Load())
}

func TestCancelledDial(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	release := make(chan struct{})
	defer close(release) // net/http dials on its own account
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		cancel()
		<-release
		return nil, errRefused
	}}
	err := verbs["POST"](ctx, through(t, transport))
	require.ErrorIs(t, err, context.Canceled)
	var failed *nahook.TransportError
	require.ErrorAs(t, err, &failed)
	assert.False(t, failed.Sent)
	assert.Equal(t, 1, failed.Attempts)
}

// Close ends our idle connections, and the client goes on with new ones.
func TestClose(t *testing.T) {
	t.Parallel()
	server := listen(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "[]") })
	mine, theirs := socket(t, server.URL), server.Client()
	given, err := nahook.NewManagement(secretToken, nahook.WithBaseURL(server.URL), nahook.WithHTTPClient(theirs))
	require.NoError(t, err)
	for mgmt, want := range map[*nahook.Management]int64{mine: 2, given: 1} {
		server.connections.Store(0)
		for range 2 {
			_, err := mgmt.Endpoints.List(t.Context(), "ws")
			require.NoError(t, err)
			require.NoError(t, mgmt.Close())
		}
		assert.Equal(t, want, server.connections.Load())
	}
}

func TestCloseOfTheClient(t *testing.T) {
	t.Parallel()
	server := listen(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"deliveryId":"del_1","eventTypeId":"evt_1"}`)
	})
	client, err := nahook.NewClient(secretKey, nahook.WithBaseURL(server.URL))
	require.NoError(t, err)
	for range 2 {
		_, err := client.Send(t.Context(), "ep_1", nahook.SendOptions{Payload: map[string]int{}})
		require.NoError(t, err)
		require.NoError(t, client.Close())
	}
	assert.EqualValues(t, 2, server.connections.Load())
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	server := listen(t, (*httptest.Server).Start, newInMemory(t).ServeHTTP)
	mgmt := socket(t, server.URL)
	failures := make(chan error, 80)
	for i := range cap(failures) {
		go func() {
			_, err := mgmt.Applications.Get(t.Context(), "ws", fmt.Sprintf("app_%d", i))
			_, more := mgmt.Applications.List(t.Context(), "ws", nil)
			failures <- errors.Join(err, more, verbs["POST"](t.Context(), mgmt))
		}()
	}
	for range cap(failures) {
		require.NoError(t, <-failures)
	}
}
