package mockserver

import (
	"fmt"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// settings are the parts of a fixture that no API can change.
func (f WorkspaceFixture) settings() (domain.Settings, error) {
	s := domain.Settings{Plan: domain.PlanPro}
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
		s.RateLimit = domain.RateLimit{Limit: r.Limit, Window: time.Duration(r.WindowSeconds) * time.Second}
		if r.Limit < 1 || r.WindowSeconds < 1 {
			return s, fmt.Errorf("rateLimit: limit and windowSeconds must be positive")
		}
	}
	return s, nil
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
func (f WorkspaceFixture) describe(s domain.Settings) store.NewWorkspace {
	n := store.NewWorkspace{ID: f.ID, Name: f.Name, Settings: s}
	for _, e := range f.Environments {
		if e.Slug == domain.DefaultEnvironmentSlug {
			n.DefaultEnvironmentID, n.DefaultEnvironmentName = e.ID, e.Name
		}
	}
	return n
}

// seed stores the rows of a fixture, in the order in which they refer to one
// another.
func (f WorkspaceFixture) seed(w *store.Workspace) error {
	for _, step := range []func(*store.Workspace) error{
		f.seedEnvironments, f.seedTokens, f.seedAPIKeys, f.seedApplications, f.seedEndpoints,
	} {
		if err := step(w); err != nil {
			return err
		}
	}
	return nil
}

func (f WorkspaceFixture) seedEnvironments(w *store.Workspace) error {
	return each("environments", f.Environments, func(e EnvironmentFixture) error {
		if e.Slug == domain.DefaultEnvironmentSlug {
			return nil
		}
		_, err := w.AddEnvironment(e.ID, e.Name, e.Slug)
		return err
	})
}

func (f WorkspaceFixture) seedTokens(w *store.Workspace) error {
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
			_, err := w.AddCredential(domain.Credential{
				Kind: group.kind, ID: t.ID, Token: t.Token, Disabled: t.Disabled, Revoked: t.Revoked, ExpiresAt: instant(t.ExpiresAt),
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (f WorkspaceFixture) seedAPIKeys(w *store.Workspace) error {
	return each("apiKeys", f.APIKeys, func(k APIKeyFixture) error {
		env, err := environmentOf(w, k.Environment)
		if err != nil {
			return err
		}
		_, err = w.AddCredential(domain.Credential{
			Kind: domain.APIKey, Token: k.Key, EnvironmentID: env.ID, Disabled: k.Disabled,
		})
		return err
	})
}

func (f WorkspaceFixture) seedApplications(w *store.Workspace) error {
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
		_, err = w.ImportApplication(n, store.Origin{ID: a.ID, CreatedAt: instant(a.CreatedAt)})
		return err
	})
}

func (f WorkspaceFixture) seedEndpoints(w *store.Workspace) error {
	return each("endpoints", f.Endpoints, func(e EndpointFixture) error {
		env, err := environmentOf(w, e.Environment)
		if err != nil {
			return err
		}
		if e.Secret != "" {
			if err := domain.ValidateSecret(e.Secret); err != nil {
				return err
			}
		}
		_, err = w.ImportEndpoint(e.request(env.ID), store.Origin{
			ID: e.ID, Secret: e.Secret, CreatedAt: instant(e.CreatedAt), Inactive: e.IsActive != nil && !*e.IsActive,
		})
		return err
	})
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

// each runs step on every row and says at which one it failed.
func each[T any](key string, rows []T, step func(T) error) error {
	for i, row := range rows {
		if err := step(row); err != nil {
			return fmt.Errorf("%s[%d]: %w", key, i, err)
		}
	}
	return nil
}

// instant gives a fixture's time, or the present one for none.
func instant(t *time.Time) domain.Time {
	if t == nil {
		return domain.Never
	}
	return domain.At(*t)
}
