package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// environments are the rows of one workspace and their indexes.
type environments struct {
	byID     map[string]*domain.Environment
	bySlug   map[string]*domain.Environment
	standard *domain.Environment // the default one
}

func newEnvironments() environments {
	return environments{byID: map[string]*domain.Environment{}, bySlug: map[string]*domain.Environment{}}
}

func (e *environments) put(env *domain.Environment) {
	e.byID[env.ID] = env
	e.bySlug[env.Slug] = env
	if env.IsDefault {
		e.standard = env
	}
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

// AddEnvironment stores an environment under an id of the caller's choice, or a
// generated one when id is empty.
func (w *Workspace) AddEnvironment(id, name, slug string) (*domain.Environment, error) {
	if err := domain.ValidateEnvironment(name, slug); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.environments.byID[id] != nil {
		return nil, duplicate("environment", id)
	}
	if w.environments.bySlug[slug] != nil {
		return nil, domain.Refuse(domain.CodeConflict, "An environment with this slug already exists")
	}
	id, at := w.originLocked("env_", Origin{ID: id})
	env := &domain.Environment{ID: id, Position: at, Name: name, Slug: slug, UpdatedAt: at.CreatedAt}
	w.environments.put(env)
	return env, nil
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

// duplicate refuses an id that is brought along a second time.
func duplicate(noun, id string) error {
	return domain.Refuse(domain.CodeConflict, "the %s id %q is given twice", noun, id)
}
