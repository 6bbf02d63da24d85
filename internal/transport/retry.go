package transport

import (
	"crypto/tls"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Policy says how often a call is attempted and how long it waits in between.
// Every field is positive. With a MaxWait below MinWait every wait is MinWait.
type Policy struct {
	MaxAttempts                     int
	MinWait, MaxWait, MaxRetryAfter time.Duration
}

// wait is the pause after the given number of failed attempts: drawn by
// random, in [0,1), from the span between MinWait, or floor where the server
// asked for more, and a ceiling that starts at twice MinWait, doubles with
// each attempt and ends at MaxWait.
func (p Policy) wait(attempts int, floor time.Duration, random float64) time.Duration {
	spread := p.ceiling(attempts) - p.MinWait
	jitter := time.Duration(random * float64(spread))
	return max(p.MinWait, min(floor, math.MaxInt64-jitter)) + jitter
}

func (p Policy) ceiling(attempts int) time.Duration {
	ceiling := p.MinWait
	for ; attempts > 0 && ceiling < p.MaxWait; attempts-- {
		ceiling += min(ceiling, p.MaxWait-ceiling)
	}
	return ceiling
}

// repeatable tells whether an attempt that ended in this way may be made
// again: always where the server refused to work on it, where it cannot have
// reached the server, and otherwise if doing the thing twice is harmless.
func repeatable(safe bool, a *Answer, sent bool) bool {
	if a.Err != nil {
		return (safe || !sent) && !terminal(a.Err)
	}
	switch a.Status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return safe
	}
	return false
}

// ambiguous tells whether the server may have done what was asked although it
// did not say so.
func ambiguous(a *Answer, sent bool) bool {
	if a.Err != nil {
		return sent
	}
	return a.Status == http.StatusBadGateway || a.Status == http.StatusGatewayTimeout
}

// terminal tells whether another attempt would fail in the same way.
func terminal(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.Is(err, errTooLarge) || errors.Is(err, errNoStatus) || errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &certificate)
}

// retryAfter reads a Retry-After value, whole seconds or an HTTP date. What
// it cannot read, and what lies in the past, is zero; more seconds than a
// Duration holds are the longest Duration.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, ok := parseSeconds(value); ok {
		return seconds
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, date.Sub(now))
}

// parseSeconds looks at the characters itself: [strconv.ParseUint] calls a number
// too large without a look at what stands behind it.
func parseSeconds(digits string) (time.Duration, bool) {
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, _ := strconv.ParseUint(digits, 10, 64) // the largest there is, if it is over that
	if n > uint64(math.MaxInt64/time.Second) {
		return math.MaxInt64, true
	}
	return time.Duration(n) * time.Second, true
}
