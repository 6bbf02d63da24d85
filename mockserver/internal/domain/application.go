package domain

import "unicode/utf8"

// Application is one customer of the workspace.
type Application struct {
	ID string
	Position
	ExternalID     string // empty for none
	Name           string
	Metadata       Metadata
	MaxEndpoints   Limit
	ShowEventTypes bool
	UpdatedAt      Time
}

// NewApplication is a request to create an application.
type NewApplication struct {
	Name           string
	ExternalID     *string
	Metadata       Metadata
	MaxEndpoints   Limit
	ShowEventTypes bool
}

// Validate checks everything that needs no other record.
func (n NewApplication) Validate() error {
	if n.Name == "" {
		return Invalid("name is required")
	}
	if err := validateLength("name", n.Name, 1, 255); err != nil {
		return err
	}
	if n.ExternalID != nil {
		if err := validateLength("externalId", *n.ExternalID, 1, 255); err != nil {
			return err
		}
	}
	if err := n.MaxEndpoints.validate("maxEndpoints"); err != nil {
		return err
	}
	return n.Metadata.validate(MaxMetadata)
}

// Build makes the record of a valid request.
func (n NewApplication) Build(id string, at Position) *Application {
	app := &Application{
		ID: id, Position: at, UpdatedAt: at.CreatedAt, Name: n.Name, Metadata: n.Metadata,
		MaxEndpoints: n.MaxEndpoints, ShowEventTypes: n.ShowEventTypes,
	}
	if n.ExternalID != nil {
		app.ExternalID = *n.ExternalID
	}
	return app
}

// ApplicationChange is a request to update an application; nil fields stay.
type ApplicationChange struct {
	Name           *string
	Metadata       *Metadata
	MaxEndpoints   *Limit
	ShowEventTypes *bool
}

// Validate checks everything that needs no other record.
func (c ApplicationChange) Validate() error {
	if c.Name != nil {
		if err := validateLength("name", *c.Name, 1, 255); err != nil {
			return err
		}
	}
	if c.MaxEndpoints != nil {
		if err := c.MaxEndpoints.validate("maxEndpoints"); err != nil {
			return err
		}
	}
	if c.Metadata != nil {
		return c.Metadata.validate(MaxMetadata)
	}
	return nil
}

// Apply gives a changed copy, or a itself when the change asks for nothing.
func (c ApplicationChange) Apply(a *Application, now Time) *Application {
	if c == (ApplicationChange{}) {
		return a
	}
	changed := *a
	assign(&changed.Name, c.Name)
	assign(&changed.Metadata, c.Metadata)
	assign(&changed.MaxEndpoints, c.MaxEndpoints)
	assign(&changed.ShowEventTypes, c.ShowEventTypes)
	changed.UpdatedAt = now
	return &changed
}

func assign[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// validateLength counts code points, as every limit of the API does.
func validateLength(field, value string, least, most int) error {
	n := utf8.RuneCountInString(value)
	switch {
	case n > most && least == 0:
		return Invalid("%s must be at most %d characters", field, most)
	case n < least || n > most:
		return Invalid("%s must be between %d and %d characters", field, least, most)
	}
	return nil
}
