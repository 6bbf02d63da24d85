package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"
)

const (
	maxBody    = 64 << 20 // of a success; more is an error
	maxExcerpt = 64 << 10 // of any other body, what is kept of it
	maxPresize = 1 << 20  // of what Content-Length announces, believed at once

	// What else of a body is read so that its connection can be used again.
	maxDrain  = 1 << 20
	drainTime = time.Second
)

var (
	errTooLarge   = fmt.Errorf("the response body is over %d MiB", maxBody>>20)
	errNoResponse = errors.New("the http.RoundTripper returned neither response nor error")
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
	ctx, cancel := c.bounded(r.Context())
	defer cancel()
	res, err := c.transport().RoundTrip(c.attempt(ctx, r))
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

// attempt is r with a deadline, headers and a body of its own: transports that
// change headers are common, and the last attempt's may still be in use. What
// net/http put into r's headers, the cookies, is moved, as it will be put
// there again.
func (c *call) attempt(ctx context.Context, r *http.Request) *http.Request {
	cookies := r.Header
	r = r.WithContext(ctx)
	values := []string{"application/json", c.config.UserAgent, c.config.Token(), "application/json"}
	r.Header = make(http.Header, len(values))
	r.Header["Accept"], r.Header["User-Agent"], r.Header["Authorization"] = values[0:1:1], values[1:2:2], values[2:3:3]
	if c.payload != nil {
		r.Header["Content-Type"] = values[3:4:4]
		r.ContentLength, r.GetBody = int64(len(c.payload)), c.body
		r.Body, _ = c.body()
	}
	maps.Copy(r.Header, cookies)
	clear(cookies)
	maps.Copy(r.Header, c.request.Header.Clone())
	return r
}

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
	c.limit = limit{time.Now().Add(c.config.AttemptTimeout), ErrAttemptTimeout}
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
		return c.config.Token.scrubError(err)
	}
	if c.limit.cause == ErrCallTimeout { //nolint:errorlint // identity: the limit is ours
		return fmt.Errorf("%w after %s", ErrCallTimeout, c.timeout)
	}
	return fmt.Errorf("%w after %s", ErrAttemptTimeout, c.config.AttemptTimeout)
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
	a := &c.answer
	a.Status, a.Header = res.StatusCode, res.Header
	a.RequestID = c.config.Token.Scrub(res.Header.Get("X-Request-Id"))
	if res.StatusCode/100 == 2 {
		var err error
		a.Body, err = c.readAll(body, res.ContentLength)
		return err
	}
	a.RetryAfter = retryAfter(res.Header.Get("Retry-After"), time.Now())
	excerpt, _ := io.ReadAll(io.LimitReader(body, maxExcerpt))
	a.Body = []byte(c.config.Token.Scrub(string(excerpt)))
	if len(excerpt) == maxExcerpt {
		drain(body, cancel)
	}
	return ended(c.ctx)
}

// readAll reads a body whose length may have been announced.
func (c *call) readAll(body io.Reader, announced int64) ([]byte, error) {
	var b bytes.Buffer
	if announced > 0 {
		b.Grow(int(min(announced, maxPresize)) + bytes.MinRead)
	}
	c.limited = io.LimitedReader{R: body, N: maxBody + 1}
	_, err := b.ReadFrom(&c.limited)
	if err == nil && b.Len() > maxBody {
		err = errTooLarge
	}
	return b.Bytes(), err
}

// drain reads on to the end of a body, if that is near.
func drain(body io.Reader, cancel context.CancelFunc) {
	stop := time.AfterFunc(drainTime, cancel)
	defer stop.Stop()
	_, _ = io.CopyN(io.Discard, body, maxDrain)
}
