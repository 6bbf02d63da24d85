package store

import (
	"cmp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Workspace is one tenant: its records, their indexes, and the lock over both.
type Workspace struct {
	id       string
	name     string
	settings atomic.Pointer[domain.Settings] // which is replaced, and never changed
	now      func() domain.Time
	store    *Store

	mu sync.RWMutex
	state
}

// state is everything that requests change.
type state struct {
	source       source
	sequence     uint64
	rate         domain.RateWindow
	environments environments
	applications applications
	endpoints    endpoints
	sessions     sessions
	cliTokens    map[string]*domain.Credential // those not revoked, by id
	tests        map[string]domain.RateWindow  // by the credential that asks for them

	eventTypes    eventTypes
	subscriptions subscriptions
	deliveries    deliveries
	audit         audit
}

func newState(src source) state {
	return state{
		source: src, environments: newEnvironments(), applications: newApplications(), endpoints: newEndpoints(), sessions: newSessions(),
		cliTokens: map[string]*domain.Credential{}, tests: map[string]domain.RateWindow{},
		eventTypes: newEventTypes(), subscriptions: newSubscriptions(), deliveries: newDeliveries(), audit: newAudit(),
	}
}

func newWorkspace(s *Store, n NewWorkspace, src source) *Workspace {
	w := &Workspace{id: src.idOr(n.ID, "ws_"), name: n.Name, now: n.Now, store: s, state: newState(src)}
	w.settings.Store(&n.Settings)
	w.addDefaultEnvironmentLocked(n)
	return w
}

func (w *Workspace) addDefaultEnvironmentLocked(n NewWorkspace) {
	standard := domain.NewEnvironment{
		Name: cmp.Or(n.DefaultEnvironmentName, domain.DefaultEnvironmentName), Slug: domain.DefaultEnvironmentSlug,
	}
	w.environments.put(standard.Build(w.originLocked("env_", Origin{ID: n.DefaultEnvironmentID})))
}

// ID is the workspace's id.
func (w *Workspace) ID() string { return w.id }

// Name is what people call the workspace; it may be empty.
func (w *Workspace) Name() string { return w.name }

// Plan is what the workspace pays for.
func (w *Workspace) Plan() domain.Plan { return w.settings.Load().Plan }

// Schedule is when failed deliveries are attempted again.
func (w *Workspace) Schedule() domain.Schedule { return w.settings.Load().Schedule }

// Settings are what no request can change.
func (w *Workspace) Settings() domain.Settings { return *w.settings.Load() }

// Configure changes the settings from now on.
func (w *Workspace) Configure(change func(*domain.Settings)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := *w.settings.Load()
	change(&s)
	w.settings.Store(&s)
}

// Require refuses a feature that the workspace's plan lacks.
func (w *Workspace) Require(f domain.Feature) error { return w.Plan().Require(f) }

// Now is the present instant on the workspace's clock.
func (w *Workspace) Now() domain.Time { return w.now() }

// TakeRequest counts a request against the workspace's rate limit. It reports
// false when the workspace has none.
func (w *Workspace) TakeRequest() (domain.RateVerdict, bool) {
	limit := w.settings.Load().RateLimit
	if limit == (domain.RateLimit{}) {
		return domain.RateVerdict{}, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var verdict domain.RateVerdict
	w.rate, verdict = limit.Take(w.rate, w.now())
	return verdict, true
}

// testLimit keeps the platform from being a cannon.
var testLimit = domain.RateLimit{Limit: 10, Window: time.Minute}

// TakeTest counts a test delivery asked for with a credential.
func (w *Workspace) TakeTest(credentialID string) domain.RateVerdict {
	w.mu.Lock()
	defer w.mu.Unlock()
	window, verdict := testLimit.Take(w.tests[credentialID], w.now())
	w.tests[credentialID] = window
	return verdict
}

// AddCredential stores c, which opens this workspace from now on. An empty
// token is generated, and so is an empty id.
func (w *Workspace) AddCredential(c domain.Credential) (*domain.Credential, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.addCredentialLocked(c)
}

func (w *Workspace) addCredentialLocked(c domain.Credential) (*domain.Credential, error) {
	if c.Token == "" {
		c.Token = w.source.token(c.Kind)
	}
	c.ID = w.source.idOr(c.ID, c.Kind.IDPrefix())
	if c.Kind == domain.APIKey {
		if c.EnvironmentID == "" {
			c.EnvironmentID = w.environments.standard.ID
		}
		if _, err := w.environments.find(&c.EnvironmentID); err != nil {
			return nil, err
		}
	}
	if c.Kind == domain.CLIToken && w.cliTokens[c.ID] != nil {
		return nil, duplicate("token", c.ID)
	}
	if err := w.store.addCredential(w, &c); err != nil {
		return nil, err
	}
	if c.Kind == domain.APIKey {
		w.environments.keys[c.EnvironmentID] = append(w.environments.keys[c.EnvironmentID], c.Token)
	}
	if c.Kind == domain.CLIToken && !c.Revoked {
		w.cliTokens[c.ID] = &c
	}
	return &c, nil
}

// placeLocked takes the next position in the order of creation.
func (w *Workspace) placeLocked(at domain.Time) domain.Position {
	w.sequence++
	return domain.Position{CreatedAt: at, Sequence: w.sequence}
}

// Origin is where a record that is brought along comes from. Its zero value
// means a generated id, a generated secret and the present instant.
type Origin struct {
	ID        string
	Secret    string // of endpoints
	CreatedAt *domain.Time
	Inactive  bool // of endpoints
	Accepts   bool // of endpoints
}

// originLocked completes o with a generated id and the present instant.
func (w *Workspace) originLocked(prefix string, o Origin) (string, domain.Position) {
	at := w.now()
	if o.CreatedAt != nil {
		at = *o.CreatedAt
	}
	return w.source.idOr(o.ID, prefix), w.placeLocked(at)
}
