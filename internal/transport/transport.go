// Package transport carries one logical call to the API: it builds the
// request, attempts it as often as the policy allows, and reads the answer.
// What the answer means is its caller's business.
package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// The two limits of our own. Neither matches [context.DeadlineExceeded], which
// is kept for the caller's.
var (
	ErrAttemptTimeout = errors.New("attempt timed out")
	ErrCallTimeout    = errors.New("call timed out")
)

// Config is what a Transport is made of. Its numbers are positive, its
// strings fit for a header.
type Config struct {
	Base           *url.URL     // absolute, without a trailing slash
	Client         *http.Client // copied; nil for connections of our own
	Token          Token
	UserAgent      string
	Timeout        time.Duration // of a call with all its attempts and waits
	AttemptTimeout time.Duration // of one attempt, its body included
	Retry          Policy
	Log            *slog.Logger                                     // nil for silence
	Middleware     []func(next http.RoundTripper) http.RoundTripper // the first is the outermost
	Observe        []func(context.Context, Call) (context.Context, Observer)
}

// Transport is immutable and safe for concurrent use.
type Transport struct {
	config Config
	client http.Client
	own    *http.Transport   // nil if its connections are somebody else's
	random func() float64    // in [0,1)
	chain  http.RoundTripper // the middleware around base
}

// New does no I/O and starts no goroutine. Its error is that a middleware gave no
// RoundTripper.
func New(c Config) (*Transport, error) {
	t := &Transport{config: c, random: rand.Float64}
	if c.Client != nil {
		t.client = *c.Client
	} else if t.own = pooled(http.DefaultTransport); t.own != nil {
		t.client.Transport = t.own
	}
	// A deadline per attempt does what the client's own limit would, for a
	// fraction of the price and with a cause that tells whose it was.
	if limit := t.client.Timeout; limit > 0 {
		t.config.AttemptTimeout = min(limit, c.AttemptTimeout)
		t.client.Timeout = 0
	}
	t.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.chain = base{t}
	for _, wrap := range slices.Backward(c.Middleware) {
		if t.chain = wrap(t.chain); t.chain == nil {
			return nil, errors.New("a middleware returned no http.RoundTripper")
		}
	}
	return t, nil
}

// base is the innermost RoundTripper. It asks for the caller's when a request is
// made: http.DefaultTransport may be replaced at any time.
type base struct{ api *Transport }

func (b base) RoundTrip(r *http.Request) (*http.Response, error) {
	return b.api.roundTripper().RoundTrip(r)
}

// pooled is standard with room for a busy service's connections to the one
// host it talks to, nil if standard is of another kind. A program that replaced
// http.DefaultTransport, to watch or to forbid its requests, meant ours too.
func pooled(standard http.RoundTripper) *http.Transport {
	original, ok := standard.(*http.Transport)
	if !ok {
		return nil
	}
	t := original.Clone()
	t.MaxIdleConnsPerHost = 100
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = new(tls.Config)
	}
	t.TLSClientConfig.MinVersion = max(t.TLSClientConfig.MinVersion, tls.VersionTLS12)
	return t
}

// Close closes the idle connections of our own; those of the caller's client
// are the caller's.
func (t *Transport) Close() {
	if t.own != nil {
		t.own.CloseIdleConnections()
	}
}

// String is the base URL, the one part of a Transport that may be shown.
func (t *Transport) String() string { return t.config.Base.String() }

// Op names r in errors: its method and the path below the base URL, without query.
func (t *Transport) Op(r Request) string {
	return t.config.Token.Scrub(r.Method + " " + r.fill(""))
}

// Do makes the call. Its error means that r was refused before any I/O;
// everything that happened afterwards is in the answer, which the caller ends.
func (t *Transport) Do(ctx context.Context, r Request) (*Answer, error) {
	c, err := t.newCall(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.do(), nil
}

// Scrub replaces the token in a foreign text.
func (t *Transport) Scrub(text string) string { return t.config.Token.Scrub(text) }

// roundTripper is what the caller's client would use.
func (t *Transport) roundTripper() http.RoundTripper {
	if t.client.Transport != nil {
		return t.client.Transport
	}
	return http.DefaultTransport
}
