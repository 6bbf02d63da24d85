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
	e.recordLocked(domain.VerbCreated, domain.ResourcePortalSession, session.ID,
		domain.Pair{Key: "applicationId", Value: applicationID}, domain.Pair{Key: "role", Value: string(n.Role)})
	return session, code, nil
}
