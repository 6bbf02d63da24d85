package mockserver

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/nahook/nahook-go/mockserver/internal/api"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

func (f WorkspaceFixture) seedDeliveries(w *Workspace) error {
	return each("deliveries", f.Deliveries, func(d DeliveryFixture) error {
		row, err := d.row(w.rows)
		if err != nil {
			return err
		}
		err = w.rows.ImportDelivery(row, store.Origin{ID: d.ID, CreatedAt: instant(d.CreatedAt)})
		return errors.Join(err, checkID(d.ID))
	})
}

// row is what the fixture says, with what follows from it.
func (d DeliveryFixture) row(w *store.Workspace) (domain.Delivery, error) {
	row := domain.Delivery{
		EndpointID: d.EndpointID, EventType: d.EventType, Status: domain.DeliveryStatus(d.Status), IdempotencyKey: d.IdempotencyKey,
		Storage: domain.PayloadStatus(d.PayloadStatus),
	}
	if !row.Status.Valid() {
		return row, fmt.Errorf("status: %q does not exist; there are %v", d.Status, domain.DeliveryStatuses)
	}
	if d.IdempotencyKey != "" {
		if err := domain.ValidateKey(d.IdempotencyKey); err != nil {
			return row, err
		}
	}
	if d.EventType != "" {
		if _, err := w.EventTypeByName(d.EventType); err != nil {
			return row, fmt.Errorf("eventType: there is no event type %q", d.EventType)
		}
	}
	if d.Payload != nil && string(d.Payload) != "null" {
		if !api.IsObject(d.Payload) || len(d.Payload) > domain.MaxPayload {
			return row, fmt.Errorf("payload: want an object of at most %d bytes", domain.MaxPayload)
		}
		row.Payload, row.Stored = bytes.Clone(d.Payload), true
	}
	if err := d.checkPayloadStatus(row); err != nil {
		return row, err
	}
	return row, d.addAttempts(&row, w.Schedule(), w.Now())
}

func (d DeliveryFixture) checkPayloadStatus(row domain.Delivery) error {
	switch row.Storage {
	case "", domain.PayloadProcessing, domain.PayloadNotFound, domain.PayloadError:
		return nil
	case domain.PayloadAvailable:
		if row.Stored {
			return nil
		}
		return errors.New("payloadStatus: \"available\" needs a payload")
	}
	return fmt.Errorf("payloadStatus: %q is none of available, processing, not_found, error", d.PayloadStatus)
}

// addAttempts adds what was tried, and what follows from it: a delivered row was
// delivered by its last attempt, and a scheduled one waits for the next.
func (d DeliveryFixture) addAttempts(row *domain.Delivery, schedule domain.Schedule, now domain.Time) error {
	last, given := now, d.CreatedAt
	if given != nil {
		last = domain.At(*given)
	}
	err := each("attempts", d.Attempts, func(a AttemptFixture) error {
		// What is not given is now, of which only what runs on the server knows.
		if a.CreatedAt != nil && given != nil && a.CreatedAt.Before(*given) {
			return errors.New("createdAt: it is before that of the delivery, or of the attempt before")
		}
		given = cmp.Or(a.CreatedAt, given)
		attempt, err := a.attempt(last)
		last = attempt.CreatedAt
		row.Attempts = append(row.Attempts, attempt)
		return err
	})
	switch row.Status {
	case domain.Delivered:
		row.DeliveredAt = last
	case domain.ScheduledRetry:
		row.NextRetryAt = last.Add(schedule.Wait(len(row.Attempts)))
	}
	return err
}

func (a AttemptFixture) attempt(earliest domain.Time) (*domain.Attempt, error) {
	attempt := &domain.Attempt{CreatedAt: earliest, Success: a.Status == "success", Took: domain.NoTime, Failure: a.ErrorMessage}
	if a.Status != "success" && a.Status != "failed" {
		return attempt, fmt.Errorf("status: %q is neither success nor failed", a.Status)
	}
	if code := a.ResponseStatusCode; code != nil {
		if *code < 100 || *code > 999 {
			return attempt, fmt.Errorf("responseStatusCode: %d is not between 100 and 999", *code)
		}
		attempt.StatusCode = *code
	}
	if took := a.ResponseTimeMs; took != nil {
		if *took < 0 || *took > math.MaxInt32 {
			return attempt, fmt.Errorf("responseTimeMs: %d is not between 0 and %d", *took, math.MaxInt32)
		}
		attempt.Took = domain.Took(*took)
	}
	if a.CreatedAt != nil {
		attempt.CreatedAt = domain.At(*a.CreatedAt)
	}
	return attempt, nil
}
