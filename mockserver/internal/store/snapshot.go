package store

import (
	"fmt"
	"maps"
	"slices"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Snapshot is a workspace as it was. It does not change, and can be restored any
// number of times.
type Snapshot struct {
	state       state
	settings    domain.Settings
	credentials []*domain.Credential
}

// Snapshot keeps the workspace as it is. The trees are shared until one side
// changes them, and so is every record.
func (w *Workspace) Snapshot() *Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deliveries.forget(w.now())
	return &Snapshot{w.clone(), *w.settings.Load(), w.store.credentials(w)}
}

// Restore makes the workspace what it was. What was on its way to a receiver then
// is due at once, as nobody knows whether it arrived.
func (w *Workspace) Restore(s *Snapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state = s.state.clone()
	w.deliveries.keys.index()
	settings := s.settings
	w.settings.Store(&settings)
	w.store.replace(w, s.credentials, w.sessions.byID)
	w.resumeLocked()
}

// Draft makes an empty workspace in a store of its own, which goes on with the ids
// of w, and can be adopted by it.
func (w *Workspace) Draft(n NewWorkspace) *Workspace {
	w.mu.RLock()
	defer w.mu.RUnlock()
	n.ID, n.Now = w.id, w.now
	return newWorkspace(New(0), n, w.source.clone())
}

// Adopt replaces what the workspace holds by a draft, which is not used any more. It
// does nothing if a token of the draft opens another workspace.
func (w *Workspace) Adopt(draft *Workspace) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	credentials := draft.store.credentials(draft)
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if err := w.store.freeLocked(w, credentials); err != nil {
		return err
	}
	w.state = draft.state
	w.settings.Store(draft.settings.Load())
	w.store.replaceLocked(w, credentials, nil)
	return nil
}

// resumeLocked schedules what somebody worked on, or was about to.
func (w *Workspace) resumeLocked() {
	var begun []*domain.Delivery
	for _, row := range w.deliveries.byID {
		if !row.Seeded && (row.Status == domain.Pending || row.Status == domain.Delivering) {
			begun = append(begun, row)
		}
	}
	for _, row := range begun {
		w.deliveries.replace(row, row.Resume(w.now()))
	}
}

func (s *state) clone() state {
	return state{
		source: s.source.clone(), sequence: s.sequence, rate: s.rate,
		environments: s.environments.clone(), applications: s.applications.clone(), endpoints: s.endpoints.clone(), sessions: s.sessions.clone(),
		cliTokens: maps.Clone(s.cliTokens), tests: maps.Clone(s.tests),
		eventTypes: s.eventTypes.clone(), subscriptions: s.subscriptions.clone(), deliveries: s.deliveries.clone(), audit: s.audit.clone(),
	}
}

// clone shares the tree until one of the two changes it.
func (l list[R]) clone() list[R] {
	if l.tree == nil {
		return l
	}
	return list[R]{l.tree.Copy()}
}

func cloneLists[K comparable, R record](lists map[K]list[R]) map[K]list[R] {
	clone := make(map[K]list[R], len(lists))
	for key, l := range lists {
		clone[key] = l.clone()
	}
	return clone
}

// cloneMaps clones what is one level deeper, too.
func cloneMaps[K, L comparable, V any](rows map[K]map[L]V) map[K]map[L]V {
	clone := make(map[K]map[L]V, len(rows))
	for key, row := range rows {
		clone[key] = maps.Clone(row)
	}
	return clone
}

// cloneSlices shares what the slices hold, of which nothing changes in place:
// what is appended to one is not in the other.
func cloneSlices[K comparable, V any](slicesOf map[K][]V) map[K][]V {
	clone := make(map[K][]V, len(slicesOf))
	for key, values := range slicesOf {
		clone[key] = slices.Clip(values)
	}
	return clone
}

func (h heap[T]) clone() heap[T] { return heap[T]{slices.Clone(h.entries)} }

func (e environments) clone() environments {
	return environments{
		byID: maps.Clone(e.byID), bySlug: maps.Clone(e.bySlug), ordered: e.ordered.clone(), standard: e.standard,
		keys: cloneSlices(e.keys), published: cloneMaps(e.published),
	}
}

func (a applications) clone() applications {
	return applications{byID: maps.Clone(a.byID), byExternalID: maps.Clone(a.byExternalID), ordered: a.ordered.clone()}
}

func (e endpoints) clone() endpoints {
	return endpoints{
		byID: maps.Clone(e.byID), ordered: e.ordered.clone(), byApplication: cloneLists(e.byApplication), byEnvironment: cloneLists(e.byEnvironment),
	}
}

func (s sessions) clone() sessions {
	return sessions{
		byID: maps.Clone(s.byID), byCode: maps.Clone(s.byCode), byToken: maps.Clone(s.byToken), byApplication: cloneLists(s.byApplication),
	}
}

func (e eventTypes) clone() eventTypes {
	return eventTypes{byID: maps.Clone(e.byID), byName: maps.Clone(e.byName), ordered: e.ordered.clone()}
}

func (s subscriptions) clone() subscriptions {
	return subscriptions{
		byEndpoint: cloneMaps(s.byEndpoint), ofEndpoint: cloneLists(s.ofEndpoint), ofEventType: cloneLists(s.ofEventType),
	}
}

func (d deliveries) clone() deliveries {
	return deliveries{
		byID: maps.Clone(d.byID), ofEndpoint: cloneLists(d.ofEndpoint), ofStatus: cloneLists(d.ofStatus),
		retries: d.retries.clone(), retention: d.retention.clone(), keys: d.keys.clone(),
	}
}

// clone leaves the index out, which is the most of it: see [idempotency.index].
func (i idempotency) clone() idempotency { return idempotency{ends: i.ends.clone()} }

// index makes the index of the answers that are remembered. Of two in one scope the
// one counts that is remembered for longer, or was the last.
func (i *idempotency) index() {
	last := make(map[keyScope]due[*answered], len(i.ends.entries))
	for _, e := range i.ends.entries {
		if known, ok := last[e.what.scope]; !ok || known.before(e) {
			last[e.what.scope] = e
		}
	}
	i.answers = make(map[keyScope]*answered, len(last))
	for scope, e := range last {
		i.answers[scope] = e.what
	}
}

func (a audit) clone() audit { return audit{cloneSlices(a.rows)} }

// credentials lists the tokens that open a workspace, in no order.
func (s *Store) credentials(w *Workspace) []*domain.Credential {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []*domain.Credential
	for _, o := range s.owners {
		if o.workspace == w {
			all = append(all, o.credential)
		}
	}
	return all
}

// freeLocked makes sure that no token opens another workspace than w.
func (s *Store) freeLocked(w *Workspace, credentials []*domain.Credential) error {
	for _, c := range credentials {
		if o, taken := s.owners[domain.HashOf(c.Token)]; taken && o.workspace != w {
			return fmt.Errorf("%s %q opens another workspace, %s", c.Kind, c.ID, o.workspace.id)
		}
	}
	return nil
}

func (s *Store) replace(w *Workspace, credentials []*domain.Credential, sessions map[string]*domain.PortalSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replaceLocked(w, credentials, sessions)
}

// replaceLocked lets these tokens and portal sessions lead to a workspace, at once and in
// the place of all others. A token that opens another workspace meanwhile goes on to
// do so.
func (s *Store) replaceLocked(w *Workspace, credentials []*domain.Credential, sessions map[string]*domain.PortalSession) {
	maps.DeleteFunc(s.owners, func(_ domain.Hash, o owner) bool { return o.workspace == w })
	maps.DeleteFunc(s.portals.sessions, func(_ string, of *Workspace) bool { return of == w })
	maps.DeleteFunc(s.portals.codes, func(_ domain.Hash, of *Workspace) bool { return of == w })
	maps.DeleteFunc(s.portals.tokens, func(_ domain.Hash, of *Workspace) bool { return of == w })
	for _, c := range credentials {
		key := domain.HashOf(c.Token)
		if _, taken := s.owners[key]; !taken {
			s.owners[key] = owner{c, w}
		}
	}
	for _, session := range sessions {
		s.addPortalLocked(w, session)
	}
}

// ForgetAfter drops the device grants that were started after an instant, as a
// clock does that is set back to it.
func (s *Store) ForgetAfter(now domain.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.grants.byUser {
		if g.ExpiresAt > now.Add(domain.DeviceGrantLifetime) {
			s.grants.remove(g)
		}
	}
}
