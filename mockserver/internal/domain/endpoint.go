package domain

import (
	"encoding/base64"
	"strings"
	"time"
	"unicode"
)

// EndpointType tells how a delivery reaches an endpoint.
type EndpointType string

// The types of endpoints.
const (
	Webhook EndpointType = "webhook" // a signed POST to the URL
	Slack   EndpointType = "slack"   // a Slack message to the configured webhook URL
)

// maxDescription is how long a description may be, of whatever.
const maxDescription = 500

// Endpoint is a destination of deliveries.
type Endpoint struct {
	ID string
	Position
	ApplicationID string // empty for an endpoint of the workspace itself
	EnvironmentID string
	Type          EndpointType
	URL           string // empty for Slack
	WebhookURL    string // config.webhookUrl, empty for none
	Secret        string
	OldSecret     string // signs too until OldSecretEnds
	OldSecretEnds Time
	Accepts       bool // takes every delivery without a request
	Description   string
	AuthUsername  string // empty with AuthPassword for no basic auth
	AuthPassword  string
	IsActive      bool
	Metadata      Metadata
	UpdatedAt     Time
}

// NewEndpoint is a request to create an endpoint.
type NewEndpoint struct {
	ApplicationID string
	EnvironmentID *string // nil for the default environment
	Type          EndpointType
	URL           string
	WebhookURL    string
	Description   string
	AuthUsername  string
	AuthPassword  string
	Metadata      Metadata
	Session       *PortalSession // nil but in the portal: its metadata are the endpoint's, and the only ones
}

// Validate checks everything that needs no other record.
func (n NewEndpoint) Validate() error {
	if err := n.validateTarget(); err != nil {
		return err
	}
	if err := validateLength("description", n.Description, 0, maxDescription); err != nil {
		return err
	}
	if err := validateAuth(n.AuthUsername, n.AuthPassword); err != nil {
		return err
	}
	return n.Metadata.validate(MaxMetadata)
}

func (n NewEndpoint) validateTarget() error {
	if n.Type != Webhook && n.Type != Slack {
		return Invalid(`type must be "webhook" or "slack"`)
	}
	if n.WebhookURL != "" || n.Type == Slack {
		if err := validateURL("config.webhookUrl", n.WebhookURL); err != nil {
			return err
		}
	}
	return validateEndpointURL(n.Type, n.URL)
}

// Build makes the record of a valid request.
func (n NewEndpoint) Build(id, environmentID, secret string, active bool, at Position) *Endpoint {
	if n.Session != nil {
		n.Metadata = n.Session.Metadata
	}
	return &Endpoint{
		ID: id, Position: at, UpdatedAt: at.CreatedAt, ApplicationID: n.ApplicationID, EnvironmentID: environmentID,
		Type: n.Type, URL: n.URL, WebhookURL: n.WebhookURL, Secret: secret, Description: n.Description,
		AuthUsername: n.AuthUsername, AuthPassword: n.AuthPassword, IsActive: active, Metadata: n.Metadata,
	}
}

// Secrets are what a delivery at now is signed with, the newest first.
func (e *Endpoint) Secrets(now Time) []string {
	if e.OldSecret == "" || now >= e.OldSecretEnds {
		return []string{e.Secret}
	}
	return []string{e.Secret, e.OldSecret}
}

// Rotate replaces the signing secret. The old one signs too for as long as grace.
func (e *Endpoint) Rotate(secret string, grace time.Duration, now Time) *Endpoint {
	changed := *e
	changed.Secret, changed.OldSecret, changed.OldSecretEnds = secret, e.Secret, now.Add(grace)
	changed.UpdatedAt = now
	return &changed
}

// Target is where deliveries go.
func (e *Endpoint) Target() string {
	if e.Type == Slack {
		return e.WebhookURL
	}
	return e.URL
}

// EndpointChange is a request to update an endpoint; nil fields stay, and an
// empty description, user name or password clears.
type EndpointChange struct {
	URL          *string
	WebhookURL   *string
	Description  *string
	AuthUsername *string
	AuthPassword *string
	IsActive     *bool
	Metadata     *Metadata
}

// Validate checks everything that needs no other record.
func (c EndpointChange) Validate() error {
	// An empty URL is what a Slack endpoint has: whether it may be empty shows
	// with the stored endpoint.
	if c.URL != nil && *c.URL != "" {
		if err := validateURL("url", *c.URL); err != nil {
			return err
		}
	}
	if c.WebhookURL != nil && *c.WebhookURL != "" {
		if err := validateURL("config.webhookUrl", *c.WebhookURL); err != nil {
			return err
		}
	}
	if c.Description != nil {
		if err := validateLength("description", *c.Description, 0, maxDescription); err != nil {
			return err
		}
	}
	if c.Metadata != nil {
		return c.Metadata.validate(MaxMetadata)
	}
	return nil
}

// Apply gives a changed copy, or e itself when the change asks for nothing. It
// refuses what the stored half of the endpoint rules out.
func (c EndpointChange) Apply(e *Endpoint, now Time) (*Endpoint, error) {
	if c == (EndpointChange{}) {
		return e, nil
	}
	changed := *e
	assign(&changed.URL, c.URL)
	assign(&changed.WebhookURL, c.WebhookURL)
	assign(&changed.Description, c.Description)
	assign(&changed.IsActive, c.IsActive)
	assign(&changed.Metadata, c.Metadata)
	changed.AuthUsername, changed.AuthPassword = c.auth(e)
	changed.UpdatedAt = now
	if err := changed.validate(); err != nil {
		return nil, err
	}
	return &changed, nil
}

// auth lets either field alone replace its stored half, and either field alone
// clear both: half of a credential is of no use to a delivery.
func (c EndpointChange) auth(e *Endpoint) (username, password string) {
	username, password = e.AuthUsername, e.AuthPassword
	assign(&username, c.AuthUsername)
	assign(&password, c.AuthPassword)
	if c.AuthPassword == nil && username == "" || c.AuthUsername == nil && password == "" {
		return "", ""
	}
	return username, password
}

// validate checks the rules that join several fields of a stored endpoint.
func (e *Endpoint) validate() error {
	if e.Type == Slack && e.WebhookURL == "" {
		return Invalid("config.webhookUrl is required")
	}
	if err := validateEndpointURL(e.Type, e.URL); err != nil {
		return err
	}
	return validateAuth(e.AuthUsername, e.AuthPassword)
}

// validateAuth wants both or neither. RFC 7617 has no way to escape a colon in
// the user name, so a receiver would read another credential than was meant,
// and it forbids control characters in either.
func validateAuth(username, password string) error {
	if (username == "") != (password == "") {
		return Invalid("authUsername and authPassword must be given together")
	}
	if strings.Contains(username, ":") {
		return Invalid("authUsername must not contain a colon")
	}
	if strings.ContainsFunc(username+password, unicode.IsControl) {
		return Invalid("authUsername and authPassword must not contain control characters")
	}
	return nil
}

const secretPrefix = "whsec_"

// EncodeSecret spells key as a signing secret.
func EncodeSecret(key []byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// ValidateSecret checks a signing secret that somebody brings along.
func ValidateSecret(secret string) error {
	encoded, prefixed := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !prefixed || err != nil || len(key) < 24 || len(key) > 64 {
		return Invalid("secret must be whsec_ and the base64 of 24 to 64 bytes")
	}
	return nil
}
