//go:build !race

package nahook_test

import (
	"context"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLoopbackAllocations gates like TestAllocations, over a socket. What the
// server allocates is on both sides of the comparison. The race detector makes
// net/http's pools forget at random, so there is no gate with it.
func TestLoopbackAllocations(t *testing.T) {
	srv := httptest.NewServer(newInMemory(t))
	t.Cleanup(srv.Close)
	for _, p := range pairs(t, srv.URL, srv.Client()) {
		sdk, floor := perCall(t, p.sdk), perCall(t, p.floor)
		t.Logf("%-6s %6.1f allocations, by hand %6.1f", p.name, sdk, floor)
		const noise = 0.75 // buffers and timers of the runtime
		assert.LessOrEqual(t, sdk, floor+p.extra+noise, p.name)
	}
}

// perCall is how many allocations a call makes in this whole process.
func perCall(t *testing.T, call func(context.Context) error) float64 {
	t.Helper()
	const calls = 2000
	repeated := func(n int) uint64 {
		for range n {
			require.NoError(t, call(context.Background()))
		}
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.Mallocs
	}
	before := repeated(100)
	return float64(repeated(calls)-before) / calls
}
