package delivery

import (
	"errors"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Why the clock cannot be moved.
var (
	ErrInside = errors.New("it was called by a receiver: the attempt under way would have to wait for itself")
	ErrMoving = errors.New("another Advance, Drain or Restore is under way: there is one at a time, and receivers cannot call either")
)

// Advance moves the clock to an instant, and makes every attempt that falls due
// on the way, each at its own instant, on the caller's goroutine.
func (e *Engine) Advance(to domain.Time) error {
	return e.move(func() {
		e.runUntil(to)
		e.Move(to)
	})
}

// Drain moves the clock until every delivery is final.
func (e *Engine) Drain() error {
	return e.move(func() {
		// Whoever has landed has left its retry where it is seen.
		for more := true; more; _, more = e.Rows.NextRetry() {
			e.runUntil(domain.Never)
			e.awaitOthers()
		}
	})
}

// Replace runs what replaces the rows, while nobody moves the clock, and goes on
// with those that are there then.
func (e *Engine) Replace(replace func() error) error {
	var err error
	refused := e.move(func() { err = replace() })
	if refused != nil {
		return refused
	}
	if e.Move == nil {
		e.wake()
	}
	return err
}

func (e *Engine) move(run func()) error {
	if InsideHandler() {
		return ErrInside
	}
	if !e.moving.TryLock() {
		return ErrMoving
	}
	defer e.moving.Unlock()
	run()
	return nil
}

func (e *Engine) runUntil(to domain.Time) {
	for {
		due, any := e.Rows.NextRetry()
		if !any || due > to {
			return
		}
		e.Move(max(due, e.Rows.Now()))
		for job, ok := e.Rows.Retry(); ok; job, ok = e.Rows.Retry() {
			e.attempt(job, Timeout)
		}
	}
}

// awaitOthers waits until no other goroutine works on a delivery.
func (e *Engine) awaitOthers() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.flying > 0 {
		e.changed.Wait()
	}
}
