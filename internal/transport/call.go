package transport

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Answer is how a call ended.
type Answer struct {
	Status     int           // of the last attempt; 0 if it got no response
	Header     http.Header   // of the last attempt's response
	RequestID  string        // of the last attempt's response, without our token
	Body       []byte        // whole on success; else its start, without our token
	RetryAfter time.Duration // as the server asked; 0 if it did not
	Err        error         // why the last attempt got no response

	Attempts int
	Sent     bool // false: certainly no attempt reached the server
	Gone     bool // a DELETE found nothing, after an attempt that may have removed it
	Duration time.Duration

	observers []Observer
}

// OK tells whether the server did what was asked.
func (a *Answer) OK() bool { return a.Err == nil && (a.Status/100 == 2 || a.Gone) }

// call is the state of one logical call. It is also the RoundTripper its
// http.Client uses, which gives every attempt a deadline and reads its body
// inside the retry loop, and hides the caller's CloseIdleConnections, which
// go-retryablehttp runs after every failed call.
type call struct {
	api     *Transport // not embedded: its methods are not the RoundTripper's
	request Request
	ctx     context.Context // the caller's
	policy  Policy
	timeout time.Duration
	started time.Time
	trace   httptrace.ClientTrace
	client  http.Client
	retry   retryablehttp.Client
	handed  retryablehttp.Request // to retry; around bare,
	bare    http.Request          // which attempt completes
	first   outgoing              // of the first attempt; the others allocate theirs
	url     url.URL
	payload []byte           // of the request; nil if it has no body
	encoded bytes.Buffer     // what payload is in
	limited io.LimitedReader // over the response body
	answer  Answer

	limit     limit
	asked     atomic.Bool // this attempt has asked for a connection,
	connected atomic.Bool // and has got one
	sent      bool        // it may have reached the server
	waiting   bool        // for the next attempt
	ambiguous bool        // some attempt may have taken effect unnoticed
}

func (t *Transport) newCall(ctx context.Context, r Request) (*call, error) {
	if ctx == nil {
		return nil, errors.New("the context is nil")
	}
	c := &call{api: t, request: r, ctx: ctx, policy: t.config.Retry}
	if r.Once {
		c.policy.MaxAttempts = 1
	}
	c.timeout = cmp.Or(r.Timeout, t.config.Timeout)
	c.client = t.client
	c.client.Transport = c
	// There is no Logger, as it would write to stderr, and no PrepareRetry, as
	// each attempt is made anew.
	c.retry = retryablehttp.Client{
		HTTPClient:   &c.client,
		RetryMax:     c.policy.MaxAttempts - 1,
		CheckRetry:   c.again,
		Backoff:      pause,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c, c.prepare()
}

// noHeader is what net/http leaves empty where there is no jar to take cookies
// from. All calls share it, since allocations add up.
var noHeader = http.Header{}

// prepare builds the request of the first attempt.
func (c *call) prepare() error {
	var err error
	if c.url, err = c.request.url(c.api.config.Base); err != nil {
		return err
	}
	if c.ctx.Err() == nil { // else no attempt will be made that could send it
		if c.payload, err = c.request.encode(&c.encoded); err != nil {
			return err
		}
	}
	c.observe()
	c.trace = httptrace.ClientTrace{
		GetConn: func(string) { c.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.connected.Store(true) },
	}
	bare := http.Request{
		Method: c.request.Method, URL: &c.url, Header: noHeader,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if c.client.Jar != nil {
		bare.Header = make(http.Header)
	}
	c.bare = *bare.WithContext(httptrace.WithClientTrace(c.ctx, &c.trace))
	c.handed.Request = &c.bare
	return nil
}

// do runs the attempts. Their outcome is in c.answer, which unlike the results
// of go-retryablehttp and net/http has kept a response whose Location could
// not be read or after which the context ended. The attempts have read and
// closed every body.
func (c *call) do() *Answer {
	c.started = time.Now()
	a := &c.answer
	_, _ = c.retry.Do(&c.handed)
	if c.waiting { // and the caller's context ended meanwhile
		c.clear()
		a.Err = ended(c.ctx)
	}
	a.Gone = c.ambiguous && a.Err == nil && a.Status == http.StatusNotFound
	a.Duration = time.Since(c.started)
	return a
}

// clear forgets the last attempt's outcome.
func (c *call) clear() {
	a := &c.answer
	*a = Answer{Attempts: a.Attempts, Sent: a.Sent, observers: a.observers}
}

// worthwhile is the least time an attempt is given. One with less would only
// put the news that time ran out in the place of what the server said.
const worthwhile = 50 * time.Millisecond

// again decides, after each attempt, whether there is another one. A wait
// after which no time would be left for it is not begun.
func (c *call) again(context.Context, *http.Response, error) (bool, error) {
	a := &c.answer
	a.Sent = a.Sent || c.sent
	c.ambiguous = c.ambiguous || c.request.Method == http.MethodDelete && ambiguous(a, c.sent)
	more := a.Attempts < c.policy.MaxAttempts && ended(c.ctx) == nil && repeatable(c.request.safe(), a, c.sent)
	if !more {
		return false, nil
	}
	wait := c.policy.wait(a.Attempts, a.RetryAfter, c.api.random())
	c.retry.RetryWaitMin = wait
	c.waiting = a.RetryAfter <= c.policy.MaxRetryAfter && wait <= c.remaining()-worthwhile
	if c.waiting {
		c.logWait(wait)
		c.observeWait(wait)
	}
	return c.waiting, nil
}

// remaining is the time until the call's limit or the caller's deadline.
func (c *call) remaining() time.Duration {
	end := c.started.Add(c.timeout)
	if deadline, ok := c.ctx.Deadline(); ok && deadline.Before(end) {
		end = deadline
	}
	return time.Until(end)
}

// pause is as long as again has decided.
func pause(decided, _ time.Duration, _ int, _ *http.Response) time.Duration { return decided }

// ended is why the caller's context is over, nil if it is not. It goes by the
// clock too: net's own timers fire before the context's.
func ended(ctx context.Context) error {
	err := ctx.Err()
	if deadline, ok := ctx.Deadline(); ok && err == nil && !time.Now().Before(deadline) {
		err = context.DeadlineExceeded
	}
	if cause := context.Cause(ctx); err != nil && cause != nil && cause != err { //nolint:errorlint // identity: no cause was given
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return err
}
