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

// Manual is a clock that stands still until it is told to move. It goes back by
// Reset alone.
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

// In tells where the clock will stand after d, cut to the millisecond. A
// negative d is an error: records that exist would lie in the future. So is one
// that leaves the years that a timestamp can spell.
func (m *Manual) In(d time.Duration) (time.Time, error) {
	if d < 0 {
		return time.Time{}, fmt.Errorf("the clock cannot go back: %v is negative", d)
	}
	then := cut(m.Now().Add(d))
	if then.Year() > 9999 {
		return time.Time{}, fmt.Errorf("the clock cannot go beyond the year 9999: %v is too far", d)
	}
	return then, nil
}

// Set moves the clock to an instant, unless it is there already, or beyond.
func (m *Manual) Set(to time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if to.After(m.now) {
		m.now = cut(to)
	}
}

// Reset sets the clock to an instant, be it in the past: what was known of the time
// in between must be forgotten.
func (m *Manual) Reset(to time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = cut(to)
}

// cut also drops the monotonic reading, which would make equal instants differ.
func cut(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
