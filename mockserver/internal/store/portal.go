package store

import (
	"slices"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Portal is what a portal session sees and changes: one application. What
// belongs to another is answered like what does not exist.
type Portal struct {
	Editor
	Session *domain.PortalSession
}

// Application is the session's own, with how many endpoints it has.
func (p Portal) Application() (*domain.Application, int, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	app, err := p.applications.find(p.Session.ApplicationID)
	return app, p.endpoints.byApplication[p.Session.ApplicationID].len(), err
}

// PortalEndpoint is an endpoint with what a customer wants to know at a glance.
type PortalEndpoint struct {
	*domain.Endpoint
	Subscriptions     int
	Delivered, Failed int // within the last 24 hours; a dead letter has failed
}

const lately = 24 * time.Hour

func (p Portal) summaryLocked(e *domain.Endpoint) PortalEndpoint {
	since := p.now().Add(-lately)
	count := func(status domain.DeliveryStatus) int {
		return p.deliveries.ofStatus[statusKey{e.ID, status}].since(since)
	}
	return PortalEndpoint{
		Endpoint: e, Subscriptions: p.subscriptions.ofEndpoint[e.ID].len(),
		Delivered: count(domain.Delivered), Failed: count(domain.Failed) + count(domain.DeadLetter),
	}
}

// findLocked finds an endpoint of the session's application.
func (p Portal) findLocked(id string) (*domain.Endpoint, error) {
	endpoint, err := p.endpoints.find(id)
	if err != nil || endpoint.ApplicationID != p.Session.ApplicationID {
		return nil, domain.NotFound("Endpoint")
	}
	return endpoint, nil
}

// Endpoints gives the application's endpoints, newest first.
func (p Portal) Endpoints() []PortalEndpoint {
	p.expire()
	p.mu.RLock()
	defer p.mu.RUnlock()
	rows := p.endpoints.of(p.Session.ApplicationID)
	summaries := make([]PortalEndpoint, len(rows))
	for i, row := range rows {
		summaries[i] = p.summaryLocked(row)
	}
	return summaries
}

// Endpoint finds one endpoint.
func (p Portal) Endpoint(id string) (PortalEndpoint, error) {
	p.expire()
	p.mu.RLock()
	defer p.mu.RUnlock()
	endpoint, err := p.findLocked(id)
	if err != nil {
		return PortalEndpoint{}, err
	}
	return p.summaryLocked(endpoint), nil
}

// owns refuses an endpoint that is not the application's. That an endpoint is
// never changes, so what is done next may look it up again.
func (p Portal) owns(id string) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, err := p.findLocked(id)
	return err
}

// CreateEndpoint stores a new endpoint in the default environment and subscribes
// it, both or neither.
func (p Portal) CreateEndpoint(n domain.NewEndpoint, eventTypeIDs []string) (PortalEndpoint, error) {
	n.ApplicationID, n.Session = p.Session.ApplicationID, p.Session
	if err := n.Validate(); err != nil {
		return PortalEndpoint{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	app, err := p.applications.find(n.ApplicationID)
	if err != nil {
		return PortalEndpoint{}, err
	}
	if err := p.maySubscribeLocked(app, eventTypeIDs); err != nil {
		return PortalEndpoint{}, err
	}
	if err := p.roomLocked(app); err != nil {
		return PortalEndpoint{}, err
	}
	endpoint := p.insertEndpointLocked(n, Origin{}, p.environments.standard)
	p.subscribeLocked(endpoint.ID, eventTypeIDs)
	return p.summaryLocked(endpoint), nil
}

// maySubscribeLocked refuses new subscriptions where the catalog is hidden, and
// event types that it does not show.
func (p Portal) maySubscribeLocked(app *domain.Application, eventTypeIDs []string) error {
	if len(eventTypeIDs) > 0 && !app.ShowEventTypes {
		return domain.Refuse(domain.CodeForbidden, "Event types are not available")
	}
	for _, id := range eventTypeIDs {
		if !p.visibleLocked(app, id) {
			return domain.NotFound("Event type")
		}
	}
	return nil
}

// UpdateEndpoint changes one endpoint.
func (p Portal) UpdateEndpoint(id string, c domain.EndpointChange) (PortalEndpoint, error) {
	if err := c.Validate(); err != nil {
		return PortalEndpoint{}, err
	}
	if err := p.owns(id); err != nil {
		return PortalEndpoint{}, err
	}
	if _, err := p.Editor.UpdateEndpoint(id, c); err != nil {
		return PortalEndpoint{}, err
	}
	return p.Endpoint(id)
}

// DeleteEndpoint removes one endpoint.
func (p Portal) DeleteEndpoint(id string) error {
	if err := p.owns(id); err != nil {
		return err
	}
	return p.Editor.DeleteEndpoint(id)
}

// RevealSecret gives the signing secret of an endpoint, on the record.
func (p Portal) RevealSecret(id string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	endpoint, err := p.findLocked(id)
	if err != nil {
		return "", err
	}
	p.recordLocked(domain.VerbSecretRevealed, domain.ResourceEndpoint, id, applicationOf(endpoint)...)
	return endpoint.Secret, nil
}

// Subscriptions gives the subscriptions of one endpoint, newest first, whether
// the catalog shows their event types or not.
func (p Portal) Subscriptions(endpointID string) ([]Subscribed, error) {
	if err := p.owns(endpointID); err != nil {
		return nil, err
	}
	return p.Editor.Subscriptions(endpointID)
}

// Subscribe subscribes an endpoint to event types that the catalog shows.
func (p Portal) Subscribe(endpointID string, eventTypeIDs []string) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.findLocked(endpointID); err != nil {
		return 0, err
	}
	app, err := p.applications.find(p.Session.ApplicationID)
	if err != nil {
		return 0, err
	}
	if err := p.maySubscribeLocked(app, eventTypeIDs); err != nil {
		return 0, err
	}
	return p.subscribeLocked(endpointID, eventTypeIDs), nil
}

// Unsubscribe ends the subscription of an endpoint to an event type.
func (p Portal) Unsubscribe(endpointID, eventTypeID string) error {
	if err := p.owns(endpointID); err != nil {
		return err
	}
	return p.Editor.Unsubscribe(endpointID, eventTypeID)
}

// EventTypes gives what the portal's catalog shows, newest first.
func (p Portal) EventTypes() ([]*domain.EventType, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	app, err := p.applications.find(p.Session.ApplicationID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(p.eventTypes.ordered.all(), func(e *domain.EventType) bool { return !p.visibleLocked(app, e.ID) }), nil
}

// TestDelivery is that of an editor, at an endpoint of the application.
func (p Portal) TestDelivery(endpointID string, eventType *string, payload func(string, domain.Time) []byte) (*domain.Delivery, error) {
	if err := p.owns(endpointID); err != nil {
		return nil, err
	}
	return p.Editor.TestDelivery(endpointID, eventType, payload)
}

// Deliveries appends to rows those of one endpoint that come after a place.
func (p Portal) Deliveries(rows []*domain.Delivery, endpointID string, status domain.DeliveryStatus, after *domain.Position, limit int) ([]*domain.Delivery, error) {
	if err := p.owns(endpointID); err != nil {
		return nil, err
	}
	return p.Editor.Deliveries(rows, endpointID, status, after, limit)
}

// Delivery finds one delivery to the application, also where its endpoint is gone.
func (p Portal) Delivery(id string) (*domain.Delivery, error) {
	d, err := p.Editor.Delivery(id)
	if err != nil || d.ApplicationID != p.Session.ApplicationID {
		return nil, domain.NotFound("Delivery")
	}
	return d, nil
}
