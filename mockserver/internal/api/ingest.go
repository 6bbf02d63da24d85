package api

import (
	"errors"
	"net/http"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

func (a *API) ingestRoutes() []route {
	return []route{
		post("ingest.send", "/{endpoint}", a.send).answers(http.StatusAccepted),
		post("ingest.trigger", "/event/{eventType}", a.trigger).answers(http.StatusAccepted),
	}
}

func (a *API) batchRoutes() []route {
	return []route{
		post("ingest.sendBatch", "/batch", a.sendBatch).answers(http.StatusAccepted),
		post("ingest.triggerBatch", "/event/batch", a.triggerBatch).answers(http.StatusAccepted),
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

// message reads what a request or an item of a batch wants delivered.
func (x *exchange) message(f *fields) store.Message {
	return store.Message{EnvironmentID: x.credential.EnvironmentID, Payload: f.payload()}
}

func (a *API) send(x *exchange) (any, error) {
	return one(encodeSent)(a.sendOne(x, x.PathValue("endpoint"), x.body))
}

func (a *API) sendOne(x *exchange, endpointID string, f *fields) (store.Accepted, error) {
	m := x.message(f)
	m.Key = f.text("idempotencyKey", absent)
	if err := f.check(); err != nil {
		return store.Accepted{}, err
	}
	s, err := x.workspace.Send(endpointID, m)
	a.Deliver(x.workspace, s.New)
	return s, err
}

// trigger takes metadata, which is not delivered, and no key.
func (a *API) trigger(x *exchange) (any, error) {
	x.body.metadata()
	return one(encodeTriggered)(a.triggerOne(x, x.PathValue("eventType"), x.message(x.body), x.body))
}

func (a *API) triggerOne(x *exchange, eventType string, m store.Message, f *fields) (store.Accepted, error) {
	if err := f.check(); err != nil {
		return store.Accepted{}, err
	}
	s, err := x.workspace.Trigger(eventType, m)
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
	return x.each(func(i int, f *fields) (any, error) {
		endpointID, err := f.target("endpointId")
		if err != nil {
			return nil, err
		}
		s, err := a.sendOne(x, endpointID, f)
		if err != nil {
			return nil, err
		}
		return sentItemJSON{i, encodeSent(s)}, nil
	})
}

func (a *API) triggerBatch(x *exchange) (any, error) {
	return x.each(func(i int, f *fields) (any, error) {
		eventType, err := f.target("eventType")
		if err != nil {
			return nil, err
		}
		f.metadata()
		m := x.message(f)
		m.Key = f.text("idempotencyKey", absent)
		s, err := a.triggerOne(x, eventType, m, f)
		if err != nil {
			return nil, err
		}
		return triggeredItemJSON{i, encodeTriggered(s)}, nil
	})
}

// target reads what an item is for.
func (f *fields) target(name string) (string, error) {
	target := f.text(name, refused)
	if err := f.check(); err != nil {
		return "", err
	}
	if target == nil {
		return "", domain.Invalid("%s%s is required", f.path, name)
	}
	return *target, nil
}

// each runs the items of a batch in their order. They are independent: one that
// fails fails alone, and the answer tells by its status that some did.
func (x *exchange) each(run func(int, *fields) (any, error)) (any, error) {
	items := x.body.objects("items")
	if err := x.body.check(); err != nil {
		return nil, err
	}
	if len(items) < 1 || len(items) > domain.MaxBatch {
		return nil, domain.Invalid("items must contain between 1 and %d entries", domain.MaxBatch)
	}
	batch := batchJSON{make([]any, len(items))}
	for i, item := range items {
		result, err := runItem(i, item, run)
		var refusal *domain.Refusal
		if errors.As(err, &refusal) {
			x.status = http.StatusMultiStatus
			result = failedItemJSON{i, refusalJSON{refusal.Code, refusal.Message}}
		}
		batch.Items[i] = result
	}
	return batch, nil
}

func runItem(i int, item *fields, run func(int, *fields) (any, error)) (any, error) {
	if item == nil {
		return nil, domain.Invalid("items[%d] must be an object", i)
	}
	return run(i, item)
}
