package store

import (
	"slices"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Accepted is what a request of ingestion has made.
type Accepted struct {
	EventTypeID    string // of a trigger
	IdempotencyKey string // of a send
	DeliveryIDs    []string
	New            []*domain.Delivery // to be attempted by the caller, in this order; none for a repeated request
}

// Message is what ingestion is asked to deliver.
type Message struct {
	EnvironmentID string  // of the API key
	Payload       []byte  // a JSON object
	Key           *string // nil for none
}

func (m Message) validate() error {
	if m.Key == nil {
		return nil
	}
	return domain.ValidateKey(*m.Key)
}

// Send accepts a message to one endpoint. The same key means the same message,
// whatever its payload.
func (w *Workspace) Send(endpointID string, m Message) (Accepted, error) {
	if err := m.validate(); err != nil {
		return Accepted{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.deliveries.forget(now)
	endpoint, err := w.endpoints.find(endpointID)
	if err != nil || endpoint.EnvironmentID != m.EnvironmentID {
		return Accepted{}, domain.NotFound("Endpoint")
	}
	key := w.keyLocked(m.Key)
	scope := keyScope{endpointID: endpointID, key: key}
	if ids, known := w.deliveries.keys.find(scope, now); known {
		return Accepted{IdempotencyKey: key, DeliveryIDs: ids}, nil
	}
	if !endpoint.IsActive {
		return Accepted{}, errDisabled
	}
	row := w.acceptLocked(endpoint, domain.Delivery{IdempotencyKey: key, Payload: m.Payload})
	ids := []string{row.ID}
	w.deliveries.keys.remember(scope, row.Position, ids)
	return Accepted{IdempotencyKey: key, DeliveryIDs: ids, New: []*domain.Delivery{row}}, nil
}

// keyLocked gives the key that a client brought along, or makes one.
func (w *Workspace) keyLocked(given *string) string {
	if given == nil {
		return w.source.uuid()
	}
	return *given
}

// Trigger accepts an event for every active endpoint of the environment that is
// subscribed to it, in the order of their subscriptions.
func (w *Workspace) Trigger(eventType string, m Message) (Accepted, error) {
	if err := domain.ValidateEventName(eventType); err != nil {
		return Accepted{}, err
	}
	if err := m.validate(); err != nil {
		return Accepted{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.deliveries.forget(now)
	id := w.eventTypes.byName[eventType]
	if id == "" {
		return Accepted{}, domain.NotFound("Event type")
	}
	a := Accepted{EventTypeID: id, DeliveryIDs: []string{}}
	if m.Key == nil {
		w.fanOutLocked(&a, eventType, m)
		return a, nil
	}
	scope := keyScope{environmentID: m.EnvironmentID, eventTypeID: id, key: *m.Key}
	if ids, known := w.deliveries.keys.find(scope, now); known {
		a.DeliveryIDs = ids
		return a, nil
	}
	w.fanOutLocked(&a, eventType, m)
	w.deliveries.keys.remember(scope, w.placeLocked(now), a.DeliveryIDs)
	return a, nil
}

func (w *Workspace) fanOutLocked(a *Accepted, eventType string, m Message) {
	for _, subscription := range slices.Backward(w.subscriptions.to(a.EventTypeID)) {
		endpoint := w.endpoints.byID[subscription.EndpointID]
		if !endpoint.IsActive || endpoint.EnvironmentID != m.EnvironmentID {
			continue
		}
		row := w.acceptLocked(endpoint, domain.Delivery{EventType: eventType, IdempotencyKey: w.source.uuid(), Payload: m.Payload})
		a.New = append(a.New, row)
		a.DeliveryIDs = append(a.DeliveryIDs, row.ID)
	}
}

// acceptLocked stores a new delivery. Whether its payload can be shown later is
// judged by the plan of this moment.
func (w *Workspace) acceptLocked(endpoint *domain.Endpoint, row domain.Delivery) *domain.Delivery {
	row.ID, row.Position = w.originLocked("del_", Origin{})
	row.EndpointID, row.ApplicationID, row.MessageID = endpoint.ID, endpoint.ApplicationID, w.source.id("msg_")
	row.Status, row.UpdatedAt = domain.Pending, row.CreatedAt
	row.Stored = w.Require(domain.PayloadStorage) == nil
	w.deliveries.add(&row)
	return &row
}

var errDisabled = domain.Refuse(domain.CodeConflict, "Endpoint is disabled")
