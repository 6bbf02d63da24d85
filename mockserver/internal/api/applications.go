package api

import (
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func applicationRoutes() []route {
	const one = "/applications/{application}"
	return []route{
		get("applications.list", "/applications", (*API).listApplications).portal(),
		post("applications.create", "/applications", (*API).createApplication).portal(),
		get("applications.get", one, (*API).getApplication).portal(),
		patch("applications.update", one, (*API).updateApplication).portal(),
		remove("applications.delete", one, (*API).deleteApplication).portal(),
		get("applications.listEndpoints", one+"/endpoints", (*API).listApplicationEndpoints).portal(),
	}
}

// applicationEndpointRoutes are those that the dashboard has in another place.
func applicationEndpointRoutes() []route {
	return []route{
		post("applications.createEndpoint", "/applications/{application}/endpoints", (*API).createEndpoint).portal(),
	}
}

type applicationJSON struct {
	ID             string            `json:"id"`
	ExternalID     *string           `json:"externalId"`
	Name           string            `json:"name"`
	Metadata       map[string]string `json:"metadata"`
	MaxEndpoints   *int              `json:"maxEndpoints"`
	ShowEventTypes bool              `json:"showEventTypes"`
	CreatedAt      timestamp         `json:"createdAt"`
	UpdatedAt      timestamp         `json:"updatedAt"`
}

func encodeApplication(app *domain.Application) applicationJSON {
	return applicationJSON{
		ID: app.ID, ExternalID: nullable(app.ExternalID), Name: app.Name, Metadata: app.Metadata.Map(),
		MaxEndpoints: encodeLimit(app.MaxEndpoints), ShowEventTypes: app.ShowEventTypes,
		CreatedAt: timestamp(app.CreatedAt), UpdatedAt: timestamp(app.UpdatedAt),
	}
}

func encodeLimit(l domain.Limit) *int {
	if l == domain.Unlimited {
		return nil
	}
	n := int(l)
	return &n
}

func (a *API) listApplications(x *exchange) (any, error) {
	offset, limit, err := page(x.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	var rows [maxPage]*domain.Application
	return encodeAll(x.workspace.Applications(rows[:0], offset, limit), encodeApplication), nil
}

func (a *API) createApplication(x *exchange) (any, error) {
	n := domain.NewApplication{
		Name:           valueOr(x.body.text("name", refused), ""),
		ExternalID:     x.body.text("externalId", absent),
		Metadata:       valueOr(x.body.metadata(), nil),
		MaxEndpoints:   valueOr(x.body.limit("maxEndpoints"), domain.Unlimited),
		ShowEventTypes: valueOr(x.body.boolean("showEventTypes"), true),
	}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodeApplication)(x.editor().CreateApplication(n))
}

func (a *API) getApplication(x *exchange) (any, error) {
	return one(encodeApplication)(x.workspace.Application(x.PathValue("application")))
}

func (a *API) updateApplication(x *exchange) (any, error) {
	c := domain.ApplicationChange{
		Name:           x.body.text("name", refused),
		Metadata:       x.body.metadata(),
		MaxEndpoints:   x.body.limit("maxEndpoints"),
		ShowEventTypes: x.body.boolean("showEventTypes"),
	}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodeApplication)(x.editor().UpdateApplication(x.PathValue("application"), c))
}

func (a *API) deleteApplication(x *exchange) (any, error) {
	return nil, x.editor().DeleteApplication(x.PathValue("application"))
}

func (a *API) listApplicationEndpoints(x *exchange) (any, error) {
	return all(encodeEndpoint)(x.workspace.ApplicationEndpoints(x.PathValue("application")))
}
