package nahook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// backend is a server and clients of one of its workspaces.
type backend struct {
	*mockserver.Server
	mgmt   *nahook.Management
	client *nahook.Client
	reach  nahook.Option // leads the clients to the server
}

// with has clients with other options.
func (b backend) with(t *testing.T, opts ...nahook.Option) backend {
	t.Helper()
	return newBackend(t, b.Server, nahook.Options(append(opts, b.reach)...))
}

var startOfTime = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// onBackends runs a test against the server in every way in which a client can
// reach it: in memory, in memory inside a bubble, and through a socket.
func onBackends(t *testing.T, test func(*testing.T, backend), opts ...mockserver.Option) {
	t.Helper()
	opts = append([]mockserver.Option{mockserver.WithStart(startOfTime)}, opts...)
	memory := func(t *testing.T) {
		srv := mockserver.Start(t, opts...)
		test(t, newBackend(t, srv, nahook.WithHTTPClient(srv.HTTPClient())))
	}
	t.Run("memory", func(t *testing.T) { t.Parallel(); memory(t) })
	t.Run("bubble", func(t *testing.T) { t.Parallel(); synctest.Test(t, memory) })
	t.Run("socket", func(t *testing.T) {
		t.Parallel()
		srv := mockserver.Start(t, opts...)
		test(t, newBackend(t, srv, nahook.WithBaseURL(srv.URL())))
	})
}

func newBackend(t *testing.T, srv *mockserver.Server, reach nahook.Option) backend {
	t.Helper()
	client, err := nahook.NewClient(srv.APIKey(), reach)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return backend{srv, connected(t, srv.Workspace, reach), client, reach}
}

func connected(t *testing.T, w *mockserver.Workspace, opts ...nahook.Option) *nahook.Management {
	t.Helper()
	mgmt, err := nahook.NewManagement(w.ManagementToken(), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, mgmt.Close()) })
	return mgmt
}

func (b backend) application(t *testing.T, o nahook.CreateApplicationOptions) *nahook.Application {
	t.Helper()
	app, err := b.mgmt.Applications.Create(t.Context(), b.ID(), o)
	require.NoError(t, err)
	return app
}

// everyField fails when a field of v is zero: what a round trip does not carry
// it does not test.
func everyField(t *testing.T, v any) {
	t.Helper()
	value := reflect.Indirect(reflect.ValueOf(v))
	for i := range value.NumField() {
		require.False(t, value.Field(i).IsZero(), "%T.%s is not set", v, value.Type().Field(i).Name)
	}
}

func TestApplicationsMakeTheRoundTrip(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		options := nahook.CreateApplicationOptions{
			Name: "Acme Corp", ExternalID: "cust_123", Metadata: map[string]string{"plan": "enterprise", "región": "us-east"},
			MaxEndpoints: nahook.Ptr(3), ShowEventTypes: nahook.Ptr(true),
		}
		everyField(t, options)
		created := b.application(t, options)
		everyField(t, created)
		require.Equal(t, &nahook.Application{
			ID: created.ID, ExternalID: "cust_123", Name: "Acme Corp", Metadata: options.Metadata,
			MaxEndpoints: nahook.Ptr(3), ShowEventTypes: true, CreatedAt: startOfTime, UpdatedAt: startOfTime,
		}, created)

		b.Advance(time.Minute)
		change := nahook.UpdateApplicationOptions{
			Name: nahook.Ptr("Acme Corporation"), Metadata: map[string]string{"plan": "free"},
			MaxEndpoints: nahook.Value(7), ShowEventTypes: nahook.Ptr(false),
		}
		everyField(t, change)
		updated, err := b.mgmt.Applications.Update(t.Context(), b.ID(), created.ID, change)
		require.NoError(t, err)
		want := &nahook.Application{
			ID: created.ID, ExternalID: "cust_123", Name: "Acme Corporation", Metadata: change.Metadata,
			MaxEndpoints: nahook.Ptr(7), CreatedAt: startOfTime, UpdatedAt: startOfTime.Add(time.Minute),
		}
		require.Equal(t, want, updated)

		got, err := b.mgmt.Applications.Get(t.Context(), b.ID(), created.ID)
		require.NoError(t, err)
		require.Equal(t, want, got)
		page, err := b.mgmt.Applications.List(t.Context(), b.ID(), nil)
		require.NoError(t, err)
		require.Equal(t, []nahook.Application{*want}, page.Data)
	})
}

func TestUpdatesAreTriState(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		app := b.application(t, nahook.CreateApplicationOptions{
			Name: "Acme", MaxEndpoints: nahook.Ptr(3), Metadata: map[string]string{"a": "b"}, ShowEventTypes: nahook.Ptr(false),
		})
		update := func(o nahook.UpdateApplicationOptions) *nahook.Application {
			updated, err := b.mgmt.Applications.Update(t.Context(), b.ID(), app.ID, o)
			require.NoError(t, err)
			return updated
		}
		require.Equal(t, app, update(nahook.UpdateApplicationOptions{}))
		require.Equal(t, 0, *update(nahook.UpdateApplicationOptions{MaxEndpoints: nahook.Value(0)}).MaxEndpoints)
		lifted := update(nahook.UpdateApplicationOptions{MaxEndpoints: nahook.Null[int]()})
		require.Nil(t, lifted.MaxEndpoints)
		require.Equal(t, app.Metadata, lifted.Metadata)
		require.Empty(t, update(nahook.UpdateApplicationOptions{Metadata: map[string]string{}}).Metadata)
	})
}

func TestEndpointsMakeTheRoundTrip(t *testing.T) {
	t.Parallel()
	fixtures := mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{{
		Environments: []mockserver.EnvironmentFixture{{ID: "env_staging", Name: "Staging", Slug: "staging"}},
	}}}
	onBackends(t, func(t *testing.T, b backend) {
		ctx := t.Context()
		options := nahook.CreateEndpointOptions{
			URL: "https://acme.test/webhooks?a=b", Type: nahook.EndpointTypeWebhook, Description: "Production", AuthUsername: "user",
			AuthPassword: "pass", Metadata: map[string]string{"a": "b"}, EnvironmentID: "env_staging",
			Config: &nahook.EndpointConfig{WebhookURL: "https://hooks.slack.test/1"},
		}
		everyField(t, options)
		created, err := b.mgmt.Endpoints.Create(ctx, b.ID(), options)
		require.NoError(t, err)
		everyField(t, created)
		want := nahook.Endpoint{
			ID: created.ID, URL: options.URL, Secret: created.Secret, Description: "Production", AuthUsername: "user", HasAuth: true,
			IsActive: true, Type: nahook.EndpointTypeWebhook, Config: *options.Config, Metadata: options.Metadata,
			CreatedAt: startOfTime, UpdatedAt: startOfTime,
		}
		require.Equal(t, &want, created)
		require.Regexp(t, "^whsec_[A-Za-z0-9+/]{43}=$", string(created.Secret))

		b.Advance(time.Minute)
		change := nahook.UpdateEndpointOptions{
			URL: nahook.Ptr("https://acme.test/v2"), Description: nahook.Ptr("Second"), Metadata: map[string]string{"c": "d"},
			IsActive: nahook.Ptr(false), Config: &nahook.EndpointConfig{WebhookURL: "https://hooks.slack.test/2"},
			AuthUsername: nahook.Ptr("other"), AuthPassword: nahook.Ptr("word"),
		}
		everyField(t, change)
		updated, err := b.mgmt.Endpoints.Update(ctx, b.ID(), created.ID, change)
		require.NoError(t, err)
		want.URL, want.Description, want.Metadata, want.IsActive = "https://acme.test/v2", "Second", change.Metadata, false
		want.Config, want.AuthUsername, want.UpdatedAt, want.Secret = *change.Config, "other", startOfTime.Add(time.Minute), ""
		require.Equal(t, &want, updated)
		list, err := b.mgmt.Endpoints.List(ctx, b.ID())
		require.NoError(t, err)
		require.Equal(t, []nahook.Endpoint{want}, list.Data)

		got, err := b.mgmt.Endpoints.Get(ctx, b.ID(), created.ID)
		require.NoError(t, err)
		want.Secret = created.Secret
		require.Equal(t, &want, got)
		require.NoError(t, b.mgmt.Endpoints.Delete(ctx, b.ID(), created.ID))
		_, err = b.mgmt.Endpoints.Get(ctx, b.ID(), created.ID)
		require.ErrorIs(t, err, nahook.ErrNotFound)
	}, mockserver.WithFixtures(fixtures))
}

func TestSlackEndpointsAndClearing(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		app := b.application(t, nahook.CreateApplicationOptions{Name: "Acme"})
		slack, err := b.mgmt.Applications.CreateEndpoint(t.Context(), b.ID(), app.ID, nahook.CreateEndpointOptions{
			Type: nahook.EndpointTypeSlack, Config: &nahook.EndpointConfig{WebhookURL: "https://hooks.slack.test/1"},
			Description: "Alerts", AuthUsername: "user", AuthPassword: "pass",
		})
		require.NoError(t, err)
		require.Empty(t, slack.URL)
		cleared, err := b.mgmt.Endpoints.Update(t.Context(), b.ID(), slack.ID, nahook.UpdateEndpointOptions{
			Description: nahook.Ptr(""), AuthUsername: nahook.Ptr(""), Metadata: map[string]string{},
		})
		require.NoError(t, err)
		require.Empty(t, cleared.Description)
		require.False(t, cleared.HasAuth)
		list, err := b.mgmt.Applications.ListEndpoints(t.Context(), b.ID(), app.ID)
		require.NoError(t, err)
		require.Equal(t, []nahook.Endpoint{*cleared}, list.Data)
	})
}

func TestPortalSessionsMakeTheRoundTrip(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		app := b.application(t, nahook.CreateApplicationOptions{Name: "Acme"})
		options := &nahook.CreatePortalSessionOptions{Role: nahook.RoleViewer, ExpiresInMinutes: 7, Metadata: map[string]string{"customerId": "cust_123"}}
		everyField(t, options)
		session, err := b.mgmt.PortalSessions.Create(t.Context(), b.ID(), app.ID, options)
		require.NoError(t, err)
		everyField(t, session)
		require.Regexp(t, "^https?://[^/]+/portal/s/ps_[0-9a-z]+#code="+session.Code+"$", session.URL)
		require.Equal(t, startOfTime.Add(7*time.Minute), session.ExpiresAt)

		session, err = b.mgmt.PortalSessions.Create(t.Context(), b.ID(), app.ID, nil)
		require.NoError(t, err)
		require.Equal(t, startOfTime.Add(time.Hour), session.ExpiresAt)
	})
}

// Each refusal of the server arrives as the sentinel that a program tests for.
func TestRefusalsArriveAsSentinels(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		ctx, apps, ws := t.Context(), b.mgmt.Applications, b.ID()
		full := b.application(t, nahook.CreateApplicationOptions{Name: "Full", ExternalID: "cust_1", MaxEndpoints: nahook.Ptr(0)})
		open := b.application(t, nahook.CreateApplicationOptions{Name: "Open"})
		hook := nahook.CreateEndpointOptions{URL: "https://acme.test/hooks"}
		_, err := b.mgmt.Endpoints.Create(ctx, ws, hook) // the one that the workspace allows
		require.NoError(t, err)
		other := connected(t, b.NewWorkspace(), nahook.WithHTTPClient(b.HTTPClient()))
		hobby := b.NewWorkspace(mockserver.WithPlan(mockserver.PlanHobby))
		busy := b.NewWorkspace(mockserver.WithRateLimit(1, time.Hour))
		limited := connected(t, busy, nahook.WithHTTPClient(b.HTTPClient()))
		_, err = limited.Endpoints.List(ctx, busy.ID())
		require.NoError(t, err)

		for name, tt := range map[string]struct {
			call func() error
			want []error
		}{
			"a taken external id": {func() error {
				_, err := apps.Create(ctx, ws, nahook.CreateApplicationOptions{Name: "Twin", ExternalID: "cust_1"})
				return err
			}, []error{nahook.ErrConflict}},
			"a value the server refuses": {func() error {
				_, err := apps.Create(ctx, ws, nahook.CreateApplicationOptions{})
				return err
			}, []error{nahook.ErrValidation}},
			"an unknown application": {func() error { _, err := apps.Get(ctx, ws, "app_nope"); return err }, []error{nahook.ErrNotFound}},
			"a foreign application":  {func() error { _, err := other.Applications.Get(ctx, ws, full.ID); return err }, []error{nahook.ErrNotFound}},
			"a full application": {func() error { _, err := apps.CreateEndpoint(ctx, ws, full.ID, hook); return err },
				[]error{nahook.ErrApplicationEndpointLimitReached, nahook.ErrForbidden}},
			"a full workspace": {func() error { _, err := apps.CreateEndpoint(ctx, ws, open.ID, hook); return err },
				[]error{nahook.ErrEndpointLimitReached, nahook.ErrForbidden}},
			"a session on the hobby plan": {func() error {
				mgmt := connected(t, hobby, nahook.WithHTTPClient(b.HTTPClient()))
				_, err := mgmt.PortalSessions.Create(ctx, hobby.ID(), "app_1", nil)
				return err
			}, []error{nahook.ErrFeatureDisabled, nahook.ErrForbidden}},
			"a session for an unknown application": {func() error {
				_, err := b.mgmt.PortalSessions.Create(ctx, ws, "app_nope", nil)
				return err
			}, []error{nahook.ErrNotFound}},
			"a session with a bad role": {func() error {
				_, err := b.mgmt.PortalSessions.Create(ctx, ws, open.ID, &nahook.CreatePortalSessionOptions{Role: "owner"})
				return err
			}, []error{nahook.ErrValidation}},
			"a disabled token": {func() error {
				return tokenCheck(t, b, b.NewManagementToken(mockserver.TokenOptions{Disabled: true}))
			}, []error{nahook.ErrTokenDisabled, nahook.ErrForbidden}},
			"an expired token": {func() error {
				return tokenCheck(t, b, b.NewManagementToken(mockserver.TokenOptions{ExpiresIn: -time.Second}))
			}, []error{nahook.ErrUnauthorized}},
			"too many requests": {func() error { _, err := limited.Endpoints.List(ctx, busy.ID()); return err }, []error{nahook.ErrRateLimited}},
		} {
			err := tt.call()
			for _, want := range tt.want {
				require.ErrorIs(t, err, want, name)
			}
			var refusal *nahook.APIError
			require.ErrorAs(t, err, &refusal, name)
			require.Regexp(t, "^req_[0-9a-f]{16}$", refusal.RequestID, name)
		}
	}, mockserver.WithEndpointLimit(1))
}

func tokenCheck(t *testing.T, b backend, token string) error {
	t.Helper()
	mgmt, err := nahook.NewManagement(token, nahook.WithHTTPClient(b.HTTPClient()))
	require.NoError(t, err)
	_, err = mgmt.Endpoints.List(t.Context(), b.ID())
	return err
}

func TestSixtyParallelCreatesAgainstACapOfSeven(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		app := b.application(t, nahook.CreateApplicationOptions{Name: "Acme", MaxEndpoints: nahook.Ptr(7)})
		var created, refused atomic.Int32
		var creates sync.WaitGroup
		for range 60 {
			creates.Go(func() {
				_, err := b.mgmt.Applications.CreateEndpoint(t.Context(), b.ID(), app.ID, nahook.CreateEndpointOptions{URL: "https://acme.test/hooks"})
				switch {
				case err == nil:
					created.Add(1)
				case errors.Is(err, nahook.ErrApplicationEndpointLimitReached):
					refused.Add(1)
				}
			})
		}
		creates.Wait()
		require.Equal(t, [2]int32{7, 53}, [2]int32{created.Load(), refused.Load()})
		list, err := b.mgmt.Applications.ListEndpoints(t.Context(), b.ID(), app.ID)
		require.NoError(t, err)
		require.Len(t, list.Data, 7)
	})
}

func TestDeletingAnApplicationDeletesItsEndpoints(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		ctx := t.Context()
		app := b.application(t, nahook.CreateApplicationOptions{Name: "Acme", ExternalID: "cust_1"})
		endpoint, err := b.mgmt.Applications.CreateEndpoint(ctx, b.ID(), app.ID, nahook.CreateEndpointOptions{URL: "https://acme.test/hooks"})
		require.NoError(t, err)
		require.NoError(t, b.mgmt.Applications.Delete(ctx, b.ID(), app.ID))
		_, err = b.mgmt.Endpoints.Get(ctx, b.ID(), endpoint.ID)
		require.ErrorIs(t, err, nahook.ErrNotFound)
		require.ErrorIs(t, b.mgmt.Applications.Delete(ctx, b.ID(), app.ID), nahook.ErrNotFound)
		b.application(t, nahook.CreateApplicationOptions{Name: "Acme", ExternalID: "cust_1"})
	})
}

// The iterator gives every row that was there when it began, once and in order,
// although each page finds one more row in front.
func TestAllWhileRowsAreCreated(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		var want []string
		for i := range 23 {
			want = append(want, b.application(t, nahook.CreateApplicationOptions{Name: fmt.Sprint(i)}).ID)
		}
		slices.Reverse(want)
		var got []string
		for app, err := range b.mgmt.Applications.All(t.Context(), b.ID(), &nahook.ListApplicationsOptions{Limit: 5}) {
			require.NoError(t, err)
			if len(got)%5 == 0 {
				b.application(t, nahook.CreateApplicationOptions{Name: "late"})
			}
			got = append(got, app.ID)
		}
		require.Equal(t, want, got)
	})
}

func TestListsPage(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		for i := range 5 {
			b.application(t, nahook.CreateApplicationOptions{Name: fmt.Sprint(i)})
		}
		page, err := b.mgmt.Applications.List(t.Context(), b.ID(), &nahook.ListApplicationsOptions{Limit: 2, Offset: 1})
		require.NoError(t, err)
		require.Equal(t, []string{"3", "2"}, []string{page.Data[0].Name, page.Data[1].Name})
		empty, err := b.mgmt.Applications.List(t.Context(), b.ID(), &nahook.ListApplicationsOptions{Offset: 5})
		require.NoError(t, err)
		require.NotNil(t, empty.Data)
		require.Empty(t, empty.Data)
	})
}

// A caller that gives up is told so, not that something timed out.
func TestCancellationAgainstTheServer(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := b.mgmt.Applications.Get(ctx, b.ID(), "app_1")
		require.ErrorIs(t, err, context.Canceled)
	})
}

// What one client does to a path must reach the server unharmed.
func TestIDsOfFreeTextReachTheServer(t *testing.T) {
	t.Parallel()
	ids := []string{"a/b", "a%2Fb", "a b", "é", "a+b", "a?b", "a#b", "a;b=c", "..a", "%2e%2e", "a\\b", "a:b@c"}
	f := mockserver.WorkspaceFixture{}
	for _, id := range ids {
		f.Applications = append(f.Applications, mockserver.ApplicationFixture{ID: id, Name: "Named " + id})
	}
	onBackends(t, func(t *testing.T, b backend) {
		for _, id := range ids {
			app, err := b.mgmt.Applications.Get(t.Context(), b.ID(), id)
			require.NoError(t, err, id)
			require.Equal(t, "Named "+id, app.Name)
		}
	}, mockserver.WithFixtures(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{f}}))
}

// One client, many goroutines, every verb.
func TestOneClientInParallel(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		ctx := t.Context()
		var workers sync.WaitGroup
		for i := range 16 {
			workers.Go(func() {
				assert.NoError(t, lifeOfACustomer(ctx, b, fmt.Sprint("cust_", i)))
			})
		}
		workers.Wait()
		page, err := b.mgmt.Applications.List(ctx, b.ID(), nil)
		require.NoError(t, err)
		require.Empty(t, page.Data)
	})
}

func lifeOfACustomer(ctx context.Context, b backend, externalID string) error {
	apps, ws := b.mgmt.Applications, b.ID()
	app, err := apps.Create(ctx, ws, nahook.CreateApplicationOptions{Name: "Acme", ExternalID: externalID})
	if err != nil {
		return err
	}
	endpoint, err := apps.CreateEndpoint(ctx, ws, app.ID, nahook.CreateEndpointOptions{URL: "https://acme.test/hooks"})
	if err != nil {
		return err
	}
	_, updateErr := b.mgmt.Endpoints.Update(ctx, ws, endpoint.ID, nahook.UpdateEndpointOptions{IsActive: nahook.Ptr(false)})
	_, sessionErr := b.mgmt.PortalSessions.Create(ctx, ws, app.ID, nil)
	_, listErr := apps.ListEndpoints(ctx, ws, app.ID)
	return errors.Join(updateErr, sessionErr, listErr, b.mgmt.Endpoints.Delete(ctx, ws, endpoint.ID), apps.Delete(ctx, ws, app.ID))
}

func TestWithResponseShowsTheWire(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		var response nahook.Response
		_, err := b.mgmt.Endpoints.List(t.Context(), b.ID(), nahook.WithResponse(&response))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Equal(t, 1, response.Attempts)
		require.Equal(t, "9", response.Header.Get("X-RateLimit-Limit"))
		require.JSONEq(t, "[]", string(response.Body))
	}, mockserver.WithRateLimit(9, time.Minute))
}
