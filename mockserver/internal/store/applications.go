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
func (e Editor) CreateApplication(n domain.NewApplication) (*domain.Application, error) {
	return e.ImportApplication(n, Origin{})
}

// ImportApplication stores an application with the id and age of o.
func (e Editor) ImportApplication(n domain.NewApplication, o Origin) (*domain.Application, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if n.ExternalID != nil && e.applications.byExternalID[*n.ExternalID] != "" {
		return nil, domain.Refuse(domain.CodeConflict, "An application with this externalId already exists")
	}
	id, at := e.originLocked("app_", o)
	if e.applications.byID[id] != nil {
		return nil, duplicate("application", id)
	}
	app := n.Build(id, at)
	e.applications.put(app)
	e.recordLocked(domain.VerbCreated, domain.ResourceApplication, app.ID)
	return app, nil
}

// UpdateApplication changes one application.
func (e Editor) UpdateApplication(id string, c domain.ApplicationChange) (*domain.Application, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	app, err := e.applications.find(id)
	if err != nil {
		return nil, err
	}
	changed := c.Apply(app, e.now())
	if changed != app {
		e.applications.put(changed)
		e.recordLocked(domain.VerbUpdated, domain.ResourceApplication, id)
	}
	return changed, nil
}

// DeleteApplication removes an application with its endpoints and its portal
// sessions. Nobody can see a part of it gone.
func (e Editor) DeleteApplication(id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	app, err := e.applications.find(id)
	if err != nil {
		return err
	}
	for _, endpoint := range e.endpoints.of(id) {
		e.removeEndpointLocked(endpoint)
	}
	e.removeSessionsLocked(id)
	e.applications.remove(app)
	e.recordLocked(domain.VerbDeleted, domain.ResourceApplication, id)
	return nil
}
