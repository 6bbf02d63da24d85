package mockserver

import (
	"fmt"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/clock"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// Workspace is one isolated tenant of a server, with its own tokens, clock and
// settings. Tests that share a server and have a workspace each do not see one
// another.
type Workspace struct {
	server *Server
	rows   *store.Workspace
	clock  clock.Clock
	tokens map[domain.Kind]string // the first of each kind
}

// NewWorkspace adds an empty workspace to the server. Options that contradict
// each other end the test; on a server made by [New] they panic.
func (s *Server) NewWorkspace(opts ...WorkspaceOption) *Workspace {
	s.helper()
	var c workspaceConfig
	for _, o := range opts {
		if err := o.configureWorkspace(&c); err != nil {
			s.fail("NewWorkspace: %v", err)
		}
	}
	w, err := s.addWorkspace(WorkspaceFixture{}, c)
	if err != nil {
		s.fail("NewWorkspace: %v", err)
	}
	return w
}

func (s *Server) addWorkspace(f WorkspaceFixture, c workspaceConfig) (*Workspace, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	settings, err := f.settings()
	if err != nil {
		return nil, err
	}
	w := &Workspace{server: s, clock: c.clock()}
	n := f.describe(c.settings(settings))
	n.Now = func() domain.Time { return domain.At(w.clock.Now()) }
	if w.rows, err = s.store.AddWorkspace(n); err != nil {
		return nil, err
	}
	if err := f.seed(w.rows); err != nil {
		return nil, err
	}
	w.tokens = w.firstTokens(f)
	s.workspaces.add(w)
	return w, nil
}

// firstTokens takes what the fixture lists and generates what it does not.
func (w *Workspace) firstTokens(f WorkspaceFixture) map[domain.Kind]string {
	first := map[domain.Kind]string{}
	if len(f.ManagementTokens) > 0 {
		first[domain.ManagementToken] = f.ManagementTokens[0].Token
	}
	if len(f.APIKeys) > 0 {
		first[domain.APIKey] = f.APIKeys[0].Key
	}
	if len(f.SessionTokens) > 0 {
		first[domain.SessionToken] = f.SessionTokens[0].Token
	}
	for _, kind := range []domain.Kind{domain.ManagementToken, domain.APIKey, domain.SessionToken} {
		if first[kind] == "" {
			first[kind] = w.mint(kind, TokenOptions{})
		}
	}
	return first
}

// ID is the workspace's id, which the paths of the API name.
func (w *Workspace) ID() string { return w.rows.ID() }

// Name is what the fixture calls the workspace; empty where nothing does.
func (w *Workspace) Name() string { return w.rows.Name() }

// ManagementToken opens the management API ("nhm_…").
func (w *Workspace) ManagementToken() string { return w.tokens[domain.ManagementToken] }

// APIKey opens ingestion into the default environment ("nhk_us_…").
func (w *Workspace) APIKey() string { return w.tokens[domain.APIKey] }

// SessionToken opens the dashboard API ("nhs_…").
func (w *Workspace) SessionToken() string { return w.tokens[domain.SessionToken] }

// TokenOptions describe a token to be minted. The zero value is a token that
// works and never ends.
type TokenOptions struct {
	Disabled  bool          // refused with 403 token_disabled
	ExpiresIn time.Duration // workspace time until 401 token_expired; 0 for never, negative for expired already
}

// NewManagementToken mints one more management token.
func (w *Workspace) NewManagementToken(o TokenOptions) string {
	return w.mint(domain.ManagementToken, o)
}

// NewAPIKey mints one more API key of the default environment.
func (w *Workspace) NewAPIKey(o TokenOptions) string { return w.mint(domain.APIKey, o) }

// NewSessionToken mints one more dashboard session token.
func (w *Workspace) NewSessionToken(o TokenOptions) string { return w.mint(domain.SessionToken, o) }

func (w *Workspace) mint(kind domain.Kind, o TokenOptions) string {
	c := domain.Credential{Kind: kind, Disabled: o.Disabled}
	if o.ExpiresIn != 0 {
		c.ExpiresAt = w.rows.Now().Add(o.ExpiresIn)
	}
	stored, err := w.rows.AddCredential(c)
	if err != nil {
		panic(fmt.Sprintf("mockserver: a generated token exists already: %v", err))
	}
	return stored.Token
}

// Now is the present instant on the workspace's clock, in UTC and cut to the
// millisecond.
func (w *Workspace) Now() time.Time { return w.clock.Now() }

// Advance moves the clock forward by d, which must not be negative. Time stands
// still otherwise, so what depends on it happens when a test says so. It is an
// error to advance a clock that runs by itself ([WithRealClock]). Errors end
// the test; on a server made by [New] they panic.
func (w *Workspace) Advance(d time.Duration) {
	w.server.helper()
	manual, ok := w.clock.(*clock.Manual)
	if !ok {
		w.server.fail("Advance: this workspace has the real clock, which runs by itself; leave WithRealClock out to move time by hand")
		return
	}
	if err := manual.Advance(d); err != nil {
		w.server.fail("Advance: %v", err)
	}
}
