package store

import (
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Job is an attempt that its holder owns: nobody else makes one at the same
// delivery until [Workspace.Finish].
type Job struct {
	Delivery *domain.Delivery // as it is while the attempt is under way
	Endpoint *domain.Endpoint // as it was when the attempt began
}

// NextRetry tells when the next retry falls due.
func (w *Workspace) NextRetry() (domain.Time, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.deliveries.retries.next()
}

// Retry takes the next retry that is due. Those whose endpoint takes no more are
// given up on the way.
func (w *Workspace) Retry() (Job, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.deliveries.forget(now)
	for {
		row, ok := w.deliveries.retries.take(now)
		if !ok {
			return Job{}, false
		}
		if w.deliveries.byID[row.ID] != row {
			continue
		}
		if endpoint := w.endpoints.byID[row.EndpointID]; endpoint != nil && endpoint.IsActive {
			return w.beginLocked(row, endpoint), true
		}
		w.deliveries.replace(row, row.GiveUp(now))
	}
}

// Begin takes the attempt at a pending delivery, which a disabled endpoint still
// gets: it was accepted before. It is given up where the endpoint is gone.
func (w *Workspace) Begin(row *domain.Delivery) (Job, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.deliveries.byID[row.ID] != row || row.Status != domain.Pending {
		return Job{}, false
	}
	if endpoint := w.endpoints.byID[row.EndpointID]; endpoint != nil {
		return w.beginLocked(row, endpoint), true
	}
	w.deliveries.replace(row, row.GiveUp(w.now()))
	return Job{}, false
}

func (w *Workspace) beginLocked(row *domain.Delivery, endpoint *domain.Endpoint) Job {
	begun := row.Begin(w.now())
	w.deliveries.replace(row, begun)
	return Job{begun, endpoint}
}

// Finish records how the attempt of a job ended. A delivery that is not what it
// was when the attempt began stays as it is.
func (w *Workspace) Finish(j Job, o domain.Outcome) *domain.Delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.deliveries.byID[j.Delivery.ID] != j.Delivery {
		return j.Delivery
	}
	finished := j.Delivery.Finish(w.source.id("att_"), o, w.settings.Load().Schedule, w.now())
	w.deliveries.replace(j.Delivery, finished)
	return finished
}
