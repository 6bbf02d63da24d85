package nahook_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/internal/wirefixtures"
)

var sentinels = map[string]error{
	"Validation": nahook.ErrValidation, "Unauthorized": nahook.ErrUnauthorized, "Forbidden": nahook.ErrForbidden,
	"NotFound": nahook.ErrNotFound, "Conflict": nahook.ErrConflict, "RateLimited": nahook.ErrRateLimited, "Server": nahook.ErrServer,
	"TokenDisabled": nahook.ErrTokenDisabled, "FeatureDisabled": nahook.ErrFeatureDisabled,
	"ApplicationEndpointLimitReached": nahook.ErrApplicationEndpointLimitReached,
	"EndpointLimitReached":            nahook.ErrEndpointLimitReached,
	"EnvironmentLimitReached":         nahook.ErrEnvironmentLimitReached, "InvalidCursor": nahook.ErrInvalidCursor,
	"InvalidArgument": nahook.ErrInvalidArgument, "AttemptTimeout": nahook.ErrAttemptTimeout, "CallTimeout": nahook.ErrCallTimeout,
}

// getError is the error of a Get that is answered so.
func getError(t *testing.T, status int, answer string, header ...string) error {
	t.Helper()
	mgmt := through(t, roundTrip(reply(status, answer, header...)), nahook.WithRetry(nahook.RetryPolicy{MaxAttempts: 1}))
	_, err := mgmt.Applications.Get(t.Context(), "ws_abc", "app_1")
	require.Error(t, err)
	return err
}

func TestSentinels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		code   string
		want   string // the sentinels that match, and no other does
	}{
		{400, "validation_error", "Validation"}, {413, "payload_too_large", "Validation"},
		{415, "unsupported_media_type", "Validation"}, {422, "anything", "Validation"},
		{400, "invalid_cursor", "Validation InvalidCursor"},
		{401, "unauthorized", "Unauthorized"}, {401, "token_expired", "Unauthorized"},
		{403, "forbidden", "Forbidden"}, {403, "token_disabled", "Forbidden TokenDisabled"},
		{403, "feature_disabled", "Forbidden FeatureDisabled"},
		{403, "application_endpoint_limit_reached", "Forbidden ApplicationEndpointLimitReached"},
		{403, "endpoint_limit_reached", "Forbidden EndpointLimitReached"},
		{403, "environment_limit_reached", "Forbidden EnvironmentLimitReached"},
		{404, "not_found", "NotFound"}, {404, "unknown", "NotFound"},
		{409, "conflict", "Conflict"}, {429, "rate_limited", "RateLimited"},
		{500, "internal_error", "Server"}, {503, "not_found", "Server"}, {599, "x", "Server"},
		{402, "token_disabled", "TokenDisabled"}, {418, "unknown", ""}, {302, "not_found", ""},
	} {
		err := getError(t, c.status, envelope(c.code, "why"))
		for name, sentinel := range sentinels {
			assert.Equal(t, strings.Contains(" "+c.want+" ", " "+name+" "), errors.Is(err, sentinel), "%d %s %s", c.status, c.code, name)
		}
	}
}

// The codes of the API's error table, and of the answer to a wrong method. A
// code that has a documented body is read from that one.
func TestDocumentedErrors(t *testing.T) {
	t.Parallel()
	documented := []string{
		"application_endpoint_limit_reached", "conflict", "endpoint_limit_reached", "environment_limit_reached", "feature_disabled",
		"forbidden", "internal_error", "invalid_code", "invalid_cursor", "method_not_allowed", "not_found", "payload_too_large",
		"rate_limited", "session_expired", "token_disabled", "token_expired", "token_revoked", "unauthorized",
		"unsupported_media_type", "validation_error",
	}
	withoutBody := []string{"invalid_code", "method_not_allowed", "session_expired", "token_expired", "token_revoked"}
	files, err := wirefixtures.FS.ReadDir(".")
	require.NoError(t, err)
	codes := slices.Clone(withoutBody)
	for _, file := range files {
		code, isError := strings.CutPrefix(strings.TrimSuffix(file.Name(), ".json"), "error_")
		if !isError || code == "framework" {
			continue
		}
		codes = append(codes, code)
		var e *nahook.APIError
		require.ErrorAs(t, getError(t, 400, string(fixture(t, file.Name()))), &e)
		assert.Equal(t, code, e.Code)
		assert.NotEqual(t, "Bad Request", e.Message)
	}
	assert.ElementsMatch(t, documented, codes)
}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100<<10)
	for name, c := range map[string]struct {
		status        int
		body          string
		code, message string
	}{
		"documented":          {409, string(fixture(t, "error_conflict.json")), "conflict", "An application with this externalId already exists"},
		"of a web framework":  {400, string(fixture(t, "error_framework.json")), "unknown", "body must have required property 'url'"},
		"framework, no text":  {400, `{"statusCode":400,"error":"Bad Request"}`, "unknown", "Bad Request"},
		"framework, a list":   {400, `{"statusCode":400,"error":"Bad Request","message":["a","b"]}`, "unknown", "Bad Request"},
		"no code":             {403, `{"error":{"message":"No"}}`, "unknown", "No"},
		"no message":          {403, `{"error":{"code":"forbidden"}}`, "forbidden", "Forbidden"},
		"numbers":             {403, `{"error":{"code":7,"message":8}}`, "unknown", "Forbidden"},
		"a code and a number": {403, `{"error":{"code":"forbidden","message":8}}`, "forbidden", "Forbidden"},
		"null":                {404, `{"error":null}`, "unknown", "Not Found"},
		"a JSON string":       {404, `"nothing here"`, "unknown", "Not Found"},
		"HTML":                {502, "<html><h1>Bad gateway</h1></html>", "unknown", "Bad Gateway"},
		"empty":               {500, "", "unknown", "Internal Server Error"},
		"huge":                {500, `{"error":{"code":"internal_error","message":"` + long + `"}}`, "unknown", "Internal Server Error"},
		"no known status":     {599, "", "unknown", "no reason given"},
		"a redirect":          {302, envelope("moved", "Over there"), "unknown", "Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var e *nahook.APIError
			require.ErrorAs(t, getError(t, c.status, c.body, "X-Request-Id", "req_7"), &e)
			want := &nahook.APIError{
				StatusCode: c.status, Code: c.code, Message: c.message, RequestID: "req_7", Attempts: 1,
				Op: "GET /workspaces/ws_abc/applications/app_1", Body: []byte(c.body[:min(len(c.body), 64<<10)]),
			}
			assert.Equal(t, want, e)
		})
	}
}

func TestUnreadableSuccess(t *testing.T) {
	t.Parallel()
	const prefix = "nahook: GET /workspaces/ws_abc/applications/app_1: 200 unknown: the response is not the documented JSON"
	for body, why := range map[string]string{
		"<html></html>":                    ": invalid character '<' looking for beginning of value at byte 1 (request req_1)",
		`{"id": "app_1"`:                   ": unexpected end of JSON input at byte 14 (request req_1)",
		"":                                 ": it is empty (request req_1)",
		" null\n":                          ": it is empty (request req_1)",
		" \f{}":                            `: invalid character '\f' looking for beginning of value at byte 2 (request req_1)`,
		"{}":                               `: it has no "id" (request req_1)`,
		`{"status": "ok"}`:                 `: it has no "id" (request req_1)`,
		`[]`:                               ": it is a JSON array, want object (request req_1)",
		`{"id": 123456}`:                   `: "id" is a JSON number, want string (request req_1)`,
		`{"metadata": []}`:                 `: "metadata" is a JSON array, want object (request req_1)`,
		`{"metadata": {"A": true}}`:        `: "metadata" is a JSON bool, want string (request req_1)`,
		`{"maxEndpoints": 3.5}`:            `: "maxEndpoints" is a JSON number, want integer (request req_1)`,
		`{"maxEndpoints": "3"}`:            `: "maxEndpoints" is a JSON string, want integer (request req_1)`,
		`{"showEventTypes": "yes"}`:        ": showEventTypes is not a bool (request req_1)",
		`{"createdAt": "tomorrow s3cr3t"}`: " (request req_1)",
		`{} {}`:                            ": invalid character '{' after top-level value at byte 4 (request req_1)",
	} {
		err := getError(t, 200, body)
		require.EqualError(t, err, prefix+why)
		var e *nahook.APIError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 200, e.StatusCode)
		assert.Equal(t, body, string(e.Body))
		assert.Error(t, e.Unwrap())
		for name, sentinel := range sentinels {
			assert.NotErrorIs(t, err, sentinel, name)
		}
	}
	mgmt := through(t, roundTrip(reply(200, `{"deliveries": {}}`)))
	_, err := mgmt.Deliveries.List(t.Context(), "ws", "ep", nil)
	require.ErrorContains(t, err, `: "deliveries" is a JSON object, want array (request req_1)`)
	var syntax *json.SyntaxError
	assert.ErrorAs(t, getError(t, 200, "<html>"), &syntax)
	var e *nahook.APIError
	require.ErrorAs(t, getError(t, 200, strings.Repeat("x", 100<<10)), &e)
	assert.Len(t, e.Body, 64<<10)
}

// A success that is no answer of the API does not pass for one.
func TestWrongSuccesses(t *testing.T) {
	t.Parallel()
	const page = "<html>Log in to the WiFi</html>"
	for body, why := range map[string]string{
		page: "invalid character '<' looking for beginning of value at byte 1", "": "", " ": "", "{}": "", "null": "", `{"deleted": true}`: "",
	} {
		mgmt := through(t, roundTrip(reply(200, body)))
		for name, err := range map[string]error{
			"applications": mgmt.Applications.Delete(t.Context(), "ws", "id"),
			"endpoints":    mgmt.Endpoints.Delete(t.Context(), "ws", "id"),
		} {
			if why == "" {
				require.NoError(t, err, "%q", body)
				continue
			}
			require.EqualError(t, err, "nahook: DELETE /workspaces/ws/"+name+"/id: 200 unknown: the response is not the documented JSON: "+why+" (request req_1)")
		}
	}
	count := 0
	var response nahook.Response
	gone := through(t, inTurn(&count, failing(errReset), reply(404, page)), quick)
	require.NoError(t, verbs["DELETE"](t.Context(), gone, nahook.WithResponse(&response)), "a 404 says enough, whoever words it")
	assert.Equal(t, 404, response.StatusCode)

	mgmt := through(t, roundTrip(reply(200, `{"name": "Acme", "code": "c_1"}`)))
	_, err := mgmt.Endpoints.Get(t.Context(), "ws", "ep")
	require.ErrorContains(t, err, `: it has no "id"`)
	_, err = mgmt.Applications.CreateEndpoint(t.Context(), "ws", "app", nahook.CreateEndpointOptions{})
	require.ErrorContains(t, err, `: it has no "id"`)
	_, err = mgmt.PortalSessions.Create(t.Context(), "ws", "app", nil)
	require.ErrorContains(t, err, `: it has no "url"`)
}

func TestRedirectsNameTheirHost(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"https://user:s3cr3t@login.test/in?token=s3cr3t#s3cr3t": "Found: a redirect to login.test",
		"//login.test:8443/":               "Found: a redirect to login.test:8443",
		"https://" + secretToken + ".test": "Found: a redirect to [redacted].test",
		"/elsewhere":                       "Found", "": "Found", ":": "Found",
	} {
		err := getError(t, 302, "", "Location", location)
		require.EqualError(t, err, "nahook: GET /workspaces/ws_abc/applications/app_1: 302 unknown: "+want+" (request req_1)")
	}
	assert.NotContains(t, getError(t, 404, "", "Location", "https://login.test").Error(), "login")
}

func TestErrorTextIsOneLine(t *testing.T) {
	t.Parallel()
	require.EqualError(t, getError(t, 403, envelope("a\nb", "m"), "X-Request-Id", "r\nq"),
		`nahook: GET /workspaces/ws_abc/applications/app_1: 403 a\nb: m (request r\nq)`)
	err := getError(t, 403, envelope("forbidden", "first\r\nsecond\x1b[31m\u202e"+strings.Repeat("é", 1000)))
	text := err.Error()
	assert.Contains(t, text, `nahook: GET /workspaces/ws_abc/applications/app_1: 403 forbidden: first\r\nsecond\x1b[31m\u202eé`)
	assert.Less(t, len(text), 1000)
	var e *nahook.APIError
	require.ErrorAs(t, err, &e)
	assert.Contains(t, e.Message, "first\r\nsecond", "the field has the message as it came")
}

func TestRetryAfterIsReported(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{"120": 2 * time.Minute, "": 0, "soon": 0, "-1": 0} {
		var e *nahook.APIError
		require.ErrorAs(t, getError(t, 429, envelope("rate_limited", "Too many requests"), "Retry-After", value), &e)
		assert.Equal(t, want, e.RetryAfter, value)
	}
	var e *nahook.APIError
	date := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	require.ErrorAs(t, getError(t, 503, "", "Retry-After", date), &e)
	assert.InDelta(t, time.Hour, e.RetryAfter, float64(5*time.Second))
}

func TestTransportErrorKeepsItsCause(t *testing.T) {
	t.Parallel()
	cause := &net.OpError{Op: "read", Err: io.ErrUnexpectedEOF}
	mgmt := through(t, roundTrip(failing(cause)), nahook.WithRetry(nahook.RetryPolicy{MaxAttempts: 1}))
	_, err := mgmt.Applications.Get(t.Context(), "ws_abc", "app_1")
	require.EqualError(t, err, "nahook: GET /workspaces/ws_abc/applications/app_1: read: unexpected EOF")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	var operation *net.OpError
	require.ErrorAs(t, err, &operation)
	assert.Same(t, cause, operation)
	var failed *nahook.TransportError
	require.ErrorAs(t, err, &failed)
	assert.True(t, failed.Sent, "nothing proves the opposite")
}

// A server may spell what it echoes with escapes.
func TestEscapedTokenIsNotInErrors(t *testing.T) {
	t.Parallel()
	const token = "nhm_a/b+c&d"
	transport := roundTrip(reply(401, `{"error":{"code":"nhm_a\/b+c\u0026d","message":"bad token nhm_a\/b\u002bc\u0026d"}}`))
	mgmt, err := nahook.NewManagement(token, nahook.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	_, err = mgmt.Endpoints.List(t.Context(), "ws")
	require.ErrorContains(t, err, "401 [redacted]: bad token [redacted]")
	require.NotContains(t, err.Error(), token)
}
