package mockserver

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/api"
	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Effect is what a [Fault] does to a request to the API, or to an attempt to
// deliver. The zero value is none.
type Effect struct {
	name  string
	err   error
	fault api.Fault // of requests to the API

	alter   func(*delivery.Message, []string) // what an attempt sends
	twice   bool                              // an attempt reaches the receiver two times
	only    string                            // what it is for, if not for both
	cursors bool                              // it makes sense for a request with a cursor
}

// String is how a call makes the effect, such as "Status(503)".
func (e Effect) String() string { return e.name }

const (
	onlyAPI      = "requests to the API"
	onlyDelivery = "attempts to deliver"
)

// Status answers with an error status, from 400 to 599, and the body that the
// service has for it.
func Status(code int) Effect {
	e := Effect{name: fmt.Sprintf("Status(%d)", code), fault: api.Fault{Status: code}}
	if code < 400 || code > 599 {
		e.err = fmt.Errorf("%s: the status is not between 400 and 599", e.name)
		return e
	}
	e.fault.Body = api.Refusal(code)
	return e
}

// RateLimit answers 429 and asks to come again after d, in whole seconds.
func RateLimit(d time.Duration) Effect {
	e := Effect{name: fmt.Sprintf("RateLimit(%v)", d)}
	seconds := strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
	e.fault = api.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {seconds}}, Body: api.Refusal(http.StatusTooManyRequests)}
	if d < 0 {
		e.err = fmt.Errorf("%s: the time is negative", e.name)
	}
	return e
}

// Latency waits for d before the request is carried out, or with [Fault.AfterCommit]
// before it is answered. That is machine time, or in a bubble the bubble's, whatever
// the workspace's clock does. A client that leaves meanwhile ends the wait and
// nothing else: what it asked for is done. An attempt to deliver is not held up but
// said to have taken longer, and over 15 s it is a time-out.
func Latency(d time.Duration) Effect {
	e := Effect{name: fmt.Sprintf("Latency(%v)", d), fault: api.Fault{Wait: d}}
	if d <= 0 {
		e.err = fmt.Errorf("%s: the time is not positive", e.name)
	}
	return e
}

// Reset resets the connection.
func Reset() Effect { return Effect{name: "Reset()", fault: api.Fault{Break: api.Reset}} }

// EmptyReply closes the connection without an answer.
func EmptyReply() Effect { return Effect{name: "EmptyReply()", fault: api.Fault{Break: api.Empty}} }

// Truncate closes the connection after n bytes of the answer's body. There is an
// answer once the request is carried out, so this is always after the commit.
func Truncate(n int) Effect {
	e := Effect{name: fmt.Sprintf("Truncate(%d)", n), fault: api.Fault{Break: api.Truncate, Keep: n}}
	if n < 0 {
		e.err = fmt.Errorf("%s: the length is negative", e.name)
	}
	return e
}

// Garbage answers with something else than HTTP.
func Garbage() Effect { return Effect{name: "Garbage()", fault: api.Fault{Break: api.Garbage}} }

// HTMLPage answers with 502 and a page for people, as a proxy does.
func HTMLPage() Effect {
	return Effect{name: "HTMLPage()", fault: api.Fault{
		Status: http.StatusBadGateway, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: []byte("<!doctype html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"),
	}}
}

// Framework400 answers 400 in the shape that web frameworks have for what they
// refuse before the service sees it: the error is a string.
func Framework400() Effect {
	return Effect{name: "Framework400()", fault: api.Fault{
		Status: http.StatusBadRequest, Body: []byte(`{"statusCode":400,"error":"Bad Request","message":"body must be object"}`),
	}}
}

// StaleCursor answers 400 with the code invalid_cursor, to a request that has a
// cursor.
func StaleCursor() Effect {
	return Effect{name: "StaleCursor()", only: onlyAPI, cursors: true, fault: api.Fault{
		Status: http.StatusBadRequest, Body: []byte(`{"error":{"code":"invalid_cursor","message":"Invalid cursor"}}`),
	}}
}

// WrongSignature spoils the signatures of an attempt.
func WrongSignature() Effect {
	return Effect{name: "WrongSignature()", only: onlyDelivery, alter: func(m *delivery.Message, _ []string) {
		signatures := strings.Fields(m.Header.Get("Webhook-Signature"))
		for i, s := range signatures {
			signatures[i] = "v1," + strings.Repeat("A", len(s)-len("v1,=")) + "="
		}
		m.Header = m.Header.Clone()
		m.Header.Set("Webhook-Signature", strings.Join(signatures, " "))
	}}
}

// staleBy is more than receivers tolerate, who allow 300 s.
const staleBy = time.Hour

// StaleTimestamp signs an attempt as of an hour ago.
func StaleTimestamp() Effect {
	return Effect{name: "StaleTimestamp()", only: onlyDelivery, alter: func(m *delivery.Message, secrets []string) {
		authorization := m.Header["Authorization"]
		m.Header = delivery.Signed(m.Header.Get("Webhook-Id"), m.Now.Add(-staleBy), m.Body, secrets...)
		if authorization != nil {
			m.Header["Authorization"] = authorization
		}
	}}
}

// DuplicateDelivery makes an attempt reach the receiver twice, as after an answer
// that was lost on its way: what the receiver says to the second counts.
func DuplicateDelivery() Effect {
	return Effect{name: "DuplicateDelivery()", only: onlyDelivery, twice: true}
}

// deliver makes an attempt under the effect. With after the receiver gets it, and
// what it says is lost.
func (e Effect) deliver(m delivery.Message, after bool, send func(delivery.Message) domain.Outcome) domain.Outcome {
	replaced, replaces := e.outcome(m)
	if replaces && !after {
		return replaced
	}
	o := send(m)
	switch {
	case replaces:
		return replaced
	case o.Took+e.fault.Wait > m.Limit:
		return delivery.TimedOut(m)
	}
	o.Took += e.fault.Wait
	return o
}

// outcome is what comes of an attempt whose answer the effect replaces.
func (e Effect) outcome(m delivery.Message) (domain.Outcome, bool) {
	switch {
	case e.fault.Status != 0:
		return delivery.Answered(m, e.fault.Status, e.fault.Header.Get("Retry-After"), len(e.fault.Body), 0), true
	case e.fault.Break == api.Garbage:
		return delivery.Unintelligible(), true
	case e.fault.Break != api.Whole:
		return delivery.HungUp(0), true
	}
	return domain.Outcome{}, false
}
