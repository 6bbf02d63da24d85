package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func made(t *testing.T, c Config) *Transport {
	t.Helper()
	tr, err := New(c)
	require.NoError(t, err)
	return tr
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func config(client *http.Client) Config {
	return Config{
		Base: &url.URL{Scheme: "https", Host: "h.test"}, Client: client, Token: NewToken("nhm_s3cr3t"), UserAgent: "test/1",
		Timeout: time.Minute, AttemptTimeout: 30 * time.Second, Retry: standard,
	}
}

// The waits are the policy's, drawn anew after each attempt.
func TestWaitsOfACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		tr := made(t, config(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			at = append(at, time.Since(start))
			return &http.Response{StatusCode: 503, Body: io.NopCloser(strings.NewReader("busy")), Request: r}, nil
		})}))
		draws := []float64{0.5, 0.25}
		tr.random = func() float64 {
			next := draws[0]
			draws = draws[1:]
			return next
		}
		a, err := tr.Do(t.Context(), Get("x.get", "/x"))
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{0, 300 * time.Millisecond, 650 * time.Millisecond}, at)
		assert.Equal(t, &Answer{Status: 503, Body: []byte("busy"), Attempts: 3, Sent: true, Duration: 650 * time.Millisecond}, a)
	})
}

func TestDoRefuses(t *testing.T) {
	t.Parallel()
	tr := made(t, config(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("a request was made")
		return nil, errors.New("unexpected")
	})}))
	var none context.Context
	for _, r := range []Request{Get("", "/a/{x}", ""), Get("", "/a").Where(3), Post("", "/a").With(func() {})} {
		_, err := tr.Do(t.Context(), r)
		require.Error(t, err)
	}
	_, err := tr.Do(none, Get("", "/a"))
	require.EqualError(t, err, "the context is nil")
}

// counted counts how often it is encoded.
type counted struct{ count *int }

func (c counted) MarshalJSON() ([]byte, error) {
	*c.count++
	return []byte("{}"), nil
}

// A body that no attempt will send is not worth encoding.
func TestEndedCallsAreNotEncoded(t *testing.T) {
	t.Parallel()
	tr := made(t, config(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 204, Request: r}, nil
	})}))
	count := 0
	_, err := tr.Do(t.Context(), Post("x.make", "/x").With(counted{&count}))
	require.NoError(t, err)
	assert.Equal(t, 1, count)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a, err := tr.Do(ctx, Post("x.make", "/x").With(counted{&count}))
	require.NoError(t, err)
	require.ErrorIs(t, a.Err, context.Canceled)
	assert.False(t, a.Sent)
	assert.Equal(t, 1, count)
}

func TestOwnTransport(t *testing.T) {
	t.Parallel()
	tr := made(t, config(nil))
	defer tr.Close()
	own := tr.client.Transport.(*http.Transport)
	assert.NotSame(t, http.DefaultTransport, own)
	assert.Equal(t, 100, own.MaxIdleConnsPerHost)
	assert.Equal(t, 100, own.MaxIdleConns)
	assert.EqualValues(t, tls.VersionTLS12, own.TLSClientConfig.MinVersion)
	assert.True(t, own.ForceAttemptHTTP2)
	assert.NotNil(t, own.Proxy)
	assert.Equal(t, "https://h.test", tr.String())
}

// The oldest TLS is raised to what is safe, and never lowered.
func TestOldestTLS(t *testing.T) {
	t.Parallel()
	none := map[string]func(string, *tls.Conn) http.RoundTripper{}
	for want, given := range map[uint16]*tls.Config{tls.VersionTLS12: nil, tls.VersionTLS13: {MinVersion: tls.VersionTLS13}} {
		standard := &http.Transport{TLSNextProto: none, TLSClientConfig: given}
		assert.Equal(t, want, pooled(standard).TLSClientConfig.MinVersion)
		assert.Same(t, given, standard.TLSClientConfig, "the program's own is left alone")
	}
	old := &tls.Config{MinVersion: tls.VersionTLS10}
	assert.EqualValues(t, tls.VersionTLS12, pooled(&http.Transport{TLSNextProto: none, TLSClientConfig: old}).TLSClientConfig.MinVersion)
	assert.EqualValues(t, tls.VersionTLS10, old.MinVersion)
}

// A program's own default transport stays in use, whatever it is.
func TestReplacedDefaultTransport(t *testing.T) {
	standard := http.DefaultTransport
	defer func() { http.DefaultTransport = standard }()
	replaced := false
	http.DefaultTransport = roundTrip(func(*http.Request) (*http.Response, error) {
		replaced = true
		return &http.Response{StatusCode: 204}, nil
	})
	tr := made(t, config(nil))
	a, err := tr.Do(t.Context(), Get("x.get", "/x"))
	require.NoError(t, err)
	assert.Equal(t, 204, a.Status)
	assert.True(t, replaced)
	tr.Close()
}

// What go-retryablehttp does by itself is none of ours: it would write to
// stderr, repeat a POST, wait without an end and lose the last response.
func TestRetryingIsOurs(t *testing.T) {
	t.Parallel()
	c, err := made(t, config(nil)).newCall(t.Context(), Get("x.get", "/x"))
	require.NoError(t, err)
	assert.Nil(t, c.retry.Logger)
	assert.Nil(t, c.retry.RequestLogHook)
	assert.Nil(t, c.retry.ResponseLogHook)
	assert.NotNil(t, c.retry.CheckRetry)
	assert.NotNil(t, c.retry.Backoff)
	assert.NotNil(t, c.retry.ErrorHandler)
	assert.Same(t, &c.client, c.retry.HTTPClient)
	assert.Same(t, c, c.client.Transport)
	assert.Zero(t, c.client.Timeout, "it costs more than a deadline of each attempt")
}

// After every failed call go-retryablehttp closes the idle connections of its
// client, which here would be everybody's.
func TestCallHidesCloseIdleConnections(t *testing.T) {
	t.Parallel()
	_, closes := any(new(call)).(interface{ CloseIdleConnections() })
	assert.False(t, closes)
}

func TestGivenClientWithoutTransport(t *testing.T) {
	t.Parallel()
	tr := made(t, config(&http.Client{Timeout: time.Second}))
	tr.Close()
	assert.Same(t, http.DefaultTransport, tr.roundTripper())
	assert.Equal(t, time.Second, tr.config.AttemptTimeout)
	assert.Zero(t, tr.client.Timeout)
}

func TestTokenHidesItself(t *testing.T) {
	t.Parallel()
	token := NewToken("nhm_s3cr3t")
	holder := struct{ token Token }{token}
	assert.Equal(t, Redacted, fmt.Sprint(token))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p"} {
		for _, v := range []any{token, &token, holder, &holder, config(nil)} {
			assert.NotContains(t, fmt.Sprintf(verb, v), "s3cr3t")
			assert.NotContains(t, fmt.Sprintf(verb, v), fmt.Sprintf("%x", "s3cr3t"))
		}
	}
	assert.Equal(t, Redacted, token.LogValue().String())
	assert.Equal(t, "a [redacted] b [redacted]", token.Scrub("a nhm_s3cr3t b nhm_s3cr3t"))
}

func TestScrubbedErrors(t *testing.T) {
	t.Parallel()
	token := NewToken("nhm_s3cr3t")
	cause := &net.DNSError{Err: "no such\nhost nhm_s3cr3t", Name: "h.test"}
	err := token.scrubError(fmt.Errorf("first: %w", &url.Error{Op: "Get", URL: "https://h.test/?q=1", Err: cause}))
	assert.Equal(t, `lookup h.test: no such\nhost [redacted]`, err.Error())
	var found *net.DNSError
	require.ErrorAs(t, err, &found)
	assert.Same(t, cause, found)
	joined := token.scrubError(errors.Join(io.EOF, context.Canceled, context.DeadlineExceeded))
	assert.ErrorIs(t, joined, io.EOF)
	assert.NotErrorIs(t, joined, context.Canceled)
	assert.NotErrorIs(t, joined, context.DeadlineExceeded)
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":               "plain",
		`it's a "quote" \ é日`: `it's a "quote" \ é日`,
		"a\r\nb\tc\x00\x7f":   `a\r\nb\tc\x00\x7f`,
		"\u202eevil\u2028":    `\u202eevil\u2028`,
	} {
		assert.Equal(t, want, OneLine(text))
	}
	assert.Equal(t, 513+len("…"), len(OneLine(strings.Repeat("x", 10000))))
}
