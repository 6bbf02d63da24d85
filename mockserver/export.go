package mockserver

import (
	"bytes"
	"slices"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// Export describes what the workspace holds as a fixture, oldest rows first, with
// every id: encoded as JSON it is a fixture file. It is the caller's to keep.
//
// Without secrets it has no tokens, no signing secrets, and no user names and
// passwords of endpoints, which are made anew or missing where it is imported; the
// URLs of Slack endpoints, which are credentials too, it has.
//
// What fixtures cannot say is left out or becomes what is nearest: portal sessions,
// the audit log, idempotency keys of events, rotated secrets, labels of CLI tokens,
// and deliveries of deleted endpoints are not there; a delivery is as it was left,
// without the retry that was scheduled, and without an event type that was deleted;
// seconds are rounded up; and encoding/json spaces payloads in its own way.
func (w *Workspace) Export(secrets bool) WorkspaceFixture {
	e := exporter{rows: w.rows.Rows(), secrets: secrets, slugs: map[string]string{}, names: map[string]string{}}
	for _, env := range e.rows.Environments {
		e.slugs[env.ID] = env.Slug
	}
	for _, eventType := range e.rows.EventTypes {
		e.names[eventType.ID] = eventType.Name
	}
	f := WorkspaceFixture{
		ID: w.ID(), Name: w.Name(), Environments: exported(e.rows.Environments, e.environment), EventTypes: exported(e.rows.EventTypes, e.eventType),
		Applications: exported(e.rows.Applications, e.application), Endpoints: exported(e.rows.Endpoints, e.endpoint), Deliveries: exported(e.rows.Deliveries, e.delivery),
	}
	e.settings(&f, w.rows.Settings())
	w.mu.Lock()
	f.FramingOrigins = append([]string{}, w.framing...)
	w.mu.Unlock()
	if secrets {
		f.ManagementTokens, f.SessionTokens = e.tokens(w, domain.ManagementToken), e.tokens(w, domain.SessionToken)
		f.CLITokens, f.APIKeys = e.tokens(w, domain.CLIToken), e.keys(w)
	}
	return f
}

// exporter turns rows into those of a fixture.
type exporter struct {
	rows    store.Rows
	secrets bool
	slugs   map[string]string // of environments
	names   map[string]string // of event types
}

func exported[R, F any](rows []R, export func(R) F) []F {
	all := make([]F, len(rows))
	for i, row := range rows {
		all[i] = export(row)
	}
	return all
}

func (e exporter) settings(f *WorkspaceFixture, s domain.Settings) {
	f.Plan, f.EndpointLimit = Plan(s.Plan), limitOrNil(s.EndpointLimit)
	if s.RateLimit != (domain.RateLimit{}) {
		f.RateLimit = &RateLimitFixture{Limit: s.RateLimit.Limit, WindowSeconds: wholeSeconds(s.RateLimit.Window)}
	}
	f.Schedule = make([]int, len(s.Schedule))
	for i, wait := range s.Schedule {
		f.Schedule[i] = wholeSeconds(wait)
	}
}

func (e exporter) environment(env *domain.Environment) EnvironmentFixture {
	return EnvironmentFixture{ID: env.ID, Name: env.Name, Slug: env.Slug}
}

func (e exporter) eventType(t *domain.EventType) EventTypeFixture {
	f := EventTypeFixture{ID: t.ID, Name: t.Name, Description: t.Description, PublishedIn: []string{}}
	for _, env := range e.rows.Environments {
		if e.rows.Published[env.ID][t.ID] {
			f.PublishedIn = append(f.PublishedIn, env.Slug)
		}
	}
	return f
}

func (e exporter) application(a *domain.Application) ApplicationFixture {
	return ApplicationFixture{
		ID: a.ID, Name: a.Name, ExternalID: a.ExternalID, Metadata: a.Metadata.Map(), MaxEndpoints: limitOrNil(a.MaxEndpoints),
		ShowEventTypes: pointer(a.ShowEventTypes), CreatedAt: standard(a.CreatedAt),
	}
}

func (e exporter) endpoint(d *domain.Endpoint) EndpointFixture {
	f := EndpointFixture{
		ID: d.ID, ApplicationID: d.ApplicationID, Environment: e.slugs[d.EnvironmentID], Type: string(d.Type), URL: d.URL, Description: d.Description,
		IsActive: pointer(d.IsActive), Metadata: d.Metadata.Map(), CreatedAt: standard(d.CreatedAt),
	}
	if d.WebhookURL != "" {
		f.Config = &EndpointConfigFixture{WebhookURL: d.WebhookURL}
	}
	if d.Accepts {
		f.Deliver = deliverAccept
	}
	for _, id := range e.rows.Subscribed[d.ID] {
		f.Subscriptions = append(f.Subscriptions, e.names[id])
	}
	if e.secrets {
		f.Secret, f.AuthUsername, f.AuthPassword = d.Secret, d.AuthUsername, d.AuthPassword
	}
	return f
}

func (e exporter) delivery(d *domain.Delivery) DeliveryFixture {
	f := DeliveryFixture{
		ID: d.ID, EndpointID: d.EndpointID, Status: string(d.Status), IdempotencyKey: d.IdempotencyKey, PayloadStatus: string(d.Storage),
		Attempts: exported(d.Attempts, e.attempt), CreatedAt: standard(d.CreatedAt),
	}
	if slices.ContainsFunc(e.rows.EventTypes, func(t *domain.EventType) bool { return t.Name == d.EventType }) {
		f.EventType = d.EventType
	}
	if d.Stored {
		f.Payload = bytes.Clone(d.Payload)
	}
	return f
}

func (e exporter) attempt(a *domain.Attempt) AttemptFixture {
	f := AttemptFixture{Status: "failed", ErrorMessage: a.Failure, CreatedAt: standard(a.CreatedAt)}
	if a.Success {
		f.Status = "success"
	}
	if a.StatusCode != 0 {
		f.ResponseStatusCode = pointer(a.StatusCode)
	}
	if a.Took != domain.NoTime {
		f.ResponseTimeMs = pointer(int(a.Took))
	}
	return f
}

// credentials are those of a kind, the one first that the workspace's methods name.
func (e exporter) credentials(w *Workspace, kind domain.Kind) []*domain.Credential {
	first := w.first(kind)
	var all []*domain.Credential
	for _, c := range e.rows.Credentials {
		switch {
		case c.Kind != kind:
		case c.Token == first:
			all = slices.Insert(all, 0, c)
		default:
			all = append(all, c)
		}
	}
	return all
}

func (e exporter) tokens(w *Workspace, kind domain.Kind) []TokenFixture {
	return exported(e.credentials(w, kind), func(c *domain.Credential) TokenFixture {
		f := TokenFixture{ID: c.ID, Token: c.Token, Disabled: c.Disabled, Revoked: c.Revoked}
		if c.ExpiresAt != domain.Never {
			f.ExpiresAt = standard(c.ExpiresAt)
		}
		return f
	})
}

func (e exporter) keys(w *Workspace) []APIKeyFixture {
	return exported(e.credentials(w, domain.APIKey), func(c *domain.Credential) APIKeyFixture {
		return APIKeyFixture{Key: c.Token, Environment: e.slugs[c.EnvironmentID], Disabled: c.Disabled}
	})
}

func limitOrNil(l domain.Limit) *int {
	if l == domain.Unlimited {
		return nil
	}
	return pointer(int(l))
}

func standard(t domain.Time) *time.Time { return pointer(t.Std()) }

func pointer[T any](v T) *T { return &v }

// wholeSeconds rounds up: what lasts less than a second lasts one in a fixture.
func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
