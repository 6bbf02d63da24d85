package store

import (
	"cmp"
	"slices"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Rows is what a workspace holds at one instant, each kind oldest first.
type Rows struct {
	Credentials  []*domain.Credential // in the order of their ids
	Environments []*domain.Environment
	EventTypes   []*domain.EventType
	Applications []*domain.Application
	Endpoints    []*domain.Endpoint
	Deliveries   []*domain.Delivery         // of endpoints that are there
	Subscribed   map[string][]string        // endpoint → event types
	Published    map[string]map[string]bool // environment → event types
}

// Rows lists what the workspace holds.
func (w *Workspace) Rows() Rows {
	w.expire()
	w.mu.RLock()
	defer w.mu.RUnlock()
	r := Rows{
		Credentials: w.store.credentials(w), Environments: oldestFirst(w.environments.ordered), EventTypes: oldestFirst(w.eventTypes.ordered),
		Applications: oldestFirst(w.applications.ordered), Endpoints: oldestFirst(w.endpoints.ordered),
		Subscribed: map[string][]string{}, Published: cloneMaps(w.environments.published),
	}
	slices.SortFunc(r.Credentials, func(a, b *domain.Credential) int { return cmp.Compare(a.ID, b.ID) })
	for _, endpoint := range r.Endpoints {
		for _, s := range oldestFirst(w.subscriptions.ofEndpoint[endpoint.ID]) {
			r.Subscribed[endpoint.ID] = append(r.Subscribed[endpoint.ID], s.EventTypeID)
		}
		r.Deliveries = append(r.Deliveries, w.deliveries.ofEndpoint[endpoint.ID].all()...)
	}
	slices.SortFunc(r.Deliveries, func(a, b *domain.Delivery) int {
		if a.Before(b.Position) {
			return -1
		}
		return 1
	})
	return r
}

func oldestFirst[R record](l list[R]) []R {
	rows := l.all()
	slices.Reverse(rows)
	return rows
}
