package store

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// The views spell records of the store as rows of the model.

func viewApplication(a *domain.Application) (string, applicationRow) {
	return a.ID, applicationRow{a.ExternalID, a.Name, metadataText(a.Metadata), a.MaxEndpoints, a.ShowEventTypes, a.UpdatedAt}
}

func viewEndpoint(e *domain.Endpoint) (string, endpointRow) {
	return e.ID, endpointRow{
		e.ApplicationID, e.EnvironmentID, e.Type, e.URL, e.WebhookURL, e.Secret, e.OldSecret, e.OldSecretEnds, e.Accepts, e.IsActive,
		e.Description, e.AuthUsername, e.AuthPassword, metadataText(e.Metadata), e.UpdatedAt,
	}
}

func viewPortalEndpoint(e PortalEndpoint) (string, endpointRow) { return viewEndpoint(e.Endpoint) }

func viewEventType(e *domain.EventType) (string, eventTypeRow) {
	return e.ID, eventTypeRow{e.Name, e.Description}
}

func viewSubscription(s Subscribed) (string, subscriptionRow) {
	return s.ID, subscriptionRow{s.EndpointID, s.EventTypeID}
}

func viewEnvironment(e *domain.Environment) (string, environmentRow) {
	return e.ID, environmentRow{e.Name, e.Slug, e.IsDefault, e.UpdatedAt}
}

func viewSession(s *domain.PortalSession) (string, sessionRow) {
	return s.ID, sessionRow{s.ApplicationID, s.Role, metadataText(s.Metadata), s.CodeHash, s.TokenHash, s.CodeExpiresAt, s.ExpiresAt, s.Exchanged}
}

func viewDelivery(d *domain.Delivery) (string, deliveryRow) {
	return d.ID, deliveryRow{
		d.EndpointID, d.ApplicationID, d.MessageID, d.IdempotencyKey, d.EventType, string(d.Payload), d.Stored, d.Storage, d.Status,
		attemptsText(d.Attempts), d.NextRetryAt, d.DeliveredAt, d.UpdatedAt, d.Once, d.Seeded,
	}
}

func viewAudit(a *domain.AuditEntry) auditRow {
	return auditRow{a.CreatedAt, a.Actor, a.Resource, a.ResourceID, a.Verb, metadataText(a.Metadata)}
}

// A field that the model does not know of is one that it never compares.
func TestTheModelKnowsEveryField(t *testing.T) {
	t.Parallel()
	for record, row := range map[reflect.Type]reflect.Type{
		reflect.TypeFor[domain.Application]():   reflect.TypeFor[applicationRow](),
		reflect.TypeFor[domain.Endpoint]():      reflect.TypeFor[endpointRow](),
		reflect.TypeFor[domain.EventType]():     reflect.TypeFor[eventTypeRow](),
		reflect.TypeFor[domain.Subscription]():  reflect.TypeFor[subscriptionRow](),
		reflect.TypeFor[domain.Environment]():   reflect.TypeFor[environmentRow](),
		reflect.TypeFor[domain.PortalSession](): reflect.TypeFor[sessionRow](),
		reflect.TypeFor[domain.Delivery]():      reflect.TypeFor[deliveryRow](),
	} {
		fields := slices.DeleteFunc(fieldsOf(record), func(name string) bool { return name == "ID" || name == "Position" })
		assert.ElementsMatch(t, fields, fieldsOf(row), record.Name())
	}
}

func fieldsOf(t reflect.Type) []string {
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		names = append(names, t.Field(i).Name)
	}
	return names
}
