package delivery

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const (
	maxAnswer     = 1 << 20
	maxRetryAfter = 24 * time.Hour
)

// settle draws the conclusions from a complete answer.
func settle(o *domain.Outcome, retryAfter string, now domain.Time) {
	switch o.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		o.RetryAfter = parseRetryAfter(retryAfter, now)
	}
	if o.StatusCode/100 == 3 {
		o.Failure = failureRedirect
	}
}

// parseRetryAfter reads seconds or a date. What is unreadable or past asks for
// nothing, and nobody waits for longer than a day.
func parseRetryAfter(value string, now domain.Time) time.Duration {
	value = strings.TrimSpace(value)
	seconds, err := strconv.ParseUint(value, 10, 32)
	if err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	if errors.Is(err, strconv.ErrRange) {
		return maxRetryAfter
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(date.Sub(now.Std()), 0), maxRetryAfter)
}
