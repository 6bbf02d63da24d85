package mockserver

import (
	"errors"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// timestamp is how the control API, and what a failed test shows, spell an instant.
const timestamp = "2006-01-02T15:04:05.000Z07:00"

type nowJSON struct {
	Now string `json:"now"`
}

func tellTime(c *controlCall) (any, error) { return nowJSON{c.workspace.Now().Format(timestamp)}, nil }

func advanceClock(c *controlCall) (any, error) {
	var body struct {
		By string `json:"by"`
	}
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	by, err := duration("by", body.By)
	if err != nil {
		return nil, err
	}
	if err := immovable(c.workspace.advance(by)); err != nil {
		return nil, err
	}
	return tellTime(c)
}

func drainDeliveries(c *controlCall) (any, error) {
	if err := c.read(&struct{}{}, maxControlBody); err != nil {
		return nil, err
	}
	if err := immovable(c.workspace.drain()); err != nil {
		return nil, err
	}
	return tellTime(c)
}

// immovable tells a clock that cannot be moved from one that cannot be moved there.
func immovable(err error) error {
	switch {
	case errors.Is(err, errRealClock):
		return domain.Refuse(domain.CodeConflict, "The workspace has the real clock, which runs by itself: start with --clock manual, or make a workspace with the clock %q", clockManual)
	case errors.Is(err, delivery.ErrMoving):
		return domain.Refuse(domain.CodeConflict, "The clock is being moved already, or the state replaced: there is one at a time, and receivers can do neither")
	}
	return err
}

// duration reads a duration that has to be there.
func duration(key, text string) (time.Duration, error) {
	if text == "" {
		return 0, domain.Invalid("%s is required", key)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, domain.Invalid("%s: want a duration such as \"5m\" or \"1.5s\"", key)
	}
	return d, nil
}
