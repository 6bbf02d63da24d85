package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"
)

const (
	maxBody    = 64 << 20 // of a success; more is an error
	maxExcerpt = 64 << 10 // of any other body, what is kept of it
	maxPresize = 1 << 20  // of what Content-Length announces, believed at once
	unsized    = 8 << 10  // room for a body whose length is not announced

	// What else of such a body is read so that its connection can be used
	// again, and how long all of it may take: its status has been received.
	maxDrain  = 1 << 20
	drainTime = time.Second
)

var (
	errTooLarge   = fmt.Errorf("the response body is over %d MiB", maxBody>>20)
	errNoResponse = errors.New("the http.RoundTripper returned neither response nor error")
	errNoStatus   = errors.New("the response has no final HTTP status")
)

// limit is the earliest end of an attempt, and what an attempt that runs into
// it fails with.
type limit struct {
	deadline time.Time
	cause    error
}

// RoundTrip makes one attempt, its body included: a response that breaks off
// is a failed attempt.
func (c *call) RoundTrip(r *http.Request) (*http.Response, error) {
	c.begin()
	if c.answer.Err = ended(c.ctx); c.answer.Err != nil {
		return nil, c.answer.Err
	}
	c.answer.Attempts++
	begun := time.Now()
	res, err := c.roundTrip(r)
	took := time.Since(begun)
	c.logAttempt(took)
	c.observeAttempt(took)
	return res, err
}

func (c *call) roundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := c.bounded(r.Context())
	defer cancel()
	res, err := c.api.chain.RoundTrip(c.attempt(ctx, r))
	// The proof that nothing was sent is a connection that was asked for and
	// not had. A foreign RoundTripper that reports neither proves nothing.
	c.sent = err == nil || c.connected.Load() || !c.asked.Load()
	if err == nil {
		err = c.read(res, cancel)
	}
	if err != nil {
		c.clear()
		c.answer.Err = c.why(err)
		return nil, c.answer.Err
	}
	return res, nil
}

// outgoing is what one attempt sends. Each has its own, as transports that
// change what they are given are common, and the last attempt's may still be
// in use. It is kept in one piece because allocations add up.
type outgoing struct {
	request http.Request
	url     url.URL
	values  [4]string // of the headers
}

// attempt is r with a deadline, URL, headers and body of its own. What net/http
// put into r's headers, the cookies, is moved, as it will be put there again.
func (c *call) attempt(ctx context.Context, r *http.Request) *http.Request {
	o := &c.first
	if c.answer.Attempts > 1 {
		o = new(outgoing)
	}
	o.request, o.url = *r.WithContext(ctx), c.url
	o.request.URL, o.request.Header = &o.url, c.header(&o.values)
	if c.payload != nil {
		o.request.ContentLength, o.request.GetBody = int64(len(c.payload)), c.body
		o.request.Body, _ = c.body()
	}
	if len(r.Header) > 0 {
		maps.Copy(o.request.Header, r.Header)
		clear(r.Header)
	}
	maps.Copy(o.request.Header, c.request.Header.Clone())
	return &o.request
}

// header is what the transport itself sends, with its values in v.
func (c *call) header(v *[4]string) http.Header {
	*v = [4]string{"application/json", c.api.config.UserAgent, c.api.config.Token(), "application/json"}
	h := make(http.Header, len(v))
	h["Accept"], h["User-Agent"], h["Authorization"] = v[0:1:1], v[1:2:2], v[2:3:3]
	if c.payload != nil {
		h["Content-Type"] = v[3:4:4]
	}
	return h
}

// body is the payload from its start. net/http asks for it again only where
// the server has not taken the request, as on a connection that turns out to
// have been closed: a POST would not survive that without.
func (c *call) body() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(c.payload)), nil }

func (c *call) begin() {
	c.clear()
	c.waiting, c.sent = false, false
	c.asked.Store(false)
	c.connected.Store(false)
}

// bounded gives an attempt the least of its own limit, the rest of the call
// and the caller's deadline.
func (c *call) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	c.limit = limit{time.Now().Add(c.api.config.AttemptTimeout), ErrAttemptTimeout}
	if end := c.started.Add(c.timeout); !end.After(c.limit.deadline) {
		c.limit = limit{end, ErrCallTimeout}
	}
	return context.WithDeadlineCause(ctx, c.limit.deadline, c.limit.cause)
}

// why is an attempt's failure in the words of whoever's limit it ran into.
func (c *call) why(err error) error {
	if over := ended(c.ctx); over != nil {
		return over
	}
	if time.Now().Before(c.limit.deadline) {
		return c.api.config.Token.scrubError(diagnosed(err))
	}
	if c.limit.cause == ErrCallTimeout { //nolint:errorlint // identity: the limit is ours
		return fmt.Errorf("%w after %s", ErrCallTimeout, c.timeout)
	}
	return fmt.Errorf("%w after %s", ErrAttemptTimeout, c.api.config.AttemptTimeout)
}

// diagnosed is err, or what net/http's client would make of it: a server that
// answers a TLS handshake in HTTP is one of plain http.
func diagnosed(err error) error {
	var record tls.RecordHeaderError
	if errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/" {
		return http.ErrSchemeMismatch
	}
	return err
}

// read takes a response into the answer, and leaves it without a body. What
// an error's body lacks is no failure: its status says enough.
func (c *call) read(res *http.Response, cancel context.CancelFunc) error {
	if res == nil {
		return errNoResponse
	}
	body := res.Body
	if body == nil {
		body = http.NoBody
	}
	defer body.Close()
	res.Body = http.NoBody
	// Not a final status either is 101: nobody asked for another protocol, and
	// net/http no longer interrupts reading a connection that it has given up.
	if res.StatusCode < 200 || res.StatusCode > 999 {
		return fmt.Errorf("%w: %d", errNoStatus, res.StatusCode)
	}
	a := &c.answer
	a.Status, a.Header = res.StatusCode, res.Header
	a.RequestID = c.api.config.Token.Scrub(res.Header.Get("X-Request-Id"))
	if res.StatusCode/100 == 2 {
		var err error
		a.Body, err = c.readAll(body, res.ContentLength)
		return err
	}
	a.RetryAfter = retryAfter(res.Header.Get("Retry-After"), time.Now())
	a.Body = []byte(c.api.config.Token.Scrub(string(readExcerpt(body, cancel))))
	return ended(c.ctx)
}

// readAll reads a body whose length may have been announced.
func (c *call) readAll(body io.Reader, announced int64) ([]byte, error) {
	var b bytes.Buffer
	switch {
	case announced > 0:
		b.Grow(int(min(announced, maxPresize)) + bytes.MinRead)
	case announced < 0:
		b.Grow(unsized)
	}
	c.limited = io.LimitedReader{R: body, N: maxBody + 1}
	_, err := b.ReadFrom(&c.limited)
	if err == nil && b.Len() > maxBody {
		err = errTooLarge
	}
	return b.Bytes(), err
}

// readExcerpt is the start of a body. It reads on to the end, if that is near.
func readExcerpt(body io.Reader, cancel context.CancelFunc) []byte {
	stop := time.AfterFunc(drainTime, cancel)
	defer stop.Stop()
	excerpt, _ := io.ReadAll(io.LimitReader(body, maxExcerpt))
	_, _ = io.CopyN(io.Discard, body, maxDrain)
	return excerpt
}
