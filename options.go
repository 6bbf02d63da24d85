package nahook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/nahook/nahook-go/internal/transport"
)

// Option configures a client when it is made. Of two that set the same thing
// the last one wins; nil does nothing; a bad one makes the constructor fail
// with [ErrInvalidArgument].
type Option func(*options) error

type options struct{ config transport.Config }

// RetryPolicy says how calls are repeated. A zero field stands for its
// default, a negative one is refused. Between two attempts lies a random time
// between MinWait and a ceiling that starts at twice MinWait, doubles with each
// attempt and ends at MaxWait.
type RetryPolicy struct {
	MaxAttempts   int           // the first one included; default 3, 1 never repeats
	MinWait       time.Duration // default 200 ms, or MaxWait if that is shorter
	MaxWait       time.Duration // default 8 s, or MinWait if that is longer
	MaxRetryAfter time.Duration // default 30 s; a server that asks for more is not asked again
}

const (
	defaultAttempts      = 3
	defaultMinWait       = 200 * time.Millisecond
	defaultMaxWait       = 8 * time.Second
	defaultMaxRetryAfter = 30 * time.Second
)

func defaults() options {
	return options{transport.Config{
		UserAgent:      "nahook-go/" + Version,
		Timeout:        time.Minute,
		AttemptTimeout: 30 * time.Second,
		Retry:          RetryPolicy{}.withDefaults(),
	}}
}

// WithBaseURL sends requests to another server than https://api.nahook.com, or
// than that of the token's region. The URL is absolute, http or https, and may
// have a path, below which the API is then looked for; user name, password,
// query, fragment and the path segments "." and ".." are refused.
func WithBaseURL(rawURL string) Option {
	return func(o *options) error {
		u, err := parseBaseURL(rawURL)
		o.config.Base = u
		return err
	}
}

// parseBaseURL does not quote what it refuses: there may be credentials in it.
func parseBaseURL(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || !validHost(u):
		return nil, errors.New("WithBaseURL: want an absolute http or https URL, such as https://api.nahook.com")
	case u.User != nil:
		return nil, errors.New("WithBaseURL: leave out the user name and password")
	case strings.ContainsAny(rawURL, "?#"):
		return nil, errors.New("WithBaseURL: leave out the query and fragment")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), func(s string) bool { return s == "." || s == ".." }):
		return nil, errors.New(`WithBaseURL: leave out the path segments "." and ".."`)
	}
	return u.JoinPath("/"), nil
}

// validHost does not leave the port to [url.Parse], which lets "host:80:90"
// pass for programs of older Go versions.
func validHost(u *url.URL) bool {
	host, port := u.Hostname(), u.Port()
	if host == "" || strings.Contains(host, ":") && u.Host[0] != '[' {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// WithHTTPClient makes requests through client's transport and cookie jar.
// Without it they go through a copy of [http.DefaultTransport], or through that
// itself if it has been replaced by something else than an [http.Transport]. The
// client is copied and never changed. Redirects are not followed whatever its
// CheckRedirect says, and its Timeout, if it has one, bounds each attempt like
// [WithAttemptTimeout]: the shorter of the two counts. Its connections remain
// the caller's: Close leaves them alone.
func WithHTTPClient(client *http.Client) Option {
	return func(o *options) error {
		if client == nil {
			return errors.New("WithHTTPClient: the client is nil; leave the option out for the default one")
		}
		o.config.Client = client
		return nil
	}
}

// WithTimeout bounds a call with all its attempts and the waits between them,
// by default to 60 s; a call that runs into it fails with [ErrCallTimeout]. A
// method named All makes many calls, each with a limit of its own, and so does a
// batch, for each of its requests.
func WithTimeout(d time.Duration) Option {
	return func(o *options) error {
		o.config.Timeout = d
		return positive("WithTimeout", d)
	}
}

// WithAttemptTimeout bounds each attempt of a call, its response body
// included, by default to 30 s. An attempt that runs into it counts as a
// connection error: it is repeated where that is harmless, and if it was the
// last, the call fails with [ErrAttemptTimeout].
func WithAttemptTimeout(d time.Duration) Option {
	return func(o *options) error {
		o.config.AttemptTimeout = d
		return positive("WithAttemptTimeout", d)
	}
}

func positive(option string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s: %s is not a positive duration", option, d)
	}
	return nil
}

// WithRetry changes how calls are repeated; which calls are is fixed.
func WithRetry(p RetryPolicy) Option {
	return func(o *options) error {
		o.config.Retry = p.withDefaults()
		return p.check()
	}
}

func (p RetryPolicy) check() error {
	switch {
	case p.MaxAttempts < 0:
		return fmt.Errorf("WithRetry: MaxAttempts is %d; 1 never repeats, 0 is the default", p.MaxAttempts)
	case p.MinWait < 0 || p.MaxWait < 0 || p.MaxRetryAfter < 0:
		return errors.New("WithRetry: a wait is negative; 0 is the default")
	case p.MaxWait > 0 && p.MinWait > p.MaxWait:
		return fmt.Errorf("WithRetry: MinWait %s is over MaxWait %s", p.MinWait, p.MaxWait)
	}
	return nil
}

func (p RetryPolicy) withDefaults() transport.Policy {
	p.MaxAttempts = cmp.Or(p.MaxAttempts, defaultAttempts)
	p.MaxWait = cmp.Or(p.MaxWait, defaultMaxWait)
	p.MinWait = cmp.Or(p.MinWait, min(defaultMinWait, p.MaxWait))
	p.MaxRetryAfter = cmp.Or(p.MaxRetryAfter, defaultMaxRetryAfter)
	return transport.Policy(p)
}

// WithLogger logs each attempt of a call, at [slog.LevelDebug], and each wait before
// another one, at [slog.LevelInfo], with the call's context. The keys are operation
// ("applications.get"), method, path (a template without ids), attempt, and for an
// attempt status or error, duration and request_id, for a wait wait. Queries, bodies
// and tokens are not logged. Without it the client is silent.
func WithLogger(log *slog.Logger) Option {
	return func(o *options) error {
		o.config.Log = log
		if log == nil {
			return errors.New("WithLogger: the logger is nil; leave the option out for silence")
		}
		return nil
	}
}

// WithMiddleware wraps what makes the requests, for metrics, tracing or headers of
// one's own. It sees every attempt of a call, with a request of the attempt's own
// that it may change, and the response before its body is read. Of several the
// first is the outermost. The request's header holds the token: a middleware must
// not show it.
func WithMiddleware(wrap func(next http.RoundTripper) http.RoundTripper) Option {
	return func(o *options) error {
		if wrap == nil {
			return errors.New("WithMiddleware: the middleware is nil")
		}
		o.config.Middleware = append(o.config.Middleware, wrap)
		return nil
	}
}

// WithObserver follows every call as a whole, its attempts and the waits between
// them. It is called once a call's arguments have been found good, before its
// first attempt, and gives the context that the call goes on with, which holds
// what a tracer puts there; nil keeps the one it got. Of several observers the first
// is the outermost. Each request of a batch and each page of an All is a call.
func WithObserver(start func(ctx context.Context, call Call) (context.Context, Observer)) Option {
	return func(o *options) error {
		if start == nil {
			return errors.New("WithObserver: the observer is nil")
		}
		o.config.Observe = append(o.config.Observe, func(ctx context.Context, c transport.Call) (context.Context, transport.Observer) {
			ctx, observer := start(ctx, Call(c))
			return ctx, observer.told()
		})
		return nil
	}
}

// Options is several options in one, in their order.
func Options(opts ...Option) Option {
	return func(o *options) error {
		for _, opt := range opts {
			if opt == nil {
				continue
			}
			if err := opt(o); err != nil {
				return err
			}
		}
		return nil
	}
}

// WithUserAgent replaces the User-Agent "nahook-go/" and [Version].
func WithUserAgent(agent string) Option {
	return func(o *options) error {
		o.config.UserAgent = agent
		if strings.TrimSpace(agent) == "" || strings.ContainsFunc(agent, unicode.IsControl) {
			return errors.New("WithUserAgent: want text without control characters")
		}
		return nil
	}
}

// CallOption changes one call. Of two that set the same thing the last one
// wins; nil does nothing; a bad one makes the call fail with
// [ErrInvalidArgument] before anything is sent.
type CallOption func(*callOptions) error

type callOptions struct {
	header   http.Header
	timeout  time.Duration
	once     bool
	response *Response // nil: nobody asked
}

func collect(opts []CallOption) (callOptions, error) {
	if len(opts) == 0 {
		return callOptions{}, nil
	}
	o := callOptions{header: make(http.Header)}
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt(&o); err != nil {
			return callOptions{}, err
		}
	}
	return o, nil
}

// WithResponse fills r in when the call returns, whether it succeeded or not.
// A method named All fills it in anew for every page; of the requests of a batch
// it is the one with the last items. Calls that share one r race for it.
func WithResponse(r *Response) CallOption {
	return func(o *callOptions) error {
		if r == nil {
			return errors.New("WithResponse: the response to fill in is nil")
		}
		o.response = r
		return nil
	}
}

// reservedHeaders are the client's own: credentials, what frames a message, and
// what makes net/http repeat a POST on its own account.
var reservedHeaders = []string{
	"Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type",
	"Expect", "Host", "Idempotency-Key", "Keep-Alive", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding",
	"Upgrade", "X-Idempotency-Key",
}

// WithHeader sends a header with every attempt, in place of one the client
// sends by itself. Authorization, the headers that frame a message, such as
// Content-Type, Content-Length and Host, and Idempotency-Key, which the API does
// not read, cannot be set.
func WithHeader(name, value string) CallOption {
	return func(o *callOptions) error {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case name == "" || strings.ContainsFunc(name, notInToken):
			return fmt.Errorf("WithHeader: %q is not a header name", name)
		case slices.Contains(reservedHeaders, canonical):
			return fmt.Errorf("WithHeader: %s is the client's to set", canonical)
		case strings.ContainsFunc(value, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }):
			return fmt.Errorf("WithHeader: the value of %s holds a control character", canonical)
		}
		o.header.Set(canonical, value)
		return nil
	}
}

// notInToken tells the characters that a header name cannot have.
func notInToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// WithCallTimeout bounds this call in place of [WithTimeout], and like it each
// page of an All and each request of a batch.
func WithCallTimeout(d time.Duration) CallOption {
	return func(o *callOptions) error {
		o.timeout = d
		return positive("WithCallTimeout", d)
	}
}

// WithoutRetry makes one attempt, whatever [WithRetry] says.
func WithoutRetry() CallOption {
	return func(o *callOptions) error {
		o.once = true
		return nil
	}
}
