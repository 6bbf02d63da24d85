package nahook

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// Response is how a call went on the wire, for [WithResponse]. It prints, logs
// and encodes as JSON without its header and body, which may hold secrets; only
// in an unexported field, where fmt asks no methods, they are printed. After a
// Delete that took "not found" as success its StatusCode is 404.
type Response struct {
	StatusCode int           // 0 if no response arrived
	Header     http.Header   // nil if no response arrived
	RequestID  string        // to quote to support; empty if the server sent none
	RateLimit  RateLimit     // zero if the server sent none
	Attempts   int           // how many requests were made
	Duration   time.Duration // of the whole call, its attempts and waits
	Body       []byte        // whole on success; at most 64 KiB otherwise
}

// RateLimit is where the token stands, on a server that limits it.
type RateLimit struct {
	Limit     int           // requests per window; 0 if there is no limit
	Remaining int           // in this window
	Reset     time.Duration // until the next window
}

// Format prints status, request id, attempts and duration.
func (r Response) Format(s fmt.State, verb rune) { format(s, verb, r.summary()) }

// LogValue logs status, request id, attempts and duration.
func (r Response) LogValue() slog.Value { return slog.AnyValue(r.summary()) }

// MarshalJSON writes status, request id, attempts and duration.
func (r Response) MarshalJSON() ([]byte, error) { return json.Marshal(r.summary()) }

type responseSummary struct {
	StatusCode int
	RequestID  string
	Attempts   int
	Duration   time.Duration
}

func (r Response) summary() responseSummary {
	return responseSummary{r.StatusCode, r.RequestID, r.Attempts, r.Duration}
}

func (r *Response) fill(a *transport.Answer) {
	if r == nil {
		return
	}
	*r = Response{
		StatusCode: a.Status,
		Header:     a.Header,
		RequestID:  a.RequestID,
		RateLimit:  rateLimit(a.Header),
		Attempts:   a.Attempts,
		Duration:   a.Duration,
		Body:       a.Body,
	}
}

// rateLimit reads what it can; what is missing or no number stays zero.
func rateLimit(h http.Header) RateLimit {
	number := func(name string) int {
		n, _ := strconv.ParseInt(h.Get(name), 10, 32)
		return max(0, int(n))
	}
	return RateLimit{
		Limit:     number("X-RateLimit-Limit"),
		Remaining: number("X-RateLimit-Remaining"),
		Reset:     time.Duration(number("X-RateLimit-Reset")) * time.Second,
	}
}
