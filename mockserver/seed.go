package mockserver

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// settings are the parts of a fixture that no API can change.
func (f WorkspaceFixture) settings() (domain.Settings, error) {
	s := domain.Settings{Plan: domain.PlanPro, Schedule: domain.DefaultSchedule}
	if f.Plan != "" {
		s.Plan = domain.Plan(f.Plan)
	}
	if !s.Plan.Valid() {
		return s, fmt.Errorf("plan: %q does not exist; use %q or %q", f.Plan, PlanHobby, PlanPro)
	}
	var err error
	if s.EndpointLimit, err = limitOf("endpointLimit", f.EndpointLimit); err != nil {
		return s, err
	}
	if r := f.RateLimit; r != nil {
		if r.Limit < 1 || r.WindowSeconds < 1 || r.WindowSeconds > maxLimit {
			return s, fmt.Errorf("rateLimit: limit and windowSeconds must be positive, and windowSeconds at most %d", maxLimit)
		}
		s.RateLimit = domain.RateLimit{Limit: r.Limit, Window: time.Duration(r.WindowSeconds) * time.Second}
	}
	if f.Schedule != nil {
		s.Schedule, err = scheduleOf(f.Schedule)
	}
	return s, err
}

func scheduleOf(seconds []int) (domain.Schedule, error) {
	schedule := make(domain.Schedule, 0, len(seconds))
	for i, wait := range seconds {
		if wait < 0 || wait > int(maxWait/time.Second) {
			return nil, fmt.Errorf("schedule[%d]: %d is not between 0 and %d seconds, a year", i, wait, int(maxWait/time.Second))
		}
		schedule = append(schedule, time.Duration(wait)*time.Second)
	}
	return schedule, nil
}

func limitOf(key string, limit *int) (domain.Limit, error) {
	switch {
	case limit == nil:
		return domain.Unlimited, nil
	case *limit < 0 || *limit > maxLimit:
		return 0, fmt.Errorf("%s: %d is not between 0 and %d", key, *limit, maxLimit)
	}
	return domain.Limit(*limit), nil
}

// describe is what the store needs to know before there are any rows.
func (f WorkspaceFixture) describe(s domain.Settings) (store.NewWorkspace, error) {
	n := store.NewWorkspace{ID: f.ID, Name: f.Name, Settings: s}
	described := false
	err := each("environments", f.Environments, func(e EnvironmentFixture) error {
		if e.Slug != domain.DefaultEnvironmentSlug {
			return nil
		}
		if described {
			return fmt.Errorf("the slug %q is given twice", e.Slug)
		}
		described = true
		n.DefaultEnvironmentID, n.DefaultEnvironmentName = e.ID, e.Name
		standard := domain.NewEnvironment{Name: cmp.Or(e.Name, domain.DefaultEnvironmentName), Slug: e.Slug}
		return errors.Join(standard.Validate(), checkID(e.ID))
	})
	return n, errors.Join(err, checkID(f.ID))
}

// seed stores the rows of a fixture, in the order in which they refer to one
// another.
func (f WorkspaceFixture) seed(w *Workspace) error {
	for _, step := range []func(*Workspace) error{
		f.seedEnvironments, f.seedTokens, f.seedAPIKeys, f.seedEventTypes, f.seedApplications, f.seedEndpoints, f.seedDeliveries,
	} {
		if err := step(w); err != nil {
			return err
		}
	}
	return nil
}

// checkID refuses the only ids that no path can carry.
func checkID(id string) error {
	if id == "." || id == ".." {
		return fmt.Errorf("the id %q cannot stand in a path", id)
	}
	return nil
}

// checkToken refuses what an Authorization header cannot carry.
func checkToken(token string) error {
	if strings.ContainsFunc(token, func(r rune) bool { return r == ',' || unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return errors.New("a token must not contain white space, commas or control characters")
	}
	return nil
}

func (f WorkspaceFixture) seedEnvironments(w *Workspace) error {
	return each("environments", f.Environments, func(e EnvironmentFixture) error {
		if e.Slug == domain.DefaultEnvironmentSlug {
			return nil
		}
		_, err := w.rows.By(domain.Nobody).ImportEnvironment(domain.NewEnvironment{Name: e.Name, Slug: e.Slug}, store.Origin{ID: e.ID})
		return errors.Join(err, checkID(e.ID))
	})
}

func (f WorkspaceFixture) seedTokens(w *Workspace) error {
	for _, group := range []struct {
		key    string
		kind   domain.Kind
		tokens []TokenFixture
	}{
		{"managementTokens", domain.ManagementToken, f.ManagementTokens},
		{"sessionTokens", domain.SessionToken, f.SessionTokens},
		{"cliTokens", domain.CLIToken, f.CLITokens},
	} {
		err := each(group.key, group.tokens, func(t TokenFixture) error {
			c := domain.Credential{
				Kind: group.kind, ID: t.ID, Token: t.Token, Disabled: t.Disabled, Revoked: t.Revoked, ExpiresAt: domain.Never,
			}
			if t.ExpiresAt != nil {
				c.ExpiresAt = domain.At(*t.ExpiresAt)
			}
			_, err := w.mint(c)
			return errors.Join(err, checkToken(t.Token))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (f WorkspaceFixture) seedAPIKeys(w *Workspace) error {
	return each("apiKeys", f.APIKeys, func(k APIKeyFixture) error {
		env, err := environmentOf(w.rows, k.Environment)
		if err != nil {
			return err
		}
		_, err = w.mint(domain.Credential{
			Kind: domain.APIKey, Token: k.Key, EnvironmentID: env.ID, Disabled: k.Disabled, ExpiresAt: domain.Never,
		})
		return errors.Join(err, checkToken(k.Key))
	})
}

func (f WorkspaceFixture) seedEventTypes(w *Workspace) error {
	return each("eventTypes", f.EventTypes, func(e EventTypeFixture) error {
		var publishedIn []string
		if e.PublishedIn != nil {
			publishedIn = []string{}
		}
		for _, slug := range e.PublishedIn {
			env, err := w.rows.EnvironmentBySlug(slug)
			if err != nil {
				return fmt.Errorf("publishedIn: there is no environment %q", slug)
			}
			publishedIn = append(publishedIn, env.ID)
		}
		n := domain.NewEventType{Name: e.Name, Description: e.Description}
		_, err := w.rows.By(domain.Nobody).ImportEventType(n, store.Origin{ID: e.ID}, publishedIn)
		return errors.Join(err, checkID(e.ID))
	})
}

func (f WorkspaceFixture) seedApplications(w *Workspace) error {
	return each("applications", f.Applications, func(a ApplicationFixture) error {
		limit, err := limitOf("maxEndpoints", a.MaxEndpoints)
		if err != nil {
			return err
		}
		n := domain.NewApplication{
			Name: a.Name, Metadata: domain.NewMetadata(a.Metadata), MaxEndpoints: limit,
			ShowEventTypes: a.ShowEventTypes == nil || *a.ShowEventTypes,
		}
		if a.ExternalID != "" {
			n.ExternalID = &a.ExternalID
		}
		_, err = w.rows.By(domain.Nobody).ImportApplication(n, store.Origin{ID: a.ID, CreatedAt: instant(a.CreatedAt)})
		return errors.Join(err, checkID(a.ID))
	})
}

// deliverAccept is the one way to deliver that is no request.
const deliverAccept = "accept"

func (f WorkspaceFixture) seedEndpoints(w *Workspace) error {
	return each("endpoints", f.Endpoints, func(e EndpointFixture) error {
		env, err := environmentOf(w.rows, e.Environment)
		if err != nil {
			return err
		}
		if e.Secret != "" {
			if err := domain.ValidateSecret(e.Secret); err != nil {
				return err
			}
		}
		if e.Deliver != "" && e.Deliver != deliverAccept {
			return fmt.Errorf("deliver: %q is not %q; leave it out for real attempts", e.Deliver, deliverAccept)
		}
		endpoint, err := w.rows.By(domain.Nobody).ImportEndpoint(e.request(env.ID), store.Origin{
			ID: e.ID, Secret: e.Secret, CreatedAt: instant(e.CreatedAt), Inactive: e.IsActive != nil && !*e.IsActive,
			Accepts: e.Deliver == deliverAccept,
		})
		if err != nil {
			return err
		}
		return errors.Join(e.subscribe(w.rows, endpoint.ID), checkID(e.ID))
	})
}

func (e EndpointFixture) subscribe(w *store.Workspace, endpointID string) error {
	ids := make([]string, 0, len(e.Subscriptions))
	for _, name := range e.Subscriptions {
		eventType, err := w.EventTypeByName(name)
		if err != nil {
			return fmt.Errorf("subscriptions: there is no event type %q", name)
		}
		ids = append(ids, eventType.ID)
	}
	_, err := w.By(domain.Nobody).Subscribe(endpointID, ids)
	return err
}

func (e EndpointFixture) request(environmentID string) domain.NewEndpoint {
	n := domain.NewEndpoint{
		ApplicationID: e.ApplicationID, EnvironmentID: &environmentID, Type: domain.Webhook, URL: e.URL,
		Description: e.Description, AuthUsername: e.AuthUsername, AuthPassword: e.AuthPassword,
		Metadata: domain.NewMetadata(e.Metadata),
	}
	if e.Type != "" {
		n.Type = domain.EndpointType(e.Type)
	}
	if e.Config != nil {
		n.WebhookURL = e.Config.WebhookURL
	}
	return n
}

// environmentOf finds an environment by slug, the default one for none.
func environmentOf(w *store.Workspace, slug string) (*domain.Environment, error) {
	if slug == "" {
		slug = domain.DefaultEnvironmentSlug
	}
	env, err := w.EnvironmentBySlug(slug)
	if err != nil {
		return nil, fmt.Errorf("environment: there is none with the slug %q", slug)
	}
	return env, nil
}

// each runs step on every row and says at which one it failed. A refusal of the
// API is told in its words alone: there is no answer that would need its code.
func each[T any](key string, rows []T, step func(T) error) error {
	for i, row := range rows {
		err := step(row)
		var refusal *domain.Refusal
		if errors.As(err, &refusal) {
			err = errors.New(refusal.Message)
		}
		if err != nil {
			return fmt.Errorf("%s[%d]: %w", key, i, err)
		}
	}
	return nil
}

// instant gives a fixture's time; nil is left to the store.
func instant(t *time.Time) *domain.Time {
	if t == nil {
		return nil
	}
	at := domain.At(*t)
	return &at
}
