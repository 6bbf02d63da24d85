// Package clock holds every use of time the mock server makes, so that a
// test can ban the time package's clock and timers everywhere else.
package clock

import (
	"context"
	"time"
)

// Machine time is for waiting, never for timestamps: how long a connection
// may block is a matter of the machine the test runs on, while what a record
// says about when it happened comes from the workspace's own clock. Inside a
// testing/synctest bubble machine time is the bubble's.

// Until returns how long machine time has to run until t; it is negative
// when t has passed.
func Until(t time.Time) time.Duration { return time.Until(t) }

// AfterFunc calls f on its own goroutine once d of machine time has passed.
// The returned stop gives the timer back early and reports whether it kept f
// from being called. When it reports false, f may still be running: a caller
// to whom that matters must make f recognise that it came too late.
func AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

// WithTimeout is a context that ends after d of machine time, with this cause.
func WithTimeout(ctx context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, cause)
}

// Stopwatch starts now. The func that it gives tells how much machine time has
// passed.
func Stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// Wait returns after d of machine time, or when ctx ends; at once if d is not
// positive.
func Wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
