package delivery

import (
	"context"
	"sync"
	"time"
)

// Machine is machine time, for waiting and for measuring how long an answer
// took.
type Machine struct {
	// WithTimeout is context.WithTimeoutCause in machine time.
	WithTimeout func(ctx context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc)
	// Stopwatch starts now; the func it gives tells how much time has passed.
	Stopwatch func() func() time.Duration
}

// life counts what is under way, so that it can be ended and waited for.
type life struct {
	ctx context.Context // ends when close begins
	end context.CancelFunc

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

func newLife() *life {
	l := &life{}
	l.ctx, l.end = context.WithCancel(context.Background())
	return l
}

// enter counts the caller in, unless close has begun. Who is in must leave.
func (l *life) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.running.Add(1)
	}
	return !l.closed
}

func (l *life) leave() { l.running.Done() }

// stop ends what is under way, and lets nobody in any more.
func (l *life) stop() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.end()
}

func (l *life) close() {
	l.stop()
	l.running.Wait()
}

// begin gives a context that ends after limit with the cause errLate, and with
// the life.
func (l *life) begin(ctx context.Context, m Machine, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := m.WithTimeout(ctx, limit, errLate)
	stop := context.AfterFunc(l.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
