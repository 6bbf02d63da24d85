package store

import (
	"fmt"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// sessions are the portal sessions of one workspace and their indexes. Codes and
// tokens are known by their hashes alone.
type sessions struct {
	byID          map[string]*domain.PortalSession
	byCode        map[domain.Hash]*domain.PortalSession
	byToken       map[domain.Hash]*domain.PortalSession
	byApplication map[string]list[*domain.PortalSession]
}

func newSessions() sessions {
	return sessions{
		byID: map[string]*domain.PortalSession{}, byCode: map[domain.Hash]*domain.PortalSession{},
		byToken: map[domain.Hash]*domain.PortalSession{}, byApplication: map[string]list[*domain.PortalSession]{},
	}
}

func (s *sessions) put(session *domain.PortalSession) {
	s.byID[session.ID] = session
	s.byCode[session.CodeHash] = session
	if session.Exchanged {
		s.byToken[session.TokenHash] = session
	}
	putInto(s.byApplication, session.ApplicationID, session)
}

// end forgets the token of a session: it is unknown from then on. Its code is
// remembered, so that it cannot be used a second time.
func (s *sessions) end(session *domain.PortalSession) { delete(s.byToken, session.TokenHash) }

// portals leads from what a browser knows to the workspace that it belongs to.
type portals struct {
	sessions map[string]*Workspace // by id
	codes    map[domain.Hash]*Workspace
	tokens   map[domain.Hash]*Workspace
}

func newPortals() portals {
	return portals{map[string]*Workspace{}, map[domain.Hash]*Workspace{}, map[domain.Hash]*Workspace{}}
}

func (s *Store) addPortal(w *Workspace, session *domain.PortalSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addPortalLocked(w, session)
}

func (s *Store) addPortalLocked(w *Workspace, session *domain.PortalSession) {
	s.portals.sessions[session.ID], s.portals.codes[session.CodeHash] = w, w
	if session.Exchanged {
		s.portals.tokens[session.TokenHash] = w
	}
}

func (s *Store) removePortals(ended []*domain.PortalSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range ended {
		delete(s.portals.sessions, session.ID)
		delete(s.portals.codes, session.CodeHash)
		delete(s.portals.tokens, session.TokenHash)
	}
}

// PortalWorkspace is whose portal session it is; nil for one that does not exist.
func (s *Store) PortalWorkspace(sessionID string) *Workspace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.portals.sessions[sessionID]
}

// CreatePortalSession stores a session and gives the code that opens it. The
// code exists nowhere else: the record holds only its hash.
func (e Editor) CreatePortalSession(applicationID string, n domain.NewPortalSession) (*domain.PortalSession, string, error) {
	if err := n.Validate(); err != nil {
		return nil, "", err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.applications.find(applicationID); err != nil {
		return nil, "", err
	}
	code := newCode()
	session := n.Build(e.source.id("ps_"), applicationID, code, e.placeLocked(e.now()))
	e.sessions.put(session)
	e.store.addPortal(e.Workspace, session)
	e.recordLocked(domain.VerbCreated, domain.ResourcePortalSession, session.ID,
		domain.Pair{Key: "applicationId", Value: applicationID}, domain.Pair{Key: "role", Value: string(n.Role)})
	return session, code, nil
}

var errCode = domain.Refuse(domain.CodeInvalidCode, "The code is invalid or has expired")

// Exchange gives a token for a code, once. A code that comes again while it could
// still be valid ends the session: one of the two who had it should not have.
func (s *Store) Exchange(code string) (token string, p Portal, err error) {
	hash := domain.HashOf(code)
	s.mu.RLock()
	w := s.portals.codes[hash]
	s.mu.RUnlock()
	if w == nil {
		return "", Portal{}, errCode
	}
	if err := w.Require(domain.DeveloperPortal); err != nil {
		return "", Portal{}, err
	}
	return w.exchange(hash)
}

func (w *Workspace) exchange(code domain.Hash) (string, Portal, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	session := w.sessions.byCode[code]
	if session == nil || w.now() >= session.CodeExpiresAt {
		return "", Portal{}, errCode
	}
	if session.Exchanged {
		w.sessions.end(session)
		w.portalLocked(session).recordLocked(domain.VerbCodeReplayed, domain.ResourcePortalSession, session.ID)
		return "", Portal{}, errCode
	}
	token := portalTokenPrefix + newCode()
	session = session.Exchange(domain.HashOf(token))
	w.sessions.put(session)
	w.store.addPortal(w, session)
	p := w.portalLocked(session)
	p.recordLocked(domain.VerbExchanged, domain.ResourcePortalSession, session.ID)
	return token, p, nil
}

const portalTokenPrefix = "nhp_"

// Portal finds the session that a portal token opens, and the workspace that it
// belongs to, as soon as that is known.
func (s *Store) Portal(token string) (Portal, *Workspace, error) {
	hash := domain.HashOf(token)
	s.mu.RLock()
	w := s.portals.tokens[hash]
	s.mu.RUnlock()
	if w == nil {
		return Portal{}, nil, errToken
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	session := w.sessions.byToken[hash]
	if session == nil {
		return Portal{}, nil, errToken
	}
	return w.portalLocked(session), w, session.Check(w.now())
}

var errToken = domain.Refuse(domain.CodeUnauthorized, "Invalid token")

// portalLocked acts in the name of a session.
func (w *Workspace) portalLocked(session *domain.PortalSession) Portal {
	label := "Portal session"
	if app := w.applications.byID[session.ApplicationID]; app != nil {
		label = fmt.Sprintf("Portal session of %s", app.Name)
	}
	return Portal{w.By(domain.Actor{Type: domain.ActorPortalSession, ID: session.ID, Label: label}), session}
}

// End ends the session: its token is unknown from then on.
func (p Portal) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sessions.byToken[p.Session.TokenHash] == nil {
		return
	}
	p.sessions.end(p.Session)
	delete(p.tests, p.Session.ID)
	p.recordLocked(domain.VerbEnded, domain.ResourcePortalSession, p.Session.ID)
}

// removeSessionsLocked removes the sessions of an application.
func (w *Workspace) removeSessionsLocked(applicationID string) {
	ended := w.sessions.byApplication[applicationID].all()
	w.store.removePortals(ended)
	for _, session := range ended {
		delete(w.tests, session.ID)
		delete(w.sessions.byID, session.ID)
		delete(w.sessions.byCode, session.CodeHash)
		delete(w.sessions.byToken, session.TokenHash)
	}
	delete(w.sessions.byApplication, applicationID)
}
