package clock

import (
	"fmt"
	"sync"
	"time"
)

// Clock tells the time of a workspace, to the millisecond and in UTC.
type Clock interface{ Now() time.Time }

// Real is the machine's clock. Inside a testing/synctest bubble it is the
// bubble's.
type Real struct{}

// Now is the present instant.
func (Real) Now() time.Time { return cut(time.Now()) }

// Manual is a clock that stands still until it is told to move. It never goes
// back.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual makes a clock that stands at start.
func NewManual(start time.Time) *Manual { return &Manual{now: cut(start)} }

// Now is where the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Advance moves the clock forward by d, cut to the millisecond. A negative d is
// an error: records that exist would lie in the future. So is one that leaves
// the years that a timestamp can spell.
func (m *Manual) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("the clock cannot go back: %v is negative", d)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	moved := cut(m.now.Add(d))
	if moved.Year() > 9999 {
		return fmt.Errorf("the clock cannot go beyond the year 9999: %v is too far", d)
	}
	m.now = moved
	return nil
}

// cut also drops the monotonic reading, which would make equal instants differ.
func cut(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
