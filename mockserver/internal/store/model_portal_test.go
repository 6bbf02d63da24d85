package store

import (
	"slices"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// The rules of the model for portal sessions and for what they may do.

func (m *model) createSession(actor domain.Actor, applicationID string, n domain.NewPortalSession, id, code string) (*kept[sessionRow], refusal) {
	switch {
	case n.Role != domain.RoleAdmin && n.Role != domain.RoleEditor && n.Role != domain.RoleViewer, n.Minutes < 1, n.Minutes > 60, len(n.Metadata) > 10:
		return nil, invalid
	case find(m.applications, applicationID) == nil:
		return nil, noApplication
	}
	m.record(actor, domain.ResourcePortalSession, id, domain.VerbCreated, "applicationId", applicationID, "role", string(n.Role))
	return keep(m, &m.sessions, id, m.now, sessionRow{
		ApplicationID: applicationID, Role: n.Role, Metadata: metadataText(n.Metadata), CodeHash: domain.HashOf(code),
		CodeExpiresAt: m.now.Add(time.Duration(min(n.Minutes, 5)) * time.Minute), ExpiresAt: m.now.Add(time.Duration(n.Minutes) * time.Minute),
	}), ""
}

// portalActor is who acts in a session, under the present name of its application.
func (m *model) portalActor(session *kept[sessionRow]) domain.Actor {
	return domain.Actor{
		Type: domain.ActorPortalSession, ID: session.id, Label: "Portal session of " + find(m.applications, session.row.ApplicationID).row.Name,
	}
}

// exchange takes the code of a session, nil for a code that leads nowhere.
func (m *model) exchange(session *kept[sessionRow], token string) refusal {
	switch {
	case session == nil:
		return badCode
	case m.plan != domain.PlanPro:
		return "feature_disabled: Developer Portal"
	case m.now >= session.row.CodeExpiresAt:
		return badCode
	case session.row.Exchanged:
		session.change()
		m.record(m.portalActor(session), domain.ResourcePortalSession, session.id, domain.VerbCodeReplayed)
		return badCode
	}
	session.row.Exchanged, session.row.TokenHash = true, domain.HashOf(token)
	m.record(m.portalActor(session), domain.ResourcePortalSession, session.id, domain.VerbExchanged)
	return ""
}

// alive tells whether the token of a session leads to it: a session that has been
// ended is in another version than the one whose code was exchanged.
func (k *kept[T]) alive() bool { return k != nil && k.version == 0 }

// open tells what the token of a session is answered, nil for one that is gone.
func (m *model) open(session *kept[sessionRow]) refusal {
	switch {
	case !session.alive():
		return "unauthorized: Invalid token"
	case m.now >= session.row.ExpiresAt:
		return "session_expired: "
	}
	return ""
}

func (m *model) endSession(actor domain.Actor, id string) {
	session := find(m.sessions, id)
	if !session.alive() {
		return
	}
	session.change()
	m.forgetTests(id)
	m.record(actor, domain.ResourcePortalSession, id, domain.VerbEnded)
}

func (m *model) forgetTests(credentialID string) {
	m.tests = slices.DeleteFunc(m.tests, func(w testWindow) bool { return w.credentialID == credentialID })
}

// takeTest allows ten tests in the minute that the first of them begins.
func (m *model) takeTest(credentialID string) domain.RateVerdict {
	i := slices.IndexFunc(m.tests, func(w testWindow) bool { return w.credentialID == credentialID })
	if i >= 0 && m.now-m.tests[i].start >= 60_000 {
		m.forgetTests(credentialID)
		i = -1
	}
	if i < 0 {
		m.tests = append(m.tests, testWindow{credentialID: credentialID, start: m.now})
		i = len(m.tests) - 1
	}
	w := &m.tests[i]
	refused := w.used == 10
	if !refused {
		w.used++
	}
	return domain.RateVerdict{Limit: 10, Remaining: 10 - w.used, Reset: time.Duration(w.start+60_000-m.now) * time.Millisecond, Refused: refused}
}

// owned finds an endpoint for a session of an application.
func (m *model) owned(applicationID, id string) (*kept[endpointRow], refusal) {
	if e := find(m.endpoints, id); e != nil && e.row.ApplicationID == applicationID {
		return e, ""
	}
	return nil, noEndpoint
}

// summary is what a customer wants to know of an endpoint at a glance.
type summary struct{ subscriptions, delivered, failed int }

func (m *model) summary(e *kept[endpointRow]) summary {
	s := summary{subscriptions: len(m.subscriptionsOf(e.id))}
	for _, d := range m.deliveries {
		switch {
		case d.row.EndpointID != e.id || d.at < m.now.Add(-day):
		case d.row.Status == domain.Delivered:
			s.delivered++
		case d.row.Status == domain.Failed || d.row.Status == domain.DeadLetter:
			s.failed++
		}
	}
	return s
}

// catalog gives what the portal shows, newest first.
func (m *model) catalog(applicationID string) ([]*kept[eventTypeRow], refusal) {
	app := find(m.applications, applicationID)
	if app == nil {
		return nil, noApplication
	}
	return newestFirst(m.eventTypes, func(k *kept[eventTypeRow]) bool { return m.visible(app, k.id) }), ""
}

func (m *model) maySubscribe(app *kept[applicationRow], eventTypeIDs []string) refusal {
	if len(eventTypeIDs) > 0 && !app.row.ShowEventTypes {
		return "forbidden: "
	}
	for _, id := range eventTypeIDs {
		if !m.visible(app, id) {
			return noEventType
		}
	}
	return ""
}

// portalSubscribe gives the event types that are news to the endpoint.
func (m *model) portalSubscribe(applicationID, endpointID string, eventTypeIDs []string) ([]string, refusal) {
	if _, no := m.owned(applicationID, endpointID); no != "" {
		return nil, no
	}
	if no := m.maySubscribe(find(m.applications, applicationID), eventTypeIDs); no != "" {
		return nil, no
	}
	return m.unsubscribed(endpointID, eventTypeIDs), ""
}

func (m *model) portalCreateEndpoint(p Portal, n domain.NewEndpoint, eventTypeIDs []string, made made) (*kept[endpointRow], refusal) {
	app := find(m.applications, p.Session.ApplicationID)
	switch {
	case badEndpoint(n):
		return nil, invalid
	case app == nil:
		return nil, noApplication
	}
	if no := m.maySubscribe(app, eventTypeIDs); no != "" {
		return nil, no
	}
	if no := m.full(app); no != "" {
		return nil, no
	}
	n.ApplicationID = app.id
	return m.insertEndpoint(p.Actor(), n, Origin{}, m.defaultEnvironment().id, p.Session.Metadata, made), ""
}

// catalogRows gives every event type with its visibility in one environment,
// newest first.
func (m *model) catalogRows(environmentID string) ([]*kept[eventTypeRow], []bool, refusal) {
	if find(m.environments, environmentID) == nil {
		return nil, nil, noEnvironment
	}
	rows := newestFirst(m.eventTypes, all)
	published := make([]bool, len(rows))
	for i, row := range rows {
		published[i] = slices.Contains(m.published, publication{environmentID, row.id})
	}
	return rows, published, ""
}
