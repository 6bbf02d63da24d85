package store

import (
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// endpoints are the rows of one workspace and their indexes. Only applications
// and environments that have any are in the maps.
type endpoints struct {
	byID          map[string]*domain.Endpoint
	ordered       list[*domain.Endpoint]
	byApplication map[string]list[*domain.Endpoint]
	byEnvironment map[string]list[*domain.Endpoint]
}

func newEndpoints() endpoints {
	return endpoints{
		byID: map[string]*domain.Endpoint{}, ordered: newList[*domain.Endpoint](),
		byApplication: map[string]list[*domain.Endpoint]{}, byEnvironment: map[string]list[*domain.Endpoint]{},
	}
}

func (e *endpoints) find(id string) (*domain.Endpoint, error) {
	if endpoint, ok := e.byID[id]; ok {
		return endpoint, nil
	}
	return nil, domain.NotFound("Endpoint")
}

// of gives the endpoints of one application, newest first.
func (e *endpoints) of(applicationID string) []*domain.Endpoint {
	return e.byApplication[applicationID].all()
}

// in gives the endpoints of one environment, newest first.
func (e *endpoints) in(environmentID string) []*domain.Endpoint {
	return e.byEnvironment[environmentID].all()
}

func (e *endpoints) put(endpoint *domain.Endpoint) {
	e.byID[endpoint.ID] = endpoint
	e.ordered.put(endpoint)
	putInto(e.byEnvironment, endpoint.EnvironmentID, endpoint)
	if endpoint.ApplicationID != "" {
		putInto(e.byApplication, endpoint.ApplicationID, endpoint)
	}
}

func (e *endpoints) remove(endpoint *domain.Endpoint) {
	delete(e.byID, endpoint.ID)
	e.ordered.remove(endpoint)
	removeFrom(e.byEnvironment, endpoint.EnvironmentID, endpoint)
	removeFrom(e.byApplication, endpoint.ApplicationID, endpoint)
}

// removeEndpointLocked removes an endpoint with its subscriptions and its list of
// deliveries.
func (w *Workspace) removeEndpointLocked(endpoint *domain.Endpoint) {
	for _, subscription := range w.subscriptions.of(endpoint.ID) {
		w.subscriptions.remove(subscription)
	}
	w.deliveries.removeLists(endpoint.ID)
	w.endpoints.remove(endpoint)
}

// Endpoint finds one endpoint.
func (w *Workspace) Endpoint(id string) (*domain.Endpoint, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.endpoints.find(id)
}

// Endpoints gives every endpoint, those of applications included, newest first.
func (w *Workspace) Endpoints() []*domain.Endpoint {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.endpoints.ordered.all()
}

// ApplicationEndpoints gives the endpoints of one application, newest first.
func (w *Workspace) ApplicationEndpoints(applicationID string) ([]*domain.Endpoint, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if _, err := w.applications.find(applicationID); err != nil {
		return nil, err
	}
	return w.endpoints.of(applicationID), nil
}

// CreateEndpoint stores a new endpoint, if the caps leave room for it.
func (e Editor) CreateEndpoint(n domain.NewEndpoint) (*domain.Endpoint, error) {
	return e.addEndpoint(n, Origin{}, e.roomLocked)
}

// ImportEndpoint stores an endpoint with the id, age, secret and state of o,
// whatever the caps say: an endpoint may be older than its cap.
func (e Editor) ImportEndpoint(n domain.NewEndpoint, o Origin) (*domain.Endpoint, error) {
	return e.addEndpoint(n, o, func(*domain.Application) error { return nil })
}

// addEndpoint looks up what n names and asks room, in the documented order.
// The application is nil for an endpoint of the workspace itself.
func (e Editor) addEndpoint(n domain.NewEndpoint, o Origin, room func(*domain.Application) error) (*domain.Endpoint, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var app *domain.Application
	var err error
	if n.ApplicationID != "" {
		if app, err = e.applications.find(n.ApplicationID); err != nil {
			return nil, err
		}
	}
	env, err := e.environments.find(n.EnvironmentID)
	if err != nil {
		return nil, err
	}
	if e.endpoints.byID[o.ID] != nil {
		return nil, duplicate("endpoint", o.ID)
	}
	if err := room(app); err != nil {
		return nil, err
	}
	return e.insertEndpointLocked(n, o, env), nil
}

// roomLocked reports the application's own cap when the plan's is reached as
// well: it is the one that the customer can do something about.
func (w *Workspace) roomLocked(app *domain.Application) error {
	switch {
	case app != nil && app.MaxEndpoints.Reached(w.endpoints.byApplication[app.ID].len()):
		return domain.Refuse(domain.CodeApplicationLimitReached, "Application endpoint limit reached")
	case w.settings.Load().EndpointLimit.Reached(len(w.endpoints.byID)):
		return domain.Refuse(domain.CodeEndpointLimitReached, "Workspace endpoint limit reached")
	}
	return nil
}

func (e Editor) insertEndpointLocked(n domain.NewEndpoint, o Origin, env *domain.Environment) *domain.Endpoint {
	id, at := e.originLocked("ep_", o)
	secret := o.Secret
	if secret == "" {
		secret = e.source.secret()
	}
	endpoint := n.Build(id, env.ID, secret, !o.Inactive, at)
	endpoint.Accepts = o.Accepts
	e.endpoints.put(endpoint)
	e.recordLocked(domain.VerbCreated, domain.ResourceEndpoint, id, applicationOf(endpoint)...)
	return endpoint
}

// UpdateEndpoint changes one endpoint.
func (e Editor) UpdateEndpoint(id string, c domain.EndpointChange) (*domain.Endpoint, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	endpoint, err := e.endpoints.find(id)
	if err != nil {
		return nil, err
	}
	changed, err := c.Apply(endpoint, e.now())
	if err != nil {
		return nil, err
	}
	if changed != endpoint {
		e.endpoints.put(changed)
		e.recordLocked(domain.VerbUpdated, domain.ResourceEndpoint, id, applicationOf(endpoint)...)
	}
	return changed, nil
}

// DeleteEndpoint removes one endpoint with its subscriptions and frees its slot
// under every cap.
func (e Editor) DeleteEndpoint(id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	endpoint, err := e.endpoints.find(id)
	if err != nil {
		return err
	}
	e.removeEndpointLocked(endpoint)
	e.recordLocked(domain.VerbDeleted, domain.ResourceEndpoint, id, applicationOf(endpoint)...)
	return nil
}

// applicationOf tells the audit log whose endpoint it was.
func applicationOf(endpoint *domain.Endpoint) []domain.Pair {
	if endpoint.ApplicationID == "" {
		return nil
	}
	return []domain.Pair{{Key: "applicationId", Value: endpoint.ApplicationID}}
}

// RotateSecret gives an endpoint a new signing secret. The old one signs too for
// as long as grace.
func (e Editor) RotateSecret(id string, grace time.Duration) (*domain.Endpoint, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	endpoint, err := e.endpoints.find(id)
	if err != nil {
		return nil, err
	}
	rotated := endpoint.Rotate(e.source.secret(), grace, e.now())
	e.endpoints.put(rotated)
	e.recordLocked(domain.VerbSecretRotated, domain.ResourceEndpoint, id, applicationOf(endpoint)...)
	return rotated, nil
}
