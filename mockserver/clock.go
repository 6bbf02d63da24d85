package mockserver

import (
	"errors"
	"fmt"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/clock"
	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Now is the present instant on the workspace's clock, in UTC and cut to the
// millisecond.
func (w *Workspace) Now() time.Time { return w.clock.Now() }

// Advance moves the clock forward by d, which must not be negative, and makes every
// delivery attempt that falls due on the way, each at its own instant, in order and
// on the caller's goroutine. Time stands still otherwise, so what depends on it
// happens when a test says so. It is an error to advance a clock that runs by itself
// ([WithRealClock]), to do so from within a handler of [Workspace.ReceiverHandler],
// or from a receiver behind a socket, whose own attempt would wait for it, and while
// another Advance, Drain or Restore is under way. Errors end the test; on a server
// made by [New], and within a receiver, they panic.
func (w *Workspace) Advance(d time.Duration) {
	w.t().Helper()
	w.moved("Advance", w.advance(d))
}

func (w *Workspace) advance(d time.Duration) error {
	manual, err := w.manual()
	if err != nil {
		return err
	}
	then, err := manual.In(d)
	if err != nil {
		return err
	}
	return w.engine.Advance(domain.At(then))
}

// Drain moves the clock from one delivery attempt to the next, until every delivery
// is final, those of fixtures apart: delivered, failed or a dead letter. What
// [Workspace.Advance] refuses it refuses too.
func (w *Workspace) Drain() {
	w.t().Helper()
	w.moved("Drain", w.drain())
}

func (w *Workspace) drain() error {
	if _, err := w.manual(); err != nil {
		return err
	}
	return w.engine.Drain()
}

var errRealClock = errors.New("this workspace has the real clock, which runs by itself; leave WithRealClock out to move time by hand")

// manual is the workspace's clock, if it can be moved.
func (w *Workspace) manual() (*clock.Manual, error) {
	manual, ok := w.clock.(*clock.Manual)
	if !ok {
		return nil, errRealClock
	}
	return manual, nil
}

// moved ends the test if the clock could not be moved.
func (w *Workspace) moved(verb string, err error) {
	w.t().Helper()
	if errors.Is(err, delivery.ErrInside) {
		panic(fmt.Sprintf("mockserver: %s: %v", verb, err)) // the receiver's goroutine is not the test's
	}
	if err != nil {
		w.fail("%s: %v", verb, err)
	}
}
