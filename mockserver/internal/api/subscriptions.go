package api

import (
	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

func subscriptionRoutes() []route {
	const all = "/endpoints/{endpoint}/subscriptions"
	return []route{
		get("subscriptions.list", all, (*API).listSubscriptions),
		post("subscriptions.create", all, (*API).createSubscriptions),
		remove("subscriptions.delete", all+"/{eventType}", (*API).deleteSubscription),
	}
}

type subscriptionJSON struct {
	ID            string    `json:"id"`
	EventTypeID   string    `json:"eventTypeId"`
	EventTypeName string    `json:"eventTypeName"`
	CreatedAt     timestamp `json:"createdAt"`
}

func encodeSubscription(s store.Subscribed) subscriptionJSON {
	return subscriptionJSON{ID: s.ID, EventTypeID: s.EventTypeID, EventTypeName: s.EventTypeName, CreatedAt: timestamp(s.CreatedAt)}
}

type subscribedJSON struct {
	Subscribed int `json:"subscribed"`
}

func (a *API) listSubscriptions(x *exchange) (any, error) {
	return all(encodeSubscription)(x.workspace.Subscriptions(x.PathValue("endpoint")))
}

func (a *API) createSubscriptions(x *exchange) (any, error) {
	ids, err := x.eventTypeIDs()
	if err != nil {
		return nil, err
	}
	created, err := x.editor().Subscribe(x.PathValue("endpoint"), ids)
	if err != nil {
		return nil, err
	}
	return subscribedJSON{created}, nil
}

// eventTypeIDs reads what to subscribe to.
func (x *exchange) eventTypeIDs() ([]string, error) {
	ids := x.body.texts("eventTypeIds")
	err := x.body.check()
	switch {
	case err != nil:
		return nil, err
	case ids == nil:
		return nil, domain.Invalid("eventTypeIds is required")
	case len(ids) == 0:
		return nil, domain.Invalid("eventTypeIds must contain at least one id")
	}
	return ids, nil
}

// deleteSubscription goes by the event type's id, not the subscription's.
func (a *API) deleteSubscription(x *exchange) (any, error) {
	return nil, x.editor().Unsubscribe(x.PathValue("endpoint"), x.PathValue("eventType"))
}
