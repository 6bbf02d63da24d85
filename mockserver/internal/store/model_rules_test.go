package store

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// The rules of the model for what customers are given: applications and endpoints.

func tooLong(text string, most int) bool { return utf8.RuneCountInString(text) > most }

func badLimit(l domain.Limit) bool { return l < 0 && l != domain.Unlimited }

// origin gives the instant that a record is said to come from.
func (m *model) origin(o Origin) domain.Time {
	if o.CreatedAt != nil {
		return *o.CreatedAt
	}
	return m.now
}

func (m *model) createApplication(actor domain.Actor, n domain.NewApplication, o Origin, id string) (*kept[applicationRow], refusal) {
	row := applicationRow{
		Name: n.Name, Metadata: metadataText(n.Metadata), MaxEndpoints: n.MaxEndpoints, ShowEventTypes: n.ShowEventTypes, UpdatedAt: m.origin(o),
	}
	if n.ExternalID != nil {
		row.ExternalID = *n.ExternalID
	}
	switch {
	case n.Name == "" || tooLong(n.Name, 255) || badLimit(n.MaxEndpoints) || len(n.Metadata) > 5,
		n.ExternalID != nil && (row.ExternalID == "" || tooLong(row.ExternalID, 255)):
		return nil, invalid
	case n.ExternalID != nil && findBy(m.applications, func(k *kept[applicationRow]) bool { return k.row.ExternalID == row.ExternalID }) != nil:
		return nil, conflict + "An application with this externalId"
	case find(m.applications, o.ID) != nil:
		return nil, conflict
	}
	m.record(actor, domain.ResourceApplication, id, domain.VerbCreated)
	return keep(m, &m.applications, id, m.origin(o), row), ""
}

func (m *model) updateApplication(actor domain.Actor, id string, c domain.ApplicationChange) (*kept[applicationRow], refusal) {
	app := find(m.applications, id)
	switch {
	case c.Name != nil && (*c.Name == "" || tooLong(*c.Name, 255)),
		c.MaxEndpoints != nil && badLimit(*c.MaxEndpoints),
		c.Metadata != nil && len(*c.Metadata) > 5:
		return nil, invalid
	case app == nil:
		return nil, noApplication
	case c.Name == nil && c.Metadata == nil && c.MaxEndpoints == nil && c.ShowEventTypes == nil:
		return app, ""
	}
	if c.Name != nil {
		app.row.Name = *c.Name
	}
	if c.Metadata != nil {
		app.row.Metadata = metadataText(*c.Metadata)
	}
	if c.MaxEndpoints != nil {
		app.row.MaxEndpoints = *c.MaxEndpoints
	}
	if c.ShowEventTypes != nil {
		app.row.ShowEventTypes = *c.ShowEventTypes
	}
	app.row.UpdatedAt = m.now
	m.record(actor, domain.ResourceApplication, id, domain.VerbUpdated)
	return app, ""
}

func (m *model) deleteApplication(actor domain.Actor, id string) refusal {
	if find(m.applications, id) == nil {
		return noApplication
	}
	m.removeEndpoints(func(e *kept[endpointRow]) bool { return e.row.ApplicationID == id })
	for _, session := range m.sessions {
		if session.row.ApplicationID == id {
			m.forgetTests(session.id)
		}
	}
	drop(&m.sessions, func(k *kept[sessionRow]) bool { return k.row.ApplicationID == id })
	drop(&m.applications, func(k *kept[applicationRow]) bool { return k.id == id })
	m.record(actor, domain.ResourceApplication, id, domain.VerbDeleted)
	return ""
}

// endpointsOf gives the endpoints of one application, newest first.
func (m *model) endpointsOf(applicationID string) []*kept[endpointRow] {
	return newestFirst(m.endpoints, func(k *kept[endpointRow]) bool { return k.row.ApplicationID == applicationID })
}

// badURL knows the addresses that the test makes up.
func badURL(raw string) bool { return strings.Contains(raw, "bad") || raw == "" }

func badTarget(t domain.EndpointType, raw, webhookURL string) bool {
	switch t {
	case domain.Webhook:
		return badURL(raw) || webhookURL != "" && badURL(webhookURL)
	case domain.Slack:
		return raw != "" || badURL(webhookURL)
	}
	return true
}

func badAuth(username, password string) bool {
	return (username == "") != (password == "") || strings.Contains(username, ":")
}

func badEndpoint(n domain.NewEndpoint) bool {
	return badTarget(n.Type, n.URL, n.WebhookURL) || badAuth(n.AuthUsername, n.AuthPassword) || tooLong(n.Description, 500) || len(n.Metadata) > 5
}

// full tells which cap leaves no room, the application's own first.
func (m *model) full(app *kept[applicationRow]) refusal {
	switch {
	case app != nil && app.row.MaxEndpoints != domain.Unlimited && len(m.endpointsOf(app.id)) >= int(app.row.MaxEndpoints):
		return "application_endpoint_limit_reached"
	case m.endpointLimit != domain.Unlimited && len(m.endpoints) >= int(m.endpointLimit):
		return "endpoint_limit_reached"
	}
	return ""
}

// made is what the store has made up for a new record.
type made struct{ id, secret string }

func (m *model) createEndpoint(actor domain.Actor, n domain.NewEndpoint, o Origin, imported bool, made made) (*kept[endpointRow], refusal) {
	app, env := find(m.applications, n.ApplicationID), m.defaultEnvironment()
	if n.EnvironmentID != nil {
		env = find(m.environments, *n.EnvironmentID)
	}
	switch {
	case badEndpoint(n):
		return nil, invalid
	case n.ApplicationID != "" && app == nil:
		return nil, noApplication
	case env == nil:
		return nil, noEnvironment
	case find(m.endpoints, o.ID) != nil:
		return nil, conflict
	}
	if no := m.full(app); no != "" && !imported {
		return nil, no
	}
	return m.insertEndpoint(actor, n, o, env.id, n.Metadata, made), ""
}

func (m *model) insertEndpoint(actor domain.Actor, n domain.NewEndpoint, o Origin, environmentID string, metadata domain.Metadata, made made) *kept[endpointRow] {
	secret := made.secret
	if o.Secret != "" {
		secret = o.Secret
	}
	e := keep(m, &m.endpoints, made.id, m.origin(o), endpointRow{
		ApplicationID: n.ApplicationID, EnvironmentID: environmentID, Type: n.Type, URL: n.URL, WebhookURL: n.WebhookURL, Secret: secret,
		Accepts: o.Accepts, IsActive: !o.Inactive, Description: n.Description, AuthUsername: n.AuthUsername, AuthPassword: n.AuthPassword,
		Metadata: metadataText(metadata), UpdatedAt: m.origin(o),
	})
	m.recordEndpoint(actor, e, domain.VerbCreated)
	return e
}

func (m *model) recordEndpoint(actor domain.Actor, e *kept[endpointRow], verb domain.Verb) {
	if e.row.ApplicationID == "" {
		m.record(actor, domain.ResourceEndpoint, e.id, verb)
		return
	}
	m.record(actor, domain.ResourceEndpoint, e.id, verb, "applicationId", e.row.ApplicationID)
}

func badEndpointChange(c domain.EndpointChange) bool {
	return c.URL != nil && *c.URL != "" && badURL(*c.URL) || c.WebhookURL != nil && *c.WebhookURL != "" && badURL(*c.WebhookURL) ||
		c.Description != nil && tooLong(*c.Description, 500) || c.Metadata != nil && len(*c.Metadata) > 5
}

// changedAuth: either half can be replaced alone, and an empty half that comes
// alone clears both.
func changedAuth(row endpointRow, username, password *string) (string, string) {
	switch {
	case username != nil && password != nil:
		return *username, *password
	case username != nil && *username != "" && row.AuthPassword != "":
		return *username, row.AuthPassword
	case password != nil && *password != "" && row.AuthUsername != "":
		return row.AuthUsername, *password
	case username != nil && *username != "":
		return *username, ""
	case password != nil && *password != "":
		return "", *password
	case username != nil || password != nil:
		return "", ""
	}
	return row.AuthUsername, row.AuthPassword
}

func (m *model) updateEndpoint(actor domain.Actor, id string, c domain.EndpointChange) (*kept[endpointRow], refusal) {
	e := find(m.endpoints, id)
	switch {
	case badEndpointChange(c):
		return nil, invalid
	case e == nil:
		return nil, noEndpoint
	case c.URL == nil && c.WebhookURL == nil && c.Description == nil && c.AuthUsername == nil && c.AuthPassword == nil && c.IsActive == nil && c.Metadata == nil:
		return e, ""
	}
	row := e.row
	for field, value := range map[*string]*string{&row.URL: c.URL, &row.WebhookURL: c.WebhookURL, &row.Description: c.Description} {
		if value != nil {
			*field = *value
		}
	}
	if c.IsActive != nil {
		row.IsActive = *c.IsActive
	}
	if c.Metadata != nil {
		row.Metadata = metadataText(*c.Metadata)
	}
	row.AuthUsername, row.AuthPassword = changedAuth(row, c.AuthUsername, c.AuthPassword)
	if badTarget(row.Type, row.URL, row.WebhookURL) || badAuth(row.AuthUsername, row.AuthPassword) {
		return nil, invalid
	}
	row.UpdatedAt = m.now
	e.row = row
	m.recordEndpoint(actor, e, domain.VerbUpdated)
	return e, ""
}

func (m *model) rotateSecret(actor domain.Actor, id, secret string, ends domain.Time) (*kept[endpointRow], refusal) {
	e := find(m.endpoints, id)
	if e == nil {
		return nil, noEndpoint
	}
	e.row.Secret, e.row.OldSecret, e.row.OldSecretEnds, e.row.UpdatedAt = secret, e.row.Secret, ends, m.now
	m.recordEndpoint(actor, e, domain.VerbSecretRotated)
	return e, ""
}

func (m *model) deleteEndpoint(actor domain.Actor, id string) refusal {
	e := find(m.endpoints, id)
	if e == nil {
		return noEndpoint
	}
	m.removeEndpoints(func(k *kept[endpointRow]) bool { return k == e })
	m.recordEndpoint(actor, e, domain.VerbDeleted)
	return ""
}

// removeEndpoints takes their subscriptions with them and leaves their deliveries.
func (m *model) removeEndpoints(gone func(*kept[endpointRow]) bool) {
	drop(&m.subscriptions, func(s *kept[subscriptionRow]) bool {
		return slices.ContainsFunc(m.endpoints, func(e *kept[endpointRow]) bool { return e.id == s.row.EndpointID && gone(e) })
	})
	drop(&m.endpoints, gone)
}
