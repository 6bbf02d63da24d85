package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// subscriptions are the rows of one workspace, reachable from either side. Only
// endpoints and event types that have any are in the maps.
type subscriptions struct {
	byEndpoint  map[string]map[string]*domain.Subscription // endpoint → event type → row
	ofEndpoint  map[string]list[*domain.Subscription]
	ofEventType map[string]list[*domain.Subscription]
}

func newSubscriptions() subscriptions {
	return subscriptions{
		byEndpoint:  map[string]map[string]*domain.Subscription{},
		ofEndpoint:  map[string]list[*domain.Subscription]{},
		ofEventType: map[string]list[*domain.Subscription]{},
	}
}

// of gives the subscriptions of one endpoint, newest first.
func (s *subscriptions) of(endpointID string) []*domain.Subscription {
	return s.ofEndpoint[endpointID].all()
}

// to gives the subscriptions to one event type, newest first.
func (s *subscriptions) to(eventTypeID string) []*domain.Subscription {
	return s.ofEventType[eventTypeID].all()
}

func (s *subscriptions) put(row *domain.Subscription) {
	if s.byEndpoint[row.EndpointID] == nil {
		s.byEndpoint[row.EndpointID] = map[string]*domain.Subscription{}
	}
	s.byEndpoint[row.EndpointID][row.EventTypeID] = row
	putInto(s.ofEndpoint, row.EndpointID, row)
	putInto(s.ofEventType, row.EventTypeID, row)
}

func (s *subscriptions) remove(row *domain.Subscription) {
	delete(s.byEndpoint[row.EndpointID], row.EventTypeID)
	if len(s.byEndpoint[row.EndpointID]) == 0 {
		delete(s.byEndpoint, row.EndpointID)
	}
	removeFrom(s.ofEndpoint, row.EndpointID, row)
	removeFrom(s.ofEventType, row.EventTypeID, row)
}

// Subscribed is a subscription with the name of its event type.
type Subscribed struct {
	*domain.Subscription
	EventTypeName string
}

// Subscriptions gives the subscriptions of one endpoint, newest first.
func (w *Workspace) Subscriptions(endpointID string) ([]Subscribed, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if _, err := w.endpoints.find(endpointID); err != nil {
		return nil, err
	}
	rows := w.subscriptions.of(endpointID)
	named := make([]Subscribed, len(rows))
	for i, row := range rows {
		named[i] = Subscribed{row, w.eventTypes.byID[row.EventTypeID].Name}
	}
	return named, nil
}

// Subscribe subscribes an endpoint to event types and tells to how many of them
// it was not subscribed before. An unknown one is refused and nothing applied.
func (e Editor) Subscribe(endpointID string, eventTypeIDs []string) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.endpoints.find(endpointID); err != nil {
		return 0, err
	}
	for _, id := range eventTypeIDs {
		if _, err := e.eventTypes.find(id); err != nil {
			return 0, err
		}
	}
	return e.subscribeLocked(endpointID, eventTypeIDs), nil
}

// subscribeLocked leaves out what is subscribed already, and counts the rest.
func (e Editor) subscribeLocked(endpointID string, eventTypeIDs []string) int {
	created := 0
	for _, id := range eventTypeIDs {
		if e.subscriptions.byEndpoint[endpointID][id] != nil {
			continue
		}
		rowID, at := e.originLocked("sub_", Origin{})
		row := &domain.Subscription{ID: rowID, Position: at, EndpointID: endpointID, EventTypeID: id}
		e.subscriptions.put(row)
		e.recordLocked(domain.VerbCreated, domain.ResourceSubscription, rowID, ends(row)...)
		created++
	}
	return created
}

// Unsubscribe ends the subscription of an endpoint to an event type.
func (e Editor) Unsubscribe(endpointID, eventTypeID string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.endpoints.find(endpointID); err != nil {
		return err
	}
	row := e.subscriptions.byEndpoint[endpointID][eventTypeID]
	if row == nil {
		return domain.NotFound("Subscription")
	}
	e.subscriptions.remove(row)
	e.recordLocked(domain.VerbDeleted, domain.ResourceSubscription, row.ID, ends(row)...)
	return nil
}

// ends tells the audit log what a subscription joins.
func ends(row *domain.Subscription) []domain.Pair {
	return []domain.Pair{{Key: "endpointId", Value: row.EndpointID}, {Key: "eventTypeId", Value: row.EventTypeID}}
}
