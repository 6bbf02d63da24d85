package conformance_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
	"github.com/nahook/nahook-go/mockserver/conformance"
)

// facilities are a server with everything that a case can need.
const facilities = `{"workspaces": [
	{"id": "ws_main",
	 "managementTokens": [{"token": "nhm_main"}, {"token": "nhm_disabled", "disabled": true}, {"token": "nhm_expired", "expiresAt": "2020-01-01T00:00:00Z"}],
	 "apiKeys": [{"key": "nhk_us_main"}, {"key": "nhk_us_disabled", "disabled": true}],
	 "sessionTokens": [{"token": "nhs_main"}, {"token": "nhs_expired", "expiresAt": "2020-01-01T00:00:00Z"}],
	 "cliTokens": [{"token": "nhc_us_revoked", "revoked": true}],
	 "eventTypes": [{"name": "order.created"}],
	 "endpoints": [{"id": "ep_main", "url": "https://example.test/webhooks", "subscriptions": ["order.created"], "deliver": "accept"}]},
	{"id": "ws_other", "managementTokens": [{"token": "nhm_other"}], "apiKeys": [{"key": "nhk_us_other"}]},
	{"id": "ws_hobby", "plan": "hobby",
	 "managementTokens": [{"token": "nhm_hobby"}], "apiKeys": [{"key": "nhk_us_hobby"}], "sessionTokens": [{"token": "nhs_hobby"}]},
	{"id": "ws_capped", "endpointLimit": 2, "managementTokens": [{"token": "nhm_capped"}]},
	{"id": "ws_throttled", "rateLimit": {"limit": 3, "windowSeconds": 3600}, "managementTokens": [{"token": "nhm_throttled"}]}
]}`

// equipped starts a server with the facilities and gives it as a target.
func equipped(t *testing.T) (conformance.Target, *mockserver.Server) {
	t.Helper()
	fixtures, err := mockserver.ParseFixtures([]byte(facilities))
	require.NoError(t, err)
	srv, err := mockserver.New(mockserver.WithFixtures(fixtures))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	target, err := conformance.FromEnv(func(name string) (string, bool) {
		value, ok := equipment[strings.TrimPrefix(name, "NAHOOK_TEST_")]
		return value, ok
	})
	require.NoError(t, err)
	target.Client = srv.HTTPClient()
	target.Receiver = func(_ context.Context, status int) (conformance.Receiver, error) {
		recorder := &conformance.Recorder{Status: status}
		return conformance.Receiver{URL: srv.ReceiverHandler(recorder).URL(), Received: recorder.Received}, nil
	}
	target.DecideGrant = func(_ context.Context, userCode string, approve bool) error {
		if approve {
			srv.ApproveDeviceGrant(userCode)
		} else {
			srv.DenyDeviceGrant(userCode)
		}
		return nil
	}
	return target, srv
}

// equipment is the environment of a target with the facilities.
var equipment = map[string]string{
	"API_URL": "http://api.nahook.com/", "WORKSPACE_ID": "ws_main", "MGMT_TOKEN": "nhm_main", "API_KEY": "nhk_us_main",
	"DISABLED_API_KEY": "nhk_us_disabled", "ENDPOINT_ID": "ep_main", "EVENT_TYPE": "order.created", "DISPOSABLE": "true",
	"SESSION_TOKEN": "nhs_main", "DISABLED_MGMT_TOKEN": "nhm_disabled", "EXPIRED_MGMT_TOKEN": "nhm_expired",
	"EXPIRED_SESSION_TOKEN": "nhs_expired", "REVOKED_CLI_TOKEN": "nhc_us_revoked",
	"OTHER_WORKSPACE_ID": "ws_other", "OTHER_MGMT_TOKEN": "nhm_other", "OTHER_API_KEY": "nhk_us_other",
	"HOBBY_WORKSPACE_ID": "ws_hobby", "HOBBY_MGMT_TOKEN": "nhm_hobby", "HOBBY_API_KEY": "nhk_us_hobby", "HOBBY_SESSION_TOKEN": "nhs_hobby",
	"CAPPED_WORKSPACE_ID": "ws_capped", "CAPPED_MGMT_TOKEN": "nhm_capped",
	"THROTTLED_WORKSPACE_ID": "ws_throttled", "THROTTLED_MGMT_TOKEN": "nhm_throttled",
}

// With NAHOOK_TEST_API_URL and what else [conformance.FromEnv] reads this runs
// against that service instead, without the decisions of our own.
func TestConformance(t *testing.T) {
	t.Parallel()
	if os.Getenv("NAHOOK_TEST_API_URL") != "" {
		testService(t)
		return
	}
	for _, c := range conformance.Cases() {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			target, _ := equipped(t)
			require.NoError(t, c.Check(t.Context(), target), c.Rule)
		})
	}
}

func testService(t *testing.T) {
	target, err := conformance.FromEnv(os.LookupEnv)
	require.NoError(t, err)
	for _, c := range conformance.Cases() {
		if c.Provenance == conformance.Own {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			err := c.Check(t.Context(), target)
			if errors.Is(err, conformance.ErrNotApplicable) {
				t.Log(err)
				return
			}
			require.NoError(t, err, c.Rule)
		})
	}
}

// One server for all, over a socket: no case disturbs another, and each takes its
// objects away.
func TestRunOverASocket(t *testing.T) {
	t.Parallel()
	target, srv := equipped(t)
	socket := httptest.NewServer(srv.Handler())
	t.Cleanup(socket.Close)
	target.Client, target.BaseURL = socket.Client(), socket.URL
	before := inventory(t, target)
	var observed int
	report := conformance.Run(t.Context(), target, conformance.Cases(), func(r conformance.Result) {
		observed++
		assert.NoError(t, r.Err, r.ID)
	})
	require.Empty(t, report.Failures())
	require.Equal(t, len(conformance.Cases()), observed)
	require.Len(t, report.Results, observed)
	require.Equal(t, before, inventory(t, target))
}

// Cases share a workspace at the same time, too: at worst it has no room for
// another environment just now.
func TestCasesRunBesideOneAnother(t *testing.T) {
	t.Parallel()
	target, _ := equipped(t)
	target.Disposable = false
	before := inventory(t, target)
	var cases sync.WaitGroup
	room := make(chan struct{}, 8)
	for _, c := range conformance.Cases() {
		room <- struct{}{}
		cases.Go(func() {
			defer func() { <-room }()
			if err := c.Check(t.Context(), target); !errors.Is(err, conformance.ErrNotApplicable) {
				assert.NoError(t, err, c.ID)
			}
		})
	}
	cases.Wait()
	require.Equal(t, before, inventory(t, target))
}

// inventory lists what is left in each workspace.
func inventory(t *testing.T, target conformance.Target) map[string]string {
	t.Helper()
	rows := map[string]string{}
	for _, tenant := range []conformance.Tenant{target.Tenant, target.Other, target.Hobby, target.Capped} {
		for _, collection := range []string{"applications", "endpoints", "event-types", "environments"} {
			path := "/management/v1/workspaces/" + tenant.WorkspaceID + "/" + collection
			rows[path] = fetch(t, target, path, tenant.ManagementToken)
		}
	}
	return rows
}

var (
	wellFormed = regexp.MustCompile(`^[a-z]+(-[a-z]+)*(\.[a-z0-9]+(-[a-z0-9]+)*){1,3}$`)
	sentence   = regexp.MustCompile(`^[A-Za-z0-9"].*[A-Za-z0-9_\])"-]\.$`)
)

func TestCasesAreWellFormed(t *testing.T) {
	t.Parallel()
	ids, rules, families := map[string]bool{}, map[string]bool{}, map[string]bool{}
	var last string
	for _, c := range conformance.Cases() {
		assert.Regexp(t, wellFormed, c.ID)
		assert.Regexp(t, sentence, c.Rule, c.ID)
		assert.Contains(t, conformance.Provenances(), c.Provenance, c.ID)
		assert.False(t, ids[c.ID], "%s is there twice", c.ID)
		family, _, _ := strings.Cut(c.ID, ".")
		assert.False(t, rules[family+c.Rule], "%q is there twice", c.Rule)
		assert.Contains(t, titles, family, c.ID)
		assert.True(t, family == last || !families[family], "%s is away from its family", c.ID)
		ids[c.ID], rules[family+c.Rule], families[family], last = true, true, true, family
	}
	assert.Len(t, families, len(titles))
}

// A case must say that it does not apply, rather than fail or pass, where the
// target has nothing but what is needed.
func TestNothingFailsOnATargetWithoutFacilities(t *testing.T) {
	t.Parallel()
	full, srv := equipped(t)
	target := conformance.Target{Client: srv.HTTPClient(), BaseURL: full.BaseURL, Tenant: full.Tenant}
	target.SessionToken = ""
	report := conformance.Run(t.Context(), target, conformance.Cases(), nil)
	require.Empty(t, report.Failures())
	missing := 0
	for _, result := range report.Results {
		if result.Outcome() == conformance.NotApplicable {
			missing++
			assert.Regexp(t, "^not applicable: the target has no [A-Za-z]", result.Err.Error())
			assert.NotRegexp(t, "has no an? ", result.Err.Error())
		}
	}
	for _, p := range conformance.Provenances() {
		missing -= report.Count(p, conformance.NotApplicable)
	}
	require.Zero(t, missing)
	require.Positive(t, report.Count(conformance.Own, conformance.NotApplicable))
}

func TestRunStopsWithItsContext(t *testing.T) {
	t.Parallel()
	target, _ := equipped(t)
	ctx, cancel := context.WithCancel(t.Context())
	report := conformance.Run(ctx, target, conformance.Cases(), func(conformance.Result) { cancel() })
	require.Len(t, report.Results, 1)
}

func TestFromEnvNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	lookup := func(values map[string]string) func(string) (string, bool) {
		return func(name string) (string, bool) { value, ok := values[name]; return value, ok }
	}
	_, err := conformance.FromEnv(lookup(map[string]string{"NAHOOK_TEST_API_URL": "http://x", "NAHOOK_TEST_API_KEY": ""}))
	require.EqualError(t, err, "conformance: the environment lacks NAHOOK_TEST_WORKSPACE_ID, NAHOOK_TEST_MGMT_TOKEN, NAHOOK_TEST_API_KEY")

	whole := map[string]string{"NAHOOK_TEST_API_URL": "http://x", "NAHOOK_TEST_WORKSPACE_ID": "w", "NAHOOK_TEST_MGMT_TOKEN": "m", "NAHOOK_TEST_API_KEY": "k"}
	target, err := conformance.FromEnv(lookup(whole))
	require.NoError(t, err)
	require.Equal(t, conformance.Target{BaseURL: "http://x", Tenant: conformance.Tenant{WorkspaceID: "w", ManagementToken: "m", APIKey: "k"}}, target)

	whole["NAHOOK_TEST_DISPOSABLE"] = "maybe"
	_, err = conformance.FromEnv(lookup(whole))
	require.EqualError(t, err, "conformance: NAHOOK_TEST_DISPOSABLE must be true or false")
	delete(whole, "NAHOOK_TEST_DISPOSABLE")
	for _, bad := range []string{"x", "ftp://x", "http://", "http://u:secret@x", "http://x?a=b", "http://x#y", "http://x\n"} {
		whole["NAHOOK_TEST_API_URL"] = bad
		_, err = conformance.FromEnv(lookup(whole))
		require.ErrorContains(t, err, "the base URL must be http:// or https:// and a host", bad)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestATargetMustBeComplete(t *testing.T) {
	t.Parallel()
	for _, c := range conformance.Cases() {
		require.EqualError(t, c.Check(t.Context(), conformance.Target{}), "conformance: a target needs BaseURL, WorkspaceID, ManagementToken and APIKey")
	}
}
