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
func (w *Workspace) Subscribe(endpointID string, eventTypeIDs []string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.endpoints.find(endpointID); err != nil {
		return 0, err
	}
	for _, id := range eventTypeIDs {
		if _, err := w.eventTypes.find(id); err != nil {
			return 0, err
		}
	}
	created := 0
	for _, id := range eventTypeIDs {
		if w.subscriptions.byEndpoint[endpointID][id] != nil {
			continue
		}
		rowID, at := w.originLocked("sub_", Origin{})
		w.subscriptions.put(&domain.Subscription{ID: rowID, Position: at, EndpointID: endpointID, EventTypeID: id})
		created++
	}
	return created, nil
}

// Unsubscribe ends the subscription of an endpoint to an event type.
func (w *Workspace) Unsubscribe(endpointID, eventTypeID string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.endpoints.find(endpointID); err != nil {
		return err
	}
	row := w.subscriptions.byEndpoint[endpointID][eventTypeID]
	if row == nil {
		return domain.NotFound("Subscription")
	}
	w.subscriptions.remove(row)
	return nil
}
