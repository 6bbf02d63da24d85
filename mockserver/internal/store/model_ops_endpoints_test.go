package store

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func (r *run) newEndpoint() domain.NewEndpoint {
	n := domain.NewEndpoint{
		Type: domain.Webhook, URL: addresses[r.random.IntN(3)], Metadata: r.metadata(5),
		Description: one(r, "", "", "a text", strings.Repeat("ä", 500)),
	}
	if r.chance(4) {
		n.Type, n.URL, n.WebhookURL = domain.Slack, "", addresses[0]
	}
	if r.chance(4) {
		n.AuthUsername, n.AuthPassword = "user", "secret"
	}
	switch r.random.IntN(25) {
	case 0:
		n.URL = one(r, addresses...)
	case 1:
		n.WebhookURL = one(r, addresses...)
	case 2:
		n.Type = "pigeon"
	case 3:
		n.AuthUsername = one(r, "us:er", "", "user")
	case 4:
		n.Description = r.text(500)
	}
	return n
}

func (r *run) createEndpoint() {
	if len(r.m.endpoints) > 24 {
		r.deleteEndpoint()
		return
	}
	actor, n, o := r.actor(), r.newEndpoint(), Origin{}
	if !r.chance(3) {
		n.ApplicationID = pick(r, r.m.applications)
	}
	if r.chance(4) {
		n.EnvironmentID = ptr(pick(r, r.m.environments))
	}
	imported := r.chance(8)
	create := r.w.By(actor).CreateEndpoint
	if imported {
		o = origin(r, r.m.endpoints)
		o.Inactive, o.Accepts, o.Secret = r.flip(), r.flip(), one(r, "", "whsec_brought_along")
		create = func(n domain.NewEndpoint) (*domain.Endpoint, error) { return r.w.By(actor).ImportEndpoint(n, o) }
	}
	r.did("CreateEndpoint", actor.Type, n, imported, o)
	got, err := create(n)
	store := cmp.Or(got, new(domain.Endpoint))
	want, no := r.m.createEndpoint(actor, n, o, imported, made{store.ID, store.Secret})
	if r.agree(err, no) {
		r.born(got.ID, "ep_", o)
		r.freshSecret(got.Secret, o)
		same(r, "the endpoint", got, want, viewEndpoint)
	}
}

// freshSecret expects the secret of o, or a new one.
func (r *run) freshSecret(secret string, o Origin) {
	r.t.Helper()
	if o.Secret == "" {
		r.fresh(secret, "whsec_")
	}
}

func (r *run) updateEndpoint() {
	actor, id := r.actor(), pick(r, r.m.endpoints)
	var c domain.EndpointChange
	if !r.chance(3) {
		c.IsActive = ptr(!r.chance(4))
	}
	switch r.random.IntN(8) {
	case 0:
		c.URL, c.WebhookURL = maybe(r, one(r, addresses...)), maybe(r, one(r, addresses...))
	case 1:
		c.Description = ptr(r.text(500))
	case 2, 3:
		c.AuthUsername, c.AuthPassword = maybe(r, one(r, "", "user", "other", "us:er")), maybe(r, one(r, "", "secret", "other"))
	case 4:
		c.Metadata = ptr(r.metadata(5))
	}
	r.did("UpdateEndpoint", actor.Type, id, c)
	got, err := r.w.By(actor).UpdateEndpoint(id, c)
	want, no := r.m.updateEndpoint(actor, id, c)
	if r.agree(err, no) {
		same(r, "the endpoint", got, want, viewEndpoint)
	}
}

func (r *run) rotateSecret() {
	actor, id, grace := r.actor(), pick(r, r.m.endpoints), time.Duration(r.random.IntN(100))*time.Hour
	r.did("RotateSecret", actor.Type, id, grace)
	got, err := r.w.By(actor).RotateSecret(id, grace)
	want, no := r.m.rotateSecret(actor, id, cmp.Or(got, new(domain.Endpoint)).Secret, r.m.now.Add(grace))
	if r.agree(err, no) {
		r.fresh(got.Secret, "whsec_")
		same(r, "the endpoint", got, want, viewEndpoint)
	}
}

func (r *run) deleteEndpoint() {
	if len(r.m.endpoints) < 8 {
		r.createEndpoint()
		return
	}
	actor, id := r.actor(), pick(r, r.m.endpoints)
	r.did("DeleteEndpoint", actor.Type, id)
	err := r.w.By(actor).DeleteEndpoint(id)
	r.agree(err, r.m.deleteEndpoint(actor, id))
}

func (r *run) readEndpoints() {
	id := pick(r, r.m.endpoints)
	r.did("Endpoints", id)
	r.compareEndpoint(id)
	sameList(r, "the endpoints", r.w.Endpoints(), newestFirst(r.m.endpoints, all), viewEndpoint)
}

// compareEndpoint reads one endpoint, which need not exist, and what it has.
func (r *run) compareEndpoint(id string) {
	r.t.Helper()
	endpoint := find(r.m.endpoints, id)
	no := noEndpoint
	if endpoint != nil {
		no = ""
	}
	got, err := r.w.Endpoint(id)
	if r.agree(err, no) {
		same(r, "the endpoint", got, endpoint, viewEndpoint)
	}
	r.compareSubscriptions(id, no)
}

func (r *run) compareSubscriptions(endpointID string, no refusal) {
	r.t.Helper()
	rows, err := r.w.Subscriptions(endpointID)
	if r.agree(err, no) {
		r.sameSubscriptions(rows, r.m.subscriptionsOf(endpointID))
	}
}

func (r *run) sameSubscriptions(got []Subscribed, want []*kept[subscriptionRow]) {
	r.t.Helper()
	sameList(r, "the subscriptions", got, want, viewSubscription)
	for _, row := range got {
		equal(r, "the name in "+row.ID, row.EventTypeName, find(r.m.eventTypes, row.EventTypeID).row.Name)
	}
}

func (r *run) readSubscriptions() {
	id := pick(r, r.m.endpoints)
	r.did("Subscriptions", id)
	no := noEndpoint
	if find(r.m.endpoints, id) != nil {
		no = ""
	}
	r.compareSubscriptions(id, no)
}

// eventTypeIDs are some, not all different.
func (r *run) eventTypeIDs() []string {
	ids := make([]string, 1+r.random.IntN(4))
	for i := range ids {
		ids[i] = pick(r, r.m.eventTypes)
	}
	return ids
}

func (r *run) subscribe() {
	actor, endpointID, ids := r.actor(), pick(r, r.m.endpoints), r.eventTypeIDs()
	r.did("Subscribe", actor.Type, endpointID, ids)
	got, err := r.w.By(actor).Subscribe(endpointID, ids)
	news, no := r.m.subscribe(endpointID, ids)
	if r.agree(err, no) {
		equal(r, "the number of new subscriptions", got, len(news))
		r.learnSubscriptions(actor, endpointID, news)
	}
}

// learnSubscriptions finds the ids of the newest subscriptions of an endpoint, in
// the order in which they were made.
func (r *run) learnSubscriptions(actor domain.Actor, endpointID string, news []string) {
	r.t.Helper()
	rows, err := r.w.Subscriptions(endpointID)
	r.agree(err, "")
	for i, eventTypeID := range news {
		row := rows[min(len(news), len(rows))-1-i]
		r.fresh(row.ID, "sub_")
		r.m.subscribed(actor, endpointID, eventTypeID, row.ID)
	}
	r.sameSubscriptions(rows, r.m.subscriptionsOf(endpointID))
}

func (r *run) unsubscribe() {
	actor, endpointID, eventTypeID := r.actor(), pick(r, r.m.endpoints), pick(r, r.m.eventTypes)
	if len(r.m.subscriptions) > 0 && r.flip() {
		row := one(r, r.m.subscriptions...).row
		endpointID, eventTypeID = row.EndpointID, row.EventTypeID
	}
	r.did("Unsubscribe", actor.Type, endpointID, eventTypeID)
	err := r.w.By(actor).Unsubscribe(endpointID, eventTypeID)
	r.agree(err, r.m.unsubscribe(actor, endpointID, eventTypeID))
}

// addCredential gives tokens, some of them a second time.
func (r *run) addCredential() {
	c := domain.Credential{
		Kind: one(r, domain.APIKey, domain.APIKey, domain.CLIToken, domain.ManagementToken), ExpiresAt: domain.Never, Label: "L",
		Token: one(r, "", fmt.Sprint("tok", r.random.IntN(30))),
	}
	switch c.Kind {
	case domain.APIKey:
		c.EnvironmentID = one(r, "", pick(r, r.m.environments))
	case domain.CLIToken:
		c.ID = fmt.Sprint("clitok_", r.random.IntN(20))
	}
	r.did("AddCredential", c)
	got, err := r.w.AddCredential(c)
	want := c
	if want.Kind == domain.APIKey && want.EnvironmentID == "" {
		want.EnvironmentID = r.m.defaultEnvironment().id
	}
	store := cmp.Or(got, new(domain.Credential))
	want.Token, want.ID = cmp.Or(c.Token, store.Token), cmp.Or(c.ID, store.ID)
	if r.agree(err, r.m.addCredential(want, want.ID, r.taken(c.Token))) {
		equal(r, "the credential", *got, want)
		if c.ID == "" {
			r.fresh(got.ID, "tok_")
		}
		if c.Token == "" {
			r.fresh(got.Token, c.Kind.Prefix())
		}
		r.tokens[got.Token] = true
	}
}
