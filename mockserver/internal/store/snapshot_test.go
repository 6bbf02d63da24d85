package store

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// After many operations a workspace is restored to what it was before many more:
// every index tells the same story, and the snapshot serves a second time.
func TestRestoredWorkspacesAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	for seed := uint64(1); seed <= 4; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := newRun(t, seed)
			r.steps(1500)
			w := r.worlds[0].w
			s, before, audit, now := w.Snapshot(), atRest(w.Rows(), nil), auditOf(w), r.worlds[0].m.now
			credentials := len(before.Credentials)
			require.NotZero(t, credentials)
			r.steps(1500)
			r.worlds[0].m.now = now
			for range 2 {
				w.Restore(s)
				require.NoError(t, w.invariants())
				after := w.Rows()
				require.Equal(t, before, atRest(after, before.Deliveries))
				require.Equal(t, audit, auditOf(w))
				for _, c := range before.Credentials {
					found, of := w.store.Lookup(c.Token)
					require.Equal(t, c, found)
					require.Same(t, w, of)
				}
				for _, app := range after.Applications {
					require.NoError(t, w.By(domain.Nobody).DeleteApplication(app.ID), "what is changed now is not in the snapshot")
				}
				require.NoError(t, w.invariants())
			}
		})
	}
}

// atRest leaves out the deliveries that somebody worked on, which are due anew after
// a restoration: of those only that were at rest before, if they are given.
func atRest(r Rows, before []*domain.Delivery) Rows {
	resting := map[string]bool{}
	for _, d := range before {
		resting[d.ID] = true
	}
	r.Deliveries = slices.DeleteFunc(r.Deliveries, func(d *domain.Delivery) bool {
		if before != nil {
			return !resting[d.ID]
		}
		return !d.Seeded && (d.Status == domain.Pending || d.Status == domain.Delivering)
	})
	return r
}

func auditOf(w *Workspace) []*domain.AuditEntry {
	rows, _ := w.AuditLog(nil, AuditFilter{}, 0, 1<<20)
	return rows
}
