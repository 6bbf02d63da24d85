package mockserver

import (
	"fmt"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// maxWait keeps retries within the years that a timestamp can spell, with the room
// that WithStart leaves.
const maxWait = 365 * 24 * time.Hour

// WithSchedule sets how long to wait after each failed attempt but the last: with
// n waits there are n+1 attempts, and without any a delivery is attempted once. By
// default there are eight attempts, after waits of 5 s, 5 min, 30 min, 2 h, 5 h,
// 10 h and 10 h. Waits are exact, without jitter; a receiver's Retry-After may
// make one longer.
func WithSchedule(waits ...time.Duration) WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		schedule := make(domain.Schedule, 0, len(waits))
		for _, wait := range waits {
			if wait < 0 || wait > maxWait {
				return fmt.Errorf("WithSchedule: %v is not between 0 and a year", wait)
			}
			schedule = append(schedule, wait)
		}
		c.schedule = &schedule
		return nil
	})
}
