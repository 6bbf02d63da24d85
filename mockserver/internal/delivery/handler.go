package delivery

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Handlers makes attempts at handlers of this process.
type Handlers struct {
	machine Machine
	limit   time.Duration
	late    func(problem string)
	running *life
}

// NewHandlers allows handlers limit for each attempt. What goes wrong in one
// after that is told to late, on the handler's goroutine.
func NewHandlers(machine Machine, limit time.Duration, late func(problem string)) *Handlers {
	return &Handlers{machine: machine, limit: limit, late: late, running: newLife()}
}

// Serve makes an attempt. The problem, if not empty, is a mistake in the
// handler, for whoever wrote it.
func (h *Handlers) Serve(ctx context.Context, handler http.Handler, m Message) (o domain.Outcome, problem string) {
	u, err := url.Parse(m.URL)
	if err != nil {
		return domain.Outcome{Failure: failureURL}, ""
	}
	if !h.running.enter() {
		return domain.Outcome{Failure: failureCancelled}, ""
	}
	took := h.machine.Stopwatch()
	limit := m.within(h.limit)
	ctx, cancel := h.running.begin(ctx, h.machine, limit)
	defer cancel()
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	c := &call{response: newResponse(abort), done: make(chan struct{})}
	go h.run(c, handler, incoming(ctx, u, m))
	o = c.await(ctx, limit)
	if o.Failure == "" {
		settle(&o, c.response.retryAfter, m.Now)
	}
	o.Took = took()
	return o, c.problem
}

// Close cancels the requests of all handlers, and waits until the handlers
// have returned, also those whose attempt was given up.
func (h *Handlers) Close() { h.running.close() }

// call is one run of a handler. Its results can be read when it is done.
type call struct {
	response *response
	done     chan struct{}
	outcome  domain.Outcome
	problem  string
}

func (c *call) await(ctx context.Context, limit time.Duration) domain.Outcome {
	select {
	case <-c.done:
	case <-ctx.Done():
	}
	if status, first := c.response.end(false); first {
		return domain.Outcome{StatusCode: status, Failure: failure(ctx, limit, nil)}
	}
	<-c.done
	return c.outcome
}

// run has a goroutine of its own, which a handler may hang, or end.
func (h *Handlers) run(c *call, handler http.Handler, r *http.Request) {
	defer h.running.leave()
	defer close(c.done)
	returned := false
	defer func() { h.conclude(r.Context(), c, returned, recover()) }()
	callHandler(handler, c.response, r)
	returned = true
}

// conclude leaves no outcome after the end of the attempt's time, which may be
// why the handler returned. A mistake in the handler is one all the same.
func (h *Handlers) conclude(ctx context.Context, c *call, returned bool, panicked any) {
	text, problem := diagnose(returned, panicked)
	if ctx.Err() == nil {
		if status, first := c.response.end(returned); first {
			c.outcome, c.problem = domain.Outcome{StatusCode: status, Failure: text}, problem
			return
		}
	}
	if problem != "" {
		h.late(problem)
	}
}

func diagnose(returned bool, panicked any) (text, problem string) {
	switch {
	case returned:
		return "", ""
	case panicked == nil:
		return failureGoexit, "the receiver's handler ended its goroutine, as t.FailNow does, which may only be called on the test's goroutine"
	case panicked == any(http.ErrAbortHandler):
		return failureReset, ""
	default:
		return failureReset, fmt.Sprintf("the receiver's handler panicked: %v\n\n%s", panicked, debug.Stack())
	}
}

// callHandler is what InsideHandler looks for, so it must have a frame.
//
//go:noinline
func callHandler(handler http.Handler, w http.ResponseWriter, r *http.Request) {
	handler.ServeHTTP(w, r)
}

// InsideHandler tells whether it is called, however deep, by a handler that
// was called here. On goroutines that the handler starts it cannot tell.
func InsideHandler() bool {
	callers := make([]uintptr, 64)
	n := runtime.Callers(0, callers)
	for n == len(callers) {
		callers = make([]uintptr, 2*n)
		n = runtime.Callers(0, callers)
	}
	// The handler's goroutine begins with run, which calls callHandler.
	frames := runtime.CallersFrames(callers[max(n-6, 0):n])
	for {
		frame, more := frames.Next()
		if frame.Function == callHandlerName || !more {
			return frame.Function == callHandlerName
		}
	}
}

var callHandlerName = runtime.FuncForPC(reflect.ValueOf(callHandler).Pointer()).Name()
