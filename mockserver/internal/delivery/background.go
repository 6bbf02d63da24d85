package delivery

import (
	"sync"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// maxWorkers is how many attempts of a workspace are under way at once, at most.
const maxWorkers = 32

// background is the work of an engine whose clock runs. There is no goroutine
// while nothing is due: a timer waits for the next retry, and workers go when
// they find nothing to do. All of it is guarded by the engine's lock.
type background struct {
	closed  bool
	ready   []*domain.Delivery // pending, oldest first
	working int
	workers sync.WaitGroup
	cancel  func() bool // the timer; nil for none
}

// enqueue has the first attempts at rows made.
func (e *Engine) enqueue(rows []*domain.Delivery) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ready = append(e.ready, rows...)
	for range rows {
		e.hireLocked()
	}
}

// hireLocked adds a worker, if there may be another one.
func (e *Engine) hireLocked() {
	if e.closed || e.working == maxWorkers {
		return
	}
	e.working++
	e.workers.Add(1)
	go e.work()
}

func (e *Engine) work() {
	defer e.workers.Done()
	for job, ok := e.next(); ok; job, ok = e.next() {
		e.attempt(job, Timeout)
	}
}

// next finds work for a worker, which is gone without.
func (e *Engine) next() (store.Job, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for !e.closed {
		job, ok, more := e.takeLocked()
		if ok {
			return job, true
		}
		if !more {
			break
		}
	}
	e.working--
	e.armLocked()
	return store.Job{}, false
}

// takeLocked tells also whether it is worth asking again. Whoever takes a retry
// calls for help with the next that is due.
func (e *Engine) takeLocked() (job store.Job, ok, more bool) {
	if len(e.ready) > 0 {
		row := e.ready[0]
		e.ready[0] = nil // for the garbage collector
		e.ready = e.ready[1:]
		job, ok = e.Rows.Begin(row)
		return job, ok, true
	}
	job, ok = e.Rows.Retry()
	if due, any := e.Rows.NextRetry(); ok && any && due <= e.Rows.Now() {
		e.hireLocked()
	}
	return job, ok, false
}

// armLocked sets the timer to the next retry.
func (e *Engine) armLocked() {
	e.disarmLocked()
	due, any := e.Rows.NextRetry()
	if !any || e.closed {
		return
	}
	e.cancel = e.AfterFunc(time.Duration(due-e.Rows.Now())*time.Millisecond, e.wake)
}

func (e *Engine) disarmLocked() {
	if e.cancel != nil {
		e.cancel()
		e.cancel = nil
	}
}

func (e *Engine) wake() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hireLocked()
}

func (e *Engine) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.disarmLocked()
}
