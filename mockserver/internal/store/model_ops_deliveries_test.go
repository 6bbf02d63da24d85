package store

import (
	"slices"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const mostHeld = 60 // rows and jobs that somebody holds at once

// hold keeps a version of a delivery for somebody who may begin an attempt at it.
func (r *run) hold(got *domain.Delivery, row *kept[deliveryRow]) int {
	r.pending = append(r.pending, held[*domain.Delivery]{got, row.id, row.version})
	if len(r.pending) > mostHeld {
		r.begin(0)
	}
	return len(r.pending) - 1
}

func (r *run) beginOne() {
	if len(r.pending) > 0 {
		r.begin(r.random.IntN(len(r.pending)))
	}
}

// begin takes an attempt, mostly for the first time.
func (r *run) begin(i int) {
	h := r.pending[i]
	if !r.chance(6) {
		r.pending = slices.Delete(r.pending, i, i+1)
	}
	r.did("Begin", h.id, h.version)
	job, ok := r.w.Begin(h.what)
	r.begun(job, ok, r.m.begin(h.id, h.version))
}

func (r *run) begun(job Job, ok bool, want *kept[deliveryRow]) {
	r.t.Helper()
	equal(r, "whether an attempt is under way", ok, want != nil)
	if !ok {
		equal(r, "no job", job, Job{})
		return
	}
	same(r, "the delivery of the job", job.Delivery, want, viewDelivery)
	same(r, "the endpoint of the job", job.Endpoint, find(r.m.endpoints, want.row.EndpointID), viewEndpoint)
	r.jobs = append(r.jobs, held[Job]{job, want.id, want.version})
	if len(r.jobs) > mostHeld {
		r.finish(0)
	}
}

func (r *run) finishOne() {
	if len(r.jobs) > 0 {
		r.finish(r.random.IntN(len(r.jobs)))
	}
}

// finish ends an attempt, now and then one that has ended already.
func (r *run) finish(i int) {
	h := r.jobs[i]
	if !r.chance(8) {
		r.jobs = slices.Delete(r.jobs, i, i+1)
	}
	o := domain.Outcome{StatusCode: one(r, 200, 204, 299, 300, 199, 400, 500, 503, 500, 500, 410), Took: time.Duration(r.random.IntN(2_000_000)) * time.Microsecond}
	if r.chance(6) {
		o.StatusCode, o.Failure = one(r, 0, 0, 200), "connection refused"
	}
	if r.chance(4) {
		o.RetryAfter = time.Duration(r.random.IntN(100)) * time.Second
	}
	r.did("Finish", h.id, h.version, o)
	got := r.w.Finish(h.what, o)
	attemptID := ""
	if len(got.Attempts) > 0 {
		attemptID = got.Attempts[len(got.Attempts)-1].ID
	}
	want := r.m.finish(h.id, h.version, o, attemptID)
	if want == nil {
		equal(r, "the delivery of a stale job", got, h.what.Delivery)
		return
	}
	r.fresh(attemptID, "att_")
	same(r, "the delivery", got, want, viewDelivery)
}

func (r *run) retry() {
	r.did("Retry")
	r.compareNextRetry()
	job, ok := r.w.Retry()
	r.begun(job, ok, r.m.retry())
	// Nothing that can be read tells whether an answer is forgotten in time.
	equal(r, "the number of remembered answers", len(r.w.deliveries.keys.answers), len(r.m.answers))
}

func (r *run) compareNextRetry() {
	r.t.Helper()
	at, any := r.w.NextRetry()
	waiting := r.m.waiting()
	equal(r, "whether a retry is scheduled", any, len(waiting) > 0)
	if any {
		equal(r, "the next retry", at, waiting[0].row.NextRetryAt)
	}
}

func (r *run) retryByHand() {
	actor, id := r.actor(), pick(r, r.m.deliveries)
	lost := newestFirst(r.m.deliveries, func(k *kept[deliveryRow]) bool {
		return (k.row.Status == domain.Failed || k.row.Status == domain.DeadLetter) && (find(r.m.endpoints, k.row.EndpointID) != nil || r.chance(10))
	})
	if len(lost) > 0 && !r.chance(4) {
		id = one(r, lost...).id
	}
	r.did("RetryDelivery", actor.Type, id)
	got, err := r.w.By(actor).RetryDelivery(id)
	want, no := r.m.retryByHand(actor, id)
	if r.agree(err, no) {
		same(r, "the delivery", got, want, viewDelivery)
		r.begin(r.hold(got, want))
	}
}
