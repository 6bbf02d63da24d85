package api

import (
	"net/http"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// anyScope marks what every session may do.
const anyScope domain.Scope = "any"

// allows sets what a session's role must include.
func (r route) allows(s domain.Scope) route {
	r.scope = s
	return r
}

// portalRoutes each have a scope: the server does not start with one that has
// none.
func portalRoutes() []route {
	const (
		one           = "/endpoints/{endpoint}"
		subscriptions = one + "/subscriptions"
	)
	list := func(a *API, x *exchange) (any, error) { return a.listDeliveries(x, usualLimits) }
	test := post("endpoints.test", one+"/test", (*API).testEndpoint).answers(http.StatusOK).withoutBody().allows(domain.EndpointsWrite)
	test.limited = true
	return []route{
		get("session.get", "/session", (*API).getSession).allows(anyScope),
		remove("session.delete", "/session", (*API).endSession).allows(anyScope),
		get("endpoints.list", "/endpoints", (*API).listPortalEndpoints).allows(domain.EndpointsRead),
		post("endpoints.create", "/endpoints", (*API).createPortalEndpoint).allows(domain.EndpointsWrite),
		get("endpoints.get", one, (*API).getPortalEndpoint).allows(domain.EndpointsRead),
		patch("endpoints.update", one, (*API).updatePortalEndpoint).allows(domain.EndpointsWrite),
		remove("endpoints.delete", one, (*API).deletePortalEndpoint).allows(domain.EndpointsDelete),
		post("endpoints.revealSecret", one+"/secret/reveal", (*API).revealSecret).answers(http.StatusOK).withoutBody().allows(domain.EndpointsWrite),
		test,
		get("subscriptions.list", subscriptions, (*API).listPortalSubscriptions).allows(domain.SubscriptionsRead),
		post("subscriptions.create", subscriptions, (*API).createPortalSubscriptions).allows(domain.SubscriptionsWrite),
		remove("subscriptions.delete", subscriptions+"/{eventType}", (*API).deletePortalSubscription).allows(domain.SubscriptionsWrite),
		get("eventTypes.list", "/event-types", (*API).listPortalEventTypes).allows(domain.EventTypesRead),
		get("deliveries.list", one+"/deliveries", list).allows(domain.DeliveriesRead),
		get("deliveries.get", "/deliveries/{delivery}", (*API).getDelivery).allows(domain.DeliveriesRead),
		get("deliveries.attempts", "/deliveries/{delivery}/attempts", (*API).listAttempts).allows(domain.DeliveriesRead),
	}
}

// exchangeRoutes take a code in place of a token.
func exchangeRoutes() []route {
	return []route{post("session.exchange", "/exchange", (*API).exchangeCode).answers(http.StatusOK)}
}

// sessionJSON has the server's time: browsers' clocks are wrong.
type sessionJSON struct {
	Token       string                `json:"token,omitempty"`
	ExpiresAt   timestamp             `json:"expiresAt"`
	Now         timestamp             `json:"now"`
	Role        domain.Role           `json:"role"`
	Permissions []domain.Scope        `json:"permissions"`
	Application portalApplicationJSON `json:"application"`
}

type portalApplicationJSON struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	MaxEndpoints   *int   `json:"maxEndpoints"`
	EndpointCount  int    `json:"endpointCount"`
	ShowEventTypes bool   `json:"showEventTypes"`
}

func encodeSession(p store.Portal) (sessionJSON, error) {
	app, count, err := p.Application()
	if err != nil {
		return sessionJSON{}, err
	}
	return sessionJSON{
		ExpiresAt: timestamp(p.Session.ExpiresAt), Now: timestamp(p.Now()), Role: p.Session.Role, Permissions: p.Session.Role.Permissions(),
		Application: portalApplicationJSON{
			ID: app.ID, Name: app.Name, MaxEndpoints: encodeLimit(app.MaxEndpoints), EndpointCount: count, ShowEventTypes: app.ShowEventTypes,
		},
	}, nil
}

func (a *API) exchangeCode(x *exchange) (any, error) {
	code := x.body.required("code")
	if err := x.body.check(); err != nil {
		return nil, err
	}
	token, p, err := a.Store.Exchange(code)
	if err != nil {
		return nil, err
	}
	x.workspace = p.Workspace
	encoded, err := encodeSession(p)
	encoded.Token = token
	return encoded, err
}

func (a *API) getSession(x *exchange) (any, error) { return encodeSession(x.portal) }

func (a *API) endSession(x *exchange) (any, error) {
	x.portal.End()
	return nil, nil
}

type portalEndpointJSON struct {
	endpointJSON
	SubscriptionCount int                  `json:"subscriptionCount"`
	Last24Hours       recentDeliveriesJSON `json:"last24Hours"`
}

type recentDeliveriesJSON struct {
	Delivered int `json:"delivered"`
	Failed    int `json:"failed"`
}

func encodePortalEndpoint(e store.PortalEndpoint) portalEndpointJSON {
	return portalEndpointJSON{encodeEndpoint(e.Endpoint), e.Subscriptions, recentDeliveriesJSON{e.Delivered, e.Failed}}
}

func (a *API) listPortalEndpoints(x *exchange) (any, error) {
	return encodeAll(x.portal.Endpoints(), encodePortalEndpoint), nil
}

func (a *API) getPortalEndpoint(x *exchange) (any, error) {
	return one(encodePortalEndpoint)(x.portal.Endpoint(x.PathValue("endpoint")))
}

// createPortalEndpoint takes what a customer decides, and nothing else.
func (a *API) createPortalEndpoint(x *exchange) (any, error) {
	n := domain.NewEndpoint{
		Type: domain.Webhook, URL: valueOr(x.body.text("url", refused), ""), Description: valueOr(x.body.text("description", clears), ""),
	}
	ids := x.body.texts("eventTypeIds")
	if err := x.body.check(); err != nil {
		return nil, err
	}
	if len(ids) > 0 {
		if err := x.portal.Session.Role.Require(domain.SubscriptionsWrite); err != nil {
			return nil, err
		}
	}
	created, err := x.portal.CreateEndpoint(n, ids)
	if err != nil {
		return nil, err
	}
	encoded := encodePortalEndpoint(created)
	encoded.Secret = created.Secret
	return encoded, nil
}

func (a *API) updatePortalEndpoint(x *exchange) (any, error) {
	c := domain.EndpointChange{
		URL: x.body.text("url", refused), Description: x.body.text("description", clears), IsActive: x.body.boolean("isActive"),
	}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	return one(encodePortalEndpoint)(x.portal.UpdateEndpoint(x.PathValue("endpoint"), c))
}

func (a *API) deletePortalEndpoint(x *exchange) (any, error) {
	return nil, x.portal.DeleteEndpoint(x.PathValue("endpoint"))
}

type secretJSON struct {
	Secret string `json:"secret"`
}

func (a *API) revealSecret(x *exchange) (any, error) {
	secret, err := x.portal.RevealSecret(x.PathValue("endpoint"))
	if err != nil {
		return nil, err
	}
	return secretJSON{secret}, nil
}

func (a *API) listPortalSubscriptions(x *exchange) (any, error) {
	return all(encodeSubscription)(x.portal.Subscriptions(x.PathValue("endpoint")))
}

func (a *API) createPortalSubscriptions(x *exchange) (any, error) {
	ids, err := x.eventTypeIDs()
	if err != nil {
		return nil, err
	}
	created, err := x.portal.Subscribe(x.PathValue("endpoint"), ids)
	if err != nil {
		return nil, err
	}
	return subscribedJSON{created}, nil
}

func (a *API) deletePortalSubscription(x *exchange) (any, error) {
	return nil, x.portal.Unsubscribe(x.PathValue("endpoint"), x.PathValue("eventType"))
}

func (a *API) listPortalEventTypes(x *exchange) (any, error) {
	return all(encodeEventType)(x.portal.EventTypes())
}
