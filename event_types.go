package nahook

import (
	"context"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// EventTypes are the catalog of what a workspace sends: endpoints subscribe to
// event types, and the Developer Portal shows the published ones to customers.
type EventTypes struct{ api *transport.Transport }

// EventType is one kind of event.
type EventType struct {
	ID          string    `json:"id"`          // starts with "evt_"
	Name        string    `json:"name"`        // such as "order.created"; never changes
	Description string    `json:"description"` // for people; empty for none
	CreatedAt   time.Time `json:"createdAt"`
}

// CreateEventTypeOptions describes a new event type.
type CreateEventTypeOptions struct {
	Name        string `json:"name"`                  // required: lowercase words joined by dots, up to 100 characters, unique in the workspace
	Description string `json:"description,omitempty"` // up to 500 characters
}

// UpdateEventTypeOptions changes what it sets and leaves the rest. The name of
// an event type cannot change: delete it and create another.
type UpdateEventTypeOptions struct {
	Description *string `json:"description,omitempty"` // an empty one clears it
}

// List returns all event types of the workspace, newest first.
func (e *EventTypes) List(ctx context.Context, workspaceID string, opts ...CallOption) (*List[EventType], error) {
	return list[EventType](ctx, e.api, transport.Get("eventTypes.list", "/workspaces/{workspace}/event-types", workspaceID), opts)
}

// Create adds an event type, published in the default environment alone. It
// fails with [ErrConflict] if its name is taken.
func (e *EventTypes) Create(ctx context.Context, workspaceID string, o CreateEventTypeOptions, opts ...CallOption) (*EventType, error) {
	return call[EventType](ctx, e.api, transport.Post("eventTypes.create", "/workspaces/{workspace}/event-types", workspaceID).With(o), opts)
}

// Get returns one event type, or [ErrNotFound].
func (e *EventTypes) Get(ctx context.Context, workspaceID, id string, opts ...CallOption) (*EventType, error) {
	return call[EventType](ctx, e.api, transport.Get("eventTypes.get", "/workspaces/{workspace}/event-types/{eventType}", workspaceID, id), opts)
}

// Update changes an event type and returns it as it is then, or [ErrNotFound].
func (e *EventTypes) Update(ctx context.Context, workspaceID, id string, o UpdateEventTypeOptions, opts ...CallOption) (*EventType, error) {
	return call[EventType](ctx, e.api, transport.Patch("eventTypes.update", "/workspaces/{workspace}/event-types/{eventType}", workspaceID, id).With(o), opts)
}

// Delete removes an event type for good, with all subscriptions to it; its name
// becomes free. It fails with [ErrNotFound] if there is none, except after an
// attempt whose answer was lost: then that attempt has removed it.
func (e *EventTypes) Delete(ctx context.Context, workspaceID, id string, opts ...CallOption) error {
	return remove(ctx, e.api, transport.Delete("eventTypes.delete", "/workspaces/{workspace}/event-types/{eventType}", workspaceID, id), opts)
}

func (e *EventType) complete() error { return required("id", e.ID) }
