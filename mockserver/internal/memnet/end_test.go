package memnet

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A timer can fire in the very moment its deadline is replaced; it then waits
// for the lock and comes too late.
func TestReplacedDeadlineDoesNotExpire(t *testing.T) {
	t.Parallel()
	var p pipe
	p.init()
	late := p.expiry(&p.reader, p.reader.generation)
	p.reader.disarm()
	late()
	require.NoError(t, p.reader.failure())
}

func TestDisarmAndCloseGiveTheTimerBack(t *testing.T) {
	t.Parallel()
	for _, finish := range []func(*end){(*end).disarm, (*end).close} {
		stops := 0
		e := &end{stop: func() bool { stops++; return true }}
		finish(e)
		finish(e)
		require.Equal(t, 1, stops)
	}
}
