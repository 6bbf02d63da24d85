package store

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// The rules of the model for ingestion and for what becomes of a delivery.

const (
	day  = 24 * time.Hour
	week = 7 * day
)

func final(s domain.DeliveryStatus) bool {
	return s == domain.Delivered || s == domain.Failed || s == domain.DeadLetter
}

// expire drops what nobody may see any more at the present instant.
func (m *model) expire() {
	drop(&m.deliveries, func(k *kept[deliveryRow]) bool {
		return !k.row.Seeded && final(k.row.Status) && m.now >= k.at.Add(week)
	})
	m.answers = slices.DeleteFunc(m.answers, func(a modelAnswer) bool { return m.now >= a.ends })
}

func badKey(key *string) bool { return key != nil && (*key == "" || tooLong(*key, 255)) }

// known gives the answer that a scope has, and nil for none.
func (m *model) known(scope modelScope) *modelAnswer {
	for i := range m.answers {
		if m.answers[i].scope == scope {
			return &m.answers[i]
		}
	}
	return nil
}

// remember keeps the answer that ends last, or the last of those that end at once.
func (m *model) remember(scope modelScope, at domain.Time, deliveryIDs []string) {
	answer := modelAnswer{scope, at.Add(day), deliveryIDs}
	switch known := m.known(scope); {
	case known == nil:
		m.answers = append(m.answers, answer)
	case known.ends <= answer.ends:
		*known = answer
	}
}

// send finds the endpoint that a new delivery goes to, or the deliveries that a
// repeated request has made.
func (m *model) send(endpointID string, msg Message) (to *kept[endpointRow], again []string, no refusal) {
	e := find(m.endpoints, endpointID)
	switch {
	case badKey(msg.Key):
		return nil, nil, invalid
	case e == nil || e.row.EnvironmentID != msg.EnvironmentID:
		return nil, nil, noEndpoint
	}
	if msg.Key != nil {
		if known := m.known(modelScope{endpointID: endpointID, key: *msg.Key}); known != nil {
			return nil, known.deliveryIDs, ""
		}
	}
	if !e.row.IsActive {
		return nil, nil, disabled
	}
	return e, nil, ""
}

// trigger finds the endpoints that an event goes to, in the order of their
// subscriptions, or the deliveries that a repeated request has made.
func (m *model) trigger(name string, msg Message) (eventType *kept[eventTypeRow], to []*kept[endpointRow], again *modelAnswer, no refusal) {
	eventType = m.eventTypeByName(name)
	switch {
	case badWord(name) || badKey(msg.Key):
		return nil, nil, nil, invalid
	case eventType == nil:
		return nil, nil, nil, noEventType
	}
	if msg.Key != nil {
		if again = m.known(modelScope{eventTypeID: eventType.id, environmentID: msg.EnvironmentID, key: *msg.Key}); again != nil {
			return eventType, nil, again, ""
		}
	}
	rows := newestFirst(m.subscriptions, func(k *kept[subscriptionRow]) bool { return k.row.EventTypeID == eventType.id })
	for _, row := range slices.Backward(rows) {
		if e := find(m.endpoints, row.row.EndpointID); e.row.IsActive && e.row.EnvironmentID == msg.EnvironmentID {
			to = append(to, e)
		}
	}
	return eventType, to, nil, ""
}

// madeDelivery is what the store has made up for a new delivery.
type madeDelivery struct{ id, messageID, key string }

// accept keeps a new delivery, of which row tells what it is about.
func (m *model) accept(e *kept[endpointRow], row deliveryRow, made madeDelivery) *kept[deliveryRow] {
	row.EndpointID, row.ApplicationID = e.id, e.row.ApplicationID
	row.MessageID, row.IdempotencyKey = made.messageID, made.key
	row.Stored, row.Status, row.UpdatedAt = m.plan == domain.PlanPro, domain.Pending, m.now
	return keep(m, &m.deliveries, made.id, m.now, row)
}

func (m *model) importDelivery(row domain.Delivery, o Origin, made madeDelivery) (*kept[deliveryRow], refusal) {
	e := find(m.endpoints, row.EndpointID)
	switch {
	case e == nil:
		return nil, noEndpoint
	case find(m.deliveries, o.ID) != nil:
		return nil, conflict
	}
	k := m.accept(e, deliveryRow{EventType: row.EventType, Payload: string(row.Payload), Attempts: attemptsText(row.Attempts), Seeded: true}, made)
	k.at = m.origin(o)
	k.row.Stored, k.row.Storage, k.row.Status = row.Stored, row.Storage, row.Status
	k.row.NextRetryAt, k.row.DeliveredAt, k.row.UpdatedAt = row.NextRetryAt, row.DeliveredAt, k.at
	for _, attempt := range row.Attempts {
		k.row.UpdatedAt = max(k.row.UpdatedAt, attempt.CreatedAt)
	}
	m.remember(modelScope{endpointID: e.id, key: made.key}, k.at, []string{k.id})
	return k, ""
}

// tested gives the event type of a test delivery.
func (m *model) tested(endpointID string, eventType *string) (string, refusal) {
	e := find(m.endpoints, endpointID)
	if e == nil {
		return "", noEndpoint
	}
	if eventType == nil {
		rows := m.subscriptionsOf(endpointID)
		if len(rows) == 0 {
			return "nahook.test", ""
		}
		return find(m.eventTypes, rows[len(rows)-1].row.EventTypeID).row.Name, ""
	}
	named, app := m.eventTypeByName(*eventType), find(m.applications, e.row.ApplicationID)
	if named == nil || app != nil && m.subscription(endpointID, named.id) == nil && !m.visible(app, named.id) {
		return "", noEventType
	}
	return *eventType, ""
}

// visible tells whether a customer's catalog shows an event type.
func (m *model) visible(app *kept[applicationRow], eventTypeID string) bool {
	return app.row.ShowEventTypes && slices.Contains(m.published, publication{m.defaultEnvironment().id, eventTypeID})
}

func (k *kept[T]) change() { k.version++ }

func (m *model) retryByHand(actor domain.Actor, id string) (*kept[deliveryRow], refusal) {
	d := find(m.deliveries, id)
	if d == nil {
		return nil, noDelivery
	}
	e := find(m.endpoints, d.row.EndpointID)
	switch {
	case d.row.Status != domain.Failed && d.row.Status != domain.DeadLetter:
		return nil, conflict + "Only failed and dead_letter"
	case e == nil:
		return nil, conflict + "Endpoint is deleted"
	case !e.row.IsActive:
		return nil, disabled
	}
	d.change()
	d.row.Status, d.row.Once, d.row.UpdatedAt = domain.Pending, true, m.now
	m.record(actor, domain.ResourceDelivery, id, domain.VerbRetried, "endpointId", d.row.EndpointID)
	return d, ""
}

// begin takes the attempt at a delivery that is pending in the version that
// somebody holds.
func (m *model) begin(id string, version int) *kept[deliveryRow] {
	d := find(m.deliveries, id)
	if d == nil || d.version != version || d.row.Status != domain.Pending {
		return nil
	}
	if find(m.endpoints, d.row.EndpointID) == nil {
		m.giveUp(d)
		return nil
	}
	m.attempt(d)
	return d
}

func (m *model) attempt(d *kept[deliveryRow]) {
	d.change()
	d.row.Status, d.row.NextRetryAt, d.row.UpdatedAt = domain.Delivering, 0, m.now
}

func (m *model) giveUp(d *kept[deliveryRow]) {
	d.change()
	d.row.Status, d.row.NextRetryAt, d.row.UpdatedAt = domain.Failed, 0, m.now
}

// waiting gives the scheduled retries, those that are due first at the front.
func (m *model) waiting() []*kept[deliveryRow] {
	rows := newestFirst(m.deliveries, func(k *kept[deliveryRow]) bool { return k.row.Status == domain.ScheduledRetry && !k.row.Seeded })
	slices.SortFunc(rows, func(a, b *kept[deliveryRow]) int {
		if a.row.NextRetryAt < b.row.NextRetryAt || a.row.NextRetryAt == b.row.NextRetryAt && a.order < b.order {
			return -1
		}
		return 1
	})
	return rows
}

// retry begins the first that is due, and gives up those before it whose endpoint
// takes no more.
func (m *model) retry() *kept[deliveryRow] {
	for _, d := range m.waiting() {
		if d.row.NextRetryAt > m.now {
			return nil
		}
		if e := find(m.endpoints, d.row.EndpointID); e != nil && e.row.IsActive {
			m.attempt(d)
			return d
		}
		m.giveUp(d)
	}
	return nil
}

// finish ends the attempt at a delivery, unless it has changed since.
func (m *model) finish(id string, version int, o domain.Outcome, attemptID string) *kept[deliveryRow] {
	d := find(m.deliveries, id)
	if d == nil || d.version != version {
		return nil
	}
	d.change()
	success := o.Failure == "" && o.StatusCode >= 200 && o.StatusCode <= 299
	took := domain.NoTime
	if o.StatusCode != 0 {
		took = domain.Took(o.Took / time.Millisecond)
	}
	d.row.Attempts += attemptsText([]*domain.Attempt{{
		ID: attemptID, CreatedAt: d.row.UpdatedAt, Success: success, StatusCode: o.StatusCode, Took: took, Failure: o.Failure,
	}})
	d.row.UpdatedAt = m.now
	made := strings.Count(d.row.Attempts, "\n")
	switch {
	case success:
		d.row.Status, d.row.DeliveredAt = domain.Delivered, m.now
	case d.row.Once || o.StatusCode == 410:
		d.row.Status = domain.Failed
	case made >= len(m.schedule)+1:
		d.row.Status = domain.DeadLetter
	default:
		d.row.Status, d.row.NextRetryAt = domain.ScheduledRetry, m.now.Add(max(m.schedule[made-1], o.RetryAfter))
	}
	return d
}

// attemptsText spells attempts, one a line, so that rows can be compared with ==.
func attemptsText(attempts []*domain.Attempt) string {
	if len(attempts) == 0 {
		return ""
	}
	var text []byte
	for _, a := range attempts {
		text = append(text, a.ID...)
		text = strconv.AppendInt(append(text, " at "...), int64(a.CreatedAt), 10)
		text = strconv.AppendBool(append(text, ' '), a.Success)
		text = strconv.AppendInt(append(text, ' '), int64(a.StatusCode), 10)
		text = strconv.AppendInt(append(text, " in "...), int64(a.Took), 10)
		text = append(append(append(text, ' '), a.Failure...), '\n')
	}
	return string(text)
}
