package domain

import (
	"slices"
	"time"
	"unicode/utf8"
)

// DeliveryStatus is how far a delivery has come.
type DeliveryStatus string

// The states of a delivery. The last three are final, until somebody retries one
// of the last two by hand.
const (
	Pending        DeliveryStatus = "pending"         // accepted, its first attempt has not begun
	Delivering     DeliveryStatus = "delivering"      // an attempt is under way
	ScheduledRetry DeliveryStatus = "scheduled_retry" // failed, and to be attempted again
	Delivered      DeliveryStatus = "delivered"
	Failed         DeliveryStatus = "failed"      // given up before its schedule was exhausted
	DeadLetter     DeliveryStatus = "dead_letter" // failed as often as its schedule allows
)

// DeliveryStatuses are all states.
var DeliveryStatuses = []DeliveryStatus{Pending, Delivering, ScheduledRetry, Delivered, Failed, DeadLetter}

// Valid tells whether there is such a state.
func (s DeliveryStatus) Valid() bool { return slices.Contains(DeliveryStatuses, s) }

// Final tells whether the engine is done with a delivery.
func (s DeliveryStatus) Final() bool { return s == Delivered || s == Failed || s == DeadLetter }

// PayloadStatus tells whether a delivery's payload can be shown.
type PayloadStatus string

// What readers of a payload are told.
const (
	PayloadAvailable  PayloadStatus = "available"
	PayloadProcessing PayloadStatus = "processing" // not yet
	PayloadForbidden  PayloadStatus = "forbidden"  // not on this plan
	PayloadNotFound   PayloadStatus = "not_found"  // nothing was stored
	PayloadError      PayloadStatus = "error"      // the storage fails
)

// Delivery is one message to one endpoint.
type Delivery struct {
	ID string
	Position
	EndpointID     string
	ApplicationID  string // of the endpoint; empty for none
	MessageID      string // the same on every attempt
	IdempotencyKey string
	EventType      string // a name; empty where an endpoint was addressed directly
	Payload        []byte // JSON, exactly as it is sent; nil for a seeded row without
	Stored         bool   // whether the plan kept the payload for readers
	Storage        PayloadStatus
	Status         DeliveryStatus
	Attempts       []*Attempt // oldest first
	NextRetryAt    Time       // of a scheduled retry, else 0
	DeliveredAt    Time       // of a delivered one, else 0
	UpdatedAt      Time
	Once           bool // the attempt under way is outside of the schedule, which it does not continue
	Seeded         bool // from a fixture: kept for ever
}

// Attempt is one try at a delivery.
type Attempt struct {
	ID         string
	CreatedAt  Time
	Success    bool
	StatusCode int    // of the response; 0 if there was none
	Took       Took   // until the response was there
	Failure    string // for people; empty after a success, and where the status says it all
}

// Took is a number of milliseconds, or [NoTime].
type Took int32

// NoTime is how long something took that never came.
const NoTime Took = -1

// Outcome is how one attempt ended.
type Outcome struct {
	StatusCode int           // of the response; 0 if there was none
	Took       time.Duration // until the whole response was there, or the failure
	Failure    string        // why the attempt failed, for people; empty after a success, and where the status says it all
	RetryAfter time.Duration // what the response asks for; 0 for nothing
}

// Success tells whether the receiver took the delivery.
func (o Outcome) Success() bool { return o.Failure == "" && o.StatusCode/100 == 2 }

func (o Outcome) attempt(id string, began Time) *Attempt {
	took := NoTime
	if o.StatusCode != 0 {
		took = Took(o.Took.Milliseconds())
	}
	return &Attempt{ID: id, CreatedAt: began, Success: o.Success(), StatusCode: o.StatusCode, Took: took, Failure: o.Failure}
}

// Wait is how long to wait after so many failed attempts; what is beyond the
// schedule takes its last wait.
func (s Schedule) Wait(failures int) time.Duration {
	if len(s) == 0 {
		return 0
	}
	return s[min(max(failures, 1), len(s))-1]
}

// TestEvent is the type of a test delivery to an endpoint without subscriptions.
const TestEvent = "nahook.test"

// Schedule is how long to wait after each failed attempt but the last.
type Schedule []time.Duration

// DefaultSchedule makes eight attempts within 28 hours.
var DefaultSchedule = Schedule{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
}

// FirstAttemptAt is when the first attempt began; 0 if there was none.
func (d *Delivery) FirstAttemptAt() Time {
	if len(d.Attempts) == 0 {
		return 0
	}
	return d.Attempts[0].CreatedAt
}

// Begin puts an attempt under way.
func (d *Delivery) Begin(now Time) *Delivery {
	changed := *d
	changed.Status, changed.NextRetryAt, changed.UpdatedAt = Delivering, 0, now
	return &changed
}

// Resume is what becomes of an attempt that nobody will finish: it is due again at
// once, or has failed if it was one outside of the schedule.
func (d *Delivery) Resume(now Time) *Delivery {
	changed := *d
	changed.Status, changed.NextRetryAt, changed.UpdatedAt = ScheduledRetry, now, now
	if d.Once {
		changed.Status, changed.NextRetryAt, changed.Once = Failed, 0, false
	}
	return &changed
}

const gone = 410 // the one status by which a receiver ends a delivery

// Finish records the attempt under way and decides what comes of it.
func (d *Delivery) Finish(id string, o Outcome, s Schedule, now Time) *Delivery {
	changed := *d
	changed.Attempts = append(slices.Clip(d.Attempts), o.attempt(id, d.UpdatedAt))
	changed.UpdatedAt = now
	switch failures := len(changed.Attempts); {
	case o.Success():
		changed.Status, changed.DeliveredAt = Delivered, now
	case d.Once || o.StatusCode == gone:
		changed.Status = Failed
	case failures > len(s):
		changed.Status = DeadLetter
	default:
		changed.Status, changed.NextRetryAt = ScheduledRetry, now.Add(max(s.Wait(failures), o.RetryAfter))
	}
	return &changed
}

// GiveUp ends a delivery whose endpoint takes no more.
func (d *Delivery) GiveUp(now Time) *Delivery {
	changed := *d
	changed.Status, changed.NextRetryAt, changed.UpdatedAt = Failed, 0, now
	return &changed
}

// Retry asks for one more attempt at what has failed for good.
func (d *Delivery) Retry(now Time) (*Delivery, error) {
	if d.Status != Failed && d.Status != DeadLetter {
		return nil, Refuse(CodeConflict, "Only failed and dead_letter deliveries can be retried")
	}
	changed := *d
	changed.Status, changed.Once, changed.UpdatedAt = Pending, true, now
	return &changed, nil
}

// PayloadState judges whether the payload can be shown to a reader on plan p.
func (d *Delivery) PayloadState(p Plan) PayloadStatus {
	switch {
	case p.Require(PayloadStorage) != nil:
		return PayloadForbidden
	case d.Storage != "":
		return d.Storage
	case d.Status == Pending || d.Status == Delivering:
		return PayloadProcessing
	case !d.Stored:
		return PayloadNotFound
	}
	return PayloadAvailable
}

// What ingestion takes, and how long it remembers.
const (
	MaxPayload        = 256 << 10
	MaxBatch          = 20
	maxKey            = 255
	KeyLifetime       = 24 * time.Hour
	DeliveryRetention = 7 * 24 * time.Hour
)

// Expired tells whether the delivery is beyond the retention window.
func (d *Delivery) Expired(now Time) bool {
	return !d.Seeded && d.Status.Final() && now >= d.CreatedAt.Add(DeliveryRetention)
}

// ValidateKey checks an idempotency key that a client brings along.
func ValidateKey(key string) error {
	if n := utf8.RuneCountInString(key); n < 1 || n > maxKey {
		return Invalid("idempotencyKey must be between 1 and %d characters", maxKey)
	}
	return nil
}

// ValidateEventName checks the name of an event, which need not exist.
func ValidateEventName(name string) error { return validateEventTypeName("eventType", name) }
