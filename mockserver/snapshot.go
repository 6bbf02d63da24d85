package mockserver

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/clock"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// Snapshot is a workspace as it was: every record, token and portal session, the
// settings, and the time of a clock that stands still. It does not change, and
// serves any number of times.
type Snapshot struct {
	of      *Workspace
	rows    *store.Snapshot
	now     time.Time
	framing []string
	tokens  map[domain.Kind]string
}

// Snapshot keeps the workspace as it is. It costs little, as what does not change
// afterwards is shared: some milliseconds for a hundred thousand deliveries.
func (w *Workspace) Snapshot() *Snapshot {
	rows := w.rows.Snapshot()
	w.mu.Lock()
	defer w.mu.Unlock()
	return &Snapshot{w, rows, w.clock.Now(), w.framing, maps.Clone(w.tokens)}
}

// Restore makes the workspace what it was, its clock included if that stands still:
// equal requests then give equal ids again. A delivery whose attempt was under way
// is due at once. What the workspace is tested with stays: receivers with what they
// got, the journal, faults and problems. With the default workspace, device grants
// of what is then the future are forgotten. A snapshot of another workspace ends
// the test, as does what [Workspace.Advance] refuses; on a server made by [New],
// and within a receiver, it panics.
func (w *Workspace) Restore(s *Snapshot) {
	w.t().Helper()
	w.moved("Restore", w.restore(s))
}

func (w *Workspace) restore(s *Snapshot) error {
	if s == nil || s.of != w {
		return errors.New("the snapshot is not one of this workspace")
	}
	return w.engine.Replace(func() error {
		if manual, ok := w.clock.(*clock.Manual); ok {
			manual.Reset(s.now)
		}
		w.rows.Restore(s.rows)
		if w == w.server.Workspace {
			w.server.store.ForgetAfter(w.rows.Now())
		}
		w.settle(s.tokens, s.framing)
		return nil
	})
}

// settle sets what is kept beside the rows.
func (w *Workspace) settle(tokens map[domain.Kind]string, framing []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokens, w.framing = maps.Clone(tokens), slices.Clone(framing)
}

// Import replaces what the workspace holds by what a fixture says, its settings and
// tokens included; those of its kind that the fixture does not list are generated.
// Id, name and clock stay, and so do framing origins that the fixture leaves open.
// A fixture that makes no sense, or is of a workspace with another id, changes
// nothing and ends the test; on a server made by [New], and within a receiver, it
// panics.
func (w *Workspace) Import(f WorkspaceFixture) {
	w.t().Helper()
	w.moved("Import", w.importFixture(f))
}

func (w *Workspace) importFixture(f WorkspaceFixture) error {
	if f.ID != "" && f.ID != w.ID() {
		return fmt.Errorf("the fixture is one of the workspace %q, and this is %q", f.ID, w.ID())
	}
	settings, err := f.settings()
	if err != nil {
		return err
	}
	n, err := f.describe(settings)
	if err == nil {
		err = checkOrigins(f.FramingOrigins)
	}
	if err != nil {
		return err
	}
	return w.engine.Replace(func() error { return w.adopt(f, n) })
}

// adopt seeds the fixture beside the workspace, which takes it if it is good.
func (w *Workspace) adopt(f WorkspaceFixture, n store.NewWorkspace) error {
	draft := &Workspace{server: w.server, rows: w.rows.Draft(n), tokens: map[domain.Kind]string{}}
	if err := f.seed(draft); err != nil {
		return err
	}
	draft.mintMissing()
	if err := w.rows.Adopt(draft.rows); err != nil {
		return err
	}
	framing := f.FramingOrigins
	if framing == nil {
		w.mu.Lock()
		framing = w.framing
		w.mu.Unlock()
	}
	w.settle(draft.tokens, framing)
	return nil
}

// mintMissing makes a token of each kind that there is none of.
func (w *Workspace) mintMissing() {
	for _, kind := range []domain.Kind{domain.ManagementToken, domain.APIKey, domain.SessionToken} {
		if w.first(kind) == "" {
			w.mustMint(domain.Credential{Kind: kind, ExpiresAt: domain.Never})
		}
	}
}
