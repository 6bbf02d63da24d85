package api

import (
	"encoding/json"
	"fmt"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func deliveryRoutes(most pageLimits) []route {
	const one = "/deliveries/{delivery}"
	list := func(a *API, x *exchange) (any, error) { return a.listDeliveries(x, most) }
	return []route{
		get("deliveries.list", "/endpoints/{endpoint}/deliveries", list),
		get("deliveries.get", one, (*API).getDelivery),
		get("deliveries.attempts", one+"/attempts", (*API).listAttempts),
	}
}

type deliveryJSON struct {
	ID             string                `json:"id"`
	IdempotencyKey string                `json:"idempotencyKey"`
	EndpointID     string                `json:"endpointId"`
	Status         domain.DeliveryStatus `json:"status"`
	TotalAttempts  int                   `json:"totalAttempts"`
	FirstAttemptAt *timestamp            `json:"firstAttemptAt"`
	DeliveredAt    *timestamp            `json:"deliveredAt"`
	NextRetryAt    *timestamp            `json:"nextRetryAt"`
	HasPayload     bool                  `json:"hasPayload"`
	CreatedAt      timestamp             `json:"createdAt"`
	UpdatedAt      timestamp             `json:"updatedAt"`
	Payload        *payloadJSON          `json:"payload,omitempty"`
}

func encodeDelivery(d *domain.Delivery) deliveryJSON {
	return deliveryJSON{
		ID: d.ID, IdempotencyKey: d.IdempotencyKey, EndpointID: d.EndpointID, Status: d.Status, TotalAttempts: len(d.Attempts),
		FirstAttemptAt: instant(d.FirstAttemptAt()), DeliveredAt: instant(d.DeliveredAt), NextRetryAt: instant(d.NextRetryAt),
		HasPayload: d.Stored, CreatedAt: timestamp(d.CreatedAt), UpdatedAt: timestamp(d.UpdatedAt),
	}
}

type payloadJSON struct {
	Status      domain.PayloadStatus `json:"status"`
	Data        json.RawMessage      `json:"data,omitempty"`
	ContentType string               `json:"contentType,omitempty"`
}

func encodePayload(d *domain.Delivery, p domain.Plan) *payloadJSON {
	encoded := &payloadJSON{Status: d.PayloadState(p)}
	if encoded.Status == domain.PayloadAvailable {
		encoded.Data, encoded.ContentType = d.Payload, "application/json"
	}
	return encoded
}

// portalDeliveryJSON is a delivery as customers see it.
type portalDeliveryJSON struct {
	deliveryJSON
	EventType *string `json:"eventType"`
}

func encodePortalDelivery(d *domain.Delivery) portalDeliveryJSON {
	return portalDeliveryJSON{encodeDelivery(d), nullable(d.EventType)}
}

type deliveriesJSON struct {
	Deliveries any     `json:"deliveries"` // an array of the one or the other
	NextCursor *string `json:"nextCursor"`
}

// reader is whose deliveries a request may see: a workspace's or an
// application's.
type reader interface {
	Delivery(id string) (*domain.Delivery, error)
	Deliveries(rows []*domain.Delivery, endpointID string, status domain.DeliveryStatus, after *domain.Position, limit int) ([]*domain.Delivery, error)
}

func (x *exchange) reader() reader {
	if x.portal.Session != nil {
		return x.portal
	}
	return x.workspace
}

// deliveryQuery is what a listing is asked for.
type deliveryQuery struct {
	limit   int
	status  domain.DeliveryStatus // empty for all
	after   *domain.Position      // nil for the first page
	listing string                // what cursors are good for
}

func (a *API) deliveryQuery(x *exchange, most pageLimits) (deliveryQuery, error) {
	q, err := parseQuery(x.URL.RawQuery)
	if err != nil {
		return deliveryQuery{}, err
	}
	d := deliveryQuery{status: domain.DeliveryStatus(q.Get("status"))}
	if d.limit, err = q.limit(most); err != nil {
		return d, err
	}
	if d.status != "" && !d.status.Valid() {
		return d, domain.Invalid("status must be one of pending, delivering, delivered, scheduled_retry, failed, dead_letter")
	}
	d.listing = fmt.Sprintf("%q %q %q", x.workspace.ID(), x.PathValue("endpoint"), d.status)
	if cursor := q.Get("cursor"); cursor != "" {
		place, err := a.cursors.open(d.listing, cursor)
		d.after = &place
		return d, err
	}
	return d, nil
}

// listDeliveries asks for one row more than a page holds, so that the last page
// is known for what it is even when it is full.
func (a *API) listDeliveries(x *exchange, most pageLimits) (any, error) {
	q, err := a.deliveryQuery(x, most)
	if err != nil {
		return nil, err
	}
	var space [maxPage + 1]*domain.Delivery
	rows, err := x.reader().Deliveries(space[:0], x.PathValue("endpoint"), q.status, q.after, q.limit+1)
	if err != nil {
		return nil, err
	}
	page := deliveriesJSON{}
	if len(rows) > q.limit {
		rows = rows[:q.limit]
		next := a.cursors.seal(q.listing, rows[q.limit-1].Position)
		page.NextCursor = &next
	}
	if x.portal.Session != nil {
		page.Deliveries = encodeAll(rows, encodePortalDelivery)
	} else {
		page.Deliveries = encodeAll(rows, encodeDelivery)
	}
	return page, nil
}

func (a *API) getDelivery(x *exchange) (any, error) {
	q, err := parseQuery(x.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	d, err := x.reader().Delivery(x.PathValue("delivery"))
	if err != nil {
		return nil, err
	}
	encoded := encodePortalDelivery(d)
	if q.Get("include") == "payload" {
		encoded.Payload = encodePayload(d, x.workspace.Plan())
	}
	if x.portal.Session != nil {
		return encoded, nil
	}
	return encoded.deliveryJSON, nil
}

type attemptJSON struct {
	ID                 string    `json:"id"`
	AttemptNumber      int       `json:"attemptNumber"`
	Status             string    `json:"status"`
	ResponseStatusCode *int      `json:"responseStatusCode"`
	ResponseTimeMs     *int      `json:"responseTimeMs"`
	ErrorMessage       *string   `json:"errorMessage"`
	CreatedAt          timestamp `json:"createdAt"`
}

func encodeAttempt(number int, t *domain.Attempt) attemptJSON {
	encoded := attemptJSON{
		ID: t.ID, AttemptNumber: number, Status: "failed", ErrorMessage: nullable(t.Failure), CreatedAt: timestamp(t.CreatedAt),
	}
	if t.Success {
		encoded.Status = "success"
	}
	if t.StatusCode != 0 {
		encoded.ResponseStatusCode = &t.StatusCode
	}
	if t.Took != domain.NoTime {
		took := int(t.Took)
		encoded.ResponseTimeMs = &took
	}
	return encoded
}

func (a *API) listAttempts(x *exchange) (any, error) {
	d, err := x.reader().Delivery(x.PathValue("delivery"))
	if err != nil {
		return nil, err
	}
	attempts := make([]attemptJSON, len(d.Attempts))
	for i, t := range d.Attempts {
		attempts[i] = encodeAttempt(i+1, t)
	}
	return attempts, nil
}
