package nahook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/nahook/nahook-go/internal/transport"
)

// SendOptions is what to send to one endpoint.
type SendOptions struct {
	Payload        any    `json:"payload"`        // required: what encodes to a JSON object, up to 256 KiB
	IdempotencyKey string `json:"idempotencyKey"` // up to 255 characters; empty makes a random one
}

// SendResult is what became of a [Client.Send], or of one [SendItem].
type SendResult struct {
	DeliveryID     string `json:"deliveryId"`     // the same for all that are sent to the endpoint with the key
	IdempotencyKey string `json:"idempotencyKey"` // given or made
	Status         string `json:"status"`         // "accepted": how it goes on, [Deliveries.Get] tells
}

// TriggerOptions is the event to send.
type TriggerOptions struct {
	Payload  any               `json:"payload"`            // required: what encodes to a JSON object, up to 256 KiB
	Metadata map[string]string `json:"metadata,omitempty"` // not delivered
}

// TriggerResult is what became of a [Client.Trigger], or of one [TriggerItem].
type TriggerResult struct {
	EventTypeID string   `json:"eventTypeId"`
	DeliveryIDs []string `json:"deliveryIds"` // one for each endpoint that is subscribed; empty, not nil, if none is
	Status      string   `json:"status"`      // "accepted"
}

// SendItem is one item of a [Client.SendBatch].
type SendItem struct {
	EndpointID     string `json:"endpointId"`     // required
	Payload        any    `json:"payload"`        // required: what encodes to a JSON object, up to 256 KiB
	IdempotencyKey string `json:"idempotencyKey"` // up to 255 characters; empty makes a random one
}

// TriggerItem is one item of a [Client.TriggerBatch].
type TriggerItem struct {
	EventType      string            `json:"eventType"`          // required: its name, such as "order.created"
	Payload        any               `json:"payload"`            // required: what encodes to a JSON object, up to 256 KiB
	Metadata       map[string]string `json:"metadata,omitempty"` // not delivered
	IdempotencyKey string            `json:"idempotencyKey"`     // up to 255 characters; empty makes a random one
}

// Send sends a payload to one endpoint. It fails with [ErrNotFound] if the
// token's environment has no such endpoint, and with [ErrConflict] if that is
// disabled. A payload that is no JSON object, not UTF-8 or nested over 1000 levels
// deep is refused with [ErrInvalidArgument].
//
// The idempotency key is the same on every attempt, so that a Send is repeated
// like a GET and delivered once. A caller that may repeat the Send itself, after
// a crash or after any error that leaves open whether it was taken, gives a key
// of its own: for 24 hours the server answers it with the delivery of the first
// payload. A key that was made is lost with the error.
func (c *Client) Send(ctx context.Context, endpointID string, o SendOptions, opts ...CallOption) (*SendResult, error) {
	r := transport.Post("ingest.send", "/{endpoint}", endpointID).Repeatable()
	if err := cmp.Or(notBatch("endpoint id", endpointID, "SendBatch"), prepare(&o.Payload, &o.IdempotencyKey)); err != nil {
		return nil, refused(r, err)
	}
	result, err := call[SendResult](ctx, c.api, r.With(o), opts)
	return result.under(o.IdempotencyKey), err
}

// Trigger sends an event to every endpoint in the token's environment that is
// subscribed to its type, which may be none. It fails with [ErrNotFound] if the
// workspace has no event type of that name. One that is named "batch" cannot be
// addressed, and is refused with [ErrInvalidArgument]: [Client.TriggerBatch] takes
// it.
//
// A Trigger has no idempotency key: after an error that leaves open whether the
// server has taken it, it is not repeated. A [Client.TriggerBatch] of one item
// is.
func (c *Client) Trigger(ctx context.Context, eventType string, o TriggerOptions, opts ...CallOption) (*TriggerResult, error) {
	r := transport.Post("ingest.trigger", "/event/{eventType}", eventType)
	if err := cmp.Or(transport.CheckName("eventType", eventType), notBatch("eventType", eventType, "TriggerBatch"), preparePayload(&o.Payload)); err != nil {
		return nil, refused(r, err)
	}
	return call[TriggerResult](ctx, c.api, r.With(o), opts)
}

// SendBatch sends any number of payloads, each to one endpoint, in requests of up
// to 20, four of which are under way at once. The items are independent, and the
// result tells about each, in their order: see [BatchResult]. Every item has an
// idempotency key, as with [Client.Send].
//
// The error is not nil if certainly nothing was sent: an argument was refused,
// which the error names by its index, or no request reached the server. What the
// server refused is in the result, be it everything. No items are no error and
// no request.
//
// The limits of [WithTimeout], [WithCallTimeout] and [WithRetry] are those of one
// request. What bounds a large batch is its context.
func (c *Client) SendBatch(ctx context.Context, items []SendItem, opts ...CallOption) (*BatchResult[SendResult], error) {
	result, err := sendBatch[SendResult](ctx, c.api, transport.Post("ingest.sendBatch", "/batch").Repeatable(), items, SendItem.prepare, opts)
	if err != nil {
		return nil, err
	}
	for _, item := range result.Items {
		item.Result.under(item.IdempotencyKey)
	}
	return result, nil
}

// TriggerBatch sends any number of events like [Client.SendBatch]. Unlike those
// of [Client.Trigger] they have idempotency keys, and so their requests are
// repeated: that an event is sent once all the same relies on the server, which
// has to honour the keys of these items as it does those of SendBatch.
func (c *Client) TriggerBatch(ctx context.Context, items []TriggerItem, opts ...CallOption) (*BatchResult[TriggerResult], error) {
	return sendBatch[TriggerResult](ctx, c.api, transport.Post("ingest.triggerBatch", "/event/batch").Repeatable(), items, TriggerItem.prepare, opts)
}

func (r *SendResult) complete() error { return required("deliveryId", r.DeliveryID) }

func (r *TriggerResult) complete() error {
	if r.DeliveryIDs == nil {
		r.DeliveryIDs = []string{}
	}
	return required("eventTypeId", r.EventTypeID)
}

// under gives a result the key that was sent, if the answer has none. Nil stays nil.
func (r *SendResult) under(key string) *SendResult {
	if r != nil {
		r.IdempotencyKey = cmp.Or(r.IdempotencyKey, key)
	}
	return r
}

func (i SendItem) prepare() (parcel, error) {
	err := cmp.Or(checkTarget("endpoint id", i.EndpointID), prepare(&i.Payload, &i.IdempotencyKey))
	return parcel{i, i.EndpointID, i.IdempotencyKey}, err
}

func (i TriggerItem) prepare() (parcel, error) {
	err := cmp.Or(checkTarget("eventType", i.EventType), prepare(&i.Payload, &i.IdempotencyKey))
	return parcel{i, i.EventType, i.IdempotencyKey}, err
}

// checkTarget refuses what an item cannot be addressed to.
func checkTarget(what, value string) error {
	return cmp.Or(transport.CheckName(what, value), checkUTF8(what, value))
}

// checkUTF8 refuses bytes that JSON cannot carry. They would arrive as one and
// the same replacement, and different strings as equal ones.
func checkUTF8(what, value string) error {
	if !utf8.ValidString(value) {
		return fmt.Errorf("the %s is not UTF-8", what)
	}
	return nil
}

// notBatch refuses what would address the route of the batches, where instead
// takes it.
func notBatch(what, value, instead string) error {
	if value == "batch" {
		return fmt.Errorf("the %s is %q, which addresses something else: %s takes it", what, value, instead)
	}
	return nil
}

func prepare(payload *any, key *string) error {
	return cmp.Or(preparePayload(payload), prepareKey(key))
}

// preparePayload replaces a payload by its JSON, which has to be an object.
func preparePayload(payload *any) error {
	encoded, err := transport.Encode(*payload)
	if err != nil {
		return unencodable{func() error { return err }}
	}
	if kind := kindOf(encoded); kind != "object" {
		return fmt.Errorf("the payload is a JSON %s, want object", kind)
	}
	if !utf8.Valid(encoded) {
		return errors.New("the payload is not UTF-8")
	}
	if tooDeep(encoded) {
		return fmt.Errorf("the payload is nested over %d levels deep", maxDepth)
	}
	*payload = json.RawMessage(encoded)
	return nil
}

// maxDepth is how deeply a payload may be nested. encoding/json gives up at ten
// times as many levels: in the body of a batch, that one payload would take all
// others down with it.
const maxDepth = 1000

// tooDeep tells whether JSON is nested over [maxDepth] levels. Most has not even
// as many brackets.
func tooDeep(encoded []byte) bool {
	if bytes.Count(encoded, []byte("{"))+bytes.Count(encoded, []byte("[")) <= maxDepth {
		return false
	}
	depth, quoted := 0, false
	for i := 0; i < len(encoded); i++ {
		switch c := encoded[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '{', c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}', c == ']':
			depth--
		}
	}
	return false
}

// kindOf is what JSON calls a value.
func kindOf(encoded []byte) string {
	switch encoded[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	case 'n':
		return "null"
	}
	return "number"
}

// unencodable is why a payload has no JSON. Its text does not quote the payload,
// as that of its cause may, which is in a func because fmt would walk into
// anything else.
type unencodable struct{ cause func() error }

func (u unencodable) Error() string {
	return "the payload cannot be encoded as JSON" + inWords(u.cause())
}

func (u unencodable) Unwrap() error { return u.cause() }

// prepareKey makes a key where there is none.
func prepareKey(key *string) error {
	if utf8.RuneCountInString(*key) > maxKey {
		return fmt.Errorf("the idempotency key is over %d characters", maxKey)
	}
	if *key == "" {
		*key = newUUID()
	}
	return checkUTF8("idempotency key", *key)
}

// maxKey is the longest idempotency key, in characters.
const maxKey = 255

// newUUID is a random UUID, of version 4.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
