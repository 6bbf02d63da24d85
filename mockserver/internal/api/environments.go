package api

import (
	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

func environmentRoutes() []route {
	const one = "/environments/{environment}"
	return []route{
		get("environments.list", "/environments", (*API).listEnvironments),
		post("environments.create", "/environments", (*API).createEnvironment),
		get("environments.get", one, (*API).getEnvironment),
		patch("environments.update", one, (*API).updateEnvironment),
		remove("environments.delete", one, (*API).deleteEnvironment),
		get("environments.listVisibility", one+"/event-types", (*API).listVisibility),
		put("environments.setVisibility", one+"/event-types/{eventType}/visibility", (*API).setVisibility),
	}
}

type environmentJSON struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Slug      string    `json:"slug"`
	IsDefault bool      `json:"isDefault"`
	CreatedAt timestamp `json:"createdAt"`
	UpdatedAt timestamp `json:"updatedAt"`
}

func encodeEnvironment(e *domain.Environment) environmentJSON {
	return environmentJSON{
		ID: e.ID, Name: e.Name, Slug: e.Slug, IsDefault: e.IsDefault,
		CreatedAt: timestamp(e.CreatedAt), UpdatedAt: timestamp(e.UpdatedAt),
	}
}

func (a *API) listEnvironments(x *exchange) (any, error) {
	return encodeAll(x.workspace.Environments(), encodeEnvironment), nil
}

func (a *API) createEnvironment(x *exchange) (any, error) {
	n := domain.NewEnvironment{
		Name: valueOr(x.body.text("name", refused), ""),
		Slug: valueOr(x.body.text("slug", refused), ""),
	}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodeEnvironment)(x.editor().CreateEnvironment(n))
}

func (a *API) getEnvironment(x *exchange) (any, error) {
	return one(encodeEnvironment)(x.workspace.Environment(x.PathValue("environment")))
}

func (a *API) updateEnvironment(x *exchange) (any, error) {
	c := domain.EnvironmentChange{Name: x.body.text("name", refused)}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodeEnvironment)(x.editor().UpdateEnvironment(x.PathValue("environment"), c))
}

func (a *API) deleteEnvironment(x *exchange) (any, error) {
	return nil, x.editor().DeleteEnvironment(x.PathValue("environment"))
}

type visibilityJSON struct {
	EventTypeID   string `json:"eventTypeId"`
	EventTypeName string `json:"eventTypeName"`
	Published     bool   `json:"published"`
}

func encodeVisibility(v store.Visibility) visibilityJSON {
	return visibilityJSON{EventTypeID: v.EventType.ID, EventTypeName: v.EventType.Name, Published: v.Published}
}

func (a *API) listVisibility(x *exchange) (any, error) {
	return all(encodeVisibility)(x.workspace.Visibilities(x.PathValue("environment")))
}

func (a *API) setVisibility(x *exchange) (any, error) {
	published := x.body.boolean("published")
	if err := x.body.check(); err != nil {
		return nil, err
	}
	if published == nil {
		return nil, domain.Invalid("published is required")
	}
	return one(encodeVisibility)(x.editor().SetVisibility(x.PathValue("environment"), x.PathValue("eventType"), *published))
}
