package domain

import (
	"crypto/sha256"
	"slices"
	"time"
)

// Role decides what a portal session may do.
type Role string

// The roles of a portal session, from most to least.
const (
	RoleAdmin  Role = "admin"
	RoleEditor Role = "editor"
	RoleViewer Role = "viewer"
)

// Scope is something that a role may or may not do.
type Scope string

// The scopes of the portal.
const (
	EndpointsRead      Scope = "endpoints:read"
	EndpointsWrite     Scope = "endpoints:write"
	EndpointsDelete    Scope = "endpoints:delete"
	SubscriptionsRead  Scope = "subscriptions:read"
	SubscriptionsWrite Scope = "subscriptions:write"
	EventTypesRead     Scope = "event_types:read"
	DeliveriesRead     Scope = "deliveries:read"
)

// Permissions are what a role may do.
func (r Role) Permissions() []Scope {
	scopes := []Scope{EndpointsRead, SubscriptionsRead, EventTypesRead, DeliveriesRead}
	if r != RoleViewer {
		scopes = append(scopes, EndpointsWrite, SubscriptionsWrite)
	}
	if r == RoleAdmin {
		scopes = append(scopes, EndpointsDelete)
	}
	return scopes
}

// Require refuses what the role may not do.
func (r Role) Require(s Scope) error {
	if slices.Contains(r.Permissions(), s) {
		return nil
	}
	return Refuse(CodeForbidden, "Missing permission: %s", s)
}

// What a portal session may be asked for, and how long its code lives.
const (
	MaxSessionMetadata    = 10
	DefaultSessionMinutes = 60
	MaxSessionMinutes     = 60
	sessionCodeLifetime   = 5 * time.Minute
	DefaultRole           = RoleEditor
)

// Hash is the SHA-256 of a secret: what is stored in place of the secret.
type Hash [sha256.Size]byte

// HashOf hashes a secret.
func HashOf(secret string) Hash { return sha256.Sum256([]byte(secret)) }

// PortalSession lets one customer manage one application for a while.
type PortalSession struct {
	ID string
	Position
	ApplicationID string
	Role          Role
	Metadata      Metadata
	CodeHash      Hash
	CodeExpiresAt Time // never later than ExpiresAt
	ExpiresAt     Time
	Exchanged     bool // its code has been used,
	TokenHash     Hash // for this token
}

// Exchange gives the session with its code used for a token.
func (s *PortalSession) Exchange(token Hash) *PortalSession {
	changed := *s
	changed.Exchanged, changed.TokenHash = true, token
	return &changed
}

// Check refuses a session that is over. There is no sliding.
func (s *PortalSession) Check(now Time) error {
	if now >= s.ExpiresAt {
		return Refuse(CodeSessionExpired, "The portal session has expired")
	}
	return nil
}

// NewPortalSession is a request to create a portal session.
type NewPortalSession struct {
	Role     Role
	Minutes  int
	Metadata Metadata
}

// Validate checks everything that needs no other record.
func (n NewPortalSession) Validate() error {
	if n.Role != RoleAdmin && n.Role != RoleEditor && n.Role != RoleViewer {
		return Invalid("role must be one of admin, editor, viewer")
	}
	if n.Minutes < 1 || n.Minutes > MaxSessionMinutes {
		return Invalid("expiresInMinutes must be an integer between 1 and %d", MaxSessionMinutes)
	}
	return n.Metadata.validate(MaxSessionMetadata)
}

// Build makes the record of a valid request.
func (n NewPortalSession) Build(id, applicationID, code string, at Position) *PortalSession {
	end := at.CreatedAt.Add(time.Duration(n.Minutes) * time.Minute)
	return &PortalSession{
		ID: id, Position: at, ApplicationID: applicationID, Role: n.Role, Metadata: n.Metadata,
		CodeHash: HashOf(code), CodeExpiresAt: min(at.CreatedAt.Add(sessionCodeLifetime), end), ExpiresAt: end,
	}
}
