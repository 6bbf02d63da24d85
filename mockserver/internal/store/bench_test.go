package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// A page must cost the same at the start and in the middle of a list of any
// length, also after rows have been deleted all over it.
func BenchmarkPageOf50(b *testing.B) {
	for _, size := range []int{1e3, 1e5, 1e6} {
		w := sparseWorkspace(b, size)
		for _, at := range []struct {
			name   string
			offset int
		}{{"start", 0}, {"middle", size / 2}} {
			b.Run(fmt.Sprintf("rows=%d/at=%s", size, at.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var page [100]*domain.Application
					if rows := w.Applications(page[:0], at.offset, 50); len(rows) != 50 {
						b.Fatal(len(rows))
					}
				}
			})
		}
	}
}

// sparseWorkspace leaves size applications after deleting every third.
func sparseWorkspace(b *testing.B, size int) *Workspace {
	b.Helper()
	w := newTestWorkspace(b, unlimited)
	for i := range size + size/2 {
		app, err := w.By(domain.Nobody).CreateApplication(newApplication("Acme", domain.Unlimited))
		require.NoError(b, err)
		if i%3 == 2 {
			require.NoError(b, w.By(domain.Nobody).DeleteApplication(app.ID))
		}
	}
	return w
}

// BenchmarkDeliveries reads a page of 50, of all deliveries of an endpoint and of
// the failed ones among them, one in three.
func BenchmarkDeliveries(b *testing.B) {
	for _, rows := range []int{1_000, 1_000_000} {
		w, _ := timed(b, domain.Settings{Plan: domain.PlanPro})
		e, err := w.By(domain.Nobody).CreateEndpoint(newEndpoint(""))
		require.NoError(b, err)
		for i := range rows {
			a := w.acceptLocked(e, domain.Delivery{IdempotencyKey: "k"})
			if j, ok := w.Begin(a); ok && i%3 == 0 {
				w.Finish(j, domain.Outcome{StatusCode: 410})
			}
		}
		for _, status := range []domain.DeliveryStatus{"", domain.Failed} {
			middle, err := w.Deliveries(nil, e.ID, status, nil, rows/6)
			require.NoError(b, err)
			after := middle[len(middle)-1].Position
			b.Run(fmt.Sprintf("rows=%d/status=%s", rows, status), func(b *testing.B) {
				var space [51]*domain.Delivery
				b.ReportAllocs()
				for b.Loop() {
					if page, _ := w.Deliveries(space[:0], e.ID, status, &after, 51); len(page) != 51 {
						b.Fatal(len(page))
					}
				}
			})
		}
	}
}
