package domain

// Environment separates the endpoints and API keys of one workspace.
type Environment struct {
	ID string
	Position
	Name      string
	Slug      string // never changes
	IsDefault bool
	UpdatedAt Time
}

// What the environment is called that every workspace has, and how many there
// may be, that one included.
const (
	DefaultEnvironmentName = "Production"
	DefaultEnvironmentSlug = "production"
	MaxEnvironments        = 10
)

// NewEnvironment is a request to create an environment.
type NewEnvironment struct{ Name, Slug string }

// Validate checks everything that needs no other record.
func (n NewEnvironment) Validate() error {
	if n.Name == "" {
		return Invalid("name is required")
	}
	if err := validateLength("name", n.Name, 1, 50); err != nil {
		return err
	}
	if n.Slug == "" {
		return Invalid("slug is required")
	}
	if !validSlug(n.Slug) {
		return Invalid("Slug must be 2-50 characters, lowercase alphanumeric and hyphens only")
	}
	return nil
}

func validSlug(slug string) bool {
	for _, c := range slug {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(slug) >= 2 && len(slug) <= 50
}

// Build makes the record of a valid request.
func (n NewEnvironment) Build(id string, at Position) *Environment {
	return &Environment{
		ID: id, Position: at, UpdatedAt: at.CreatedAt, Name: n.Name, Slug: n.Slug, IsDefault: n.Slug == DefaultEnvironmentSlug,
	}
}

// EnvironmentChange is a request to update an environment; a nil field stays.
type EnvironmentChange struct{ Name *string }

// Validate checks everything that needs no other record.
func (c EnvironmentChange) Validate() error {
	if c.Name == nil {
		return nil
	}
	return validateLength("name", *c.Name, 1, 50)
}

// Apply gives a changed copy, or e itself when the change asks for nothing.
func (c EnvironmentChange) Apply(e *Environment, now Time) *Environment {
	if c == (EnvironmentChange{}) {
		return e
	}
	changed := *e
	assign(&changed.Name, c.Name)
	changed.UpdatedAt = now
	return &changed
}
