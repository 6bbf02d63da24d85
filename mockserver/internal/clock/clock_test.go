package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/clock"
)

func TestManualStandsStillUntilAdvanced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2026, 1, 15, 11, 30, 0, 123_456_789, time.FixedZone("CET", 3600))
		m := clock.NewManual(start)
		time.Sleep(time.Hour)
		require.Equal(t, time.Date(2026, 1, 15, 10, 30, 0, 123_000_000, time.UTC), m.Now())
		for _, d := range []time.Duration{90*time.Minute + 999*time.Microsecond, 0} {
			then, err := m.In(d)
			require.NoError(t, err)
			m.Set(then)
		}
		require.Equal(t, time.Date(2026, 1, 15, 12, 0, 0, 123_000_000, time.UTC), m.Now())
	})
}

func TestManualNeverGoesBack(t *testing.T) {
	t.Parallel()
	m := clock.NewManual(time.Unix(100, 0))
	_, err := m.In(-time.Second)
	require.EqualError(t, err, "the clock cannot go back: -1s is negative")
	late := clock.NewManual(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC))
	_, err = late.In(time.Second)
	require.EqualError(t, err, "the clock cannot go beyond the year 9999: 1s is too far")
	m.Set(time.Unix(99, 0))
	require.Equal(t, time.Unix(100, 0).UTC(), m.Now())
}

func TestRealIsTheBubblesClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		before := clock.Real{}.Now()
		time.Sleep(5*time.Minute + 999*time.Microsecond)
		require.Equal(t, 5*time.Minute, clock.Real{}.Now().Sub(before))
		require.Equal(t, time.UTC, clock.Real{}.Now().Location())
	})
}
