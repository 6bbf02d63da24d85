package store

import (
	"slices"
	"strconv"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// The rules of the model for what a workspace offers: environments, event types,
// subscriptions and tokens.

func (m *model) defaultEnvironment() *kept[environmentRow] {
	return findBy(m.environments, func(k *kept[environmentRow]) bool { return k.row.IsDefault })
}

// listEnvironments gives the default one, then the others, oldest first.
func (m *model) listEnvironments() []*kept[environmentRow] {
	rows := newestFirst(m.environments, func(k *kept[environmentRow]) bool { return !k.row.IsDefault })
	rows = append(rows, m.defaultEnvironment())
	slices.Reverse(rows)
	return rows
}

// badWord knows the slugs and names that the test makes up.
func badWord(text string) bool { return text == "" || slices.Contains(badWords, text) }

func (m *model) createEnvironment(actor domain.Actor, n domain.NewEnvironment, o Origin, id string) (*kept[environmentRow], refusal) {
	switch {
	case n.Name == "" || tooLong(n.Name, 50) || badWord(n.Slug):
		return nil, invalid
	case findBy(m.environments, func(k *kept[environmentRow]) bool { return k.row.Slug == n.Slug }) != nil:
		return nil, conflict + "An environment with this slug"
	case find(m.environments, o.ID) != nil:
		return nil, conflict
	case len(m.environments) >= 10:
		return nil, "environment_limit_reached"
	}
	m.record(actor, domain.ResourceEnvironment, id, domain.VerbCreated)
	return keep(m, &m.environments, id, m.origin(o), environmentRow{Name: n.Name, Slug: n.Slug, UpdatedAt: m.origin(o)}), ""
}

func (m *model) updateEnvironment(actor domain.Actor, id string, c domain.EnvironmentChange) (*kept[environmentRow], refusal) {
	env := find(m.environments, id)
	switch {
	case c.Name != nil && (*c.Name == "" || tooLong(*c.Name, 50)):
		return nil, invalid
	case env == nil:
		return nil, noEnvironment
	case c.Name == nil:
		return env, ""
	}
	env.row.Name, env.row.UpdatedAt = *c.Name, m.now
	m.record(actor, domain.ResourceEnvironment, id, domain.VerbUpdated)
	return env, ""
}

func (m *model) deleteEnvironment(actor domain.Actor, id string) refusal {
	env := find(m.environments, id)
	switch {
	case env == nil:
		return noEnvironment
	case env.row.IsDefault:
		return conflict + "The default environment"
	}
	m.removeEndpoints(func(e *kept[endpointRow]) bool { return e.row.EnvironmentID == id })
	m.published = slices.DeleteFunc(m.published, func(p publication) bool { return p.environmentID == id })
	m.credentials = slices.DeleteFunc(m.credentials, func(c domain.Credential) bool { return c.EnvironmentID == id })
	drop(&m.environments, func(k *kept[environmentRow]) bool { return k == env })
	m.record(actor, domain.ResourceEnvironment, id, domain.VerbDeleted)
	return ""
}

// addCredential takes a token that is known to nobody, of either workspace.
func (m *model) addCredential(c domain.Credential, given string, taken bool) refusal {
	switch {
	case c.Kind == domain.APIKey && find(m.environments, c.EnvironmentID) == nil:
		return noEnvironment
	case c.Kind == domain.CLIToken && slices.ContainsFunc(m.credentials, func(k domain.Credential) bool {
		return k.Kind == domain.CLIToken && !k.Revoked && k.ID == given
	}), taken:
		return conflict
	}
	m.credentials = append(m.credentials, c)
	return ""
}

func (m *model) revokeCLIToken(actor domain.Actor, id string) refusal {
	for i, c := range m.credentials {
		if c.Kind == domain.CLIToken && c.ID == id && !c.Revoked {
			m.credentials[i].Revoked = true
			m.record(actor, domain.ResourceCLIToken, id, domain.VerbDeleted)
			return ""
		}
	}
	return "not_found: CLI token"
}

func (m *model) createEventType(actor domain.Actor, n domain.NewEventType, o Origin, publishedIn []string, id string) (*kept[eventTypeRow], refusal) {
	switch {
	case badWord(n.Name) || tooLong(n.Description, 500):
		return nil, invalid
	case m.eventTypeByName(n.Name) != nil:
		return nil, conflict + "An event type with this name"
	case find(m.eventTypes, o.ID) != nil:
		return nil, conflict
	}
	if publishedIn == nil {
		publishedIn = []string{m.defaultEnvironment().id}
	}
	for _, environmentID := range publishedIn {
		m.publish(environmentID, id, true)
	}
	m.record(actor, domain.ResourceEventType, id, domain.VerbCreated)
	return keep(m, &m.eventTypes, id, m.origin(o), eventTypeRow{Name: n.Name, Description: n.Description}), ""
}

func (m *model) eventTypeByName(name string) *kept[eventTypeRow] {
	return findBy(m.eventTypes, func(k *kept[eventTypeRow]) bool { return k.row.Name == name })
}

func (m *model) updateEventType(actor domain.Actor, id string, c domain.EventTypeChange) (*kept[eventTypeRow], refusal) {
	eventType := find(m.eventTypes, id)
	switch {
	case c.Description != nil && tooLong(*c.Description, 500):
		return nil, invalid
	case eventType == nil:
		return nil, noEventType
	case c.Description == nil:
		return eventType, ""
	}
	eventType.row.Description = *c.Description
	m.record(actor, domain.ResourceEventType, id, domain.VerbUpdated)
	return eventType, ""
}

func (m *model) deleteEventType(actor domain.Actor, id string) refusal {
	if find(m.eventTypes, id) == nil {
		return noEventType
	}
	drop(&m.subscriptions, func(k *kept[subscriptionRow]) bool { return k.row.EventTypeID == id })
	m.published = slices.DeleteFunc(m.published, func(p publication) bool { return p.eventTypeID == id })
	drop(&m.eventTypes, func(k *kept[eventTypeRow]) bool { return k.id == id })
	m.record(actor, domain.ResourceEventType, id, domain.VerbDeleted)
	return ""
}

// publish tells whether it makes a difference.
func (m *model) publish(environmentID, eventTypeID string, published bool) bool {
	row := publication{environmentID, eventTypeID}
	was := slices.Contains(m.published, row)
	switch {
	case published && !was:
		m.published = append(m.published, row)
	case !published:
		m.published = slices.DeleteFunc(m.published, func(p publication) bool { return p == row })
	}
	return was != published
}

func (m *model) setVisibility(actor domain.Actor, environmentID, eventTypeID string, published bool) (*kept[eventTypeRow], refusal) {
	eventType := find(m.eventTypes, eventTypeID)
	switch {
	case find(m.environments, environmentID) == nil:
		return nil, noEnvironment
	case eventType == nil:
		return nil, noEventType
	}
	if m.publish(environmentID, eventTypeID, published) {
		m.record(actor, domain.ResourceEnvironment, environmentID, domain.VerbVisibilityUpdated,
			"eventTypeId", eventTypeID, "published", strconv.FormatBool(published))
	}
	return eventType, ""
}

// subscriptionsOf gives the subscriptions of one endpoint, newest first.
func (m *model) subscriptionsOf(endpointID string) []*kept[subscriptionRow] {
	return newestFirst(m.subscriptions, func(k *kept[subscriptionRow]) bool { return k.row.EndpointID == endpointID })
}

func (m *model) subscription(endpointID, eventTypeID string) *kept[subscriptionRow] {
	return findBy(m.subscriptions, func(k *kept[subscriptionRow]) bool { return k.row == subscriptionRow{endpointID, eventTypeID} })
}

// subscribe gives the event types that are news to the endpoint. The rows are
// kept by subscribed, once their ids are known.
func (m *model) subscribe(endpointID string, eventTypeIDs []string) ([]string, refusal) {
	if find(m.endpoints, endpointID) == nil {
		return nil, noEndpoint
	}
	for _, id := range eventTypeIDs {
		if find(m.eventTypes, id) == nil {
			return nil, noEventType
		}
	}
	return m.unsubscribed(endpointID, eventTypeIDs), ""
}

func (m *model) unsubscribed(endpointID string, eventTypeIDs []string) []string {
	var news []string
	for _, id := range eventTypeIDs {
		if m.subscription(endpointID, id) == nil && !slices.Contains(news, id) {
			news = append(news, id)
		}
	}
	return news
}

func (m *model) subscribed(actor domain.Actor, endpointID, eventTypeID, id string) {
	keep(m, &m.subscriptions, id, m.now, subscriptionRow{endpointID, eventTypeID})
	m.record(actor, domain.ResourceSubscription, id, domain.VerbCreated, "endpointId", endpointID, "eventTypeId", eventTypeID)
}

func (m *model) unsubscribe(actor domain.Actor, endpointID, eventTypeID string) refusal {
	row := m.subscription(endpointID, eventTypeID)
	switch {
	case find(m.endpoints, endpointID) == nil:
		return noEndpoint
	case row == nil:
		return noSubscription
	}
	drop(&m.subscriptions, func(k *kept[subscriptionRow]) bool { return k == row })
	m.record(actor, domain.ResourceSubscription, row.id, domain.VerbDeleted, "endpointId", endpointID, "eventTypeId", eventTypeID)
	return ""
}
