package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func (r *run) newMessage() Message {
	msg := Message{EnvironmentID: pick(r, r.m.environments), Payload: fmt.Appendf(nil, `{"n":%d}`, r.step)}
	if !r.chance(3) {
		msg.Key = ptr(fmt.Sprint("key-", r.random.IntN(6)))
	}
	if r.chance(30) {
		msg.Key = ptr(one(r, "", strings.Repeat("ä", 255), strings.Repeat("x", 256)))
	}
	return msg
}

func (r *run) send() {
	id, msg := pick(r, r.m.endpoints), r.newMessage()
	if e := find(r.m.endpoints, id); e != nil && !r.chance(10) {
		msg.EnvironmentID = e.row.EnvironmentID
	}
	r.sendTo(id, msg)
}

func (r *run) sendTo(id string, msg Message) {
	r.did("Send", id, msg.EnvironmentID, string(msg.Payload), msg.Key)
	got, err := r.w.Send(id, msg)
	to, again, no := r.m.send(id, msg)
	if !r.agree(err, no) {
		return
	}
	if msg.Key != nil {
		equal(r, "the idempotency key", got.IdempotencyKey, *msg.Key)
	}
	if to == nil {
		r.sameIDs(got.DeliveryIDs, again)
		equal(r, "the number of new deliveries", len(got.New), 0)
		return
	}
	equal(r, "the number of new deliveries", len(got.New), 1)
	row := r.accepted(got.New[0], to, deliveryRow{Payload: string(msg.Payload)}, got.IdempotencyKey, msg.Key == nil)
	r.sameIDs(got.DeliveryIDs, []string{row.id})
	r.m.remember(modelScope{endpointID: id, key: got.IdempotencyKey}, r.m.now, []string{row.id})
	r.begin(r.hold(got.New[0], row))
}

// accepted learns and compares a new delivery.
func (r *run) accepted(got *domain.Delivery, to *kept[endpointRow], about deliveryRow, key string, made bool) *kept[deliveryRow] {
	r.t.Helper()
	r.fresh(got.ID, "del_")
	r.fresh(got.MessageID, "msg_")
	if made {
		r.fresh(key, "")
	}
	row := r.m.accept(to, about, madeDelivery{got.ID, got.MessageID, key})
	same(r, "the new delivery", got, row, viewDelivery)
	return row
}

func (r *run) sameIDs(got, want []string) {
	r.t.Helper()
	if !slices.Equal(got, want) {
		r.fail("the deliveries are %q, by the model %q", got, want)
	}
}

func (r *run) trigger() {
	name, msg := r.eventName(), r.newMessage()
	if r.chance(2) {
		msg.EnvironmentID = r.m.defaultEnvironment().id
	}
	r.triggerAs(name, msg)
}

func (r *run) triggerAs(name string, msg Message) {
	r.did("Trigger", name, msg.EnvironmentID, string(msg.Payload), msg.Key)
	got, err := r.w.Trigger(name, msg)
	eventType, to, again, no := r.m.trigger(name, msg)
	if !r.agree(err, no) {
		return
	}
	equal(r, "the event type", got.EventTypeID, eventType.id)
	equal(r, "whether the deliveries are nil", got.DeliveryIDs == nil, false)
	if again != nil {
		r.sameIDs(got.DeliveryIDs, again.deliveryIDs)
		equal(r, "the number of new deliveries", len(got.New), 0)
		return
	}
	equal(r, "the number of new deliveries", len(got.New), len(to))
	var ids []string
	for i, d := range got.New {
		row := r.accepted(d, to[i], deliveryRow{EventType: name, Payload: string(msg.Payload)}, d.IdempotencyKey, true)
		r.hold(d, row)
		ids = append(ids, row.id)
	}
	r.sameIDs(got.DeliveryIDs, ids)
	if msg.Key != nil {
		r.m.remember(modelScope{eventTypeID: eventType.id, environmentID: msg.EnvironmentID, key: *msg.Key}, r.m.now, ids)
	}
}

// repeat makes a request a second time, while its key is still known.
func (r *run) repeat() {
	if len(r.m.answers) == 0 {
		return
	}
	scope := one(r, r.m.answers...).scope
	msg := r.newMessage()
	msg.Key, msg.EnvironmentID = &scope.key, scope.environmentID
	if eventType := find(r.m.eventTypes, scope.eventTypeID); eventType != nil {
		r.triggerAs(eventType.row.Name, msg)
	}
	if e := find(r.m.endpoints, scope.endpointID); e != nil {
		msg.EnvironmentID = e.row.EnvironmentID
		r.sendTo(e.id, msg)
	}
}

func (r *run) testDelivery() {
	id, name := pick(r, r.m.endpoints), r.testedName()
	actor := r.actor()
	r.did("TestDelivery", actor.Type, id, name)
	r.tested(actor, id, name, r.w.By(actor).TestDelivery)
}

func (r *run) testedName() *string {
	if r.chance(3) {
		return nil
	}
	return ptr(r.eventName())
}

type tester = func(string, *string, func(string, domain.Time) []byte) (*domain.Delivery, error)

func (r *run) tested(actor domain.Actor, id string, name *string, test tester) {
	payload := func(name string, now domain.Time) []byte { return fmt.Appendf(nil, "%s at %d", name, now) }
	got, err := test(id, name, payload)
	chosen, no := r.m.tested(id, name)
	if !r.agree(err, no) {
		return
	}
	about := deliveryRow{EventType: chosen, Payload: string(payload(chosen, r.m.now)), Once: true}
	row := r.accepted(got, find(r.m.endpoints, id), about, got.IdempotencyKey, true)
	r.m.record(actor, domain.ResourceEndpoint, id, domain.VerbTested, "deliveryId", got.ID)
	r.begin(r.hold(got, row))
}

// importDeliveries brings along rows of any age and state, now and then more than
// one with a key. They are kept for ever, so there must not be many.
func (r *run) importDeliveries() {
	seeded := newestFirst(r.m.deliveries, func(k *kept[deliveryRow]) bool { return k.row.Seeded })
	if len(seeded) > 25 {
		r.readDelivery()
		return
	}
	endpointID, key := pick(r, r.m.endpoints), one(r, "", "key-0", "key-1", "key-2")
	for range 1 + r.random.IntN(3) {
		r.importDelivery(endpointID, key)
	}
	if e := find(r.m.endpoints, endpointID); e != nil {
		r.sendTo(endpointID, Message{EnvironmentID: e.row.EnvironmentID, Payload: []byte("{}"), Key: &key})
	}
}

func (r *run) importDelivery(endpointID, key string) {
	o := origin(r, r.m.deliveries)
	row := domain.Delivery{
		EndpointID: endpointID, IdempotencyKey: key, Payload: []byte(one(r, "", "{}")),
		Status: one(r, domain.DeliveryStatuses...), Stored: r.flip(), Storage: one(r, "", domain.PayloadError), EventType: "event.0",
		NextRetryAt: one(r, 0, r.m.now), DeliveredAt: one(r, 0, r.m.now),
	}
	for range r.random.IntN(3) {
		row.Attempts = append(row.Attempts, &domain.Attempt{CreatedAt: r.m.now + domain.Time(r.random.IntN(2000)-1000), StatusCode: 502, Took: 88})
	}
	r.did("ImportDelivery", row, o)
	err := r.w.ImportDelivery(row, o)
	if find(r.m.endpoints, row.EndpointID) == nil || find(r.m.deliveries, o.ID) != nil {
		_, no := r.m.importDelivery(row, o, madeDelivery{})
		r.agree(err, no)
		return
	}
	r.agree(err, "")
	got := r.imported(row.EndpointID, o)
	for _, attempt := range row.Attempts {
		r.fresh(attempt.ID, "att_")
	}
	want, no := r.m.importDelivery(row, o, madeDelivery{got.ID, got.MessageID, cmp.Or(row.IdempotencyKey, got.IdempotencyKey)})
	r.agree(nil, no)
	r.born(got.ID, "del_", o)
	same(r, "the imported delivery", got, want, viewDelivery)
}

// imported finds the one delivery of an endpoint that nobody has heard of before.
func (r *run) imported(endpointID string, o Origin) *domain.Delivery {
	rows, err := r.w.Deliveries(nil, endpointID, "", nil, 10_000)
	r.agree(err, "")
	for _, row := range rows {
		if !r.known[row.ID] {
			return row
		}
	}
	r.fail("the delivery that was imported with %+v is not listed", o)
	return nil
}
