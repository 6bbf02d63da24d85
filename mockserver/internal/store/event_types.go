package store

import (
	"strconv"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

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
func (e Editor) CreateEventType(n domain.NewEventType) (*domain.EventType, error) {
	return e.ImportEventType(n, Origin{}, nil)
}

// ImportEventType stores an event type with the id of o, published in the
// environments with these ids; nil stands for the default one.
func (e Editor) ImportEventType(n domain.NewEventType, o Origin, publishedIn []string) (*domain.EventType, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.eventTypes.byName[n.Name] != "":
		return nil, domain.Refuse(domain.CodeConflict, "An event type with this name already exists")
	case e.eventTypes.byID[o.ID] != nil:
		return nil, duplicate("event type", o.ID)
	}
	eventType := n.Build(e.originLocked("evt_", o))
	e.eventTypes.put(eventType)
	e.recordLocked(domain.VerbCreated, domain.ResourceEventType, eventType.ID)
	if publishedIn == nil {
		publishedIn = []string{e.environments.standard.ID}
	}
	for _, environmentID := range publishedIn {
		e.environments.published[environmentID][eventType.ID] = true
	}
	return eventType, nil
}

// UpdateEventType changes one event type.
func (e Editor) UpdateEventType(id string, c domain.EventTypeChange) (*domain.EventType, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	eventType, err := e.eventTypes.find(id)
	if err != nil {
		return nil, err
	}
	changed := c.Apply(eventType)
	if changed != eventType {
		e.eventTypes.put(changed)
		e.recordLocked(domain.VerbUpdated, domain.ResourceEventType, id)
	}
	return changed, nil
}

// DeleteEventType removes an event type with its subscriptions and visibility
// rows. Its name becomes free.
func (e Editor) DeleteEventType(id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	eventType, err := e.eventTypes.find(id)
	if err != nil {
		return err
	}
	for _, subscription := range e.subscriptions.to(id) {
		e.subscriptions.remove(subscription)
	}
	for _, published := range e.environments.published {
		delete(published, id)
	}
	e.eventTypes.remove(eventType)
	e.recordLocked(domain.VerbDeleted, domain.ResourceEventType, id)
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
func (e Editor) SetVisibility(environmentID, eventTypeID string, published bool) (Visibility, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.environments.find(&environmentID); err != nil {
		return Visibility{}, err
	}
	eventType, err := e.eventTypes.find(eventTypeID)
	if err != nil {
		return Visibility{}, err
	}
	if e.environments.publish(environmentID, eventTypeID, published) {
		e.recordLocked(domain.VerbVisibilityUpdated, domain.ResourceEnvironment, environmentID,
			domain.Pair{Key: "eventTypeId", Value: eventTypeID}, domain.Pair{Key: "published", Value: strconv.FormatBool(published)})
	}
	return Visibility{eventType, published}, nil
}
