package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const (
	management = "/management/v1/workspaces/ws_acme"
	acme       = "app_acme"
)

// site is a server with its address, and everything that came over it.
type site struct {
	t      *testing.T
	srv    *mockserver.Server
	origin string
	client *http.Client
	log    *lockedBuffer

	mu     sync.Mutex
	wire   []exchange
	codes  []string
	before func(*http.Request) // changes what the browser asks for; nil for nothing
	after  func(*exchange)     // changes what it is answered; nil for nothing
}

// exchange is one request of the browser and its answer.
type exchange struct {
	method, path, query, referer string
	status                       int
	header                       http.Header
	body                         string
}

// serve starts a server with one workspace. secure puts it at https://portal.test.
func serve(t *testing.T, f mockserver.WorkspaceFixture, secure bool) *site {
	t.Helper()
	s := &site{t: t, log: &lockedBuffer{}}
	f.ID = "ws_acme"
	s.srv = mockserver.Start(t, mockserver.WithFixtures(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{f}}),
		mockserver.WithLogger(slog.New(slog.NewJSONHandler(s.log, nil))))
	listener := httptest.NewUnstartedServer(http.HandlerFunc(s.record))
	listener.Config.ErrorLog = quiet
	if secure {
		listener.StartTLS()
		_, port, _ := strings.Cut(strings.TrimPrefix(listener.URL, "https://"), ":")
		s.origin = "https://portal.test:" + port
	} else {
		listener.Start()
		s.origin = listener.URL
	}
	t.Cleanup(listener.Close)
	s.client = s.srv.HTTPClient()
	return s
}

func (s *site) host() string {
	_, host, _ := strings.Cut(s.origin, "://")
	return host
}

// record answers as the server does, and keeps what went over the wire.
func (s *site) record(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	before, after := s.before, s.after
	s.mu.Unlock()
	e := exchange{method: r.Method, path: r.URL.Path, query: r.URL.RawQuery, referer: r.Referer()}
	if before != nil {
		before(r)
	}
	recorder := httptest.NewRecorder()
	s.srv.Handler().ServeHTTP(recorder, r)
	e.status, e.header, e.body = recorder.Code, recorder.Header().Clone(), recorder.Body.String()
	if after != nil {
		after(&e)
	}
	s.mu.Lock()
	s.wire = append(s.wire, e)
	s.mu.Unlock()
	maps.Copy(w.Header(), e.header)
	w.Header().Del("Content-Length") // of what the server said
	w.WriteHeader(e.status)
	_, _ = io.WriteString(w, e.body)
}

// change has the requests and the answers of the browser changed from now on.
func (s *site) change(before func(*http.Request), after func(*exchange)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

// calls are the calls of the JSON API so far.
func (s *site) calls() []exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []exchange
	for _, e := range s.wire {
		if strings.HasPrefix(e.path, "/portal/v1/") {
			calls = append(calls, e)
		}
	}
	return calls
}

// exchanges counts how often a code was exchanged.
func (s *site) exchanges() int {
	n := 0
	for _, e := range s.calls() {
		if strings.HasSuffix(e.path, "/session/exchange") {
			n++
		}
	}
	return n
}

// manage calls the management API, and gives the answer.
func (s *site) manage(method, path, body string) string {
	s.t.Helper()
	return s.call(method, management+path, s.srv.ManagementToken(), body)
}

func (s *site) call(method, path, token, body string) string {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.origin+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := s.client.Do(r)
	require.NoError(s.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(s.t, err)
	require.Less(s.t, res.StatusCode, 300, string(text))
	return string(text)
}

// link creates a portal session for the customer, as a SaaS backend does, and
// gives its address.
func (s *site) link(session string) string {
	s.t.Helper()
	answer := s.manage("POST", "/applications/"+acme+"/portal", session)
	_, rest, ok := strings.Cut(text(s.t, answer, "url"), "/portal/s/")
	require.True(s.t, ok)
	s.codes = append(s.codes, text(s.t, answer, "code"))
	return s.origin + "/portal/s/" + rest // the session was created in memory, where every link is https
}

// endpoint creates an endpoint of the application and gives its id.
func (s *site) endpoint(url, more string) string {
	s.t.Helper()
	return text(s.t, s.manage("POST", "/applications/"+acme+"/endpoints", fmt.Sprintf(`{"url":%q%s}`, url, more)), "id")
}

// check is what holds for all traffic of every test.
func (s *site) check() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.wire {
		assert.Empty(s.t, e.header["Set-Cookie"], e.path)
		for _, code := range s.codes {
			assert.NotContains(s.t, e.path+"?"+e.query+" "+e.referer, code)
		}
		assert.NotContains(s.t, e.path+"?"+e.query+" "+e.referer, "nhp_")
	}
}

func text(t *testing.T, object, name string) string {
	t.Helper()
	var members map[string]any
	require.NoError(t, json.Unmarshal([]byte(object), &members), object)
	value, ok := members[name].(string)
	require.True(t, ok, "%s in %s", name, object)
	return value
}

func unmarshal(data []byte, into any) error { return json.Unmarshal(data, into) }

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// quiet is for servers whose browsers leave in the middle of handshakes.
var quiet = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
