package memnet

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzBuffer compares the ring with a plain slice. Every byte of the script is
// one step: even ones write, odd ones read, in steps of 500 bytes.
func FuzzBuffer(f *testing.F) {
	f.Add([]byte{0})
	f.Add([]byte{16, 5, 16, 255, 16, 5, 16, 255})
	f.Add([]byte{254, 129, 254, 255, 255, 2, 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		var ring buffer
		var model []byte
		var next byte
		for _, step := range script {
			piece := make([]byte, int(step)*500)
			if step%2 == 1 {
				n := ring.read(piece)
				require.Equal(t, min(len(piece), len(model)), n)
				require.True(t, bytes.Equal(model[:n], piece[:n]))
				model = model[n:]
				continue
			}
			for i := range piece {
				piece[i] = next
				next = next*31 + 7
			}
			n := ring.write(piece)
			require.Equal(t, min(len(piece), maxBuffer-len(model)), n)
			model = append(model, piece[:n]...)
		}
		require.Equal(t, len(model), ring.size)
		require.LessOrEqual(t, len(ring.ring), maxBuffer)
	})
}

func TestBufferTakesWhatItNeeds(t *testing.T) {
	t.Parallel()
	var ring buffer
	for _, step := range []struct{ write, length int }{
		{1, minBuffer}, {minBuffer - 1, minBuffer}, {1, 2 * minBuffer}, {5 * minBuffer, 8 * minBuffer}, {maxBuffer, maxBuffer},
	} {
		ring.write(make([]byte, step.write))
		require.Len(t, ring.ring, step.length)
	}
	ring.discard()
	require.Zero(t, ring)
}

func TestClientAddressesAreDistinctFarOut(t *testing.T) {
	t.Parallel()
	for n, want := range map[uint64]string{
		0:                      "192.0.2.1:1024",
		portsPerHost - 1:       "192.0.2.1:65535",
		portsPerHost:           "192.0.2.2:1024",
		hosts*portsPerHost - 1: "192.0.2.254:65535",
		hosts * portsPerHost:   "192.0.2.1:1024",
	} {
		require.Equal(t, want, clientAddr(n).String())
	}
}
