package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// applications are the rows of one workspace and their indexes.
type applications struct {
	byID         map[string]*domain.Application
	byExternalID map[string]string // → id
	ordered      list[*domain.Application]
}

func newApplications() applications {
	return applications{
		byID: map[string]*domain.Application{}, byExternalID: map[string]string{}, ordered: newList[*domain.Application](),
	}
}

func (a *applications) find(id string) (*domain.Application, error) {
	if app, ok := a.byID[id]; ok {
		return app, nil
	}
	return nil, domain.NotFound("Application")
}

func (a *applications) put(app *domain.Application) {
	a.byID[app.ID] = app
	a.ordered.put(app)
	if app.ExternalID != "" {
		a.byExternalID[app.ExternalID] = app.ID
	}
}

func (a *applications) remove(app *domain.Application) {
	delete(a.byID, app.ID)
	a.ordered.remove(app)
	if app.ExternalID != "" {
		delete(a.byExternalID, app.ExternalID)
	}
}

// Application finds one application.
func (w *Workspace) Application(id string) (*domain.Application, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.applications.find(id)
}

// Applications appends one page to rows, newest first.
func (w *Workspace) Applications(rows []*domain.Application, offset, limit int) []*domain.Application {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.applications.ordered.page(rows, offset, limit)
}

// CreateApplication stores a new application.
func (w *Workspace) CreateApplication(n domain.NewApplication) (*domain.Application, error) {
	return w.ImportApplication(n, Origin{})
}

// ImportApplication stores an application with the id and age of o.
func (w *Workspace) ImportApplication(n domain.NewApplication, o Origin) (*domain.Application, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if n.ExternalID != nil && w.applications.byExternalID[*n.ExternalID] != "" {
		return nil, domain.Refuse(domain.CodeConflict, "An application with this externalId already exists")
	}
	id, at := w.originLocked("app_", o)
	if w.applications.byID[id] != nil {
		return nil, duplicate("application", id)
	}
	app := n.Build(id, at)
	w.applications.put(app)
	return app, nil
}

// UpdateApplication changes one application.
func (w *Workspace) UpdateApplication(id string, c domain.ApplicationChange) (*domain.Application, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	app, err := w.applications.find(id)
	if err != nil {
		return nil, err
	}
	changed := c.Apply(app, w.now())
	w.applications.put(changed)
	return changed, nil
}

// DeleteApplication removes an application with its endpoints and its portal
// sessions. Nobody can see a part of it gone.
func (w *Workspace) DeleteApplication(id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	app, err := w.applications.find(id)
	if err != nil {
		return err
	}
	for _, endpoint := range w.endpoints.of(id) {
		w.removeEndpointLocked(endpoint)
	}
	w.sessions.removeOf(id)
	w.applications.remove(app)
	return nil
}
