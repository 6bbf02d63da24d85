package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

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

// removeEndpointLocked removes an endpoint with its subscriptions.
func (w *Workspace) removeEndpointLocked(endpoint *domain.Endpoint) {
	for _, subscription := range w.subscriptions.of(endpoint.ID) {
		w.subscriptions.remove(subscription)
	}
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
func (w *Workspace) CreateEndpoint(n domain.NewEndpoint) (*domain.Endpoint, error) {
	return w.addEndpoint(n, Origin{}, w.roomLocked)
}

// ImportEndpoint stores an endpoint with the id, age, secret and state of o,
// whatever the caps say: an endpoint may be older than its cap.
func (w *Workspace) ImportEndpoint(n domain.NewEndpoint, o Origin) (*domain.Endpoint, error) {
	return w.addEndpoint(n, o, func(*domain.Application) error { return nil })
}

// addEndpoint looks up what n names and asks room, in the documented order.
// The application is nil for an endpoint of the workspace itself.
func (w *Workspace) addEndpoint(n domain.NewEndpoint, o Origin, room func(*domain.Application) error) (*domain.Endpoint, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var app *domain.Application
	var err error
	if n.ApplicationID != "" {
		if app, err = w.applications.find(n.ApplicationID); err != nil {
			return nil, err
		}
	}
	env, err := w.environments.find(n.EnvironmentID)
	if err != nil {
		return nil, err
	}
	if w.endpoints.byID[o.ID] != nil {
		return nil, duplicate("endpoint", o.ID)
	}
	if err := room(app); err != nil {
		return nil, err
	}
	return w.insertEndpointLocked(n, o, env), nil
}

// roomLocked reports the application's own cap when the plan's is reached as
// well: it is the one that the customer can do something about.
func (w *Workspace) roomLocked(app *domain.Application) error {
	switch {
	case app != nil && app.MaxEndpoints.Reached(w.endpoints.byApplication[app.ID].len()):
		return domain.Refuse(domain.CodeApplicationLimitReached, "Application endpoint limit reached")
	case w.settings.EndpointLimit.Reached(len(w.endpoints.byID)):
		return domain.Refuse(domain.CodeEndpointLimitReached, "Workspace endpoint limit reached")
	}
	return nil
}

func (w *Workspace) insertEndpointLocked(n domain.NewEndpoint, o Origin, env *domain.Environment) *domain.Endpoint {
	id, at := w.originLocked("ep_", o)
	secret := o.Secret
	if secret == "" {
		secret = w.source.secret()
	}
	endpoint := n.Build(id, env.ID, secret, !o.Inactive, at)
	w.endpoints.put(endpoint)
	return endpoint
}

// UpdateEndpoint changes one endpoint.
func (w *Workspace) UpdateEndpoint(id string, c domain.EndpointChange) (*domain.Endpoint, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	endpoint, err := w.endpoints.find(id)
	if err != nil {
		return nil, err
	}
	changed, err := c.Apply(endpoint, w.now())
	if err != nil {
		return nil, err
	}
	w.endpoints.put(changed)
	return changed, nil
}

// DeleteEndpoint removes one endpoint with its subscriptions and frees its slot
// under every cap.
func (w *Workspace) DeleteEndpoint(id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	endpoint, err := w.endpoints.find(id)
	if err != nil {
		return err
	}
	w.removeEndpointLocked(endpoint)
	return nil
}
