package nahook

import (
	"context"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// Subscriptions decide which events an endpoint receives.
type Subscriptions struct{ api *transport.Transport }

// Subscription makes one endpoint receive the events of one type.
type Subscription struct {
	ID            string    `json:"id"` // starts with "sub_"
	EventTypeID   string    `json:"eventTypeId"`
	EventTypeName string    `json:"eventTypeName"`
	CreatedAt     time.Time `json:"createdAt"`
}

// CreateSubscriptionOptions names what to subscribe to.
type CreateSubscriptionOptions struct {
	EventTypeIDs []string `json:"eventTypeIds"` // at least one
}

// SubscribeResult is what [Subscriptions.Create] did.
type SubscribeResult struct {
	Subscribed int `json:"subscribed"` // how many subscriptions are new; the endpoint had the others already
}

// List returns all subscriptions of an endpoint, newest first, or [ErrNotFound].
func (s *Subscriptions) List(ctx context.Context, workspaceID, endpointID string, opts ...CallOption) (*List[Subscription], error) {
	return list[Subscription](ctx, s.api, transport.Get("subscriptions.list", "/workspaces/{workspace}/endpoints/{endpoint}/subscriptions", workspaceID, endpointID), opts)
}

// Create subscribes an endpoint to event types. One that it is subscribed to
// already is no error. If the endpoint or one of the event types does not
// exist, it fails with [ErrNotFound] and nothing changes.
func (s *Subscriptions) Create(ctx context.Context, workspaceID, endpointID string, o CreateSubscriptionOptions, opts ...CallOption) (*SubscribeResult, error) {
	return subscribeResult(call[subscribedJSON](ctx, s.api, transport.Post("subscriptions.create", "/workspaces/{workspace}/endpoints/{endpoint}/subscriptions", workspaceID, endpointID).With(o), opts))
}

// Delete ends the subscription of an endpoint to an event type. It goes by the
// event type's id, not the subscription's, and fails with [ErrNotFound] if the
// endpoint is not subscribed, except after an attempt whose answer was lost:
// then that attempt has ended the subscription.
func (s *Subscriptions) Delete(ctx context.Context, workspaceID, endpointID, eventTypeID string, opts ...CallOption) error {
	return remove(ctx, s.api, transport.Delete("subscriptions.delete", "/workspaces/{workspace}/endpoints/{endpoint}/subscriptions/{eventType}", workspaceID, endpointID, eventTypeID), opts)
}

func (s *Subscription) complete() error { return required("id", s.ID) }

// subscribedJSON tells zero, which is a result, from another JSON object.
type subscribedJSON struct {
	Subscribed *int `json:"subscribed"`
}

func (s *subscribedJSON) complete() error {
	if s.Subscribed == nil {
		return required("subscribed", "")
	}
	return nil
}

func subscribeResult(s *subscribedJSON, err error) (*SubscribeResult, error) {
	if err != nil {
		return nil, err
	}
	return &SubscribeResult{Subscribed: *s.Subscribed}, nil
}
