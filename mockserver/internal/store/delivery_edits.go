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
	name, err := e.testedLocked(endpointID, eventType)
	if err != nil {
		return nil, err
	}
	row := e.acceptLocked(endpoint, domain.Delivery{
		EventType: name, IdempotencyKey: e.source.uuid(), Payload: payload(name, e.now()), Once: true,
	})
	e.recordLocked(domain.VerbTested, domain.ResourceEndpoint, endpointID, domain.Pair{Key: "deliveryId", Value: row.ID})
	return row, nil
}

func (e Editor) testedLocked(endpointID string, eventType *string) (string, error) {
	if eventType != nil {
		_, err := e.eventTypes.find(e.eventTypes.byName[*eventType])
		return *eventType, err
	}
	rows := e.subscriptions.of(endpointID)
	if len(rows) == 0 {
		return domain.TestEvent, nil
	}
	return e.eventTypes.byID[rows[len(rows)-1].EventTypeID].Name, nil
}
