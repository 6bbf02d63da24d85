package nahook

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// PortalSessions let a customer into the Developer Portal. They need the
// Developer Portal feature: without it Create fails with [ErrFeatureDisabled].
type PortalSessions struct{ api *transport.Transport }

// Role is what a portal session may do. It is open: a server may know more
// roles than this version of the module.
type Role string

// The roles of portal sessions.
const (
	RoleAdmin  Role = "admin"  // everything, deletion included
	RoleEditor Role = "editor" // the default
	RoleViewer Role = "viewer" // looking only
)

// PortalSession is the way into the portal: redirect the customer to URL, or
// embed it, within 5 minutes and once. Whoever has it is the customer, so it
// prints and logs without the code and with the URL up to its fragment, within
// the limits of [Secret].
type PortalSession struct {
	URL       string    `json:"url"`       // carries the code in its fragment
	Code      string    `json:"code"`      // good once, for 5 minutes
	ExpiresAt time.Time `json:"expiresAt"` // when the session ends
}

// CreatePortalSessionOptions describes a session.
type CreatePortalSessionOptions struct {
	Role             Role              `json:"role,omitempty"`             // empty is [RoleEditor]
	ExpiresInMinutes int               `json:"expiresInMinutes,omitempty"` // 1 to 60; 0 is 60
	Metadata         map[string]string `json:"metadata,omitempty"`         // up to 10 keys, added to the endpoints the customer creates
}

// Create opens a session for the customer that is the application. Nil options
// give an editor 60 minutes. It fails with [ErrNotFound] if there is no such
// application.
func (p *PortalSessions) Create(ctx context.Context, workspaceID, applicationID string, o *CreatePortalSessionOptions, opts ...CallOption) (*PortalSession, error) {
	o = cmp.Or(o, new(CreatePortalSessionOptions))
	return call[PortalSession](ctx, p.api, transport.Post("portalSessions.create", "/workspaces/{workspace}/applications/{application}/portal", workspaceID, applicationID).With(o), opts)
}

// UnmarshalJSON reads either of the names the URL is documented under, url and
// portalUrl.
func (s *PortalSession) UnmarshalJSON(data []byte) error {
	var session portalSession
	var other struct {
		PortalURL string `json:"portalUrl"`
	}
	if err := cmp.Or(json.Unmarshal(data, &session), json.Unmarshal(data, &other)); err != nil {
		return err
	}
	*s = PortalSession(session)
	s.URL = cmp.Or(s.URL, other.PortalURL)
	return nil
}

func (s *PortalSession) complete() error { return required("url", s.URL) }

// Format prints the session without its code.
func (s PortalSession) Format(f fmt.State, verb rune) { format(f, verb, s.redacted()) }

// LogValue logs the session without its code.
func (s PortalSession) LogValue() slog.Value { return slog.AnyValue(s.redacted()) }

type portalSession PortalSession

func (s PortalSession) redacted() portalSession {
	s.URL, _, _ = strings.Cut(s.URL, "#")
	if s.Code != "" { // wherever a server puts it
		s.URL = strings.ReplaceAll(s.URL, s.Code, transport.Redacted)
	}
	s.Code = redact(s.Code)
	return portalSession(s)
}
