package nahook

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"math"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// Deliveries are what became of the events sent to an endpoint. The server keeps
// them for seven days.
type Deliveries struct{ api *transport.Transport }

// DeliveryStatus is how far a delivery has come. It is open: a server may know
// more of them than this version of the module.
type DeliveryStatus string

// The states of a delivery.
const (
	DeliveryStatusPending        DeliveryStatus = "pending"         // no attempt yet
	DeliveryStatusDelivering     DeliveryStatus = "delivering"      // an attempt is under way
	DeliveryStatusDelivered      DeliveryStatus = "delivered"       // the receiver took it
	DeliveryStatusScheduledRetry DeliveryStatus = "scheduled_retry" // attempts have failed, and NextRetryAt is the next
	DeliveryStatusFailed         DeliveryStatus = "failed"          // given up early: the receiver is gone, or the endpoint disabled or deleted
	DeliveryStatusDeadLetter     DeliveryStatus = "dead_letter"     // given up after the last attempt
)

// PayloadStatus tells whether a payload can be had. It is open: a server may
// know more of them than this version of the module.
type PayloadStatus string

// What a payload's status can be.
const (
	PayloadStatusAvailable  PayloadStatus = "available"
	PayloadStatusProcessing PayloadStatus = "processing" // while the delivery is pending or delivering
	PayloadStatusForbidden  PayloadStatus = "forbidden"  // the plan does not include stored payloads
	PayloadStatusNotFound   PayloadStatus = "not_found"  // none was stored
	PayloadStatusError      PayloadStatus = "error"      // the server's storage failed
)

// AttemptStatus is how an attempt ended. It is open: a server may know more of
// them than this version of the module.
type AttemptStatus string

// How an attempt can end.
const (
	AttemptStatusSuccess AttemptStatus = "success"
	AttemptStatusFailed  AttemptStatus = "failed"
)

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID             string           `json:"id"`             // starts with "del_"
	IdempotencyKey string           `json:"idempotencyKey"` // the sender's, or one made for it
	EndpointID     string           `json:"endpointId"`
	Status         DeliveryStatus   `json:"status"`
	TotalAttempts  int              `json:"totalAttempts"`           // made so far
	FirstAttemptAt time.Time        `json:"firstAttemptAt,omitzero"` // zero before
	DeliveredAt    time.Time        `json:"deliveredAt,omitzero"`    // zero unless Status is delivered
	NextRetryAt    time.Time        `json:"nextRetryAt,omitzero"`    // zero unless Status is scheduled_retry
	HasPayload     bool             `json:"hasPayload"`              // whether the payload is stored
	CreatedAt      time.Time        `json:"createdAt"`
	UpdatedAt      time.Time        `json:"updatedAt"`
	Payload        *DeliveryPayload `json:"payload,omitempty"` // nil unless Get was asked for it
}

// DeliveryPayload is what a delivery carries, or why that cannot be had.
type DeliveryPayload struct {
	Status      PayloadStatus   `json:"status"`
	Data        json.RawMessage `json:"data,omitempty"`        // nil unless Status is available
	ContentType string          `json:"contentType,omitempty"` // of Data
}

// Attempt is one request that was made to deliver something.
type Attempt struct {
	ID                 string        `json:"id"`            // starts with "att_"
	Number             int           `json:"attemptNumber"` // from 1
	Status             AttemptStatus `json:"status"`
	ResponseStatusCode int           `json:"responseStatusCode"` // 0 if no response came
	ResponseTime       time.Duration `json:"-"`                  // in whole milliseconds, as responseTimeMs in JSON; 0 if it was not measured
	ErrorMessage       string        `json:"errorMessage"`       // empty if there was no error
	CreatedAt          time.Time     `json:"createdAt"`
}

// DeliveryPage is one page of deliveries.
type DeliveryPage struct {
	Data       []Delivery `json:"deliveries"` // empty, not nil, if there are none
	NextCursor string     `json:"nextCursor"` // of the page of older ones; empty on the last page
}

// ListDeliveriesOptions selects one page. A negative number is refused with
// [ErrInvalidArgument].
type ListDeliveriesOptions struct {
	Limit  int            // at most this many, 1 to 100; 0 is the server's default, 50, and it takes more than 100 as 100
	Cursor string         // NextCursor of the page before, listed with the same Status; empty is the first page
	Status DeliveryStatus // only those in this state; empty is all
}

// GetDeliveryOptions says what to get besides the delivery.
type GetDeliveryOptions struct {
	IncludePayload bool // fills in Payload
}

// List returns one page of an endpoint's deliveries, newest first, without their
// payloads. It fails with [ErrNotFound] if there is no such endpoint, and with
// [ErrInvalidCursor] if the cursor is another listing's or too old: then start
// again from the first page. [Deliveries.All] goes through all pages.
func (d *Deliveries) List(ctx context.Context, workspaceID, endpointID string, o *ListDeliveriesOptions, opts ...CallOption) (*DeliveryPage, error) {
	return call[DeliveryPage](ctx, d.api, transport.Get("deliveries.list", "/workspaces/{workspace}/endpoints/{endpoint}/deliveries", workspaceID, endpointID).Where(o.query()), opts)
}

// Get returns one delivery, or [ErrNotFound]. Nil options leave out its payload.
// That a payload cannot be had is no error: its Status tells.
func (d *Deliveries) Get(ctx context.Context, workspaceID, id string, o *GetDeliveryOptions, opts ...CallOption) (*Delivery, error) {
	return call[Delivery](ctx, d.api, transport.Get("deliveries.get", "/workspaces/{workspace}/deliveries/{delivery}", workspaceID, id).Where(o.query()), opts)
}

// Attempts returns all attempts of a delivery, oldest first, or [ErrNotFound].
func (d *Deliveries) Attempts(ctx context.Context, workspaceID, id string, opts ...CallOption) (*List[Attempt], error) {
	return list[Attempt](ctx, d.api, transport.Get("deliveries.attempts", "/workspaces/{workspace}/deliveries/{delivery}/attempts", workspaceID, id), opts)
}

// All goes through an endpoint's deliveries, newest first, one page at a time as
// the loop asks for them. Of its options, Limit is the size of a page, 100 if it
// is 0 or more than that, Cursor is where to start, and Status selects; nil goes
// through all. An error ends the loop, with a nil delivery.
//
// Deliveries made meanwhile are not seen, and none is seen twice. A cursor that
// the server no longer takes ends the loop with [ErrInvalidCursor], and so does,
// with another error, a server that gives the same cursor again, or three pages
// in a row without anything new.
func (d *Deliveries) All(ctx context.Context, workspaceID, endpointID string, o *ListDeliveriesOptions, opts ...CallOption) iter.Seq2[*Delivery, error] {
	start := *cmp.Or(o, new(ListDeliveriesOptions))
	return cursorPages("deliveries.list", start.Cursor, deliveryID, func(cursor string) ([]Delivery, string, error) {
		page, err := d.List(ctx, workspaceID, endpointID, &ListDeliveriesOptions{Limit: pageSize(start.Limit), Cursor: cursor, Status: start.Status}, opts...)
		if err != nil {
			return nil, "", err
		}
		return page.Data, page.NextCursor, nil
	})
}

func deliveryID(d *Delivery) string { return d.ID }

func (d *Delivery) complete() error {
	if d.Payload != nil && string(d.Payload.Data) == "null" {
		d.Payload.Data = nil
	}
	return required("id", d.ID)
}

func (a *Attempt) complete() error { return required("id", a.ID) }

func (p *DeliveryPage) complete() error { return completePage("deliveries", p.Data) }

// deliveriesQuery is ListDeliveriesOptions on the wire.
type deliveriesQuery struct {
	Limit  count  `url:"limit,omitempty"`
	Cursor string `url:"cursor,omitempty"`
	Status string `url:"status,omitempty"`
}

func (o *ListDeliveriesOptions) query() any {
	if o == nil {
		return nil
	}
	return deliveriesQuery{count(o.Limit), o.Cursor, string(o.Status)}
}

// deliveryQuery is GetDeliveryOptions on the wire.
type deliveryQuery struct {
	Include string `url:"include,omitempty"`
}

func (o *GetDeliveryOptions) query() any {
	if o == nil || !o.IncludePayload {
		return nil
	}
	return deliveryQuery{"payload"}
}

type attempt Attempt

// attemptJSON has the fields of an attempt that the API writes as null in place
// of those that cannot be.
type attemptJSON struct {
	attempt
	StatusCode   *int    `json:"responseStatusCode"`
	Milliseconds *int64  `json:"responseTimeMs"`
	Message      *string `json:"errorMessage"`
}

// MarshalJSON writes the attempt as the API does: its response time in
// milliseconds, and what there is none of as null. A response time of 0 is none
// if there was no response.
func (a Attempt) MarshalJSON() ([]byte, error) {
	out := attemptJSON{attempt(a), orNull(a.ResponseStatusCode), orNull(a.ResponseTime.Milliseconds()), orNull(a.ErrorMessage)}
	if out.StatusCode != nil && out.Milliseconds == nil {
		out.Milliseconds = new(int64)
	}
	return json.Marshal(out)
}

// orNull is nil, which is null in JSON, for the zero value.
func orNull[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

// UnmarshalJSON reads the attempt as the API writes it. A response time that no
// [time.Duration] can be is the nearest one that can, and a negative one 0.
func (a *Attempt) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var record attempt
	var took struct {
		Milliseconds int64 `json:"responseTimeMs"`
	}
	if err := cmp.Or(json.Unmarshal(data, &record), json.Unmarshal(data, &took)); err != nil {
		return err
	}
	*a = Attempt(record)
	a.ResponseTime = time.Duration(max(0, min(took.Milliseconds, math.MaxInt64/int64(time.Millisecond)))) * time.Millisecond
	return nil
}
