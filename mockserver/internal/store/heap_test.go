package store

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Against the plainest thing that could be right: a sorted slice.
func TestHeapGivesWhatASortedSliceGives(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewChaCha8([32]byte{4}))
	var h heap[uint64]
	var model []due[uint64]
	now := domain.Time(0)
	for sequence := uint64(1); sequence <= 20_000; sequence++ {
		if random.IntN(3) > 0 {
			at := now + domain.Time(random.IntN(40))
			h.push(at, sequence, sequence)
			model = append(model, due[uint64]{at, sequence, sequence})
			continue
		}
		now += domain.Time(random.IntN(3))
		slices.SortFunc(model, func(a, b due[uint64]) int {
			if a.before(b) {
				return -1
			}
			return 1
		})
		next, any := h.next()
		require.Equal(t, len(model) > 0, any)
		if any {
			require.Equal(t, model[0].at, next)
		}
		what, ok := h.take(now)
		require.Equal(t, any && model[0].at <= now, ok)
		if ok {
			require.Equal(t, model[0].what, what)
			model = model[1:]
		}
	}
	require.Len(t, h.entries, len(model))
}

// BenchmarkHeap is what scheduling and taking one retry costs among a million.
func BenchmarkHeap(b *testing.B) {
	const million = 1_000_000
	random := rand.New(rand.NewChaCha8([32]byte{4}))
	var h heap[*domain.Delivery]
	for sequence := range uint64(million) {
		h.push(domain.Time(random.IntN(million)), sequence, nil)
	}
	b.ReportAllocs()
	sequence := uint64(million)
	for b.Loop() {
		h.take(domain.Never)
		h.push(domain.Time(random.IntN(million)), sequence, nil)
		sequence++
	}
}
