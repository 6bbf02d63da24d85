package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// RetryDelivery asks for one more attempt at a delivery that has failed, which
// the caller begins.
func (e Editor) RetryDelivery(id string) (*domain.Delivery, error) {
	e.expire()
	e.mu.Lock()
	defer e.mu.Unlock()
	row, err := e.deliveries.find(id)
	if err != nil {
		return nil, err
	}
	pending, err := row.Retry(e.now())
	if err != nil {
		return nil, err
	}
	endpoint := e.endpoints.byID[row.EndpointID]
	switch {
	case endpoint == nil:
		return nil, domain.Refuse(domain.CodeConflict, "Endpoint is deleted")
	case !endpoint.IsActive:
		return nil, errDisabled
	}
	e.deliveries.replace(row, pending)
	e.recordLocked(domain.VerbRetried, domain.ResourceDelivery, id, domain.Pair{Key: "endpointId", Value: row.EndpointID})
	return pending, nil
}

// TestDelivery makes a delivery that is attempted once, which the caller begins.
// Its endpoint may be disabled. Without an event type it is that of the first
// subscription, if there is any. The payload is made for the type that is chosen.
func (e Editor) TestDelivery(endpointID string, eventType *string, payload func(eventType string, now domain.Time) []byte) (*domain.Delivery, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	endpoint, err := e.endpoints.find(endpointID)
	if err != nil {
		return nil, err
	}
	name, err := e.testedLocked(endpoint, eventType)
	if err != nil {
		return nil, err
	}
	row := e.acceptLocked(endpoint, domain.Delivery{
		EventType: name, IdempotencyKey: e.source.uuid(), Payload: payload(name, e.now()), Once: true,
	})
	e.recordLocked(domain.VerbTested, domain.ResourceEndpoint, endpointID, domain.Pair{Key: "deliveryId", Value: row.ID})
	return row, nil
}

func (e Editor) testedLocked(endpoint *domain.Endpoint, eventType *string) (string, error) {
	if eventType != nil {
		return *eventType, e.mayTestLocked(endpoint, e.eventTypes.byName[*eventType])
	}
	rows := e.subscriptions.of(endpoint.ID)
	if len(rows) == 0 {
		return domain.TestEvent, nil
	}
	return e.eventTypes.byID[rows[len(rows)-1].EventTypeID].Name, nil
}

// mayTestLocked takes the event types that exist and, at the endpoint of an
// application, of these those that its customer knows of, who sees the delivery:
// what is subscribed, and what the portal's catalog shows.
func (e Editor) mayTestLocked(endpoint *domain.Endpoint, eventTypeID string) error {
	if _, err := e.eventTypes.find(eventTypeID); err != nil {
		return err
	}
	app := e.applications.byID[endpoint.ApplicationID]
	if app == nil || e.subscriptions.byEndpoint[endpoint.ID][eventTypeID] != nil || e.visibleLocked(app, eventTypeID) {
		return nil
	}
	return domain.NotFound("Event type")
}

// visibleLocked tells whether the portal's catalog shows an event type to the
// customer.
func (w *Workspace) visibleLocked(app *domain.Application, eventTypeID string) bool {
	return app.ShowEventTypes && w.environments.published[w.environments.standard.ID][eventTypeID]
}
