package api

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// testTimeout bounds the attempt of a test delivery, for which somebody waits.
const testTimeout = 10 * time.Second

// dashboardRoutes are those that the management API has not, or not so.
func dashboardRoutes() []route {
	const (
		endpoint = "/endpoints/{endpoint}"
		delivery = "/deliveries/{delivery}"
	)
	test := post("endpoints.test", endpoint+"/test", (*API).testEndpoint).answers(http.StatusOK).withoutBody()
	test.limited = true
	return []route{
		get("endpoints.list", "/endpoints", (*API).listDashboardEndpoints),
		post("endpoints.create", "/endpoints", (*API).createDashboardEndpoint),
		get("endpoints.get", endpoint, (*API).getDashboardEndpoint),
		patch("endpoints.update", endpoint, (*API).updateDashboardEndpoint),
		remove("endpoints.delete", endpoint, (*API).deleteEndpoint),
		test,
		get("deliveries.payload", delivery+"/payload", (*API).getPayload),
		post("deliveries.retry", delivery+"/retry", (*API).retryDelivery).answers(http.StatusOK).withoutBody(),
	}
}

// dashboardEndpointJSON is an endpoint with what its workspace's users see.
type dashboardEndpointJSON struct {
	endpointJSON
	EnvironmentID  string     `json:"environmentId"`
	ApplicationID  *string    `json:"applicationId"`
	LastDeliveryAt *timestamp `json:"lastDeliveryAt"`
}

func encodeDashboardEndpoint(e *domain.Endpoint, encoded endpointJSON, last domain.Time) dashboardEndpointJSON {
	return dashboardEndpointJSON{encoded, e.EnvironmentID, nullable(e.ApplicationID), instant(last)}
}

// dashboardEndpoint encodes one endpoint, with its secret or without.
func (x *exchange) dashboardEndpoint(encode func(*domain.Endpoint) endpointJSON) func(*domain.Endpoint, error) (any, error) {
	return func(e *domain.Endpoint, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return encodeDashboardEndpoint(e, encode(e), x.workspace.LastDeliveries([]*domain.Endpoint{e})[0]), nil
	}
}

func (a *API) listDashboardEndpoints(x *exchange) (any, error) {
	q, err := parseQuery(x.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	rows := x.workspace.Endpoints()
	if applicationID := q.Get("applicationId"); applicationID != "" {
		if err := x.mayName(applicationID); err != nil {
			return nil, err
		}
		if rows, err = x.workspace.ApplicationEndpoints(applicationID); err != nil {
			return nil, err
		}
	}
	last := x.workspace.LastDeliveries(rows)
	encoded := make([]dashboardEndpointJSON, len(rows))
	for i, row := range rows {
		encoded[i] = encodeDashboardEndpoint(row, encodeEndpoint(row), last[i])
	}
	return encoded, nil
}

// mayName refuses an application on a plan that has none.
func (x *exchange) mayName(applicationID string) error {
	if applicationID == "" {
		return nil
	}
	return x.workspace.Require(domain.DeveloperPortal)
}

// createDashboardEndpoint wants the environment named: a user chooses one.
func (a *API) createDashboardEndpoint(x *exchange) (any, error) {
	n := x.newEndpoint()
	n.ApplicationID = valueOr(x.body.text("applicationId", refused), "")
	if err := x.body.check(); err != nil {
		return nil, err
	}
	if n.EnvironmentID == nil {
		return nil, domain.Invalid("environmentId is required")
	}
	if err := x.mayName(n.ApplicationID); err != nil {
		return nil, err
	}
	return x.dashboardEndpoint(encodeEndpointWithSecret)(x.editor().CreateEndpoint(n))
}

func (a *API) getDashboardEndpoint(x *exchange) (any, error) {
	return x.dashboardEndpoint(encodeEndpointWithSecret)(x.workspace.Endpoint(x.PathValue("endpoint")))
}

func (a *API) updateDashboardEndpoint(x *exchange) (any, error) {
	return x.dashboardEndpoint(encodeEndpoint)(x.changeEndpoint())
}

type testedJSON struct {
	Delivery deliveryJSON `json:"delivery"`
	Attempt  attemptJSON  `json:"attempt"`
}

// testEndpoint makes one attempt at once and answers 200 whatever came of it.
func (a *API) testEndpoint(x *exchange) (any, error) {
	eventType := x.body.text("eventType", refused)
	payload := samplePayload
	if x.body.has("payload") {
		given := x.body.payload()
		payload = func(string, domain.Time) []byte { return given }
	}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	test := x.editor().TestDelivery
	if x.portal.Session != nil {
		test = x.portal.TestDelivery
	}
	d, err := test(x.PathValue("endpoint"), eventType, payload)
	if err != nil {
		return nil, err
	}
	d = a.Attempt(x.workspace, d, testTimeout)
	if len(d.Attempts) == 0 {
		return nil, domain.NotFound("Endpoint") // it was deleted in between
	}
	return testedJSON{encodeDelivery(d), encodeAttempt(len(d.Attempts), d.Attempts[len(d.Attempts)-1])}, nil
}

type sampleJSON struct {
	Type      string    `json:"type"`
	Test      bool      `json:"test"`
	CreatedAt timestamp `json:"createdAt"`
}

// samplePayload is what a test delivers that brings nothing along.
func samplePayload(eventType string, now domain.Time) []byte {
	payload, err := encode(sampleJSON{eventType, true, timestamp(now)})
	if err != nil {
		panic(err) // a name and an instant can be encoded
	}
	return payload
}

type shownPayloadJSON struct {
	Payload json.RawMessage `json:"payload"`
}

type processingJSON struct {
	Status domain.PayloadStatus `json:"status"`
}

// getPayload gives real statuses where the management API has an envelope.
func (a *API) getPayload(x *exchange) (any, error) {
	d, err := x.workspace.Delivery(x.PathValue("delivery"))
	if err != nil {
		return nil, err
	}
	switch state := d.PayloadState(x.workspace.Plan()); state {
	case domain.PayloadAvailable:
		return shownPayloadJSON{d.Payload}, nil
	case domain.PayloadProcessing:
		x.status = http.StatusAccepted
		return processingJSON{state}, nil
	case domain.PayloadForbidden:
		return nil, x.workspace.Require(domain.PayloadStorage)
	case domain.PayloadNotFound:
		return nil, domain.NotFound("Payload")
	}
	return nil, errInternal
}

// retryDelivery answers with the row as it was accepted, also where the attempt
// has been made already.
func (a *API) retryDelivery(x *exchange) (any, error) {
	d, err := x.editor().RetryDelivery(x.PathValue("delivery"))
	if err != nil {
		return nil, err
	}
	a.Deliver(x.workspace, []*domain.Delivery{d})
	return encodeDelivery(d), nil
}
