package nahook

import (
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// Call is what an observer is told of a call before its first attempt. It holds
// no query, body or token.
type Call struct {
	Operation string // such as "applications.get"
	Method    string // such as "GET"
	Path      string // a template without ids, below the base URL: "/workspaces/{workspace}/applications/{application}"
	URL       string // absolute, with ids, without query
}

// CallAttempt is what an observer is told after each attempt of a call.
type CallAttempt struct {
	Number     int           // 1 is the first
	StatusCode int           // 0 if no response arrived
	Err        error         // why no response arrived; nil if one did, whatever its status
	RequestID  string        // empty if the server sent none
	Duration   time.Duration // of this attempt, its response body included
}

// Observer follows one call, for [WithObserver]. Its functions are called one
// after the other, on the goroutine that makes the call; those that are nil are
// left out.
type Observer struct {
	Attempt func(CallAttempt)   // after each attempt
	Wait    func(time.Duration) // before the wait for another attempt
	End     func(err error)     // once, with what the call returns; for a request of a batch, nil unless it failed as a whole
}

// told is the observer as the transport tells it.
func (o Observer) told() transport.Observer {
	told := transport.Observer{Wait: o.Wait, End: o.End}
	if o.Attempt != nil {
		told.Attempt = func(a transport.Attempt) { o.Attempt(CallAttempt(a)) }
	}
	return told
}
