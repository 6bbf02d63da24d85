package store

import (
	"cmp"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// acting is what a portal acts in, and an endpoint that is likely to be its own.
func (r *run) acting() (p *Portal, applicationID, endpointID string) {
	l := r.opened()
	if l == nil {
		return nil, "", ""
	}
	applicationID = l.portal.Session.ApplicationID
	endpointID = pick(r, r.m.endpoints)
	if own := r.m.endpointsOf(applicationID); len(own) > 0 && !r.chance(6) {
		endpointID = pick(r, own)
	}
	return l.portal, applicationID, endpointID
}

func (r *run) sameSummary(got PortalEndpoint, want *kept[endpointRow]) {
	r.t.Helper()
	same(r, "the endpoint in the portal", got, want, viewPortalEndpoint)
	equal(r, "the summary of "+want.id, summary{got.Subscriptions, got.Delivered, got.Failed}, r.m.summary(want))
}

func (r *run) portalReads() {
	p, applicationID, endpointID := r.acting()
	if p == nil {
		return
	}
	r.did("portalReads", p.Session.ID, applicationID, endpointID)
	own := r.m.endpointsOf(applicationID)
	endpoints := p.Endpoints()
	sameList(r, "the endpoints in the portal", endpoints, own, viewPortalEndpoint)
	for i, endpoint := range endpoints {
		r.sameSummary(endpoint, own[i])
	}
	catalog, no := r.m.catalog(applicationID)
	app, count, err := p.Application()
	if r.agree(err, no) {
		same(r, "the portal's application", app, find(r.m.applications, applicationID), viewApplication)
		equal(r, "the number of endpoints", count, len(own))
	}
	eventTypes, err := p.EventTypes()
	if r.agree(err, no) {
		sameList(r, "the catalog", eventTypes, catalog, viewEventType)
	}
	endpoint, no := r.m.owned(applicationID, endpointID)
	got, err := p.Endpoint(endpointID)
	if r.agree(err, no) {
		r.sameSummary(got, endpoint)
	}
	subscriptions, err := p.Subscriptions(endpointID)
	if r.agree(err, no) {
		r.sameSubscriptions(subscriptions, r.m.subscriptionsOf(endpointID))
	}
}

func (r *run) portalCreateEndpoint() {
	p, applicationID, _ := r.acting()
	if p == nil {
		return
	}
	n, ids := r.newEndpoint(), r.catalogIDs(applicationID)
	r.did("Portal.CreateEndpoint", p.Session.ID, n, ids)
	got, err := p.CreateEndpoint(n, ids)
	store := cmp.Or(got.Endpoint, new(domain.Endpoint))
	want, no := r.m.portalCreateEndpoint(*p, n, ids, made{store.ID, store.Secret})
	if r.agree(err, no) {
		r.fresh(got.ID, "ep_")
		r.fresh(got.Secret, "whsec_")
		r.learnSubscriptions(p.Actor(), want.id, r.m.unsubscribed(want.id, ids))
		r.sameSummary(got, want)
	}
}

// catalogIDs are event types that the portal mostly shows; often none.
func (r *run) catalogIDs(applicationID string) []string {
	catalog, _ := r.m.catalog(applicationID)
	if r.chance(6) {
		return r.eventTypeIDs()
	}
	var ids []string
	for range r.random.IntN(4) {
		if len(catalog) > 0 {
			ids = append(ids, one(r, catalog...).id)
		}
	}
	return ids
}

func (r *run) portalSubscribe() {
	p, applicationID, endpointID := r.acting()
	if p == nil {
		return
	}
	ids := r.catalogIDs(applicationID)
	r.did("Portal.Subscribe", p.Session.ID, endpointID, ids)
	got, err := p.Subscribe(endpointID, ids)
	news, no := r.m.portalSubscribe(applicationID, endpointID, ids)
	if r.agree(err, no) {
		equal(r, "the number of new subscriptions", got, len(news))
		r.learnSubscriptions(p.Actor(), endpointID, news)
	}
}

func (r *run) portalChanges() {
	p, applicationID, id := r.acting()
	if p == nil {
		return
	}
	_, no := r.m.owned(applicationID, id)
	switch r.random.IntN(4) {
	case 0:
		r.did("Portal.DeleteEndpoint", p.Session.ID, id)
		err := p.DeleteEndpoint(id)
		if r.agree(err, no) {
			r.agree(nil, r.m.deleteEndpoint(p.Actor(), id))
		}
	case 1:
		r.did("Portal.RevealSecret", p.Session.ID, id)
		secret, err := p.RevealSecret(id)
		if r.agree(err, no) {
			e := find(r.m.endpoints, id)
			equal(r, "the secret", secret, e.row.Secret)
			r.m.recordEndpoint(p.Actor(), e, domain.VerbSecretRevealed)
		}
	case 2:
		r.portalUnsubscribe(p, id, no)
	default:
		c := domain.EndpointChange{IsActive: maybe(r, r.flip()), Description: maybe(r, r.text(500)), URL: maybe(r, one(r, addresses...))}
		r.did("Portal.UpdateEndpoint", p.Session.ID, id, c)
		got, err := p.UpdateEndpoint(id, c)
		if badEndpointChange(c) {
			no = invalid
		}
		var want *kept[endpointRow]
		if no == "" {
			want, no = r.m.updateEndpoint(p.Actor(), id, c)
		}
		if r.agree(err, no) {
			r.sameSummary(got, want)
		}
	}
}

func (r *run) portalUnsubscribe(p *Portal, id string, no refusal) {
	eventTypeID := pick(r, r.m.eventTypes)
	if rows := r.m.subscriptionsOf(id); len(rows) > 0 && r.flip() {
		eventTypeID = one(r, rows...).row.EventTypeID
	}
	r.did("Portal.Unsubscribe", p.Session.ID, id, eventTypeID)
	err := p.Unsubscribe(id, eventTypeID)
	if no == "" {
		no = r.m.unsubscribe(p.Actor(), id, eventTypeID)
	}
	r.agree(err, no)
}

func (r *run) portalDeliveries() {
	p, applicationID, id := r.acting()
	if p == nil {
		return
	}
	_, no := r.m.owned(applicationID, id)
	if r.chance(3) {
		name := r.testedName()
		r.did("Portal.TestDelivery", p.Session.ID, id, name)
		if no == "" {
			r.tested(p.Actor(), id, name, p.TestDelivery)
			return
		}
		_, err := p.TestDelivery(id, name, func(string, domain.Time) []byte { return nil })
		r.agree(err, no)
		return
	}
	deliveryID := pick(r, r.m.deliveries)
	r.did("Portal.Deliveries", p.Session.ID, id, deliveryID)
	if no == "" {
		r.compareDeliveries(id, "", nil, 5, p.Deliveries)
	} else {
		_, err := p.Deliveries(nil, id, "", nil, 5)
		r.agree(err, no)
	}
	want := find(r.m.deliveries, deliveryID)
	no = noDelivery
	if want != nil && want.row.ApplicationID == applicationID {
		no = ""
	}
	got, err := p.Delivery(deliveryID)
	if r.agree(err, no) {
		same(r, "the delivery in the portal", got, want, viewDelivery)
	}
}
