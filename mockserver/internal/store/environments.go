package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// environments are the rows of one workspace and their indexes.
type environments struct {
	byID     map[string]*domain.Environment
	bySlug   map[string]*domain.Environment
	ordered  list[*domain.Environment]
	standard *domain.Environment // the default one
	keys     map[string][]string // environment → API keys

	// published holds the visibility rows: environment → event types.
	published map[string]map[string]bool
}

func newEnvironments() environments {
	return environments{
		byID: map[string]*domain.Environment{}, bySlug: map[string]*domain.Environment{}, ordered: newList[*domain.Environment](),
		keys: map[string][]string{}, published: map[string]map[string]bool{},
	}
}

func (e *environments) put(env *domain.Environment) {
	e.byID[env.ID] = env
	e.bySlug[env.Slug] = env
	e.ordered.put(env)
	if env.IsDefault {
		e.standard = env
	}
	if e.published[env.ID] == nil {
		e.published[env.ID] = map[string]bool{}
	}
}

func (e *environments) remove(env *domain.Environment) {
	delete(e.byID, env.ID)
	delete(e.bySlug, env.Slug)
	e.ordered.remove(env)
	delete(e.keys, env.ID)
	delete(e.published, env.ID)
}

// publish shows or hides an event type in one environment and tells whether
// that is news.
func (e *environments) publish(environmentID, eventTypeID string, published bool) bool {
	rows := e.published[environmentID]
	changes := rows[eventTypeID] != published
	if published {
		rows[eventTypeID] = true
	} else {
		delete(rows, eventTypeID)
	}
	return changes
}

// find gives the environment with the id, or the default one for nil.
func (e *environments) find(id *string) (*domain.Environment, error) {
	if id == nil {
		return e.standard, nil
	}
	if env, ok := e.byID[*id]; ok {
		return env, nil
	}
	return nil, domain.NotFound("Environment")
}

// Environment finds one environment.
func (w *Workspace) Environment(id string) (*domain.Environment, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.environments.find(&id)
}

// EnvironmentBySlug finds an environment by the name that fixtures use.
func (w *Workspace) EnvironmentBySlug(slug string) (*domain.Environment, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if env, ok := w.environments.bySlug[slug]; ok {
		return env, nil
	}
	return nil, domain.NotFound("Environment")
}

// Environments gives the default environment and then the others, oldest first.
func (w *Workspace) Environments() []*domain.Environment {
	w.mu.RLock()
	defer w.mu.RUnlock()
	rows := w.environments.ordered.all()
	oldest := make([]*domain.Environment, 0, len(rows))
	oldest = append(oldest, w.environments.standard)
	for i := len(rows) - 1; i >= 0; i-- {
		if !rows[i].IsDefault {
			oldest = append(oldest, rows[i])
		}
	}
	return oldest
}

// CreateEnvironment stores a new environment, in which nothing is published.
func (e Editor) CreateEnvironment(n domain.NewEnvironment) (*domain.Environment, error) {
	return e.ImportEnvironment(n, Origin{})
}

// ImportEnvironment stores an environment with the id of o.
func (e Editor) ImportEnvironment(n domain.NewEnvironment, o Origin) (*domain.Environment, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.environments.bySlug[n.Slug] != nil:
		return nil, domain.Refuse(domain.CodeConflict, "An environment with this slug already exists")
	case e.environments.byID[o.ID] != nil:
		return nil, duplicate("environment", o.ID)
	case len(e.environments.byID) >= domain.MaxEnvironments:
		return nil, domain.Refuse(domain.CodeEnvironmentLimitReached, "Environment limit reached")
	}
	env := n.Build(e.originLocked("env_", o))
	e.environments.put(env)
	e.recordLocked(domain.VerbCreated, domain.ResourceEnvironment, env.ID)
	return env, nil
}

// UpdateEnvironment changes one environment.
func (e Editor) UpdateEnvironment(id string, c domain.EnvironmentChange) (*domain.Environment, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	env, err := e.environments.find(&id)
	if err != nil {
		return nil, err
	}
	changed := c.Apply(env, e.now())
	if changed != env {
		e.environments.put(changed)
		e.recordLocked(domain.VerbUpdated, domain.ResourceEnvironment, id)
	}
	return changed, nil
}

// DeleteEnvironment removes an environment with its endpoints, API keys and
// visibility rows. Nobody can see a part of it gone.
func (e Editor) DeleteEnvironment(id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	env, err := e.environments.find(&id)
	switch {
	case err != nil:
		return err
	case env.IsDefault:
		return domain.Refuse(domain.CodeConflict, "The default environment cannot be deleted")
	}
	for _, endpoint := range e.endpoints.in(id) {
		e.removeEndpointLocked(endpoint)
	}
	e.store.revoke(e.environments.keys[id])
	e.environments.remove(env)
	e.recordLocked(domain.VerbDeleted, domain.ResourceEnvironment, id)
	return nil
}

// duplicate refuses an id that is brought along a second time.
func duplicate(noun, id string) error {
	return domain.Refuse(domain.CodeConflict, "the %s id %q is given twice", noun, id)
}
