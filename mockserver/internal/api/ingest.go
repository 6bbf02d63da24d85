package api

import (
	"errors"
	"net/http"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

func ingestRoutes() []route {
	return []route{
		post("ingest.send", "/{endpoint}", (*API).send).answers(http.StatusAccepted),
		post("ingest.trigger", "/event/{eventType}", (*API).trigger).answers(http.StatusAccepted),
	}
}

func batchRoutes() []route {
	return []route{
		post("ingest.sendBatch", "/batch", (*API).sendBatch).answers(http.StatusAccepted),
		post("ingest.triggerBatch", "/event/batch", (*API).triggerBatch).answers(http.StatusAccepted),
	}
}

const accepted = "accepted"

type sentJSON struct {
	DeliveryID     string `json:"deliveryId"`
	IdempotencyKey string `json:"idempotencyKey"`
	Status         string `json:"status"`
}

type triggeredJSON struct {
	EventTypeID string   `json:"eventTypeId"`
	DeliveryIDs []string `json:"deliveryIds"`
	Status      string   `json:"status"`
}

func encodeSent(s store.Accepted) sentJSON {
	return sentJSON{DeliveryID: s.DeliveryIDs[0], IdempotencyKey: s.IdempotencyKey, Status: accepted}
}

func encodeTriggered(s store.Accepted) triggeredJSON {
	return triggeredJSON{EventTypeID: s.EventTypeID, DeliveryIDs: s.DeliveryIDs, Status: accepted}
}

// message reads what a request, or an item of a batch, wants delivered.
func (x *exchange) message(f *fields) store.Message {
	return store.Message{EnvironmentID: x.credential.EnvironmentID, Payload: f.payload()}
}

func (a *API) send(x *exchange) (any, error) {
	m := x.message(x.body)
	m.Key = x.body.text("idempotencyKey", absent)
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodeSent)(a.accept(x, x.workspace.Send, x.PathValue("endpoint"), m))
}

// trigger takes metadata, which is not delivered, and no key.
func (a *API) trigger(x *exchange) (any, error) {
	x.body.metadata()
	m := x.message(x.body)
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodeTriggered)(a.accept(x, x.workspace.Trigger, x.PathValue("eventType"), m))
}

// accept stores what is new of a message, and has it attempted.
func (a *API) accept(x *exchange, store func(string, store.Message) (store.Accepted, error), target string, m store.Message) (store.Accepted, error) {
	s, err := store(target, m)
	a.Deliver(x.workspace, s.New)
	return s, err
}

type batchJSON struct {
	Items []any `json:"items"`
}

type sentItemJSON struct {
	Index int `json:"index"`
	sentJSON
}

type triggeredItemJSON struct {
	Index int `json:"index"`
	triggeredJSON
}

type failedItemJSON struct {
	Index int         `json:"index"`
	Error refusalJSON `json:"error"`
}

func (a *API) sendBatch(x *exchange) (any, error) {
	return x.batch("endpointId", func(i int, item batchItem) (any, error) {
		s, err := a.accept(x, x.workspace.Send, item.target, item.message)
		if err != nil {
			return nil, err
		}
		return sentItemJSON{i, encodeSent(s)}, nil
	})
}

func (a *API) triggerBatch(x *exchange) (any, error) {
	return x.batch("eventType", func(i int, item batchItem) (any, error) {
		s, err := a.accept(x, x.workspace.Trigger, item.target, item.message)
		if err != nil {
			return nil, err
		}
		return triggeredItemJSON{i, encodeTriggered(s)}, nil
	})
}

// batchItem is one item as it was read, or what is wrong with it.
type batchItem struct {
	target  string
	message store.Message
	err     error
}

// batch runs the items of a batch in their order. They are independent: one that
// fails fails alone, and the answer tells by its status that some did.
func (x *exchange) batch(target string, run func(int, batchItem) (any, error)) (any, error) {
	objects := x.body.objects("items", domain.MaxBatch)
	err := x.body.check()
	items := make([]batchItem, len(objects))
	for i, object := range objects {
		items[i] = x.item(i, object, target)
	}
	if err != nil {
		return nil, err
	}
	if len(items) < 1 || len(items) > domain.MaxBatch {
		return nil, domain.Invalid("items must contain between 1 and %d entries", domain.MaxBatch)
	}
	batch := batchJSON{make([]any, len(items))}
	for i, item := range items {
		result, err := any(nil), item.err
		if err == nil {
			result, err = run(i, item)
		}
		var refusal *domain.Refusal
		if errors.As(err, &refusal) {
			x.status = http.StatusMultiStatus
			result = failedItemJSON{i, refusalJSON{refusal.Code, refusal.Message}}
		}
		batch.Items[i] = result
	}
	return batch, nil
}

// item reads one item, which is nil where there is no object.
func (x *exchange) item(i int, f *fields, target string) batchItem {
	if f == nil {
		return batchItem{err: domain.Invalid("items[%d] must be an object", i)}
	}
	item := batchItem{target: f.required(target)}
	if target == "eventType" {
		f.metadata()
	}
	item.message = x.message(f)
	item.message.Key = f.text("idempotencyKey", absent)
	item.err = f.check()
	return item
}
