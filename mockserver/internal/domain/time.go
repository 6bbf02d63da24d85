package domain

import (
	"math"
	"time"
)

// Time is an instant in milliseconds since the Unix epoch, the precision of
// every timestamp on the wire.
type Time int64

// At cuts t to the millisecond.
func At(t time.Time) Time { return Time(t.UnixMilli()) }

// Never is the end of what has none: later than any instant of a clock.
const Never Time = math.MaxInt64

// Std gives the instant in UTC.
func (t Time) Std() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Add gives the instant d later, cut to the millisecond.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Milliseconds()) }

// Position places a record among its siblings: by creation, and in the order
// of arrival within one millisecond.
type Position struct {
	CreatedAt Time
	Sequence  uint64
}

// Place gives the position itself; records that embed one can be ordered.
func (p Position) Place() Position { return p }

// Before tells whether p is older than q.
func (p Position) Before(q Position) bool {
	if p.CreatedAt != q.CreatedAt {
		return p.CreatedAt < q.CreatedAt
	}
	return p.Sequence < q.Sequence
}
