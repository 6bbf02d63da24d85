package mockserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const (
	host     = "https://api.nahook.com"
	inA      = "/management/v1/workspaces/ws_a"
	inB      = "/management/v1/workspaces/ws_b"
	inHobby  = "/management/v1/workspaces/ws_hobby"
	password = "pa55-never-shown"
)

var opening = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// api calls one server and compares what it answers.
type api struct {
	t     *testing.T
	srv   *mockserver.Server
	http  *http.Client
	base  string
	token string
}

// serve starts a server with the tenants; opts come on top. Unknown request
// fields fail the test.
func serve(t *testing.T, opts ...mockserver.Option) api {
	t.Helper()
	return serveFixtures(t, tenants, opts...)
}

func serveFixtures(t *testing.T, fixtures string, opts ...mockserver.Option) api {
	t.Helper()
	return over(t, mockserver.Start(t, options(t, fixtures, opts)...))
}

// serveTolerant is serve for requests with unknown fields, which its Problems
// list instead of failing the test.
func serveTolerant(t *testing.T) api {
	t.Helper()
	srv, err := mockserver.New(options(t, tenants, nil)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	return over(t, srv)
}

func options(t *testing.T, fixtures string, opts []mockserver.Option) []mockserver.Option {
	t.Helper()
	parsed, err := mockserver.ParseFixtures([]byte(fixtures))
	require.NoError(t, err)
	return append([]mockserver.Option{
		mockserver.WithFixtures(parsed), mockserver.WithStart(opening), mockserver.WithSeed(1),
	}, opts...)
}

// over talks to srv in memory.
func over(t *testing.T, srv *mockserver.Server) api {
	t.Helper()
	return api{t: t, srv: srv, http: unredirected(srv.HTTPClient()), base: host, token: srv.ManagementToken()}
}

// overSocket talks to the same server over loopback.
func (a api) overSocket() api {
	a.t.Helper()
	transport := &http.Transport{}
	a.t.Cleanup(transport.CloseIdleConnections)
	a.http, a.base = unredirected(&http.Client{Transport: transport}), a.srv.URL()
	return a
}

// direct calls the handler without any connection, for tests of very many
// requests and of bodies that the server leaves unread, after which net/http
// keeps a connection for half a second.
func (a api) direct() api {
	a.http = unredirected(&http.Client{Transport: handlerTransport{a.srv.Handler()}})
	return a
}

type handlerTransport struct{ handler http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	h.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

func unredirected(client *http.Client) *http.Client {
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// in reports to a subtest.
func (a api) in(t *testing.T) api {
	a.t = t
	return a
}

// as uses another token; the empty one sends no Authorization header.
func (a api) as(token string) api {
	a.token = token
	return a
}

func (a api) get(path string, edits ...func(*http.Request)) response {
	a.t.Helper()
	return a.do(http.MethodGet, path, "", edits...)
}

func (a api) post(path, body string, edits ...func(*http.Request)) response {
	a.t.Helper()
	return a.do(http.MethodPost, path, body, edits...)
}

func (a api) patch(path, body string, edits ...func(*http.Request)) response {
	a.t.Helper()
	return a.do(http.MethodPatch, path, body, edits...)
}

func (a api) put(path, body string) response {
	a.t.Helper()
	return a.do(http.MethodPut, path, body)
}

func (a api) delete(path string, edits ...func(*http.Request)) response {
	a.t.Helper()
	return a.do(http.MethodDelete, path, "", edits...)
}

func (a api) do(method, path, body string, edits ...func(*http.Request)) response {
	a.t.Helper()
	res, err := a.send(a.t.Context(), method, path, body, edits...)
	require.NoError(a.t, err)
	res.t = a.t
	res.keepsThePromises()
	return res
}

// send is do for goroutines other than the test's: it asserts nothing.
func (a api) send(ctx context.Context, method, path, body string, edits ...func(*http.Request)) (response, error) {
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, a.base+path, content)
	if err != nil {
		return response{}, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	for _, edit := range edits {
		edit(r)
	}
	got, err := a.http.Do(r)
	if err != nil {
		return response{}, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return response{method: method, path: path, status: got.StatusCode, header: got.Header, proto: got.Proto, body: string(text)}, err
}

// header replaces one header of a request; no values remove it.
func header(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Del(name)
		for _, value := range values {
			r.Header.Add(name, value)
		}
	}
}

type response struct {
	t            *testing.T
	method, path string
	status       int
	proto        string
	header       http.Header
	body         string
}

var (
	envelope    = regexp.MustCompile(`^\{"error":\{"code":"[a-z_]+","message":".+"\}\}$`)
	showsSecret = regexp.MustCompile(`^(POST .*/endpoints|POST .*/rotate-secret.*|POST /portal/v1/.*/reveal|GET /(management|api)/.*/endpoints/[^/]+)$`)
)

// keepsThePromises checks what holds for every answer of the server.
func (r response) keepsThePromises() {
	r.t.Helper()
	for name := range r.header {
		require.False(r.t, strings.HasPrefix(name, "Access-Control-"), "no page of another origin may read this: %s", name)
	}
	require.NotContains(r.t, r.body, password)
	require.NotContains(r.t, r.body, `"authPassword"`)
	if !showsSecret.MatchString(r.method + " " + r.path) {
		require.NotContains(r.t, r.body, "whsec_")
	}
	if r.status == http.StatusNoContent {
		require.Empty(r.t, r.body)
		require.Empty(r.t, r.header["Content-Type"])
		return
	}
	require.Equal(r.t, []string{"application/json; charset=utf-8"}, r.header["Content-Type"])
	require.Equal(r.t, []string{"no-store"}, r.header["Cache-Control"])
	if r.status >= 300 && r.method != http.MethodHead {
		require.Regexp(r.t, envelope, r.body)
	}
}

// is compares status and whole body. In want, "$name" stands for the text that
// the body itself has under name, which must be there.
func (r response) is(status int, want string) {
	r.t.Helper()
	require.Equal(r.t, status, r.status, r.body)
	require.Equal(r.t, canonical(r.t, r.fill(want)), canonical(r.t, r.body))
}

func (r response) isDeleted() {
	r.t.Helper()
	require.Equal(r.t, http.StatusNoContent, r.status, r.body)
}

// refuses compares with the error envelope, byte by byte.
func (r response) refuses(status int, code, message string) {
	r.t.Helper()
	quoted, err := json.Marshal(message)
	require.NoError(r.t, err)
	require.Equal(r.t, fmt.Sprintf(`{"error":{"code":"%s","message":%s}}`, code, quoted), r.body)
	require.Equal(r.t, status, r.status)
}

// invalid is what a field that breaks a rule gets.
func (r response) invalid(message string) {
	r.t.Helper()
	r.refuses(http.StatusBadRequest, "validation_error", message)
}

// text gives one member of the body.
func (r response) text(name string) string {
	r.t.Helper()
	var members map[string]any
	require.NoError(r.t, json.Unmarshal([]byte(r.body), &members), r.body)
	text, ok := members[name].(string)
	require.True(r.t, ok, "%s in %s", name, r.body)
	return text
}

// ids gives the ids of an array.
func (r response) ids() []string {
	r.t.Helper()
	require.Equal(r.t, http.StatusOK, r.status, r.body)
	var rows []struct {
		ID string `json:"id"`
	}
	require.NoError(r.t, json.Unmarshal([]byte(r.body), &rows))
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids
}

var placeholder = regexp.MustCompile(`"\$\w+"`)

func (r response) fill(want string) string {
	r.t.Helper()
	return placeholder.ReplaceAllStringFunc(want, func(name string) string {
		return `"` + r.text(strings.Trim(name, `"$`)) + `"`
	})
}

// canonical sorts keys and spaces evenly. Unlike require.JSONEq it tells 3 from
// 3.0.
func canonical(t *testing.T, text string) string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value), text)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(value))
	return out.String()
}

// with lays members over a JSON object.
func with(t *testing.T, object, members string) string {
	t.Helper()
	merged := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal([]byte(object), &merged))
	require.NoError(t, json.Unmarshal([]byte(members), &merged))
	text, err := json.Marshal(merged)
	require.NoError(t, err)
	return string(text)
}
