package mockserver_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nahook/nahook-go/mockserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder stands in for the test that starts a server.
type recorder struct {
	mu       sync.Mutex
	lines    []string
	cleanups []func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Failed() bool     { return false }
func (r *recorder) Errorf(format string, args ...any) {
	r.record("error: "+format, args...)
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.record("fatal: "+format, args...)
}
func (r *recorder) Logf(format string, args ...any) { r.record("log: "+format, args...) }

func (r *recorder) record(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func (r *recorder) finish() {
	for _, f := range r.cleanups {
		f()
	}
}

// fetch lists the applications of a workspace and gives status and body.
func fetch(tb testing.TB, client *http.Client, base string, w *mockserver.Workspace) (int, string) {
	tb.Helper()
	return send(tb, client, http.MethodGet, base, w, "")
}

func send(tb testing.TB, client *http.Client, method, base string, w *mockserver.Workspace, body string) (int, string) {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), method, base+"/management/v1/workspaces/"+w.ID()+"/applications", strings.NewReader(body))
	require.NoError(tb, err)
	request.Header.Set("Authorization", "Bearer "+w.ManagementToken())
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	require.NoError(tb, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(tb, err)
	return response.StatusCode, string(answer)
}

func TestServerAnswersInMemoryOnAnyHost(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t)
	for _, base := range []string{"https://api.nahook.com", "http://us.api.nahook.com:8080", "https://whatever.test"} {
		status, body := fetch(t, srv.HTTPClient(), base, srv.Workspace)
		require.Equal(t, 200, status)
		require.Equal(t, "[]", body)
	}
}

func TestServerAnswersOnLoopback(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t)
	require.Regexp(t, `^http://127\.0\.0\.1:\d+$`, srv.URL())
	require.Equal(t, srv.URL(), srv.URL(), "one socket, however often it is asked for")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	status, _ := fetch(t, client, srv.URL(), srv.Workspace)
	require.Equal(t, 200, status)
}

func TestServerAnswersBehindAForeignServer(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t)
	outer := httptest.NewTLSServer(srv.Handler())
	defer outer.Close()
	status, _ := fetch(t, outer.Client(), outer.URL, srv.Workspace)
	require.Equal(t, 200, status)
}

func TestServeEndsWithClose(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New()
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error)
	go func() { served <- srv.Serve(listener) }()
	client := &http.Client{Transport: &http.Transport{}}
	status, _ := fetch(t, client, "http://"+listener.Addr().String(), srv.Workspace)
	require.Equal(t, 200, status)

	require.NoError(t, srv.Close())
	require.NoError(t, <-served)
	require.NoError(t, srv.Close(), "closing twice is fine")
	require.ErrorIs(t, srv.Serve(listener), http.ErrServerClosed)
	client.CloseIdleConnections()
}

func TestShutdownLetsARequestFinish(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New()
	require.NoError(t, err)
	body, write := io.Pipe()
	answered := make(chan int)
	go func() {
		request, _ := http.NewRequest(http.MethodPost, "https://api.nahook.com/management/v1/workspaces/"+srv.ID()+"/applications", body)
		request.Header.Set("Authorization", "Bearer "+srv.ManagementToken())
		request.Header.Set("Content-Type", "application/json")
		response, err := srv.HTTPClient().Do(request)
		if err != nil {
			answered <- 0
			return
		}
		response.Body.Close()
		answered <- response.StatusCode
	}()
	// More than all buffers on the way hold, so the server is reading when Write returns.
	write.Write([]byte(strings.Repeat(" ", 512<<10) + `{"name":`))
	down := make(chan error)
	go func() { down <- srv.Shutdown(context.Background()) }()
	write.Write([]byte(`"Acme"}`))
	write.Close()
	require.Equal(t, 201, <-answered)
	require.NoError(t, <-down)
}

func TestClosedServerRefusesConnections(t *testing.T) {
	t.Parallel()
	tb := &recorder{}
	srv := mockserver.Start(tb)
	before := srv.HTTPClient()
	require.NoError(t, srv.Close())
	for _, client := range []*http.Client{before, srv.HTTPClient()} {
		_, err := client.Get("https://api.nahook.com/")
		require.ErrorContains(t, err, "connection refused")
	}
	srv.URL()
	require.Equal(t, []string{"fatal: mockserver: URL: http: Server closed"}, tb.lines)
}

// Twenty servers come and go, in and out of a bubble, and leave no goroutine.
func TestCloseWaitsForEveryGoroutine(t *testing.T) {
	t.Parallel()
	cycle := func(t *testing.T) {
		t.Helper()
		for range 20 {
			srv, err := mockserver.New()
			require.NoError(t, err)
			status, _ := fetch(t, srv.HTTPClient(), "https://api.nahook.com", srv.Workspace)
			require.Equal(t, 200, status)
			// net/http lingers after a body that nobody reads.
			status, _ = send(t, srv.HTTPClient(), http.MethodPost, "https://api.nahook.com", srv.Workspace, strings.Repeat(" ", 2<<20))
			require.Equal(t, 413, status)
			forget(t, srv)
			require.NoError(t, srv.Close())
		}
	}
	t.Run("outside", func(t *testing.T) {
		t.Parallel()
		cycle(t) // TestMain looks for what is left
	})
	t.Run("bubble", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, cycle)
	})
}

// forget does what tests do by mistake: it never closes a response's body.
func forget(t *testing.T, srv *mockserver.Server) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://h/nowhere", nil)
	require.NoError(t, err)
	_, err = srv.HTTPClient().Do(request) //nolint:bodyclose // that is the point
	require.NoError(t, err)
}

// lateListener hands out one connection at the very moment at which it is
// closed, as a busy listener may.
type lateListener struct {
	net.Listener
	closed chan struct{}
	once   sync.Once
	late   chan net.Conn
}

func (l *lateListener) Accept() (net.Conn, error) {
	<-l.closed
	if conn, ok := <-l.late; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (l *lateListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func TestCloseFindsAConnectionThatWasAcceptedMeanwhile(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New()
	require.NoError(t, err)
	client, server := net.Pipe()
	defer client.Close()
	l := &lateListener{closed: make(chan struct{}), late: make(chan net.Conn, 1)}
	l.late <- server
	close(l.late)
	served := make(chan error)
	go func() { served <- srv.Serve(l) }()
	require.NoError(t, srv.Close()) // hangs if it closes connections before the listener has ended
	<-served
}

func TestShutdownClosesTheServer(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New()
	require.NoError(t, err)
	forget(t, srv)
	require.NoError(t, srv.Shutdown(t.Context()))
	_, err = srv.HTTPClient().Get("https://h/")
	require.ErrorContains(t, err, "connection refused")
}

// A hundred calls share one connection.
func TestConnectionsInMemoryAreKeptAlive(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t)
	dialled := 0
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if !info.Reused {
			dialled++
		}
	}}
	for range 100 {
		request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodGet, "https://h/nowhere", nil)
		require.NoError(t, err)
		response, err := srv.HTTPClient().Do(request)
		require.NoError(t, err)
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	require.Equal(t, 1, dialled)
}

// The record of a request is the last thing that its goroutine writes: without
// waiting, Close would return before it, and the race detector would see both.
func TestCloseWaitsForHandlersInFlight(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	srv, err := mockserver.New(mockserver.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	require.NoError(t, err)
	body, write := io.Pipe()
	failed := make(chan error)
	go func() {
		request, _ := http.NewRequest(http.MethodPost, "https://h/management/v1/workspaces/"+srv.ID()+"/applications", body)
		request.Header.Set("Authorization", "Bearer "+srv.ManagementToken())
		response, err := srv.HTTPClient().Do(request)
		if err == nil {
			response.Body.Close()
		}
		failed <- err
	}()
	write.Write([]byte(strings.Repeat(" ", 512<<10)))
	require.NoError(t, srv.Close())
	require.Contains(t, log.String(), "operation=applications.create")
	write.Close()
	require.Error(t, <-failed)
}

func TestClockStandsStillUntilAdvanced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mockserver.Start(t)
		start := srv.Now()
		require.Equal(t, time.Now().UTC().Truncate(time.Millisecond), start)
		time.Sleep(time.Hour)
		require.Equal(t, start, srv.Now())
		srv.Advance(5 * time.Minute)
		require.Equal(t, start.Add(5*time.Minute), srv.Now())
	})
}

func TestRealClockRunsWithTheBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mockserver.Start(t, mockserver.WithRealClock())
		start := srv.Now()
		time.Sleep(5 * time.Minute)
		require.Equal(t, start.Add(5*time.Minute), srv.Now())
		status, body := send(t, srv.HTTPClient(), http.MethodPost, "https://api.nahook.com", srv.Workspace, `{"name":"Acme"}`)
		require.Equal(t, 201, status)
		require.Contains(t, body, start.Add(5*time.Minute).Format(`"createdAt":"2006-01-02T15:04:05.000Z"`))
	})
}

func TestAdvanceRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	tb := &recorder{}
	srv := mockserver.Start(tb)
	defer tb.finish()
	before := srv.Now()
	srv.Advance(-time.Second)
	srv.NewWorkspace(mockserver.WithRealClock()).Advance(time.Second)
	require.Equal(t, before, srv.Now())
	require.Equal(t, []string{
		"fatal: mockserver: Advance: the clock cannot go back: -1s is negative",
		"fatal: mockserver: Advance: this workspace has the real clock, which runs by itself; leave WithRealClock out to move time by hand",
	}, tb.lines)

	alone, err := mockserver.New()
	require.NoError(t, err)
	require.PanicsWithValue(t, "mockserver: Advance: the clock cannot go back: -1s is negative", func() { alone.Advance(-time.Second) })
}

func TestWorkspacesAreIsolated(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t, mockserver.WithStart(time.Unix(1_000_000, 0)))
	other := srv.NewWorkspace(mockserver.WithStart(time.Unix(2_000_000, 0)), mockserver.WithEndpointLimit(0))
	require.Equal(t, []*mockserver.Workspace{srv.Workspace, other}, srv.Workspaces())
	status, _ := send(t, srv.HTTPClient(), http.MethodPost, "https://h", srv.Workspace, `{"name":"Acme"}`)
	require.Equal(t, 201, status)

	status, body := fetch(t, srv.HTTPClient(), "https://h", other)
	require.Equal(t, 200, status)
	require.Equal(t, "[]", body)
	srv.Advance(time.Hour)
	require.Equal(t, time.Unix(2_000_000, 0).UTC(), other.Now())
}

// What a workspace is made with counts, and what is left open is as the server
// was started.
func TestNewWorkspaceHonoursItsOptionsAndTheServers(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_000_000, 0).UTC()
	srv := mockserver.Start(t, mockserver.WithStart(start), mockserver.WithPlan(mockserver.PlanHobby), mockserver.WithRateLimit(5, time.Minute))
	plain := srv.NewWorkspace()
	own := srv.NewWorkspace(mockserver.WithStart(start.Add(time.Hour)), mockserver.WithPlan(mockserver.PlanPro),
		mockserver.WithRateLimit(7, time.Minute), mockserver.WithEndpointLimit(0))
	running := srv.NewWorkspace(mockserver.WithRealClock())

	require.Equal(t, start, plain.Now())
	require.Equal(t, start.Add(time.Hour), own.Now())
	require.True(t, running.Now().After(own.Now()))
	status, body := fetch(t, srv.HTTPClient(), "https://h", plain)
	require.Equal(t, 403, status, body)
	for w, want := range map[*mockserver.Workspace]string{plain: "5", own: "7"} {
		response := endpointCreation(t, srv, w)
		require.Equal(t, want, response.Header.Get("X-RateLimit-Limit"))
		require.Equal(t, map[bool]int{true: 201, false: 403}[w == plain], response.StatusCode)
	}
}

func endpointCreation(t *testing.T, srv *mockserver.Server, w *mockserver.Workspace) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://h/management/v1/workspaces/"+w.ID()+"/endpoints",
		strings.NewReader(`{"url":"https://acme.test"}`))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+w.ManagementToken())
	request.Header.Set("Content-Type", "application/json")
	response, err := srv.HTTPClient().Do(request)
	require.NoError(t, err)
	response.Body.Close()
	return response
}

func TestNewWorkspaceRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	tb := &recorder{}
	srv := mockserver.Start(tb)
	defer tb.finish()
	require.Nil(t, srv.NewWorkspace(nil))
	require.Nil(t, srv.NewWorkspace(mockserver.WithEndpointLimit(-1)))
	require.Nil(t, srv.NewWorkspace(mockserver.WithRealClock(), mockserver.WithStart(time.Unix(1, 0))))
	require.Empty(t, srv.NewAPIKey(mockserver.APIKeyOptions{Environment: "staging"}))
	require.Equal(t, []string{
		"fatal: mockserver: NewWorkspace: an option is nil",
		"fatal: mockserver: NewWorkspace: WithEndpointLimit: -1 is not between 0 and 2147483647",
		"fatal: mockserver: NewWorkspace: WithRealClock and WithStart exclude each other: a running clock starts now",
		`fatal: mockserver: NewAPIKey: environment: there is none with the slug "staging"`,
	}, tb.lines)
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]mockserver.Option{
		"an option is nil":                    {nil},
		"WithFixtures: there is no workspace": {mockserver.WithFixtures(mockserver.Fixtures{})},
		`WithPublicURL: "ftp://h" is not an http or https URL without user, query and fragment`:      {mockserver.WithPublicURL("ftp://h")},
		`WithPublicURL: "https://h/?a" is not an http or https URL without user, query and fragment`: {mockserver.WithPublicURL("https://h/?a")},
		"WithLogger: the logger is nil; leave the option out for silence":                            {mockserver.WithLogger(nil)},
		`WithPlan: the plan "gold" does not exist; use "hobby" or "pro"`:                             {mockserver.WithPlan("gold")},
		"WithEndpointLimit: -1 is not between 0 and 2147483647":                                      {mockserver.WithEndpointLimit(-1)},
		"WithRateLimit: 0 requests in 1m0s is no limit; both must be positive":                       {mockserver.WithRateLimit(0, time.Minute)},
		"WithRateLimit: 1 requests in 0s is no limit; both must be positive":                         {mockserver.WithRateLimit(1, 0)},
		"WithStart: 0001-01-01 00:00:00 +0000 UTC is not between the years 1970 and 9000":            {mockserver.WithStart(time.Time{})},
		"WithRealClock and WithStart exclude each other: a running clock starts now":                 {mockserver.WithRealClock(), mockserver.WithStart(time.Unix(1, 0))},
	} {
		_, err := mockserver.New(opts...)
		require.EqualError(t, err, "mockserver: "+want)
		tb := &recorder{}
		require.Nil(t, mockserver.Start(tb, opts...))
		require.Equal(t, []string{"fatal: mockserver: " + want}, tb.lines)
	}
}

func TestProblemsFailTheTestThatStartedTheServer(t *testing.T) {
	t.Parallel()
	const problem = `mockserver: applications.create: the request has the unknown field "metdata"`
	for strict, want := range map[bool]string{true: "error: " + problem, false: "log: " + problem} {
		tb := &recorder{}
		srv := mockserver.Start(tb, mockserver.WithStrict(strict))
		status, _ := send(t, srv.HTTPClient(), http.MethodPost, "https://h", srv.Workspace, `{"name":"Acme","metdata":{}}`)
		require.Equal(t, 201, status)
		tb.finish()
		require.Equal(t, []string{want}, tb.lines)
	}
}

func TestTokensOfTheCallersOwn(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t)
	require.Regexp(t, "^nhm_[0-9a-z]{32}$", srv.ManagementToken())
	require.Regexp(t, "^nhk_us_[0-9a-z]{32}$", srv.APIKey())
	require.Regexp(t, "^nhs_[0-9a-z]{32}$", srv.SessionToken())
	require.Regexp(t, "^nhk_us_", srv.NewAPIKey(mockserver.APIKeyOptions{}))
	require.Regexp(t, "^nhs_", srv.NewSessionToken(mockserver.TokenOptions{}))

	get := func(token string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://h/management/v1/workspaces/"+srv.ID()+"/endpoints", nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := srv.HTTPClient().Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	for want, options := range map[string]mockserver.TokenOptions{
		`[]`: {},
		`{"error":{"code":"token_disabled","message":"Management token is disabled"}}`:     {Disabled: true},
		`{"error":{"code":"token_expired","message":"Management token has expired"}}`:      {ExpiresIn: -time.Millisecond},
		`{"error":{"code":"token_revoked","message":"Management token has been revoked"}}`: {Revoked: true},
	} {
		_, body := get(srv.NewManagementToken(options))
		require.Equal(t, want, body)
	}
	short := srv.NewManagementToken(mockserver.TokenOptions{ExpiresIn: time.Minute})
	srv.Advance(time.Minute - time.Millisecond)
	status, _ := get(short)
	require.Equal(t, 200, status)
	srv.Advance(time.Millisecond)
	status, _ = get(short)
	require.Equal(t, 401, status)
}

func TestSeedMakesRunsEqual(t *testing.T) {
	t.Parallel()
	run := func(opts ...mockserver.Option) string {
		srv := mockserver.Start(t, append(opts, mockserver.WithStart(time.Unix(1_000_000, 0)))...)
		_, body := send(t, srv.HTTPClient(), http.MethodPost, "https://h", srv.Workspace, `{"name":"Acme"}`)
		return srv.ID() + srv.ManagementToken() + body + endpointCreation(t, srv, srv.Workspace).Header.Get("X-Request-Id")
	}
	require.Equal(t, run(mockserver.WithSeed(1)), run(mockserver.WithSeed(1)))
	require.NotEqual(t, run(mockserver.WithSeed(1)), run(mockserver.WithSeed(2)))
	require.NotEqual(t, run(), run(), "servers without a seed differ")
}

func TestLogNamesOperationsAndHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})
	srv, err := mockserver.New(mockserver.WithLogger(slog.New(handler)))
	require.NoError(t, err)
	status, body := send(t, srv.HTTPClient(), http.MethodPost, "https://h", srv.Workspace, `{"name":"Acme Corp"}`)
	require.Equal(t, 201, status)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://h/nowhere%0Alevel=ERROR?token=nhm_query", nil)
	require.NoError(t, err)
	response, err := srv.HTTPClient().Do(request)
	require.NoError(t, err)
	response.Body.Close()
	require.NoError(t, srv.Close())

	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, lines, 2)
	require.Contains(t, lines[0], "operation=applications.create method=POST path=/management/v1/workspaces/"+srv.ID()+"/applications status=201")
	require.Contains(t, lines[1], `operation="" method=GET path="/nowhere%0Alevel=ERROR" status=404`)
	for _, secret := range []string{srv.ManagementToken(), "nhm_query", "Acme", body} {
		require.NotContains(t, log.String(), secret)
	}
}
