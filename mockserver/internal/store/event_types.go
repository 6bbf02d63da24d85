package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// eventTypes are the rows of one workspace and their indexes.
type eventTypes struct {
	byID    map[string]*domain.EventType
	byName  map[string]string // → id
	ordered list[*domain.EventType]
}

func newEventTypes() eventTypes {
	return eventTypes{byID: map[string]*domain.EventType{}, byName: map[string]string{}, ordered: newList[*domain.EventType]()}
}

func (e *eventTypes) find(id string) (*domain.EventType, error) {
	if eventType, ok := e.byID[id]; ok {
		return eventType, nil
	}
	return nil, domain.NotFound("Event type")
}

func (e *eventTypes) put(eventType *domain.EventType) {
	e.byID[eventType.ID] = eventType
	e.byName[eventType.Name] = eventType.ID
	e.ordered.put(eventType)
}

func (e *eventTypes) remove(eventType *domain.EventType) {
	delete(e.byID, eventType.ID)
	delete(e.byName, eventType.Name)
	e.ordered.remove(eventType)
}

// EventType finds one event type.
func (w *Workspace) EventType(id string) (*domain.EventType, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.eventTypes.find(id)
}

// EventTypeByName finds an event type by the name that events and fixtures use.
func (w *Workspace) EventTypeByName(name string) (*domain.EventType, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.eventTypes.find(w.eventTypes.byName[name])
}

// EventTypes gives the whole catalog, newest first.
func (w *Workspace) EventTypes() []*domain.EventType {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.eventTypes.ordered.all()
}

// CreateEventType stores a new event type, published in the default environment
// alone.
func (w *Workspace) CreateEventType(n domain.NewEventType) (*domain.EventType, error) {
	return w.ImportEventType(n, Origin{}, nil)
}

// ImportEventType stores an event type with the id of o, published in the
// environments with these ids; nil stands for the default one.
func (w *Workspace) ImportEventType(n domain.NewEventType, o Origin, publishedIn []string) (*domain.EventType, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.eventTypes.byName[n.Name] != "":
		return nil, domain.Refuse(domain.CodeConflict, "An event type with this name already exists")
	case w.eventTypes.byID[o.ID] != nil:
		return nil, duplicate("event type", o.ID)
	}
	eventType := n.Build(w.originLocked("evt_", o))
	w.eventTypes.put(eventType)
	if publishedIn == nil {
		publishedIn = []string{w.environments.standard.ID}
	}
	for _, environmentID := range publishedIn {
		w.environments.published[environmentID][eventType.ID] = true
	}
	return eventType, nil
}

// UpdateEventType changes one event type.
func (w *Workspace) UpdateEventType(id string, c domain.EventTypeChange) (*domain.EventType, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	eventType, err := w.eventTypes.find(id)
	if err != nil {
		return nil, err
	}
	changed := c.Apply(eventType)
	w.eventTypes.put(changed)
	return changed, nil
}

// DeleteEventType removes an event type with its subscriptions and visibility
// rows. Its name becomes free.
func (w *Workspace) DeleteEventType(id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	eventType, err := w.eventTypes.find(id)
	if err != nil {
		return err
	}
	for _, subscription := range w.subscriptions.to(id) {
		w.subscriptions.remove(subscription)
	}
	for _, published := range w.environments.published {
		delete(published, id)
	}
	w.eventTypes.remove(eventType)
	return nil
}

// Visibility is whether the portal's catalog shows an event type in one
// environment.
type Visibility struct {
	EventType *domain.EventType
	Published bool
}

// Visibilities gives every event type of the workspace, newest first, with its
// visibility in one environment.
func (w *Workspace) Visibilities(environmentID string) ([]Visibility, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if _, err := w.environments.find(&environmentID); err != nil {
		return nil, err
	}
	rows := make([]Visibility, 0, len(w.eventTypes.byID))
	for _, eventType := range w.eventTypes.ordered.all() {
		rows = append(rows, Visibility{eventType, w.environments.published[environmentID][eventType.ID]})
	}
	return rows, nil
}

// SetVisibility publishes or hides an event type in one environment.
func (w *Workspace) SetVisibility(environmentID, eventTypeID string, published bool) (Visibility, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.environments.find(&environmentID); err != nil {
		return Visibility{}, err
	}
	eventType, err := w.eventTypes.find(eventTypeID)
	if err != nil {
		return Visibility{}, err
	}
	if published {
		w.environments.published[environmentID][eventTypeID] = true
	} else {
		delete(w.environments.published[environmentID], eventTypeID)
	}
	return Visibility{eventType, published}, nil
}
