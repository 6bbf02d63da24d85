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
