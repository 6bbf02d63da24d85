package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// Counts is how much there is in a workspace.
type Counts struct {
	Applications int
	Endpoints    int
	EventTypes   int
	Deliveries   map[domain.DeliveryStatus]int // without those that there are none of
}

// Counts tells how much there is, by going through the deliveries: it is for reports.
func (w *Workspace) Counts() Counts {
	w.expire()
	w.mu.RLock()
	defer w.mu.RUnlock()
	c := Counts{
		Applications: len(w.applications.byID), Endpoints: len(w.endpoints.byID), EventTypes: len(w.eventTypes.byID),
		Deliveries: map[domain.DeliveryStatus]int{},
	}
	for _, d := range w.deliveries.byID {
		c.Deliveries[d.Status]++
	}
	return c
}
