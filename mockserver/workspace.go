package mockserver

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/clock"
	"github.com/nahook/nahook-go/mockserver/internal/delivery"
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

	engine   *delivery.Engine
	handlers *delivery.Handlers
	journal  *journal
	faults   faults
	tb       TB // whose workspace it is; nil for the server's

	mu        sync.Mutex
	tokens    map[domain.Kind]string // the first of each kind
	receivers map[string]*Receiver   // by host
	framing   []string               // origins that may frame the portal
	told      []Problem              // to the test that it belongs to
}

// NewWorkspace adds an empty workspace to the server. What opts leave open is as
// the options of [Start] or [New] say. Options that make no sense end the test;
// on a server made by [New] they panic.
func (s *Server) NewWorkspace(opts ...WorkspaceOption) *Workspace {
	s.t().Helper()
	w, err := s.newWorkspace(nil, opts)
	if err != nil {
		s.fail("NewWorkspace: %v", err)
		return nil
	}
	return w
}

func (s *Server) newWorkspace(tb TB, opts []WorkspaceOption) (*Workspace, error) {
	c, err := configureWorkspace(s.defaults, opts)
	if err != nil {
		return nil, err
	}
	return s.addWorkspace(tb, WorkspaceFixture{}, c)
}

func (s *Server) addWorkspace(tb TB, f WorkspaceFixture, c workspaceConfig) (*Workspace, error) {
	settings, err := f.settings()
	if err != nil {
		return nil, err
	}
	w := &Workspace{server: s, tb: tb, clock: c.clock(), tokens: map[domain.Kind]string{}, receivers: map[string]*Receiver{}, framing: c.framing, journal: newJournal(c.journal)}
	if f.FramingOrigins != nil {
		w.framing = slices.Clone(f.FramingOrigins)
	}
	if err := checkOrigins(w.framing); err != nil {
		return nil, fmt.Errorf("framingOrigins: %w", err)
	}
	w.handlers = delivery.NewHandlers(machine, delivery.Timeout, w.reportAttempt)
	n, err := f.describe(c.settings(settings))
	if err != nil {
		return nil, err
	}
	n.Now = func() domain.Time { return domain.At(w.clock.Now()) }
	if w.rows, err = s.store.AddWorkspace(n); err != nil {
		return nil, err
	}
	w.engine = w.newEngine(c)
	if err := f.seed(w); err != nil {
		return nil, err
	}
	w.mintMissing()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.workspaces = append(s.workspaces, w)
	s.byRows[w.rows] = w
	return w, nil
}

// mint stores a credential. The first of each kind is the one that the
// workspace's methods name, whatever its state.
func (w *Workspace) mint(c domain.Credential) (string, error) {
	stored, err := w.rows.AddCredential(c)
	if err != nil {
		return "", err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokens[c.Kind] = cmp.Or(w.tokens[c.Kind], stored.Token)
	return stored.Token, nil
}

func (w *Workspace) mustMint(c domain.Credential) string {
	token, err := w.mint(c)
	if err != nil {
		panic(fmt.Sprintf("mockserver: a generated token exists already: %v", err))
	}
	return token
}

func (w *Workspace) first(kind domain.Kind) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tokens[kind]
}

// ID is the workspace's id, which the paths of the API name.
func (w *Workspace) ID() string { return w.rows.ID() }

// Name is what the fixture calls the workspace; empty where nothing does.
func (w *Workspace) Name() string { return w.rows.Name() }

// ManagementToken opens the management API ("nhm_…"). Like the two below it is
// the first of its kind in the fixture, whatever its state, and a generated one
// that works where the fixture has none.
func (w *Workspace) ManagementToken() string { return w.first(domain.ManagementToken) }

// APIKey opens ingestion ("nhk_us_…") into its environment, which is the default
// one unless the fixture says otherwise.
func (w *Workspace) APIKey() string { return w.first(domain.APIKey) }

// SessionToken opens the dashboard API ("nhs_…").
func (w *Workspace) SessionToken() string { return w.first(domain.SessionToken) }

// TokenOptions describe a token to be minted. The zero value is a token that
// works and never ends.
type TokenOptions struct {
	Disabled  bool          // refused with 403 token_disabled
	Revoked   bool          // refused with 401 token_revoked
	ExpiresIn time.Duration // workspace time until 401 token_expired; 0 for never, negative for expired already
}

func (o TokenOptions) credential(kind domain.Kind, now domain.Time) domain.Credential {
	c := domain.Credential{Kind: kind, Disabled: o.Disabled, Revoked: o.Revoked, ExpiresAt: domain.Never}
	if o.ExpiresIn != 0 {
		c.ExpiresAt = now.Add(o.ExpiresIn)
	}
	return c
}

// NewManagementToken mints one more management token.
func (w *Workspace) NewManagementToken(o TokenOptions) string {
	return w.mustMint(o.credential(domain.ManagementToken, w.rows.Now()))
}

// NewSessionToken mints one more dashboard session token.
func (w *Workspace) NewSessionToken(o TokenOptions) string {
	return w.mustMint(o.credential(domain.SessionToken, w.rows.Now()))
}

// APIKeyOptions describe an API key to be minted. The zero value is a key of the
// default environment that works.
type APIKeyOptions struct {
	Environment string // a slug; empty for the default environment. One that does not exist ends the test
	Disabled    bool   // refused with 403 token_disabled
}

// NewAPIKey mints one more API key.
func (w *Workspace) NewAPIKey(o APIKeyOptions) string {
	w.t().Helper()
	key, err := w.newAPIKey(o)
	if err != nil {
		w.fail("NewAPIKey: %v", err)
		return ""
	}
	return key
}

func (w *Workspace) newAPIKey(o APIKeyOptions) (string, error) {
	env, err := environmentOf(w.rows, o.Environment)
	if err != nil {
		return "", err
	}
	return w.mustMint(domain.Credential{
		Kind: domain.APIKey, EnvironmentID: env.ID, Disabled: o.Disabled, ExpiresAt: domain.Never,
	}), nil
}

// Problems are what was wrong with requests to this workspace although they got
// their answers, in order of first appearance.
func (w *Workspace) Problems() []Problem { return w.server.problems.of(w.ID()) }

// operator is who acts through the methods of a workspace.
var operator = domain.Actor{Type: domain.ActorUser, ID: "user_mockserver", Label: "mockserver"}

// RotateSecret gives an endpoint a new signing secret, and returns it. For as
// long as grace, which is workspace time, deliveries are signed with the old one
// too. An endpoint that does not exist ends the test; on a server made by [New] it
// panics.
func (w *Workspace) RotateSecret(endpointID string, grace time.Duration) string {
	w.t().Helper()
	secret, err := w.rotateSecret(endpointID, grace)
	if err != nil {
		w.fail("RotateSecret: %v", err)
		return ""
	}
	return secret
}

func (w *Workspace) rotateSecret(endpointID string, grace time.Duration) (string, error) {
	if grace < 0 {
		return "", fmt.Errorf("the grace period %v is negative", grace)
	}
	endpoint, err := w.rows.By(operator).RotateSecret(endpointID, grace)
	if err != nil {
		return "", fmt.Errorf("there is no endpoint %q", endpointID)
	}
	return endpoint.Secret, nil
}

// SetPlan changes the workspace's plan from now on, as a customer of the platform
// does who upgrades or downgrades.
func (w *Workspace) SetPlan(plan Plan) {
	w.t().Helper()
	w.set("SetPlan", WithPlan(plan))
}

// SetEndpointLimit changes the cap on the endpoints of the whole workspace. Those
// that are over it stay.
func (w *Workspace) SetEndpointLimit(limit int) {
	w.t().Helper()
	w.set("SetEndpointLimit", WithEndpointLimit(limit))
}

// SetRateLimit changes how many requests are allowed within a window, as
// [WithRateLimit] says; what has been used of the present window counts.
func (w *Workspace) SetRateLimit(limit int, window time.Duration) {
	w.t().Helper()
	w.set("SetRateLimit", WithRateLimit(limit, window))
}

// set applies an option to the workspace as it is. One that makes no sense ends the
// test; on a server made by [New] it panics.
func (w *Workspace) set(verb string, o WorkspaceOption) {
	w.t().Helper()
	if err := w.change(o); err != nil {
		w.fail("%s: %v", verb, err)
	}
}

func (w *Workspace) change(o WorkspaceOption) error {
	var c workspaceConfig
	if err := o.configureWorkspace(&c); err != nil {
		return errors.New(withoutName(err))
	}
	w.rows.Configure(func(s *domain.Settings) { *s = c.settings(*s) })
	return nil
}

// withoutName is what an option says is wrong with it, without its name in front.
func withoutName(err error) string {
	_, reason, _ := strings.Cut(err.Error(), ": ")
	return reason
}
