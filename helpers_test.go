package nahook_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/internal/wirefixtures"
)

const (
	secretToken = "nhm_s3cr3t_t0k3n"
	secretKey   = "nhk_us_s3cr3t_t0k3n"
	server      = "https://api.nahook.com/management/v1"
	ingestion   = "https://us.api.nahook.com/api/ingest"
)

func stringPtr(s string) *string { return &s }

// fixture is one documented body.
func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	body, err := wirefixtures.FS.ReadFile(name)
	require.NoError(tb, err)
	return body
}

// mocked is a client whose requests are answered by the mock; one that it was
// not told about fails the test.
func mocked(t *testing.T) (*nahook.Management, *httpmock.MockTransport) {
	t.Helper()
	mock := newMock(t)
	return through(t, mock), mock
}

func newMock(t *testing.T) *httpmock.MockTransport {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		t.Errorf("unexpected request: %s %s with %q", r.Method, r.URL, bodyOf(r))
		return nil, errors.New("unexpected request")
	})
	return mock
}

// through is a client on top of a transport.
func through(tb testing.TB, transport http.RoundTripper, opts ...nahook.Option) *nahook.Management {
	tb.Helper()
	mgmt, err := nahook.NewManagement(secretToken, append([]nahook.Option{nahook.WithHTTPClient(&http.Client{Transport: transport})}, opts...)...)
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, mgmt.Close()) })
	return mgmt
}

// sending is a client for events on top of a transport.
func sending(tb testing.TB, transport http.RoundTripper, opts ...nahook.Option) *nahook.Client {
	tb.Helper()
	client, err := nahook.NewClient(secretKey, append([]nahook.Option{nahook.WithHTTPClient(&http.Client{Transport: transport})}, opts...)...)
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, client.Close()) })
	return client
}

// exchange is one request, exactly, and its answer.
type exchange struct {
	method, path, query string
	body                string // JSON; empty for none
	status              int
	answer              string // JSON; empty for none
}

func (e exchange) on(mock *httpmock.MockTransport) { e.register(mock, server, secretToken) }

func (e exchange) onIngestion(mock *httpmock.MockTransport) { e.register(mock, ingestion, secretKey) }

func (e exchange) register(mock *httpmock.MockTransport, base, token string) {
	matches := func(r *http.Request) bool { return e.matches(r, token) }
	mock.RegisterMatcherResponder(e.method, base+e.path, httpmock.NewMatcher("exactly", matches), reply(e.status, e.answer))
}

func (e exchange) matches(r *http.Request, token string) bool {
	body := []byte(bodyOf(r))
	wantType := ""
	if e.body != "" {
		wantType = "application/json"
	}
	return r.URL.RawQuery == e.query && sameJSON(body, []byte(e.body)) &&
		r.Header.Get("Content-Type") == wantType && r.Header.Get("Authorization") == "Bearer "+token &&
		r.Header.Get("Accept") == "application/json" && r.Header.Get("User-Agent") == "nahook-go/"+nahook.Version
}

// bodyOf is what a request sends; empty for nothing.
func bodyOf(r *http.Request) string {
	if r.Body == nil {
		return ""
	}
	body, _ := io.ReadAll(r.Body)
	return string(body)
}

func sameJSON(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// reply answers with a body, which is shared by no two responses.
func reply(status int, body string, header ...string) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "X-Request-Id": {"req_1"}}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{
			Status: http.StatusText(status), StatusCode: status, Header: h, Request: r,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	}
}

// envelope is an error body of the API.
func envelope(code, message string) string {
	body, err := json.Marshal(map[string]any{"error": map[string]string{"code": code, "message": message}})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// inTurn answers each request with the next responder, the last one for ever,
// and counts them.
func inTurn(count *int, responders ...httpmock.Responder) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		*count++
		return responders[min(*count, len(responders))-1](r)
	}
}

func failing(err error) httpmock.Responder {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// hanging waits for the request's context, as a server does that never answers.
func hanging(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return moment
}
