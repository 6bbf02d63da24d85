package mockserver_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// With a running clock, deliveries are made in the background; the bubble's time
// is the fast-forward.
func TestTheRealClockDeliversInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fixtures, err := mockserver.ParseFixtures([]byte(blank))
		require.NoError(t, err)
		a := over(t, mockserver.Start(t, mockserver.WithFixtures(fixtures), mockserver.WithRealClock()))
		began := time.Now()
		p := a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Second) // of the bubble
			if time.Since(began) < 5*time.Minute {
				w.WriteHeader(500)
			}
		})))
		id := p.send(`{}`)
		require.Empty(t, p.attempts(id))
		time.Sleep(1500 * time.Millisecond)
		require.Equal(t, "scheduled_retry", p.state(id).Status)
		require.Equal(t, 1000, *p.attempts(id)[0].ResponseTimeMs)
		time.Sleep(10 * time.Minute)
		require.Equal(t, "delivered", p.state(id).Status)
		var offsets []time.Duration
		for _, r := range p.receiver.Requests() {
			offsets = append(offsets, r.At.Sub(began))
		}
		require.Equal(t, []time.Duration{0, 6 * time.Second, 5*time.Minute + 7*time.Second}, offsets)
	})
}

func TestAtMost32AttemptsAreUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fixtures, err := mockserver.ParseFixtures([]byte(blank))
		require.NoError(t, err)
		a := over(t, mockserver.Start(t, mockserver.WithFixtures(fixtures), mockserver.WithRealClock(), mockserver.WithSchedule(time.Minute)))
		arrivals := make(chan time.Time, 200)
		p := a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrivals <- time.Now()
			time.Sleep(time.Second)
			w.WriteHeader(500)
		})))
		began := time.Now()
		for range 100 {
			p.send(`{}`)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		counts := map[time.Duration]int{}
		close(arrivals)
		for at := range arrivals {
			counts[at.Sub(began)]++
		}
		const s = time.Second
		require.Equal(t, map[time.Duration]int{
			0: 32, s: 32, 2 * s: 32, 3 * s: 4,
			61 * s: 32, 62 * s: 32, 63 * s: 32, 64 * s: 4,
		}, counts)
	})
}
