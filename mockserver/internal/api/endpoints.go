package api

import (
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func endpointRoutes() []route {
	const one = "/endpoints/{endpoint}"
	return []route{
		get("endpoints.list", "/endpoints", (*API).listEndpoints),
		post("endpoints.create", "/endpoints", (*API).createEndpoint),
		get("endpoints.get", one, (*API).getEndpoint),
		patch("endpoints.update", one, (*API).updateEndpoint),
		remove("endpoints.delete", one, (*API).deleteEndpoint),
	}
}

type endpointJSON struct {
	ID           string              `json:"id"`
	URL          string              `json:"url"`
	Secret       string              `json:"secret,omitempty"`
	Description  *string             `json:"description"`
	AuthUsername *string             `json:"authUsername"`
	HasAuth      bool                `json:"hasAuth"`
	IsActive     bool                `json:"isActive"`
	Type         domain.EndpointType `json:"type"`
	Config       endpointConfigJSON  `json:"config"`
	Metadata     map[string]string   `json:"metadata"`
	CreatedAt    timestamp           `json:"createdAt"`
	UpdatedAt    timestamp           `json:"updatedAt"`
}

type endpointConfigJSON struct {
	WebhookURL string `json:"webhookUrl,omitempty"`
}

// encodeEndpoint leaves the signing secret out: most answers do not carry it.
func encodeEndpoint(e *domain.Endpoint) endpointJSON {
	return endpointJSON{
		ID: e.ID, URL: e.URL, Description: nullable(e.Description), AuthUsername: nullable(e.AuthUsername),
		HasAuth: e.AuthUsername != "", IsActive: e.IsActive, Type: e.Type, Config: endpointConfigJSON{e.WebhookURL},
		Metadata: e.Metadata.Map(), CreatedAt: timestamp(e.CreatedAt), UpdatedAt: timestamp(e.UpdatedAt),
	}
}

func encodeEndpointWithSecret(e *domain.Endpoint) endpointJSON {
	encoded := encodeEndpoint(e)
	encoded.Secret = e.Secret
	return encoded
}

func (a *API) listEndpoints(x *exchange) (any, error) {
	return encodeAll(x.workspace.Endpoints(), encodeEndpoint), nil
}

// createEndpoint serves applications too: their path names one, the other
// route's path value is empty, which means the workspace itself.
func (a *API) createEndpoint(x *exchange) (any, error) {
	n := x.newEndpoint()
	n.ApplicationID = x.PathValue("application")
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodeEndpointWithSecret)(x.editor().CreateEndpoint(n))
}

// newEndpoint reads what families agree on.
func (x *exchange) newEndpoint() domain.NewEndpoint {
	return domain.NewEndpoint{
		EnvironmentID: x.body.text("environmentId", absent),
		Type:          domain.EndpointType(valueOr(x.body.text("type", absent), string(domain.Webhook))),
		URL:           valueOr(x.body.text("url", refused), ""),
		WebhookURL:    valueOr(x.body.webhookURL(), ""),
		Description:   valueOr(x.body.text("description", clears), ""),
		AuthUsername:  valueOr(x.body.text("authUsername", clears), ""),
		AuthPassword:  valueOr(x.body.text("authPassword", clears), ""),
		Metadata:      valueOr(x.body.metadata(), nil),
	}
}

// webhookURL reads config, which an update replaces as a whole: a config
// without the field clears it.
func (f *fields) webhookURL() *string {
	config := f.object("config")
	if config == nil {
		return nil
	}
	url := valueOr(config.text("webhookUrl", refused), "")
	return &url
}

func (a *API) getEndpoint(x *exchange) (any, error) {
	return one(encodeEndpointWithSecret)(x.workspace.Endpoint(x.PathValue("endpoint")))
}

func (a *API) updateEndpoint(x *exchange) (any, error) {
	return one(encodeEndpoint)(x.changeEndpoint())
}

func (x *exchange) changeEndpoint() (*domain.Endpoint, error) {
	c := domain.EndpointChange{
		URL:          x.body.text("url", refused),
		WebhookURL:   x.body.webhookURL(),
		Description:  x.body.text("description", clears),
		AuthUsername: x.body.text("authUsername", clears),
		AuthPassword: x.body.text("authPassword", clears),
		IsActive:     x.body.boolean("isActive"),
		Metadata:     x.body.metadata(),
	}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return x.editor().UpdateEndpoint(x.PathValue("endpoint"), c)
}

func (a *API) deleteEndpoint(x *exchange) (any, error) {
	return nil, x.editor().DeleteEndpoint(x.PathValue("endpoint"))
}
