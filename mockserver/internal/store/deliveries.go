package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// deliveries are the rows of one workspace, their indexes, and what falls due.
type deliveries struct {
	byID       map[string]*domain.Delivery
	ofEndpoint map[string]list[*domain.Delivery]
	ofStatus   map[statusKey]list[*domain.Delivery]
	retries    heap[*domain.Delivery] // as they were when their retry was scheduled
	retention  heap[string]           // the ids of final ones, at the end of the window
	keys       idempotency
}

type statusKey struct {
	endpointID string
	status     domain.DeliveryStatus
}

func newDeliveries() deliveries {
	return deliveries{
		byID: map[string]*domain.Delivery{}, ofEndpoint: map[string]list[*domain.Delivery]{},
		ofStatus: map[statusKey]list[*domain.Delivery]{}, keys: newIdempotency(),
	}
}

func (d *deliveries) find(id string) (*domain.Delivery, error) {
	if delivery, ok := d.byID[id]; ok {
		return delivery, nil
	}
	return nil, domain.NotFound("Delivery")
}

// add stores a new row.
func (d *deliveries) add(row *domain.Delivery) {
	d.byID[row.ID] = row
	putInto(d.ofEndpoint, row.EndpointID, row)
	putInto(d.ofStatus, statusKey{row.EndpointID, row.Status}, row)
	d.schedule(row)
}

// replace swaps a row for its successor. The lists of an endpoint that is gone
// are gone with it, and stay so.
func (d *deliveries) replace(old, row *domain.Delivery) {
	d.byID[row.ID] = row
	if all, ok := d.ofEndpoint[row.EndpointID]; ok {
		all.put(row)
		// The list stays where it is emptied: the next delivery will need it.
		d.ofStatus[statusKey{row.EndpointID, old.Status}].remove(old)
		putInto(d.ofStatus, statusKey{row.EndpointID, row.Status}, row)
	}
	d.schedule(row)
}

func (d *deliveries) schedule(row *domain.Delivery) {
	switch {
	case row.Seeded:
	case row.Status == domain.ScheduledRetry:
		d.retries.push(row.NextRetryAt, row.Sequence, row)
	case row.Status.Final():
		d.retention.push(row.CreatedAt.Add(domain.DeliveryRetention), row.Sequence, row.ID)
	}
}

// forget drops what has outlived its window.
func (d *deliveries) forget(now domain.Time) {
	for {
		id, ok := d.retention.take(now)
		if !ok {
			break
		}
		if row := d.byID[id]; row != nil && row.Expired(now) {
			delete(d.byID, id)
			removeFrom(d.ofEndpoint, row.EndpointID, row)
			if mates, ok := d.ofStatus[statusKey{row.EndpointID, row.Status}]; ok {
				mates.remove(row)
			}
		}
	}
	d.keys.forget(now)
}

// removeLists ends the lists of an endpoint; its rows stay readable by id.
func (d *deliveries) removeLists(endpointID string) {
	delete(d.ofEndpoint, endpointID)
	for _, status := range domain.DeliveryStatuses {
		delete(d.ofStatus, statusKey{endpointID, status})
	}
}

// Delivery finds one delivery. It outlives its endpoint.
func (w *Workspace) Delivery(id string) (*domain.Delivery, error) {
	w.expire()
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.deliveries.find(id)
}

// Deliveries appends to rows those of one endpoint that come after a place, or
// from the newest on without one. An empty status selects all.
func (w *Workspace) Deliveries(rows []*domain.Delivery, endpointID string, status domain.DeliveryStatus, after *domain.Position, limit int) ([]*domain.Delivery, error) {
	w.expire()
	w.mu.RLock()
	defer w.mu.RUnlock()
	if _, err := w.endpoints.find(endpointID); err != nil {
		return nil, err
	}
	selected := w.deliveries.ofEndpoint[endpointID]
	if status != "" {
		selected = w.deliveries.ofStatus[statusKey{endpointID, status}]
	}
	if after == nil {
		return selected.page(rows, 0, limit), nil
	}
	return selected.after(rows, *after, limit), nil
}

// LastDeliveries tells for each endpoint when its newest delivery was accepted; 0
// for none.
func (w *Workspace) LastDeliveries(endpoints []*domain.Endpoint) []domain.Time {
	w.expire()
	w.mu.RLock()
	defer w.mu.RUnlock()
	times := make([]domain.Time, len(endpoints))
	for i, endpoint := range endpoints {
		if row, any := w.deliveries.ofEndpoint[endpoint.ID].first(); any {
			times[i] = row.CreatedAt
		}
	}
	return times
}

// expire drops what has outlived its window, if there is any.
func (w *Workspace) expire() {
	w.mu.RLock()
	ends, any := w.deliveries.retention.next()
	w.mu.RUnlock()
	now := w.now()
	if !any || ends > now {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deliveries.forget(now)
}

// ImportDelivery stores a row as it is, except for what o and the store give it.
func (w *Workspace) ImportDelivery(row domain.Delivery, o Origin) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	endpoint, err := w.endpoints.find(row.EndpointID)
	if err != nil {
		return err
	}
	if w.deliveries.byID[o.ID] != nil {
		return duplicate("delivery", o.ID)
	}
	row.ID, row.Position = w.originLocked("del_", o)
	row.ApplicationID, row.MessageID, row.Seeded = endpoint.ApplicationID, w.source.id("msg_"), true
	if row.IdempotencyKey == "" {
		row.IdempotencyKey = w.source.uuid()
	}
	row.UpdatedAt = row.CreatedAt
	for _, attempt := range row.Attempts {
		attempt.ID = w.source.id("att_")
		row.UpdatedAt = max(row.UpdatedAt, attempt.CreatedAt)
	}
	w.deliveries.add(&row)
	w.deliveries.keys.remember(keyScope{endpointID: row.EndpointID, key: row.IdempotencyKey}, row.Position, []string{row.ID})
	return nil
}
