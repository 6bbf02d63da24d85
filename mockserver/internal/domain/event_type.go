package domain

// EventType is an entry of the workspace's catalog: something that endpoints
// can subscribe to.
type EventType struct {
	ID string
	Position
	Name        string // never changes
	Description string // empty for none
}

// NewEventType is a request to create an event type.
type NewEventType struct {
	Name        string
	Description string
}

// Validate checks everything that needs no other record.
func (n NewEventType) Validate() error {
	if n.Name == "" {
		return Invalid("name is required")
	}
	if err := validateEventTypeName("name", n.Name); err != nil {
		return err
	}
	return validateLength("description", n.Description, 0, maxDescription)
}

// Build makes the record of a valid request.
func (n NewEventType) Build(id string, at Position) *EventType {
	return &EventType{ID: id, Position: at, Name: n.Name, Description: n.Description}
}

// validateEventTypeName wants words joined by dots.
func validateEventTypeName(field, name string) error {
	if err := validateLength(field, name, 1, 100); err != nil {
		return err
	}
	if !dottedWords(name) {
		return Invalid("%s must be lowercase words of a-z, 0-9, _ and - joined by dots, such as order.created", field)
	}
	return nil
}

func dottedWords(name string) bool {
	word := 0
	for _, c := range name + "." {
		switch {
		case c == '.' && word == 0:
			return false
		case c == '.':
			word = 0
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-':
			word++
		default:
			return false
		}
	}
	return true
}

// EventTypeChange is a request to update an event type; a nil field stays, and an
// empty description clears.
type EventTypeChange struct{ Description *string }

// Validate checks everything that needs no other record.
func (c EventTypeChange) Validate() error {
	if c.Description == nil {
		return nil
	}
	return validateLength("description", *c.Description, 0, maxDescription)
}

// Apply gives a changed copy, or e itself when the change asks for nothing.
func (c EventTypeChange) Apply(e *EventType) *EventType {
	if c == (EventTypeChange{}) {
		return e
	}
	changed := *e
	assign(&changed.Description, c.Description)
	return &changed
}

// Subscription makes an endpoint receive the events of one type.
type Subscription struct {
	ID string
	Position
	EndpointID  string
	EventTypeID string
}
