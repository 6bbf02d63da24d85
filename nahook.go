// Package nahook is a client for the Nahook webhook platform: it gives each of
// your customers an application, endpoints of their own, and a portal to
// manage them.
//
//	mgmt, err := nahook.NewManagement(os.Getenv("NAHOOK_MANAGEMENT_TOKEN"))
//	if err != nil {
//		return err
//	}
//	defer mgmt.Close()
//
//	app, err := mgmt.Applications.Create(ctx, "ws_abc", nahook.CreateApplicationOptions{
//		Name:         "Acme Corp",
//		ExternalID:   "cust_123",
//		MaxEndpoints: nahook.Ptr(3),
//	})
//	if err != nil {
//		return err
//	}
//	session, err := mgmt.PortalSessions.Create(ctx, "ws_abc", app.ID, nil)
//	if err != nil {
//		return err
//	}
//	http.Redirect(w, r, session.URL, http.StatusSeeOther)
//
// A [Client] sends the events. It has an API key, which belongs to one
// environment, in place of the management token:
//
//	client, err := nahook.NewClient(os.Getenv("NAHOOK_API_KEY"))
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//
//	result, err := client.Trigger(ctx, "order.created", nahook.TriggerOptions{Payload: order})
//
// Both are immutable and safe for concurrent use: make one and keep it. Every
// method takes a context first and call options last, and does one request;
// only those named All and batches do several.
//
// # Errors
//
// A call fails in one of three ways, told apart by [errors.As] and [errors.Is]:
//
//   - [ErrInvalidArgument]: the arguments were refused, nothing was sent.
//   - [*APIError]: the server answered, but not with what was asked for. The
//     sentinels tell what it meant, by status ([ErrNotFound], [ErrConflict],
//     [ErrRateLimited], [ErrServer] …) and by code
//     ([ErrApplicationEndpointLimitReached], [ErrFeatureDisabled] …).
//   - [*TransportError]: no complete answer arrived. Its Sent field tells
//     whether the request can have reached the server.
//
// For instance:
//
//	switch {
//	case errors.Is(err, nahook.ErrApplicationEndpointLimitReached):
//		return upsell(customer)
//	case errors.Is(err, context.Canceled):
//		return err
//	}
//
// The items of a batch fail by themselves: see [BatchResult].
//
// Whenever the caller's context ended a call, the error matches
// [context.Canceled] or [context.DeadlineExceeded], and nothing else matches
// these. The cause that the caller gave that context ([context.WithCancelCause])
// is part of the chain, and may be anything, such as the error of another call:
// look for [*TransportError] first.
//
// The text of an error is one line that names the operation with its ids; it
// never holds the token, a query or a body.
//
// # Retries
//
// By default a call is attempted up to three times within 60 seconds, each
// attempt for at most 30 seconds; see [WithRetry], [WithTimeout] and
// [WithAttemptTimeout]. GET, PUT, PATCH and DELETE are repeated after connection
// errors, timed-out attempts and the statuses 429, 500, 502, 503 and 504. A
// POST creates something, so it is repeated only after a 429 or when certainly
// nothing was sent. Send and both batches are repeated like a GET: every item
// carries an idempotency key, by which the server knows what it has already.
// Retry-After is honoured; a wait that would outlast a limit is not begun, and
// what the server said is returned instead. A DELETE that is repeated because
// its answer was lost takes "not found" as success. Redirects are not followed,
// and what another attempt cannot change, such as a failed certificate check, is
// not repeated.
//
// # Webhooks
//
// A [Verifier] lets through the webhooks that Nahook signed and nothing else, as
// a middleware or by itself; [Sign] makes genuine ones to test a receiver with.
//
// # Testing
//
// Package mockserver is the API in memory, with a clock that tests move:
//
//	srv := mockserver.Start(t)
//	mgmt, err := nahook.NewManagement(srv.ManagementToken(), nahook.WithHTTPClient(srv.HTTPClient()))
package nahook

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"

	"github.com/nahook/nahook-go/internal/transport"
)

// Version of this module, as its User-Agent reports it.
const Version = "0.1.0"

const apiHost = "api.nahook.com"

// Management manages what a workspace is made of. It prints and logs without
// its token. The zero value is not usable: see [NewManagement].
type Management struct {
	Applications   *Applications   // your customers
	Endpoints      *Endpoints      // where webhooks go, of all customers and of none
	EventTypes     *EventTypes     // the catalog of what you send
	Subscriptions  *Subscriptions  // which events an endpoint receives
	Environments   *Environments   // such as production and staging
	Deliveries     *Deliveries     // what became of the events sent
	PortalSessions *PortalSessions // a customer's way into the Developer Portal
	AuditLogs      *AuditLogs      // who changed what

	api *transport.Transport
}

// NewManagement makes a client for the workspaces that token, which starts
// with "nhm_", may manage. It does no I/O: whether the server knows the token
// shows with the first call. Its errors match [ErrInvalidArgument] and do not
// quote the token.
func NewManagement(token string, opts ...Option) (*Management, error) {
	api, err := newTransport(token, "nhm_", apiHost, "/management/v1", opts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	return &Management{
		Applications:   &Applications{api},
		Endpoints:      &Endpoints{api},
		EventTypes:     &EventTypes{api},
		Subscriptions:  &Subscriptions{api},
		Environments:   &Environments{api},
		Deliveries:     &Deliveries{api},
		PortalSessions: &PortalSessions{api},
		AuditLogs:      &AuditLogs{api},
		api:            api,
	}, nil
}

// newTransport is what a client is made of: its token starts with prefix, and
// it finds its API at path, on host unless an option names another server.
func newTransport(token, prefix, host, path string, opts []Option) (*transport.Transport, error) {
	if err := checkToken(token, prefix); err != nil {
		return nil, err
	}
	o := defaults()
	if err := Options(opts...)(&o); err != nil {
		return nil, err
	}
	o.config.Token = transport.NewToken(token)
	o.config.Base = cmp.Or(o.config.Base, &url.URL{Scheme: "https", Host: host, Path: "/"}).JoinPath(path)
	return transport.New(o.config)
}

// Close closes idle connections, unless they belong to a client given by
// [WithHTTPClient]. Calls in flight go on, and new ones open new connections.
// It always returns nil.
func (m *Management) Close() error {
	m.api.Close()
	return nil
}

// Format writes the base URL and no token, whatever the verb.
func (m Management) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, m.describe()) }

// LogValue logs the base URL and no token.
func (m Management) LogValue() slog.Value { return slog.StringValue(m.describe()) }

func (m Management) describe() string { return describe("nahook.Management", m.api) }

// Client sends events. It prints and logs without its token. The zero value is
// not usable: see [NewClient].
type Client struct{ api *transport.Transport }

// NewClient makes a client for the environment that token, an API key which
// starts with "nhk_", belongs to. It talks to the region that the token names,
// such as https://us.api.nahook.com for "nhk_us_", unless [WithBaseURL] says
// where; a token without a known region goes to https://api.nahook.com. It does
// no I/O. Its errors match [ErrInvalidArgument] and do not quote the token.
func NewClient(token string, opts ...Option) (*Client, error) {
	api, err := newTransport(token, "nhk_", regionHost(token), "/api/ingest", opts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	return &Client{api}, nil
}

func regionHost(token string) string {
	for _, region := range []string{"us", "eu", "ap"} {
		if strings.HasPrefix(token, "nhk_"+region+"_") {
			return region + "." + apiHost
		}
	}
	return apiHost
}

// Close closes idle connections, unless they belong to a client given by
// [WithHTTPClient]. Calls in flight go on, and new ones open new connections.
// It always returns nil.
func (c *Client) Close() error {
	c.api.Close()
	return nil
}

// Format writes the base URL and no token, whatever the verb.
func (c Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, c.describe()) }

// LogValue logs the base URL and no token.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.describe()) }

func (c Client) describe() string { return describe("nahook.Client", c.api) }

func describe(name string, api *transport.Transport) string {
	if api == nil {
		return name + "{}"
	}
	return name + "{" + api.String() + " " + transport.Redacted + "}"
}

// List is every answer that is a JSON array. It logs as the number of its
// records.
type List[T any] struct {
	Data []T // empty, not nil, if there are none
}

// LogValue logs how many records there are: a handler that encodes them as JSON
// would show their secrets.
func (l List[T]) LogValue() slog.Value { return slog.GroupValue(slog.Int("count", len(l.Data))) }

// call makes a request and decodes its answer.
func call[T any, R record[T]](ctx context.Context, api *transport.Transport, r transport.Request, opts []CallOption) (*T, error) {
	answer, err := send(ctx, api, r, opts)
	if err != nil {
		return nil, err
	}
	out := new(T)
	if err = decode(answer.Body, out); err == nil {
		err = R(out).complete()
	}
	if err = settled(api, r, answer, err); err != nil {
		return nil, err
	}
	return out, nil
}

// remove makes a request whose answer says no more than its status. A body
// that is not JSON comes from somebody else than the API.
func remove(ctx context.Context, api *transport.Transport, r transport.Request, opts []CallOption) error {
	answer, err := send(ctx, api, r, opts)
	if err != nil {
		return err
	}
	if !answer.Gone && len(bytes.TrimSpace(answer.Body)) > 0 {
		err = json.Unmarshal(answer.Body, new(json.RawMessage))
	}
	return settled(api, r, answer, err)
}

// list makes a request whose answer is an array. Most records have an id:
// counting them spares the slice from growing.
func list[T any, R record[T]](ctx context.Context, api *transport.Transport, r transport.Request, opts []CallOption) (*List[T], error) {
	answer, err := send(ctx, api, r, opts)
	if err != nil {
		return nil, err
	}
	records := bytes.Count(answer.Body, []byte(`"id":`))
	out := &List[T]{Data: make([]T, 0, min(records, maxPage))}
	if err = decode(answer.Body, &out.Data); err == nil {
		err = completeAll[T, R](out.Data)
	}
	if err = settled(api, r, answer, err); err != nil {
		return nil, err
	}
	return out, nil
}

// settled ends a call whose answer was a success, which could be read or not.
func settled(api *transport.Transport, r transport.Request, answer *transport.Answer, flaw error) error {
	if flaw != nil {
		flaw = unreadable(api, r, answer, flaw)
	}
	answer.End(flaw)
	return flaw
}

// send makes a request and turns every end but success into an error. Whoever
// reads a success then says how that went: see [settled].
func send(ctx context.Context, api *transport.Transport, r transport.Request, opts []CallOption) (*transport.Answer, error) {
	o, err := collect(opts)
	if err != nil {
		return nil, refused(r, err)
	}
	r.Header, r.Timeout, r.Once = o.header, o.timeout, o.once
	answer, err := api.Do(ctx, r)
	if err != nil {
		return nil, refused(r, err)
	}
	o.response.fill(answer)
	if !answer.OK() {
		err := failure(api, r, answer)
		answer.End(err)
		return nil, err
	}
	return answer, nil
}

// refused is the error of a call that was not made.
func refused(r transport.Request, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrInvalidArgument, r.Name, err)
}

func checkToken(token, prefix string) error {
	switch {
	case !strings.HasPrefix(token, prefix) || token == prefix:
		return fmt.Errorf("the token does not start with %q: is it of another kind, or not set?", prefix)
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the token holds white space, or characters that no token has: trim it where you read it")
	}
	return nil
}
