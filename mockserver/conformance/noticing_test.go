package conformance_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/conformance"
)

// roundTripper is a client's way to a server.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer is a response that can be changed.
type answer struct {
	status int
	header http.Header
	body   string
}

// perturbed answers like the target, but for what change does to requests whose
// "METHOD /path" matches.
func perturbed(target conformance.Target, match string, change func(*answer)) conformance.Target {
	pattern, next := regexp.MustCompile("^(?:"+match+")$"), target.Client.Transport
	target.Client = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		res, err := next.RoundTrip(r)
		if err != nil || !pattern.MatchString(r.Method+" "+r.URL.Path) {
			return res, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		a := answer{res.StatusCode, res.Header, string(body)}
		change(&a)
		res.StatusCode, res.Body, res.ContentLength = a.status, io.NopCloser(bytes.NewBufferString(a.body)), int64(len(a.body))
		return res, nil
	})}
	return target
}

func status(from, to int) func(*answer) {
	return func(a *answer) {
		if a.status == from {
			a.status = to
		}
	}
}

func replace(pattern, with string) func(*answer) {
	compiled := regexp.MustCompile(pattern)
	return func(a *answer) { a.body = compiled.ReplaceAllString(a.body, with) }
}

// reversed turns the rows of an array of flat objects around.
func reversed(a *answer) {
	inner := strings.TrimSuffix(strings.TrimPrefix(a.body, "["), "]")
	rows := strings.Split(inner, `},{"id":`)
	if len(rows) < 2 || !strings.HasPrefix(a.body, "[") {
		return
	}
	for i := range rows {
		rows[i] = strings.TrimSuffix(strings.TrimPrefix(rows[i], `{"id":`), "}")
	}
	var out []string
	for i := len(rows) - 1; i >= 0; i-- {
		out = append(out, `{"id":`+rows[i]+`}`)
	}
	a.body = "[" + strings.Join(out, ",") + "]"
}

// reversedAudit turns the rows of a page around.
func reversedAudit(a *answer) {
	rows, end, found := strings.Cut(strings.TrimPrefix(a.body, `{"data":`), `],"total"`)
	if found {
		inner := answer{body: rows + "]"}
		reversed(&inner)
		a.body = `{"data":` + strings.TrimSuffix(inner.body, "]") + `],"total"` + end
	}
}

// A suite that passes whatever the server does is worth nothing: each of these
// deviations fails the case that is named.
func TestDeviationsAreNoticed(t *testing.T) {
	t.Parallel()
	const (
		ws     = `/management/v1/workspaces/ws_main`
		portal = `/portal/v1`
		dash   = `/api/workspaces/ws_main`
	)
	for name, c := range map[string]struct {
		match  string
		change func(*answer)
		fails  string
	}{
		"creation answers 200":              {"POST " + ws + "/endpoints", status(201, 200), "conventions.create"},
		"deletion answers 200":              {"DELETE .*/applications/[^/]+", status(204, 200), "conventions.delete"},
		"an application without a limit":    {".* " + ws + "/applications.*", replace(`"maxEndpoints":(null|\d+),`, ``), "applications.create.shape"},
		"a renamed flag":                    {".* " + ws + "/applications.*", replace(`"showEventTypes"`, `"show_event_types"`), "conventions.camel-case"},
		"a limit that is a text":            {".* " + ws + "/applications.*", replace(`"maxEndpoints":(\d+)`, `"maxEndpoints":"$1"`), "applications.update.sets-cap"},
		"a limit that is a float":           {".* " + ws + "/applications.*", replace(`"maxEndpoints":(\d+)`, `"maxEndpoints":$1.0`), "applications.create.no-endpoints"},
		"an empty externalId for none":      {".* " + ws + "/applications.*", replace(`"externalId":null`, `"externalId":""`), "applications.create.defaults"},
		"a duplicate that answers 400":      {"POST " + ws + "/applications", status(409, 400), "applications.create.duplicate-external-id"},
		"another text of a conflict":        {"POST " + ws + "/applications", replace(`An application with this externalId already exists`, `Duplicate`), "applications.create.duplicate-external-id"},
		"applications oldest first":         {"GET " + ws + "/applications", reversed, "applications.list.order"},
		"an offset that counts for nothing": {"GET " + ws + "/applications", replace(`^\[\{"id":"[^"]*"`, `[{"id":"app_first"`), "applications.list.offset"},
		"a wrapped list":                    {"GET " + ws + "/applications", func(a *answer) { a.body = `{"data":` + a.body + `}` }, "conventions.lists"},
		"null for an empty list":            {"GET .*/applications/[^/]+/endpoints", replace(`^\[\]$`, `null`), "conventions.empty-lists"},
		"the cap as plain forbidden":        {"POST .*/applications/[^/]+/endpoints", replace(`application_endpoint_limit_reached`, `forbidden`), "application-endpoints.limit"},
		"no timestamps in milliseconds":     {".* " + ws + "/applications.*", replace(`\.\d{3}Z`, `Z`), "conventions.timestamps"},
		"a password in an endpoint":         {".* " + ws + "/endpoints.*", replace(`"hasAuth":true`, `"hasAuth":true,"authPassword":"hunter2"`), "endpoints.create.no-password"},
		"a secret in the list":              {"GET " + ws + "/endpoints", replace(`"hasAuth"`, `"secret":"whsec_x","hasAuth"`), "endpoints.secret-shown"},
		"a short secret":                    {"POST " + ws + "/endpoints", replace(`"secret":"whsec_[^"]*"`, `"secret":"whsec_c2hvcnQ="`), "endpoints.create.secret"},
		"endpoints oldest first":            {"GET " + ws + "/endpoints", reversed, "endpoints.list.order"},
		"an environment in an endpoint":     {"POST " + ws + "/endpoints", replace(`"hasAuth"`, `"environmentId":"env_1","hasAuth"`), "endpoints.create.no-parents"},
		"an error that is a text":           {"GET .*", replace(`\{"error":\{.*\}\}`, `{"error":"Not Found","message":"x","statusCode":404}`), "conventions.error-envelope"},
		"an error without a message":        {".*", replace(`,"message":"[^"]*"`, ``), "applications.get.unknown"},
		"errors in plain text":              {"GET .*", func(a *answer) { a.header.Set("Content-Type", "text/plain") }, "conventions.error-content-type"},
		"401 for a disabled key":            {"POST /api/ingest/.*", status(403, 401), "auth.disabled-api-key"},
		"403 for an unknown token":          {"GET " + ws + "/applications", status(401, 403), "auth.unknown"},
		"another workspace is forbidden":    {".* /management/v1/workspaces/ws_other/applications", status(404, 403), "tenancy.workspaces"},
		"a hobby plan that may":             {"GET /management/v1/workspaces/ws_hobby/.*", func(a *answer) { a.status, a.body = 200, "[]" }, "plans.applications"},
		"no Retry-After":                    {".* /management/v1/workspaces/ws_throttled/.*", func(a *answer) { a.header.Del("Retry-After") }, "rate-limits.retry-after"},
		"an event type with spaces":         {"POST " + ws + "/event-types", status(400, 201), "event-types.create.bad-names"},
		"a subscription without its name":   {"GET .*/subscriptions", replace(`,"eventTypeName":"[^"]*"`, ``), "subscriptions.list"},
		"a subscribed list":                 {"POST .*/subscriptions", replace(`"subscribed":(\d)`, `"subscribed":["$1"]`), "subscriptions.create"},
		"an environment that is default":    {".* .*/environments/.*", replace(`"isDefault":false`, `"isDefault":true`), "environments.create.shape"},
		"everything published":              {"GET .*/environments/[^/]+/event-types", replace(`"published":false`, `"published":true`), "visibility.new-environment"},
		"a send that answers 200":           {"POST /api/ingest/[^/]+", status(202, 200), "ingest.send.accepted"},
		"a new delivery for an old key":     {"POST /api/ingest/[^/]+", counting(`"deliveryId":"`), "ingest.send.idempotent"},
		"null for no deliveries":            {"POST /api/ingest/event/[^/]+", replace(`"deliveryIds":\[\]`, `"deliveryIds":null`), "ingest.trigger.nobody"},
		"a partial batch that answers 202":  {"POST /api/ingest/batch", status(207, 202), "batches.send.partial"},
		"a batch without indexes":           {"POST /api/ingest/batch", replace(`"index":\d+,`, ``), "batches.send.accepted"},
		"a framework's error":               {"POST " + ws + "/applications", replace(`\{"error":\{"code":"validation_error".*`, `{"statusCode":400,"error":"Bad Request","message":"x"}`), "bodies.envelope"},
		"no cursor":                         {"GET .*/deliveries", replace(`"nextCursor":"[^"]*"`, `"nextCursor":null`), "deliveries.list.pages"},
		"a cursor that is always there":     {"GET .*/deliveries", replace(`"nextCursor":null`, `"nextCursor":"x"`), "deliveries.list.full-last-page"},
		"any cursor is taken":               {"GET .*/deliveries", func(a *answer) { a.status, a.body = 200, `{"deliveries":[],"nextCursor":null}` }, "deliveries.cursors.tampered"},
		"a delivery without nextRetryAt":    {"GET .*/deliveries/[^/]+", replace(`"nextRetryAt":[^,]*,`, ``), "deliveries.get.shape"},
		"an unasked payload":                {"GET .*/deliveries/[^/]+", replace(`\}$`, `,"payload":{"status":"available"}}`), "payloads.not-asked"},
		"attempts counted from 0":           {"GET .*/attempts", replace(`"attemptNumber":1`, `"attemptNumber":0`), "deliveries.attempts.shape"},
		"a failed attempt called error":     {"GET .*/attempts", replace(`"status":"failed"`, `"status":"error"`), "delivering.failure"},
		"audit rows without an actor":       {"GET .*/audit-logs", replace(`"actorType":"[^"]*",`, ``), "audit-logs.row"},
		"audit rows oldest first":           {"GET .*/audit-logs", reversedAudit, "audit-logs.order"},
		"one URL of a portal session":       {"POST .*/portal", replace(`"portalUrl":"[^"]*",`, ``), "portal-sessions.create.shape"},
		"two different URLs":                {"POST .*/portal", replace(`"portalUrl":"`, `"portalUrl":"x`), "portal-sessions.create.both-urls"},
		"a viewer who may delete":           {"DELETE " + portal + "/endpoints/.*", func(a *answer) { a.status, a.body = 204, "" }, "portal.roles.viewer.delete-endpoint"},
		"an editor who may not write":       {"POST " + portal + "/endpoints", func(a *answer) { a.status = 403 }, "portal.roles.editor.create-endpoint"},
		"a catalog that is always shown":    {"GET " + portal + "/event-types", replace(`^\[\]$`, `[{"id":"evt_1"}]`), "portal.catalog.hidden"},
		"a code that works twice":           {"POST " + portal + "/session/exchange", status(400, 200), "portal.exchange.once"},
		"any retry is accepted":             {"POST " + dash + "/deliveries/[^/]+/retry", status(409, 200), "dashboard.retry.not-failed"},
		"a device code in camel case":       {"POST /api/cli/device-grant/start", replace(`device_code`, `deviceCode`), "device-grants.start"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target, _ := equipped(t)
			found := named(t, c.fails)
			err := found.Check(t.Context(), perturbed(target, c.match, c.change))
			require.Error(t, err)
			require.NotErrorIs(t, err, conformance.ErrNotApplicable)
			require.NotContains(t, err.Error(), "conformance_test")
			assert.NotRegexp(t, `nh[a-z]_|whsec_|#code`, err.Error(), "a secret in a report")
			t.Log(err)
		})
	}
}

// counting makes each answer different from the one before.
func counting(behind string) func(*answer) {
	n := 0
	return func(a *answer) {
		n++
		a.body = strings.Replace(a.body, behind, behind+"x"+strconv.Itoa(n), 1)
	}
}

func named(t *testing.T, id string) conformance.Case {
	t.Helper()
	for _, c := range conformance.Cases() {
		if c.ID == id {
			return c
		}
	}
	require.Fail(t, "no case "+id)
	return conformance.Case{}
}

// Whatever goes wrong, what a case has made is gone afterwards.
func TestFailedCasesCleanUp(t *testing.T) {
	t.Parallel()
	target, srv := equipped(t)
	intact := target
	intact.Client = srv.HTTPClient()
	before := inventory(t, intact)
	for name, broken := range map[string]conformance.Target{
		"reading fails":          perturbed(target, "(GET|PATCH|PUT) .*", func(a *answer) { a.status, a.body = 500, "" }),
		"refusals are successes": perturbed(target, "POST .*", func(a *answer) { a.status = max(a.status-200, 200) }),
		"ingestion fails":        perturbed(target, "POST /(api|portal)/.*", func(a *answer) { a.status = 500 }),
	} {
		report := conformance.Run(t.Context(), broken, conformance.Cases(), nil)
		require.NotEmpty(t, report.Failures(), name)
		require.Equal(t, before, inventory(t, intact), name)
	}
}

// The caller's context ends requests, and never the cleaning up.
func TestCancelledCasesCleanUp(t *testing.T) {
	t.Parallel()
	target, srv := equipped(t)
	intact := target
	intact.Client = srv.HTTPClient()
	before := inventory(t, intact)
	ctx, cancel := context.WithCancel(t.Context())
	target = perturbed(target, "POST .*/endpoints", func(*answer) { cancel() })
	err := named(t, "endpoints.update.shape").Check(ctx, target)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, before, inventory(t, intact))
}

// The service is documented to answer so.
func TestFrameworkErrorsAreDocumented(t *testing.T) {
	t.Parallel()
	target, _ := equipped(t)
	shape := replace(`\{"error":\{"code":"validation_error".*`, `{"statusCode":400,"error":"Bad Request","message":"x"}`)
	require.NoError(t, named(t, "applications.create.no-name").Check(t.Context(), perturbed(target, "POST .*", shape)))
}

// A limit that others have used up says nothing about a rule.
func TestUnexpectedRateLimitsDecideNothing(t *testing.T) {
	t.Parallel()
	target, _ := equipped(t)
	err := named(t, "endpoints.get.unknown").Check(t.Context(), perturbed(target, "GET .*", func(a *answer) { a.status = 429 }))
	require.ErrorIs(t, err, conformance.ErrNotApplicable)
	require.ErrorContains(t, err, "the target takes no more requests for now")
}

// What cannot be deleted is told, beside what went wrong before.
func TestWhatIsLeftIsReported(t *testing.T) {
	t.Parallel()
	target, _ := equipped(t)
	err := named(t, "applications.create.shape").Check(t.Context(), perturbed(target, "DELETE .*", func(a *answer) { a.status = 500 }))
	require.ErrorContains(t, err, "want what the case has created deleted; got 500")
}

func fetch(t *testing.T, target conformance.Target, path, token string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(target.BaseURL, "/")+path, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := target.Client.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(body)
}
