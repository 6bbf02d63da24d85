package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// sessions are the portal sessions of one workspace and their indexes.
type sessions struct {
	byCode        map[domain.Hash]*domain.PortalSession
	byApplication map[string][]*domain.PortalSession
}

func newSessions() sessions {
	return sessions{byCode: map[domain.Hash]*domain.PortalSession{}, byApplication: map[string][]*domain.PortalSession{}}
}

func (s *sessions) put(session *domain.PortalSession) {
	s.byCode[session.CodeHash] = session
	s.byApplication[session.ApplicationID] = append(s.byApplication[session.ApplicationID], session)
}

func (s *sessions) removeOf(applicationID string) {
	for _, session := range s.byApplication[applicationID] {
		delete(s.byCode, session.CodeHash)
	}
	delete(s.byApplication, applicationID)
}

// CreatePortalSession stores a session and gives the code that opens it. The
// code exists nowhere else: the record holds only its hash.
func (w *Workspace) CreatePortalSession(applicationID string, n domain.NewPortalSession) (*domain.PortalSession, string, error) {
	if err := n.Validate(); err != nil {
		return nil, "", err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.applications.find(applicationID); err != nil {
		return nil, "", err
	}
	code := newCode()
	session := n.Build(w.source.id("ps_"), applicationID, code, w.placeLocked(w.now()))
	w.sessions.put(session)
	return session, code, nil
}
