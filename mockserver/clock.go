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

// Advance moves the clock forward by d, which must not be negative, and makes
// every delivery attempt that falls due on the way, each at its own instant, in
// order and on the caller's goroutine. Time stands still otherwise, so what
// depends on it happens when a test says so. It is an error to advance a clock
// that runs by itself ([WithRealClock]), to do so from within a handler of
// [Workspace.ReceiverHandler], or from a receiver behind a socket, whose own attempt
// would wait for it, and while another Advance or Drain is under way. Errors end the test; on a server
// made by [New], and within a receiver, they panic.
func (w *Workspace) Advance(d time.Duration) {
	w.t().Helper()
	w.move("Advance", func(manual *clock.Manual) error {
		then, err := manual.In(d)
		if err != nil {
			return err
		}
		return w.engine.Advance(domain.At(then))
	})
}

// Drain moves the clock from one delivery attempt to the next, until every
// delivery is final, those of fixtures apart: delivered, failed or a dead letter. What [Workspace.Advance]
// refuses it refuses too.
func (w *Workspace) Drain() {
	w.t().Helper()
	w.move("Drain", func(*clock.Manual) error { return w.engine.Drain() })
}

func (w *Workspace) move(verb string, run func(*clock.Manual) error) {
	w.t().Helper()
	manual, ok := w.clock.(*clock.Manual)
	if !ok {
		w.fail("%s: this workspace has the real clock, which runs by itself; leave WithRealClock out to move time by hand", verb)
		return
	}
	err := run(manual)
	if errors.Is(err, delivery.ErrInside) {
		panic(fmt.Sprintf("mockserver: %s: %v", verb, err)) // the receiver's goroutine is not the test's
	}
	if err != nil {
		w.fail("%s: %v", verb, err)
	}
}
