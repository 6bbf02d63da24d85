package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const start = domain.Time(1_768_473_000_000)

func newTestWorkspace(tb testing.TB, settings domain.Settings) *Workspace {
	tb.Helper()
	w, err := New(1).AddWorkspace(NewWorkspace{ID: "ws_a", Settings: settings, Now: func() domain.Time { return start }})
	require.NoError(tb, err)
	return w
}

var unlimited = domain.Settings{Plan: domain.PlanPro, EndpointLimit: domain.Unlimited}

func newApplication(name string, limit domain.Limit) domain.NewApplication {
	return domain.NewApplication{Name: name, MaxEndpoints: limit, ShowEventTypes: true}
}

func newEndpoint(applicationID string) domain.NewEndpoint {
	return domain.NewEndpoint{ApplicationID: applicationID, Type: domain.Webhook, URL: "https://acme.test/hooks"}
}

func ptr[T any](v T) *T { return &v }

func codeOf(err error) domain.Code {
	var refusal *domain.Refusal
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

func TestCapHoldsUnderConcurrency(t *testing.T) {
	t.Parallel()
	w := newTestWorkspace(t, unlimited)
	app, err := w.By(domain.Nobody).CreateApplication(newApplication("Acme", 7))
	require.NoError(t, err)

	var created, refused atomic.Int32
	var creates sync.WaitGroup
	for range 60 {
		creates.Go(func() {
			_, err := w.By(domain.Nobody).CreateEndpoint(newEndpoint(app.ID))
			if err == nil {
				created.Add(1)
			}
			if codeOf(err) == domain.CodeApplicationLimitReached {
				refused.Add(1)
			}
		})
	}
	creates.Wait()

	require.EqualValues(t, 7, created.Load())
	require.EqualValues(t, 53, refused.Load())
	require.Len(t, w.Endpoints(), 7)
	require.NoError(t, w.invariants())
}

// Every operation that adds to an application or takes it away runs at once;
// whatever order they take effect in, nothing may be left of what was deleted.
func TestCascadeUnderLoadLeavesNoDanglingID(t *testing.T) {
	t.Parallel()
	w := newTestWorkspace(t, unlimited)
	const customers = 40
	ids := make([]string, customers)
	for i := range ids {
		external := fmt.Sprint("cust_", i)
		n := newApplication("Acme", domain.Unlimited)
		n.ExternalID = &external
		app, err := w.By(domain.Nobody).CreateApplication(n)
		require.NoError(t, err)
		ids[i] = app.ID
	}

	var load sync.WaitGroup
	for worker := range 8 {
		load.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(worker)))
			for range 300 {
				disturb(t, w, random, ids)
			}
		})
	}
	load.Wait()
	require.NoError(t, w.invariants())
	for _, id := range ids {
		if err := w.By(domain.Nobody).DeleteApplication(id); err != nil {
			require.Equal(t, domain.CodeNotFound, codeOf(err))
		}
	}
	require.NoError(t, w.invariants())
	require.Empty(t, w.Endpoints())
	require.Empty(t, w.sessions.byCode)
	require.Empty(t, w.subscriptions.byEndpoint)
	require.Empty(t, w.endpoints.byEnvironment)
	require.Empty(t, w.Applications(nil, 0, customers))
}

// disturb does one random operation. It may be refused only because somebody
// else was faster.
func disturb(t *testing.T, w *Workspace, random *rand.Rand, ids []string) {
	t.Helper()
	id := ids[random.IntN(len(ids))]
	var err error
	switch random.IntN(20) {
	case 0:
		err = w.By(domain.Nobody).DeleteApplication(id)
	case 1, 2, 3:
		name := "Acme " + fmt.Sprint(random.IntN(100))
		_, err = w.By(domain.Nobody).UpdateApplication(id, domain.ApplicationChange{Name: &name})
	case 4, 5, 6:
		_, _, err = w.By(domain.Nobody).CreatePortalSession(id, domain.NewPortalSession{Role: domain.RoleEditor, Minutes: 60})
	case 7, 8, 9:
		endpoints, findErr := w.ApplicationEndpoints(id)
		if err = findErr; err == nil && len(endpoints) > 0 {
			err = w.By(domain.Nobody).DeleteEndpoint(endpoints[random.IntN(len(endpoints))].ID)
		}
	case 10, 11, 12:
		err = subscribeOne(w, random, id)
	case 13:
		err = churnCatalog(w, random)
	case 14:
		err = churnEnvironments(w, random)
	default:
		n := newEndpoint(id)
		if environments := w.Environments(); random.IntN(2) == 0 {
			n.EnvironmentID = &environments[random.IntN(len(environments))].ID
		}
		_, err = w.By(domain.Nobody).CreateEndpoint(n)
	}
	if code := codeOf(err); code != domain.CodeNotFound && code != domain.CodeConflict && code != domain.CodeEnvironmentLimitReached {
		assert.NoError(t, err)
	}
}

func subscribeOne(w *Workspace, random *rand.Rand, applicationID string) error {
	endpoints, err := w.ApplicationEndpoints(applicationID)
	catalog := w.EventTypes()
	if err != nil || len(endpoints) == 0 || len(catalog) == 0 {
		return err
	}
	endpoint, eventType := endpoints[random.IntN(len(endpoints))].ID, catalog[random.IntN(len(catalog))].ID
	if random.IntN(4) == 0 {
		return w.By(domain.Nobody).Unsubscribe(endpoint, eventType)
	}
	_, err = w.By(domain.Nobody).Subscribe(endpoint, []string{eventType})
	return err
}

func churnCatalog(w *Workspace, random *rand.Rand) error {
	catalog, environments := w.EventTypes(), w.Environments()
	if len(catalog) < 3 || random.IntN(2) == 0 {
		_, err := w.By(domain.Nobody).CreateEventType(domain.NewEventType{Name: fmt.Sprint("event.", random.IntN(50))})
		return err
	}
	eventType := catalog[random.IntN(len(catalog))].ID
	if random.IntN(2) == 0 {
		return w.By(domain.Nobody).DeleteEventType(eventType)
	}
	_, err := w.By(domain.Nobody).SetVisibility(environments[random.IntN(len(environments))].ID, eventType, random.IntN(2) == 0)
	return err
}

func churnEnvironments(w *Workspace, random *rand.Rand) error {
	environments := w.Environments()
	if random.IntN(2) == 0 {
		env, err := w.By(domain.Nobody).CreateEnvironment(domain.NewEnvironment{Name: "E", Slug: fmt.Sprint("env-", random.IntN(50))})
		if err != nil {
			return err
		}
		_, err = w.AddCredential(domain.Credential{Kind: domain.APIKey, EnvironmentID: env.ID, ExpiresAt: domain.Never})
		return err
	}
	return w.By(domain.Nobody).DeleteEnvironment(environments[random.IntN(len(environments))].ID)
}

// Pages are compared with plain slices of the whole list while rows come and go
// at random.
func TestPagesEqualSlicesOfTheWholeList(t *testing.T) {
	t.Parallel()
	w := newTestWorkspace(t, unlimited)
	random := rand.New(rand.NewPCG(1, 2))
	var ids []string // newest first
	for step := range 2000 {
		if len(ids) > 0 && random.IntN(3) == 0 {
			i := random.IntN(len(ids))
			require.NoError(t, w.By(domain.Nobody).DeleteApplication(ids[i]))
			ids = slices.Delete(ids, i, i+1)
		} else {
			app, err := w.By(domain.Nobody).CreateApplication(newApplication(fmt.Sprint(step), domain.Unlimited))
			require.NoError(t, err)
			ids = slices.Insert(ids, 0, app.ID)
		}
		offset, limit := random.IntN(len(ids)+3), 1+random.IntN(60)
		want := ids[min(offset, len(ids)):min(offset+limit, len(ids))]
		require.Equal(t, want, idsOf(w.Applications(nil, offset, limit)), "offset %d, limit %d of %d", offset, limit, len(ids))
	}
	require.NoError(t, w.invariants())
}

func idsOf(apps []*domain.Application) []string {
	ids := make([]string, len(apps))
	for i, app := range apps {
		ids[i] = app.ID
	}
	return ids
}

// An update must reach every index, and readers keep the record they have.
func TestUpdateSwapsTheRecordEverywhere(t *testing.T) {
	t.Parallel()
	w := newTestWorkspace(t, unlimited)
	app, err := w.By(domain.Nobody).CreateApplication(newApplication("Before", 3))
	require.NoError(t, err)
	endpoint, err := w.By(domain.Nobody).CreateEndpoint(newEndpoint(app.ID))
	require.NoError(t, err)

	name, off := "After", false
	_, err = w.By(domain.Nobody).UpdateApplication(app.ID, domain.ApplicationChange{Name: &name})
	require.NoError(t, err)
	_, err = w.By(domain.Nobody).UpdateEndpoint(endpoint.ID, domain.EndpointChange{IsActive: &off})
	require.NoError(t, err)

	require.Equal(t, "Before", app.Name)
	require.True(t, endpoint.IsActive)
	require.Equal(t, "After", w.Applications(nil, 0, 1)[0].Name)
	require.False(t, w.Endpoints()[0].IsActive)
	siblings, err := w.ApplicationEndpoints(app.ID)
	require.NoError(t, err)
	require.False(t, siblings[0].IsActive)
	require.NoError(t, w.invariants())
}

func TestImportedRowsAreOrderedByAgeThenOrder(t *testing.T) {
	t.Parallel()
	w := newTestWorkspace(t, unlimited)
	for _, row := range []Origin{
		{ID: "now_1"}, {ID: "old", CreatedAt: ptr(start - 5)}, {ID: "now_2"}, {ID: "older", CreatedAt: ptr(start - 6)}, {ID: "same_age", CreatedAt: ptr(start - 5)},
	} {
		_, err := w.By(domain.Nobody).ImportApplication(newApplication("Acme", domain.Unlimited), row)
		require.NoError(t, err)
	}
	created, err := w.By(domain.Nobody).CreateApplication(newApplication("Acme", domain.Unlimited))
	require.NoError(t, err)
	require.Equal(t, []string{created.ID, "now_2", "now_1", "same_age", "old", "older"}, idsOf(w.Applications(nil, 0, 10)))
	require.NoError(t, w.invariants())
}

func TestSeedDecidesIDsAndSecretsButNotCodes(t *testing.T) {
	t.Parallel()
	type made struct{ app, endpoint, secret, session, token, code string }
	run := func(seed uint64) made {
		w, err := New(seed).AddWorkspace(NewWorkspace{Settings: unlimited, Now: func() domain.Time { return start }})
		require.NoError(t, err)
		app, err := w.By(domain.Nobody).CreateApplication(newApplication("Acme", domain.Unlimited))
		require.NoError(t, err)
		endpoint, err := w.By(domain.Nobody).CreateEndpoint(newEndpoint(app.ID))
		require.NoError(t, err)
		session, code, err := w.By(domain.Nobody).CreatePortalSession(app.ID, domain.NewPortalSession{Role: domain.RoleAdmin, Minutes: 1})
		require.NoError(t, err)
		token, err := w.AddCredential(domain.Credential{Kind: domain.ManagementToken})
		require.NoError(t, err)
		return made{w.ID() + app.ID, endpoint.ID, endpoint.Secret, session.ID, token.Token, code}
	}
	first, again, other := run(1), run(1), run(2)
	require.NotEqual(t, first.code, again.code)
	first.code, again.code, other.code = "", "", ""
	require.Equal(t, first, again)
	require.NotEqual(t, first.app, other.app)
	require.NotEqual(t, first.secret, other.secret)
}

func TestStoreHoldsNoCode(t *testing.T) {
	t.Parallel()
	w := newTestWorkspace(t, unlimited)
	app, err := w.By(domain.Nobody).CreateApplication(newApplication("Acme", domain.Unlimited))
	require.NoError(t, err)
	session, code, err := w.By(domain.Nobody).CreatePortalSession(app.ID, domain.NewPortalSession{Role: domain.RoleEditor, Minutes: 60})
	require.NoError(t, err)
	require.Same(t, session, w.sessions.byCode[domain.HashOf(code)])
	require.NotContains(t, fmt.Sprintf("%+v", *session), code)
}

// S11: nothing in a workspace or its store prints a code or a portal token, and
// neither leads anywhere but by its hash.
func TestStoreHoldsNoPortalToken(t *testing.T) {
	t.Parallel()
	w := newTestWorkspace(t, unlimited)
	app, err := w.By(domain.Nobody).CreateApplication(newApplication("Acme", domain.Unlimited))
	require.NoError(t, err)
	session, code, err := w.By(domain.Nobody).CreatePortalSession(app.ID, domain.NewPortalSession{Role: domain.RoleEditor, Minutes: 60})
	require.NoError(t, err)
	token, p, err := w.store.Exchange(code)
	require.NoError(t, err)
	require.Equal(t, domain.HashOf(token), p.Session.TokenHash)
	require.Same(t, p.Session, w.sessions.byToken[domain.HashOf(token)])
	for _, held := range []any{*session, *p.Session, w.sessions, w.store.portals, w.store.failures} {
		require.NotContains(t, fmt.Sprintf("%+v", held), token)
		require.NotContains(t, fmt.Sprintf("%+v", held), code)
	}
	credential, _ := w.store.Lookup(token)
	require.Nil(t, credential)
	require.NoError(t, w.invariants())
}

func TestLookup(t *testing.T) {
	t.Parallel()
	s := New(1)
	a, err := s.AddWorkspace(NewWorkspace{ID: "ws_a", Settings: unlimited, Now: func() domain.Time { return start }})
	require.NoError(t, err)
	stored, err := a.AddCredential(domain.Credential{Kind: domain.APIKey, Token: "nhk_us_a"})
	require.NoError(t, err)
	require.Equal(t, a.environments.standard.ID, stored.EnvironmentID)

	credential, workspace := s.Lookup("nhk_us_a")
	require.Same(t, stored, credential)
	require.Same(t, a, workspace)
	credential, workspace = s.Lookup("nhk_us_b")
	require.Nil(t, credential)
	require.Nil(t, workspace)

	_, err = a.AddCredential(domain.Credential{Kind: domain.ManagementToken, Token: "nhk_us_a"})
	require.EqualError(t, err, "conflict: this token is given twice")
	_, err = s.AddWorkspace(NewWorkspace{ID: "ws_a", Settings: unlimited, Now: func() domain.Time { return start }})
	require.Equal(t, domain.CodeConflict, codeOf(err))
}

func TestRateWindowFollowsTheClock(t *testing.T) {
	t.Parallel()
	now := start
	settings := unlimited
	settings.RateLimit = domain.RateLimit{Limit: 2, Window: time.Minute}
	w, err := New(1).AddWorkspace(NewWorkspace{Settings: settings, Now: func() domain.Time { return now }})
	require.NoError(t, err)
	take := func() domain.RateVerdict {
		verdict, limited := w.TakeRequest()
		require.True(t, limited)
		return verdict
	}
	require.Equal(t, domain.RateVerdict{Limit: 2, Remaining: 1, Reset: time.Minute}, take())
	now += 59_999
	require.Equal(t, domain.RateVerdict{Limit: 2, Remaining: 0, Reset: time.Millisecond}, take())
	require.Equal(t, domain.RateVerdict{Limit: 2, Remaining: 0, Reset: time.Millisecond, Refused: true}, take())
	now++
	require.Equal(t, domain.RateVerdict{Limit: 2, Remaining: 1, Reset: time.Minute}, take())
	_, limited := newTestWorkspace(t, unlimited).TakeRequest()
	require.False(t, limited)
}

// A key of a deleted environment is one that was never issued.
func TestDeletingAnEnvironmentRevokesItsKeys(t *testing.T) {
	t.Parallel()
	w := newTestWorkspace(t, unlimited)
	env, err := w.By(domain.Nobody).CreateEnvironment(domain.NewEnvironment{Name: "Staging", Slug: "staging"})
	require.NoError(t, err)
	gone, err := w.AddCredential(domain.Credential{Kind: domain.APIKey, EnvironmentID: env.ID, ExpiresAt: domain.Never})
	require.NoError(t, err)
	stays, err := w.AddCredential(domain.Credential{Kind: domain.APIKey, ExpiresAt: domain.Never})
	require.NoError(t, err)

	require.NoError(t, w.By(domain.Nobody).DeleteEnvironment(env.ID))
	credential, owner := w.store.Lookup(gone.Token)
	require.Nil(t, credential)
	require.Nil(t, owner)
	credential, _ = w.store.Lookup(stays.Token)
	require.Same(t, stays, credential)
	_, err = w.AddCredential(domain.Credential{Kind: domain.APIKey, EnvironmentID: env.ID, ExpiresAt: domain.Never})
	require.Equal(t, domain.CodeNotFound, codeOf(err))
	require.NoError(t, w.invariants())
}
