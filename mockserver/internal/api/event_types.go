package api

import (
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func eventTypeRoutes() []route {
	const one = "/event-types/{eventType}"
	return []route{
		get("eventTypes.list", "/event-types", (*API).listEventTypes),
		post("eventTypes.create", "/event-types", (*API).createEventType),
		get("eventTypes.get", one, (*API).getEventType),
		patch("eventTypes.update", one, (*API).updateEventType),
		remove("eventTypes.delete", one, (*API).deleteEventType),
	}
}

type eventTypeJSON struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description *string   `json:"description"`
	CreatedAt   timestamp `json:"createdAt"`
}

func encodeEventType(e *domain.EventType) eventTypeJSON {
	return eventTypeJSON{ID: e.ID, Name: e.Name, Description: nullable(e.Description), CreatedAt: timestamp(e.CreatedAt)}
}

func (a *API) listEventTypes(x *exchange) (any, error) {
	return encodeAll(x.workspace.EventTypes(), encodeEventType), nil
}

func (a *API) createEventType(x *exchange) (any, error) {
	n := domain.NewEventType{
		Name:        valueOr(x.body.text("name", refused), ""),
		Description: valueOr(x.body.text("description", clears), ""),
	}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodeEventType)(x.editor().CreateEventType(n))
}

func (a *API) getEventType(x *exchange) (any, error) {
	return one(encodeEventType)(x.workspace.EventType(x.PathValue("eventType")))
}

func (a *API) updateEventType(x *exchange) (any, error) {
	c := domain.EventTypeChange{Description: x.body.text("description", clears)}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodeEventType)(x.editor().UpdateEventType(x.PathValue("eventType"), c))
}

func (a *API) deleteEventType(x *exchange) (any, error) {
	return nil, x.editor().DeleteEventType(x.PathValue("eventType"))
}
