package transport

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var standard = Policy{MaxAttempts: 3, MinWait: 200 * time.Millisecond, MaxWait: 8 * time.Second, MaxRetryAfter: 30 * time.Second}

func TestWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attempts  int
		floor     time.Duration
		low, high time.Duration // for the random numbers 0 and almost 1
	}{
		{1, 0, 200 * time.Millisecond, 400 * time.Millisecond},
		{2, 0, 200 * time.Millisecond, 800 * time.Millisecond},
		{5, 0, 200 * time.Millisecond, 6400 * time.Millisecond},
		{6, 0, 200 * time.Millisecond, 8 * time.Second},
		{math.MaxInt, 0, 200 * time.Millisecond, 8 * time.Second},
		{1, time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond},
		{1, time.Second, time.Second, 1200 * time.Millisecond},
		{2, time.Minute, time.Minute, time.Minute + 600*time.Millisecond},
		{6, math.MaxInt64, math.MaxInt64, math.MaxInt64},
	} {
		assert.Equal(t, c.low, standard.wait(c.attempts, c.floor, 0))
		assert.InDelta(t, c.high, standard.wait(c.attempts, c.floor, math.Nextafter(1, 0)), 2)
	}
	half := standard.wait(1, 0, 0.5)
	assert.Equal(t, 300*time.Millisecond, half)
	longest := Policy{MinWait: math.MaxInt64 / 2, MaxWait: math.MaxInt64}
	assert.Positive(t, longest.wait(9, math.MaxInt64, 0.999))
	crossed := Policy{MinWait: 10 * time.Second, MaxWait: time.Second}
	assert.Equal(t, 10*time.Second, crossed.wait(4, 0, 0.9), "no wait is shorter than MinWait")
	constant := Policy{MinWait: time.Second, MaxWait: time.Second}
	assert.Equal(t, time.Second, constant.wait(4, 0, 0.9))
}

func TestRetryAfterValues(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                                 0,
		"0":                                0,
		"7":                                7 * time.Second,
		" 120 ":                            2 * time.Minute,
		"007":                              7 * time.Second,
		"-7":                               0,
		"+7":                               0,
		"1.5":                              0,
		"1e3":                              0,
		"seven":                            0,
		"9223372036":                       9223372036 * time.Second,
		"9223372037":                       math.MaxInt64,
		"18446744073709551615":             math.MaxInt64,
		"18446744073709551616":             math.MaxInt64,
		"99999999999999999999999999":       math.MaxInt64,
		"99999999999999999999999999 hours": 0,
		"7 8":                              0,
		"Thu, 15 Jan 2026 10:30:07 GMT":    7 * time.Second,
		"Thu, 15 Jan 2026 10:29:07 GMT":    0,
		"Thursday, 15-Jan-26 10:31:00 GMT": time.Minute,
		"Thu Jan 15 11:30:00 2026":         time.Hour,
	} {
		assert.Equal(t, want, retryAfter(value, now), "%q", value)
	}
}

func TestRepeatable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		safe, sent bool
		answer     Answer
		want       bool
	}{
		{false, true, Answer{Status: http.StatusTooManyRequests}, true},
		{false, true, Answer{Status: http.StatusServiceUnavailable}, false},
		{true, true, Answer{Status: http.StatusServiceUnavailable}, true},
		{true, true, Answer{Status: http.StatusNotImplemented}, false},
		{true, true, Answer{Err: ErrAttemptTimeout}, true},
		{false, true, Answer{Err: ErrAttemptTimeout}, false},
		{false, false, Answer{Err: ErrAttemptTimeout}, true},
		{true, true, Answer{Err: errTooLarge}, false},
	} {
		assert.Equal(t, c.want, repeatable(c.safe, &c.answer, c.sent), "%+v", c)
	}
}
