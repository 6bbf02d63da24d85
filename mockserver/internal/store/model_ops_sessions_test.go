package store

import (
	"cmp"
	"slices"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const mostLinks = 12

func (r *run) createSession() {
	actor, id := r.actor(), pick(r, r.m.applications)
	n := domain.NewPortalSession{
		Role: one(r, domain.RoleAdmin, domain.RoleEditor, domain.RoleViewer), Minutes: one(r, 1, 2, 5, 6, 60), Metadata: r.metadata(10),
	}
	if r.chance(8) {
		n.Role, n.Minutes = one(r, n.Role, "owner"), one(r, 0, 61)
	}
	r.did("CreatePortalSession", actor.Type, id, n)
	got, code, err := r.w.By(actor).CreatePortalSession(id, n)
	want, no := r.m.createSession(actor, id, n, cmp.Or(got, new(domain.PortalSession)).ID, code)
	if !r.agree(err, no) {
		return
	}
	r.fresh(got.ID, "ps_")
	same(r, "the session", got, want, viewSession)
	r.links = append(r.links, link{sessionID: got.ID, code: code})
	if len(r.links) > mostLinks {
		r.links = slices.Delete(r.links, 0, 1)
	}
	if !r.chance(3) {
		r.exchangeOf(&r.links[len(r.links)-1])
	}
}

// exchange uses a code, mostly a new one.
func (r *run) exchange() {
	if len(r.links) == 0 || r.chance(20) {
		r.did("Exchange", "unknown")
		_, _, err := r.store.Exchange("unknown")
		r.agree(err, badCode)
		return
	}
	l := &r.links[r.random.IntN(len(r.links))]
	if fresh := slices.IndexFunc(r.links, func(l link) bool { return l.portal == nil }); fresh >= 0 && !r.chance(4) {
		l = &r.links[fresh]
	}
	r.exchangeOf(l)
}

func (r *run) exchangeOf(l *link) {
	r.did("Exchange", l.sessionID)
	session := find(r.m.sessions, l.sessionID)
	token, p, err := r.store.Exchange(l.code)
	if !r.agree(err, r.m.exchange(session, token)) {
		equal(r, "the token of a refusal", token, "")
		return
	}
	r.fresh(token, "nhp_")
	r.samePortal(p, session)
	l.token, l.portal = token, &p
}

func (r *run) samePortal(p Portal, session *kept[sessionRow]) {
	r.t.Helper()
	equal(r, "the portal's workspace", p.Workspace, r.w)
	equal(r, "the portal's actor", p.Actor(), r.m.portalActor(session))
	same(r, "the portal's session", p.Session, session, viewSession)
}

// openPortal uses a token, of which the other workspace knows nothing.
func (r *run) openPortal() {
	if l := r.opened(); l != nil {
		r.did("Portal", l.sessionID)
		if p := r.comparePortal(*l); p != nil {
			l.portal = p
		}
	}
}

// opened is a link whose code has been exchanged. Its session may be over.
func (r *run) opened() *link {
	var opened []*link
	for i := range r.links {
		if r.links[i].portal != nil {
			opened = append(opened, &r.links[i])
		}
	}
	if len(opened) == 0 {
		return nil
	}
	if lasting := slices.DeleteFunc(slices.Clone(opened), func(l *link) bool { return find(r.m.sessions, l.sessionID) == nil }); len(lasting) > 0 && !r.chance(6) {
		return one(r, lasting...)
	}
	return one(r, opened...)
}

// comparePortal gives what a token leads to, nil for nothing.
func (r *run) comparePortal(l link) *Portal {
	r.t.Helper()
	session := find(r.m.sessions, l.sessionID)
	equal(r, "whether the page of a session is known", r.store.PortalWorkspace(l.sessionID) != nil, session != nil)
	if l.token == "" {
		return nil
	}
	p, owner, err := r.store.Portal(l.token)
	no := r.m.open(session)
	r.agree(err, no)
	if !session.alive() {
		equal(r, "where an unknown token leads to", owner, nil)
		return nil
	}
	equal(r, "where a token leads to", owner, r.w)
	r.samePortal(p, session)
	if no != "" {
		return nil
	}
	return &p
}

func (r *run) endSession() {
	if l := r.opened(); l != nil {
		r.takeTestsOf(l.sessionID)
		r.did("End", l.sessionID)
		l.portal.End()
		r.m.endSession(l.portal.Actor(), l.sessionID)
		r.takeTestsOf(l.sessionID)
	}
}

func (r *run) takeTest() {
	id := one(r, "a", "b")
	if l := r.opened(); l != nil && r.flip() {
		id = l.sessionID
	}
	r.takeTestsOf(id)
}

func (r *run) takeTestsOf(id string) {
	r.did("TakeTest", id)
	for range 1 + r.random.IntN(6) {
		equal(r, "the verdict", r.w.TakeTest(id), r.m.takeTest(id))
	}
}
