package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func (r *run) eventName() string {
	if r.chance(12) {
		return one(r, append(badWords, "")...)
	}
	return fmt.Sprint("event.", r.random.IntN(8))
}

func (r *run) createEventType() {
	actor, n, o := r.actor(), domain.NewEventType{Name: r.eventName(), Description: one(r, "", "a text", r.text(500))}, origin(r, r.m.eventTypes)
	var publishedIn []string
	if r.chance(3) {
		publishedIn = []string{}
		for _, env := range r.m.environments {
			if r.flip() {
				publishedIn = append(publishedIn, env.id)
			}
		}
	}
	r.did("ImportEventType", actor.Type, n, o, publishedIn)
	create := func() (*domain.EventType, error) { return r.w.By(actor).ImportEventType(n, o, publishedIn) }
	if o == (Origin{}) && publishedIn == nil {
		create = func() (*domain.EventType, error) { return r.w.By(actor).CreateEventType(n) }
	}
	got, err := create()
	want, no := r.m.createEventType(actor, n, o, publishedIn, cmp.Or(got, new(domain.EventType)).ID)
	if r.agree(err, no) {
		r.born(got.ID, "evt_", o)
		same(r, "the event type", got, want, viewEventType)
	}
}

func (r *run) updateEventType() {
	actor, id, c := r.actor(), pick(r, r.m.eventTypes), domain.EventTypeChange{Description: maybe(r, r.text(500))}
	r.did("UpdateEventType", actor.Type, id, c)
	got, err := r.w.By(actor).UpdateEventType(id, c)
	want, no := r.m.updateEventType(actor, id, c)
	if r.agree(err, no) {
		same(r, "the event type", got, want, viewEventType)
	}
}

func (r *run) deleteEventType() {
	if len(r.m.eventTypes) < 5 {
		r.createEventType()
		return
	}
	actor, id := r.actor(), pick(r, r.m.eventTypes)
	r.did("DeleteEventType", actor.Type, id)
	err := r.w.By(actor).DeleteEventType(id)
	r.agree(err, r.m.deleteEventType(actor, id))
}

func (r *run) readEventTypes() {
	id, name := pick(r, r.m.eventTypes), r.eventName()
	r.did("EventTypes", id, name)
	r.compareEventType(id)
	named, no := r.m.eventTypeByName(name), noEventType
	if named != nil {
		no = ""
	}
	got, err := r.w.EventTypeByName(name)
	if r.agree(err, no) {
		same(r, "the event type by name", got, named, viewEventType)
	}
	sameList(r, "the event types", r.w.EventTypes(), newestFirst(r.m.eventTypes, all), viewEventType)
}

// compareEventType reads one event type, which need not exist.
func (r *run) compareEventType(id string) {
	r.t.Helper()
	want, no := find(r.m.eventTypes, id), noEventType
	if want != nil {
		no = ""
	}
	got, err := r.w.EventType(id)
	if r.agree(err, no) {
		same(r, "the event type", got, want, viewEventType)
	}
}

func (r *run) createEnvironment() {
	actor, n, o := r.actor(), domain.NewEnvironment{Name: r.text(50), Slug: fmt.Sprint("env-", r.random.IntN(14))}, origin(r, r.m.environments)
	if r.chance(6) {
		n.Slug = one(r, append(badWords, "", "production")...)
	}
	r.did("ImportEnvironment", actor.Type, n, o)
	create := func() (*domain.Environment, error) { return r.w.By(actor).ImportEnvironment(n, o) }
	if o == (Origin{}) {
		create = func() (*domain.Environment, error) { return r.w.By(actor).CreateEnvironment(n) }
	}
	got, err := create()
	want, no := r.m.createEnvironment(actor, n, o, cmp.Or(got, new(domain.Environment)).ID)
	if r.agree(err, no) {
		r.born(got.ID, "env_", o)
		same(r, "the environment", got, want, viewEnvironment)
	}
}

func (r *run) updateEnvironment() {
	actor, id, c := r.actor(), pick(r, r.m.environments), domain.EnvironmentChange{Name: maybe(r, r.text(50))}
	r.did("UpdateEnvironment", actor.Type, id, c)
	got, err := r.w.By(actor).UpdateEnvironment(id, c)
	want, no := r.m.updateEnvironment(actor, id, c)
	if r.agree(err, no) {
		same(r, "the environment", got, want, viewEnvironment)
	}
}

func (r *run) deleteEnvironment() {
	if len(r.m.environments) < 4 {
		r.createEnvironment()
		return
	}
	actor, id := r.actor(), pick(r, r.m.environments)
	r.did("DeleteEnvironment", actor.Type, id)
	err := r.w.By(actor).DeleteEnvironment(id)
	r.agree(err, r.m.deleteEnvironment(actor, id))
}

func (r *run) readEnvironments() {
	id := pick(r, r.m.environments)
	r.did("Environments", id)
	r.compareEnvironment(id)
	sameList(r, "the environments", r.w.Environments(), r.m.listEnvironments(), viewEnvironment)
}

// compareEnvironment reads one environment, which need not exist.
func (r *run) compareEnvironment(id string) {
	r.t.Helper()
	env, no := find(r.m.environments, id), noEnvironment
	if env != nil {
		no = ""
	}
	got, err := r.w.Environment(id)
	if r.agree(err, no) {
		same(r, "the environment", got, env, viewEnvironment)
		bySlug, err := r.w.EnvironmentBySlug(env.row.Slug)
		r.agree(err, "")
		same(r, "the environment by slug", bySlug, env, viewEnvironment)
	}
	rows, err := r.w.Visibilities(id)
	want, published, no := r.m.catalogRows(id)
	if !r.agree(err, no) {
		return
	}
	equal(r, "the number of visibilities", len(rows), len(want))
	for i, row := range rows {
		same(r, "the visibility's event type", row.EventType, want[i], viewEventType)
		equal(r, "the visibility of "+want[i].id, row.Published, published[i])
	}
}

func (r *run) setVisibility() {
	actor, environmentID, eventTypeID, published := r.actor(), pick(r, r.m.environments), pick(r, r.m.eventTypes), r.flip()
	if r.flip() {
		environmentID = r.m.defaultEnvironment().id
	}
	r.did("SetVisibility", actor.Type, environmentID, eventTypeID, published)
	got, err := r.w.By(actor).SetVisibility(environmentID, eventTypeID, published)
	want, no := r.m.setVisibility(actor, environmentID, eventTypeID, published)
	if r.agree(err, no) {
		same(r, "the event type", got.EventType, want, viewEventType)
		equal(r, "the visibility", got.Published, published)
	}
}

// taken tells whether a token leads anywhere, in either workspace.
func (r *run) taken(token string) bool {
	for _, world := range r.worlds {
		if slices.ContainsFunc(world.m.credentials, func(c domain.Credential) bool { return c.Token == token }) {
			return true
		}
	}
	return false
}

func (r *run) revokeCLIToken() {
	actor, id := r.actor(), fmt.Sprint("clitok_", r.random.IntN(20))
	r.did("RevokeCLIToken", actor.Type, id)
	err := r.w.By(actor).RevokeCLIToken(id)
	r.agree(err, r.m.revokeCLIToken(actor, id))
}

func (r *run) lookup() {
	token := fmt.Sprint("tok", r.random.IntN(30))
	if tokens := slices.Sorted(maps.Keys(r.tokens)); len(tokens) > 0 && r.flip() {
		token = one(r, tokens...)
	}
	r.did("Lookup", token)
	r.compareToken(token)
}

// compareToken expects what either workspace has under a token.
func (r *run) compareToken(token string) {
	r.t.Helper()
	got, owner := r.store.Lookup(token)
	for _, world := range r.worlds {
		for _, want := range world.m.credentials {
			if want.Token == token {
				equal(r, "the owner of "+token, owner, world.w)
				equal(r, "the credential", *got, want)
				return
			}
		}
	}
	equal(r, "what an unknown token leads to", got, nil)
	equal(r, "where an unknown token leads to", owner, nil)
}
