package nahook

import (
	"context"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// Environments separate, say, staging from production within one workspace: an
// endpoint and an API key belong to exactly one, and events never cross.
type Environments struct{ api *transport.Transport }

// Environment is one of at most ten in a workspace.
type Environment struct {
	ID        string    `json:"id"`        // starts with "env_"
	Name      string    `json:"name"`      // for people
	Slug      string    `json:"slug"`      // such as "staging"; never changes
	IsDefault bool      `json:"isDefault"` // whether endpoints land here that name no environment
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// CreateEnvironmentOptions describes a new environment.
type CreateEnvironmentOptions struct {
	Name string `json:"name"` // required, up to 50 characters
	Slug string `json:"slug"` // required, 2 to 50 of a-z, 0-9 and hyphen, unique in the workspace
}

// UpdateEnvironmentOptions changes what it sets and leaves the rest.
type UpdateEnvironmentOptions struct {
	Name *string `json:"name,omitempty"`
}

// EventTypeVisibility is whether an environment shows an event type in the
// Developer Portal.
type EventTypeVisibility struct {
	EventTypeID   string `json:"eventTypeId"`
	EventTypeName string `json:"eventTypeName"`
	Published     bool   `json:"published"`
}

// SetEventTypeVisibilityOptions is the visibility to set.
type SetEventTypeVisibilityOptions struct {
	Published bool `json:"published"`
}

// List returns all environments of the workspace: the default one, then the
// others, oldest first.
func (e *Environments) List(ctx context.Context, workspaceID string, opts ...CallOption) (*List[Environment], error) {
	return list[Environment](ctx, e.api, transport.Get("environments.list", "/workspaces/{workspace}/environments", workspaceID), opts)
}

// Create adds an environment, in which nothing is published yet. It fails with
// [ErrConflict] if its slug is taken, and with [ErrEnvironmentLimitReached] if
// the workspace has ten already.
func (e *Environments) Create(ctx context.Context, workspaceID string, o CreateEnvironmentOptions, opts ...CallOption) (*Environment, error) {
	return call[Environment](ctx, e.api, transport.Post("environments.create", "/workspaces/{workspace}/environments", workspaceID).With(o), opts)
}

// Get returns one environment, or [ErrNotFound].
func (e *Environments) Get(ctx context.Context, workspaceID, id string, opts ...CallOption) (*Environment, error) {
	return call[Environment](ctx, e.api, transport.Get("environments.get", "/workspaces/{workspace}/environments/{environment}", workspaceID, id), opts)
}

// Update changes an environment and returns it as it is then, or [ErrNotFound].
func (e *Environments) Update(ctx context.Context, workspaceID, id string, o UpdateEnvironmentOptions, opts ...CallOption) (*Environment, error) {
	return call[Environment](ctx, e.api, transport.Patch("environments.update", "/workspaces/{workspace}/environments/{environment}", workspaceID, id).With(o), opts)
}

// Delete removes an environment for good, with its endpoints and API keys. It
// fails with [ErrConflict] for the default environment, and with [ErrNotFound]
// if there is none, except after an attempt whose answer was lost: then that
// attempt has removed it.
func (e *Environments) Delete(ctx context.Context, workspaceID, id string, opts ...CallOption) error {
	return remove(ctx, e.api, transport.Delete("environments.delete", "/workspaces/{workspace}/environments/{environment}", workspaceID, id), opts)
}

// ListEventTypeVisibility returns every event type of the workspace, newest
// first, with its visibility in one environment, or [ErrNotFound].
func (e *Environments) ListEventTypeVisibility(ctx context.Context, workspaceID, id string, opts ...CallOption) (*List[EventTypeVisibility], error) {
	return list[EventTypeVisibility](ctx, e.api, transport.Get("environments.listVisibility", "/workspaces/{workspace}/environments/{environment}/event-types", workspaceID, id), opts)
}

// SetEventTypeVisibility publishes an event type in an environment or hides it
// there, and returns what it set, or [ErrNotFound]. It decides what customers
// see, never what is delivered.
func (e *Environments) SetEventTypeVisibility(ctx context.Context, workspaceID, id, eventTypeID string, o SetEventTypeVisibilityOptions, opts ...CallOption) (*EventTypeVisibility, error) {
	return call[EventTypeVisibility](ctx, e.api, transport.Put("environments.setVisibility", "/workspaces/{workspace}/environments/{environment}/event-types/{eventType}/visibility", workspaceID, id, eventTypeID).With(o), opts)
}

func (e *Environment) complete() error { return required("id", e.ID) }

func (v *EventTypeVisibility) complete() error { return required("eventTypeId", v.EventTypeID) }
