package store

import (
	"slices"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const mostCursors = 40

// readDeliveries reads a page of an endpoint's deliveries, from the top or from
// where an earlier page has ended: of any list, whose row may be gone.
func (r *run) readDeliveries() {
	id, status, limit := pick(r, r.m.endpoints), domain.DeliveryStatus(""), 1+r.random.IntN(5)
	if r.flip() {
		status = one(r, domain.DeliveryStatuses...)
	}
	var after *cursor
	if len(r.cursors) > 0 && r.flip() {
		after = ptr(one(r, r.cursors...))
	}
	r.did("Deliveries", id, status, after.position(), limit)
	r.compareDeliveries(id, status, after, limit, r.w.Deliveries)
}

type lister = func([]*domain.Delivery, string, domain.DeliveryStatus, *domain.Position, int) ([]*domain.Delivery, error)

// compareDeliveries gives where the page ended, nil for an empty one.
func (r *run) compareDeliveries(endpointID string, status domain.DeliveryStatus, after *cursor, limit int, list lister) *cursor {
	r.t.Helper()
	no := noEndpoint
	if find(r.m.endpoints, endpointID) != nil {
		no = ""
	}
	got, err := list(nil, endpointID, status, after.position(), limit)
	if !r.agree(err, no) {
		return nil
	}
	want := newestFirst(r.m.deliveries, func(k *kept[deliveryRow]) bool {
		return k.row.EndpointID == endpointID && (status == "" || k.row.Status == status) && (after == nil || k.older(after.at, after.order))
	})
	want = page(want, 0, limit)
	sameList(r, "the page of deliveries", got, want, viewDelivery)
	if len(got) == 0 {
		return nil
	}
	last := want[len(want)-1]
	end := cursor{got[len(got)-1].Position, last.at, last.order}
	if len(r.cursors) == mostCursors {
		r.cursors = slices.Delete(r.cursors, 0, 1)
	}
	r.cursors = append(r.cursors, end)
	return &end
}

func (r *run) readDelivery() {
	id := pick(r, r.m.deliveries)
	r.did("Delivery", id)
	r.compareDelivery(id)
	if d := find(r.m.deliveries, id); d != nil && r.chance(3) {
		got, _ := r.w.Delivery(id)
		r.begin(r.hold(got, d))
	}
}

// compareDelivery reads one delivery, which need not exist.
func (r *run) compareDelivery(id string) {
	r.t.Helper()
	want, no := find(r.m.deliveries, id), noDelivery
	if want != nil {
		no = ""
	}
	got, err := r.w.Delivery(id)
	if r.agree(err, no) {
		same(r, "the delivery", got, want, viewDelivery)
	}
}

func (r *run) readSummaries() {
	r.did("LastDeliveries, Counts")
	if r.flip() {
		r.compareCounts()
	}
	r.compareLastDeliveries()
	r.compareCounts()
}

func (r *run) compareLastDeliveries() {
	r.t.Helper()
	endpoints := r.w.Endpoints()
	for i, at := range r.w.LastDeliveries(endpoints) {
		rows := newestFirst(r.m.deliveries, func(k *kept[deliveryRow]) bool { return k.row.EndpointID == endpoints[i].ID })
		want := domain.Time(0)
		if len(rows) > 0 {
			want = rows[0].at
		}
		equal(r, "the last delivery to "+endpoints[i].ID, at, want)
	}
}

func (r *run) compareCounts() {
	r.t.Helper()
	got := r.w.Counts()
	equal(r, "the number of applications", got.Applications, len(r.m.applications))
	equal(r, "the number of endpoints", got.Endpoints, len(r.m.endpoints))
	equal(r, "the number of event types", got.EventTypes, len(r.m.eventTypes))
	states := 0
	for _, status := range domain.DeliveryStatuses {
		rows := newestFirst(r.m.deliveries, func(k *kept[deliveryRow]) bool { return k.row.Status == status })
		equal(r, "the number that is "+string(status), got.Deliveries[status], len(rows))
		if len(rows) > 0 {
			states++
		}
	}
	equal(r, "the number of states", len(got.Deliveries), states)
}

var (
	auditedResources = []domain.Resource{
		"", domain.ResourceApplication, domain.ResourceEndpoint, domain.ResourceEventType, domain.ResourceSubscription, domain.ResourceEnvironment,
		domain.ResourcePortalSession, domain.ResourceDelivery, domain.ResourceCLIToken,
	}
	auditedActors = []domain.ActorType{"", "", domain.ActorManagementToken, domain.ActorUser, domain.ActorCLIToken, domain.ActorPortalSession}
)

func (r *run) readAudit() {
	f := AuditFilter{Resource: one(r, auditedResources...), ActorType: one(r, auditedActors...)}
	if len(r.m.audit) > 0 {
		some := func() auditRow { return one(r, r.m.audit...) }
		if row := some(); r.chance(3) {
			f.Action = string(row.resource) + "." + string(row.verb)
			if r.flip() {
				f.Resource = ""
			}
		}
		f.From, f.To = maybe(r, some().at+domain.Time(r.random.IntN(3)-1)), maybe(r, some().at+domain.Time(r.random.IntN(3)-1))
	}
	offset, limit := r.random.IntN(30), 1+r.random.IntN(20)
	r.did("AuditLog", f, offset, limit)
	r.compareAudit(f, offset, limit)
}

func (r *run) compareAudit(f AuditFilter, offset, limit int) []*domain.AuditEntry {
	r.t.Helper()
	got, total := r.w.AuditLog(nil, f, offset, limit)
	want := r.m.selectAudit(f)
	equal(r, "the total", total, len(want))
	want = page(want, offset, limit)
	equal(r, "the length of the page of the audit log", len(got), len(want))
	for i, row := range got {
		equal(r, "the audit row", viewAudit(row), want[i])
	}
	return got
}

// compareAll compares everything that can be read, and has the store's indexes
// checked against one another.
func (r *run) compareAll() {
	r.t.Helper()
	r.did("compareAll")
	if err := r.w.invariants(); err != nil {
		r.fail("%v", err)
	}
	r.compareLists()
	r.compareCounts()
	r.compareLastDeliveries()
	r.compareNextRetry()
	for _, row := range r.m.deliveries {
		r.compareDelivery(row.id)
	}
	for _, row := range r.m.sessions {
		equal(r, "where a session leads to", r.store.PortalWorkspace(row.id), r.w)
	}
	for _, l := range r.links {
		r.comparePortal(l)
	}
	for token := range r.tokens {
		r.compareToken(token)
	}
	ids := map[string]bool{}
	for _, row := range r.compareAudit(AuditFilter{}, 0, len(r.m.audit)+1) {
		ids[row.ID] = true
	}
	equal(r, "the number of ids in the audit log", len(ids), len(r.m.audit))
	if err := r.w.invariants(); err != nil {
		r.fail("after everything was read: %v", err)
	}
}

func (r *run) compareLists() {
	r.t.Helper()
	for offset := range len(r.m.applications) + 1 {
		sameList(r, "the applications", r.w.Applications(nil, offset, 100), page(newestFirst(r.m.applications, all), offset, 100), viewApplication)
	}
	sameList(r, "the endpoints", r.w.Endpoints(), newestFirst(r.m.endpoints, all), viewEndpoint)
	sameList(r, "the event types", r.w.EventTypes(), newestFirst(r.m.eventTypes, all), viewEventType)
	sameList(r, "the environments", r.w.Environments(), r.m.listEnvironments(), viewEnvironment)
	for _, row := range r.m.applications {
		r.compareApplication(row.id)
	}
	for _, row := range r.m.eventTypes {
		r.compareEventType(row.id)
	}
	for _, row := range r.m.environments {
		r.compareEnvironment(row.id)
	}
	for _, row := range r.m.endpoints {
		r.compareEndpoint(row.id)
		for _, status := range append(domain.DeliveryStatuses, "") {
			end := r.compareDeliveries(row.id, status, nil, 7, r.w.Deliveries)
			for end != nil {
				end = r.compareDeliveries(row.id, status, end, 7, r.w.Deliveries)
			}
		}
	}
	r.compareStale()
}

// compareStale reads ids that lead nowhere, or to a record of another kind or of
// the other workspace.
func (r *run) compareStale() {
	r.t.Helper()
	for range 20 {
		id := one(r, r.seen...)
		r.compareApplication(id)
		r.compareEndpoint(id)
		r.compareEventType(id)
		r.compareEnvironment(id)
		r.compareDelivery(id)
	}
}
