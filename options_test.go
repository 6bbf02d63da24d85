package nahook_test

import (
	"context"
	"math"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

func TestBadTokens(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "nhm_", "nhk_us_s3cr3t", "s3cr3t", "Bearer nhm_s3cr3t", " nhm_s3cr3t", "nhm_s3cr3t\n", "nhm_s3 cr3t", "nhm_s3cr3t\x00", "nhm_s3cr3t\u00a0", "nhm_s3cr3t\u00e9", "nhm_s3cr3t\x7f", "nhm_s3cr3t\t"} {
		mgmt, err := nahook.NewManagement(bad)
		require.ErrorIs(t, err, nahook.ErrInvalidArgument, "%q", bad)
		assert.NotContains(t, err.Error(), "cr3t")
		assert.Nil(t, mgmt)
	}
	_, err := nahook.NewManagement("nhm_!~")
	require.NoError(t, err, "the first and the last of the characters that a token may have")
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		option nahook.Option
		want   string
	}{
		{nahook.WithHTTPClient(nil), "WithHTTPClient: "},
		{nahook.WithLogger(nil), "WithLogger: "},
		{nahook.WithMiddleware(nil), "WithMiddleware: "},
		{nahook.WithTimeout(0), "WithTimeout: 0s"},
		{nahook.WithTimeout(-time.Second), "WithTimeout: -1s"},
		{nahook.WithAttemptTimeout(0), "WithAttemptTimeout: 0s"},
		{nahook.WithUserAgent(""), "WithUserAgent: "},
		{nahook.WithUserAgent(" "), "WithUserAgent: "},
		{nahook.WithUserAgent("a\r\nEvil: 1"), "WithUserAgent: "},
		{nahook.WithRetry(nahook.RetryPolicy{MaxAttempts: -1}), "WithRetry: MaxAttempts is -1"},
		{nahook.WithRetry(nahook.RetryPolicy{MinWait: -1}), "WithRetry: a wait is negative"},
		{nahook.WithRetry(nahook.RetryPolicy{MaxWait: -1}), "WithRetry: a wait is negative"},
		{nahook.WithRetry(nahook.RetryPolicy{MaxRetryAfter: -1}), "WithRetry: a wait is negative"},
		{nahook.WithRetry(nahook.RetryPolicy{MinWait: 2, MaxWait: 1}), "WithRetry: MinWait 2ns is over MaxWait 1ns"},
	} {
		mgmt, err := nahook.NewManagement(secretToken, nil, c.option)
		require.ErrorIs(t, err, nahook.ErrInvalidArgument)
		require.ErrorContains(t, err, "nahook: invalid argument: "+c.want)
		assert.NotContains(t, err.Error(), "Evil")
		assert.Nil(t, mgmt)
	}
}

func TestBadBaseURLs(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "api.nahook.com", "/path", "//host", "ftp://host", "https:", "https://", "https:///path", "https://:8080", "https:host",
		"https://host:0", "https://host:99999", "https://host:port", "https://us er@host", "https://host/%zz", "javascript:alert(1)",
		"https://user:s3cr3t@host", "https://s3cr3t@host", "https://user:s3cr3t", "https://user:%zzs3cr3t@host", "s3cr3t:pass@host",
		"https://host?", "https://host?q=s3cr3t", "https://host#", "https://host#s3cr3t", " https://host", "https://host\n",
		"https://host:80:90", "https://host/a/../b", "https://host/.", "https://host/%2e%2e/b", "https://host/a%2F..%2fb", "https://host/%2E/",
	} {
		_, err := nahook.NewManagement(secretToken, nahook.WithBaseURL(bad))
		require.ErrorIs(t, err, nahook.ErrInvalidArgument, "%q", bad)
		require.ErrorContains(t, err, "nahook: invalid argument: WithBaseURL: ")
		assert.NotContains(t, err.Error(), "s3cr3t")
	}
}

func TestBaseURLs(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://api.nahook.com":    "https://api.nahook.com/management/v1/workspaces/ws/endpoints",
		"https://api.nahook.com///": "https://api.nahook.com/management/v1/workspaces/ws/endpoints",
		"http://127.0.0.1:3001/":    "http://127.0.0.1:3001/management/v1/workspaces/ws/endpoints",
		"https://proxy.test/nahook": "https://proxy.test/nahook/management/v1/workspaces/ws/endpoints",
		"https://proxy.test/a%2Fb/": "https://proxy.test/a%2Fb/management/v1/workspaces/ws/endpoints",
		"HTTPS://[::1]:8443/a..b/":  "https://[::1]:8443/a..b/management/v1/workspaces/ws/endpoints",
	} {
		var got string
		mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			got = r.URL.String()
			return reply(200, "[]")(r)
		}), nahook.WithBaseURL(base))
		_, err := mgmt.Endpoints.List(t.Context(), "ws")
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestDefaultBaseURL(t *testing.T) {
	t.Parallel()
	mgmt, err := nahook.NewManagement(secretToken)
	require.NoError(t, err)
	assert.Equal(t, "nahook.Management{https://api.nahook.com/management/v1 [redacted]}", mgmt.LogValue().String())
	require.NoError(t, mgmt.Close())
	require.NoError(t, mgmt.Close(), "closing twice does no harm")
}

func TestLastOptionWinsAndNilDoesNothing(t *testing.T) {
	t.Parallel()
	var agent, extra string
	mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		agent, extra = r.Header.Get("User-Agent"), strings.Join(r.Header.Values("X-Trace"), ",")
		return reply(200, "[]")(r)
	}), nil, nahook.WithUserAgent("first/1"), nahook.WithUserAgent("acme/2"))
	_, err := mgmt.Endpoints.List(t.Context(), "ws", nil, nahook.WithHeader("X-Trace", "1"), nahook.WithHeader("x-trace", "2"))
	require.NoError(t, err)
	assert.Equal(t, "acme/2", agent)
	assert.Equal(t, "2", extra)
}

// closable counts what go-retryablehttp would do to a shared client.
type closable struct {
	roundTrip
	closed int
}

func (c *closable) CloseIdleConnections() { c.closed++ }

func TestHTTPClientIsLeftAlone(t *testing.T) {
	t.Parallel()
	transport := &closable{roundTrip: roundTrip(reply(500, ""))}
	client := &http.Client{Transport: transport, Timeout: time.Hour}
	mgmt, err := nahook.NewManagement(secretToken, nahook.WithHTTPClient(client))
	require.NoError(t, err)
	_, err = mgmt.Endpoints.List(t.Context(), "ws", nahook.WithoutRetry())
	require.ErrorIs(t, err, nahook.ErrServer)
	require.NoError(t, mgmt.Close())
	assert.Zero(t, transport.closed, "its connections are its own")
	assert.Equal(t, time.Hour, client.Timeout)
	assert.Nil(t, client.CheckRedirect)
	assert.Same(t, transport, client.Transport)
}

// Every attempt has headers of its own, and the jar's cookies once.
func TestHeadersOfAttempts(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	jar.SetCookies(&url.URL{Scheme: "https", Host: "api.nahook.com", Path: "/"}, []*http.Cookie{{Name: "sticky", Value: "a"}})
	var cookies []string
	count := 0
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		cookies = append(cookies, strings.Join(r.Header.Values("Cookie"), "|"))
		assert.Equal(t, "Bearer "+secretToken, r.Header.Get("Authorization"))
		assert.Equal(t, "application/json", r.Header.Get("Accept"))
		r.Header.Set("Authorization", "changed by a transport")
		r.Header["Accept"][0] = "changed by a transport"
		return inTurn(&count, reply(503, ""), reply(503, ""), reply(200, "[]"))(r)
	})
	mgmt, err := nahook.NewManagement(secretToken, nahook.WithHTTPClient(&http.Client{Transport: transport, Jar: jar}),
		nahook.WithRetry(nahook.RetryPolicy{MaxWait: time.Microsecond}))
	require.NoError(t, err)
	_, err = mgmt.Endpoints.List(t.Context(), "ws")
	require.NoError(t, err)
	assert.Equal(t, []string{"sticky=a", "sticky=a", "sticky=a"}, cookies)
}

func TestResponseIsFilledIn(t *testing.T) {
	t.Parallel()
	body := string(fixture(t, "endpoints_list.json"))
	answers := map[string]roundTrip{
		"good": roundTrip(reply(200, body, "X-RateLimit-Limit", "100", "X-RateLimit-Remaining", "7", "X-RateLimit-Reset", "30")),
		"bad":  roundTrip(reply(404, "{}", "X-RateLimit-Limit", "many", "X-RateLimit-Remaining", "-3", "X-RateLimit-Reset", "9223372036854775807")),
		"none": roundTrip(failing(context.DeadlineExceeded)),
	}
	answered := map[string]string{"good": "application/json; charset=utf-8", "bad": "application/json; charset=utf-8"}
	responses := map[string]nahook.Response{}
	for name, transport := range answers {
		response := nahook.Response{RequestID: "stale", Body: []byte("stale")}
		_, err := through(t, transport).Endpoints.List(t.Context(), "ws", nahook.WithoutRetry(), nahook.WithResponse(&response))
		assert.Equal(t, name == "good", err == nil)
		assert.Equal(t, answered[name], response.Header.Get("Content-Type"))
		assert.Positive(t, response.Duration)
		response.Duration, response.Header = 0, nil
		responses[name] = response
	}
	assert.Equal(t, map[string]nahook.Response{
		"good": {
			StatusCode: 200, RequestID: "req_1", Attempts: 1, Body: []byte(body),
			RateLimit: nahook.RateLimit{Limit: 100, Remaining: 7, Reset: 30 * time.Second},
		},
		"bad": {
			StatusCode: 404, RequestID: "req_1", Attempts: 1, Body: []byte("{}"),
			RateLimit: nahook.RateLimit{Reset: math.MaxInt32 * time.Second}, // and not a negative one
		},
		"none": {Attempts: 1},
	}, responses)
}
