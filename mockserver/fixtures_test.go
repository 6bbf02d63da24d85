package mockserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// Every key that a fixture file can have, each with a value of its own.
const everyKey = `{"workspaces": [{
  "id": "ws_demo", "name": "Demo", "plan": "hobby", "endpointLimit": 7, "rateLimit": {"limit": 9, "windowSeconds": 30}, "schedule": [5, 0, 300],
  "managementTokens": [{"id": "tok_1", "token": "nhm_demo", "disabled": true, "revoked": true, "expiresAt": "2026-03-01T00:00:00.000Z"}],
  "apiKeys": [{"key": "nhk_us_demo", "environment": "staging", "disabled": true}],
  "sessionTokens": [{"token": "nhs_demo"}],
  "cliTokens": [{"id": "clitok_demo", "token": "nhc_us_demo", "expiresAt": "2026-04-01T00:00:00Z", "revoked": true}],
  "environments": [{"id": "env_demo", "name": "Staging", "slug": "staging"}],
  "eventTypes": [{"id": "evt_demo", "name": "order.created", "description": "An order was placed", "publishedIn": ["staging", "production"]}],
  "applications": [{"id": "app_demo", "name": "Acme Corp", "externalId": "cust_1", "metadata": {"plan": "pro"},
    "maxEndpoints": 3, "showEventTypes": false, "createdAt": "2026-01-01T00:00:00.000Z"}],
  "endpoints": [{"id": "ep_demo", "url": "https://example.test/hooks", "applicationId": "app_demo", "environment": "staging",
    "type": "webhook", "config": {"webhookUrl": "https://hooks.test/x"}, "secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh",
    "description": "Production", "authUsername": "u", "authPassword": "p", "isActive": false, "metadata": {"a": "b"},
    "subscriptions": ["order.created"], "deliver": "accept", "createdAt": "2026-01-02T00:00:00.000Z"}],
  "deliveries": [{"id": "del_demo", "endpointId": "ep_demo", "eventType": "order.created", "status": "dead_letter", "idempotencyKey": "key_1",
    "payload": {"b": 1.0,  "a": null}, "payloadStatus": "error", "createdAt": "2026-01-03T00:00:00.000Z",
    "attempts": [{"status": "failed", "responseStatusCode": 502, "responseTimeMs": 88, "errorMessage": "try later", "createdAt": "2026-01-04T00:00:00.000Z"}]}]
}]}`

func ptr[T any](v T) *T { return &v }

func day(month time.Month, day int) *time.Time {
	return ptr(time.Date(2026, month, day, 0, 0, 0, 0, time.UTC))
}

func TestFixturesHaveOneGoFieldPerKey(t *testing.T) {
	t.Parallel()
	got, err := mockserver.ParseFixtures([]byte(everyKey))
	require.NoError(t, err)
	require.Equal(t, mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{{
		ID: "ws_demo", Name: "Demo", Plan: mockserver.PlanHobby, EndpointLimit: ptr(7),
		RateLimit:        &mockserver.RateLimitFixture{Limit: 9, WindowSeconds: 30},
		Schedule:         []int{5, 0, 300},
		ManagementTokens: []mockserver.TokenFixture{{ID: "tok_1", Token: "nhm_demo", Disabled: true, Revoked: true, ExpiresAt: day(3, 1)}},
		APIKeys:          []mockserver.APIKeyFixture{{Key: "nhk_us_demo", Environment: "staging", Disabled: true}},
		SessionTokens:    []mockserver.TokenFixture{{Token: "nhs_demo"}},
		CLITokens:        []mockserver.TokenFixture{{ID: "clitok_demo", Token: "nhc_us_demo", ExpiresAt: day(4, 1), Revoked: true}},
		Environments:     []mockserver.EnvironmentFixture{{ID: "env_demo", Name: "Staging", Slug: "staging"}},
		EventTypes: []mockserver.EventTypeFixture{{
			ID: "evt_demo", Name: "order.created", Description: "An order was placed", PublishedIn: []string{"staging", "production"},
		}},
		Applications: []mockserver.ApplicationFixture{{
			ID: "app_demo", Name: "Acme Corp", ExternalID: "cust_1", Metadata: map[string]string{"plan": "pro"},
			MaxEndpoints: ptr(3), ShowEventTypes: ptr(false), CreatedAt: day(1, 1),
		}},
		Endpoints: []mockserver.EndpointFixture{{
			ID: "ep_demo", URL: "https://example.test/hooks", ApplicationID: "app_demo", Environment: "staging", Type: "webhook",
			Config: &mockserver.EndpointConfigFixture{WebhookURL: "https://hooks.test/x"},
			Secret: "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh", Description: "Production",
			AuthUsername: "u", AuthPassword: "p", IsActive: ptr(false), Metadata: map[string]string{"a": "b"},
			Subscriptions: []string{"order.created"}, Deliver: "accept", CreatedAt: day(1, 2),
		}},
		Deliveries: []mockserver.DeliveryFixture{{
			ID: "del_demo", EndpointID: "ep_demo", EventType: "order.created", Status: "dead_letter", IdempotencyKey: "key_1",
			Payload: json.RawMessage(`{"b": 1.0,  "a": null}`), PayloadStatus: "error", CreatedAt: day(1, 3),
			Attempts: []mockserver.AttemptFixture{{
				Status: "failed", ResponseStatusCode: ptr(502), ResponseTimeMs: ptr(88), ErrorMessage: "try later", CreatedAt: day(1, 4),
			}},
		}},
	}}}, got)
}

// What the fixture says is what the API answers.
func TestFixturesReachTheAPI(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer(`"plan": "hobby"`, `"plan": "pro"`, `"disabled": true, "revoked": true, "expiresAt"`, `"expiresAt"`).Replace(everyKey)
	f, err := mockserver.ParseFixtures([]byte(text))
	require.NoError(t, err)
	srv := mockserver.Start(t, mockserver.WithFixtures(f), mockserver.WithStart(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)))
	require.Equal(t, [5]string{"ws_demo", "Demo", "nhm_demo", "nhk_us_demo", "nhs_demo"},
		[5]string{srv.ID(), srv.Name(), srv.ManagementToken(), srv.APIKey(), srv.SessionToken()})

	status, body := fetch(t, srv.HTTPClient(), "https://h", srv.Workspace)
	require.Equal(t, 200, status)
	require.JSONEq(t, `[{"id":"app_demo","externalId":"cust_1","name":"Acme Corp","metadata":{"plan":"pro"},"maxEndpoints":3,
		"showEventTypes":false,"createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"}]`, body)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://h/management/v1/workspaces/ws_demo/endpoints/ep_demo", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer nhm_demo")
	response, err := srv.HTTPClient().Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "9", response.Header.Get("X-RateLimit-Limit"))
	require.Equal(t, "30", response.Header.Get("X-RateLimit-Reset"))
	require.JSONEq(t, `{"id":"ep_demo","url":"https://example.test/hooks","secret":"whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh",
		"description":"Production","authUsername":"u","hasAuth":true,"isActive":false,"type":"webhook","config":{"webhookUrl":"https://hooks.test/x"},
		"metadata":{"a":"b"},"createdAt":"2026-01-02T00:00:00.000Z","updatedAt":"2026-01-02T00:00:00.000Z"}`, string(answer))

	const inDemo = "/management/v1/workspaces/ws_demo"
	a := over(t, srv)
	a.get(inDemo+"/event-types").is(200, `[{"id":"evt_demo","name":"order.created","description":"An order was placed",
		"createdAt":"2026-02-01T00:00:00.000Z"}]`)
	a.get(inDemo+"/environments/env_demo/event-types").is(200, `[{"eventTypeId":"evt_demo","eventTypeName":"order.created","published":true}]`)
	a.get(inDemo+"/endpoints/ep_demo/subscriptions").is(200, `[{"id":"`+a.get(inDemo + "/endpoints/ep_demo/subscriptions").ids()[0]+`",
		"eventTypeId":"evt_demo","eventTypeName":"order.created","createdAt":"2026-02-01T00:00:00.000Z"}]`)
	a.get(inDemo+"/deliveries/del_demo?include=payload").is(200, `{"id":"del_demo","idempotencyKey":"key_1","endpointId":"ep_demo","status":"dead_letter",
		"totalAttempts":1,"firstAttemptAt":"2026-01-04T00:00:00.000Z","deliveredAt":null,"nextRetryAt":null,"hasPayload":true,
		"createdAt":"2026-01-03T00:00:00.000Z","updatedAt":"2026-01-04T00:00:00.000Z","payload":{"status":"error"}}`)
	a.get(inDemo+"/deliveries/del_demo/attempts").is(200, `[{"id":"`+a.get(inDemo + "/deliveries/del_demo/attempts").ids()[0]+`","attemptNumber":1,
		"status":"failed","responseStatusCode":502,"responseTimeMs":88,"errorMessage":"try later","createdAt":"2026-01-04T00:00:00.000Z"}]`)
}

func TestFixturesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 51)
	ten := `{"name":"A","slug":"a0"}`
	for i := 1; i < 10; i++ {
		ten += fmt.Sprintf(`,{"name":"A","slug":"a%d"}`, i)
	}
	for _, tt := range []struct{ want, text string }{
		{"line 2: invalid character '}' looking for beginning of value", "{\"workspaces\":\n}"},
		{"line 1: unexpected end of JSON input", ""},
		{"want an object", `[]`},
		{"workspaces: want an array", `{"workspaces":{}}`},
		{"workspaces[0]: want an object", `{"workspaces":[null]}`},
		{"workspaces[0].name: want a string", `{"workspaces":[{"name":3}]}`},
		{"workspaces[0].endpointLimit: want an integer", `{"workspaces":[{"endpointLimit":1.5}]}`},
		{"workspaces[0].managementTokens[0].disabled: want true or false", `{"workspaces":[{"managementTokens":[{"disabled":"yes"}]}]}`},
		{"workspaces[0].applications[0].metadata.a: want a string", `{"workspaces":[{"applications":[{"metadata":{"a":1}}]}]}`},
		{"workspaces[0].applications[0].metadata.a: want a string", `{"workspaces":[{"applications":[{"metadata":{"a":null}}]}]}`},
		{"workspaces[0].applications[0].metadata: want an object", `{"workspaces":[{"applications":[{"metadata":[]}]}]}`},
		{`workspaces[0].applications[0].metadata: the key "a" is given twice`, `{"workspaces":[{"applications":[{"metadata":{"a":"1","a":"2"}}]}]}`},
		{`the file is not UTF-8, or has an escape such as \ud800 without its other half`, `{"workspaces":[{"name":"\ud800"}]}`},
		{`the file is not UTF-8, or has an escape such as \ud800 without its other half`, "{\"workspaces\":[{\"name\":\"\xff\"}]}"},
		{"line 1: invalid character '\\\\' looking for beginning of value", `\`},
		{`workspaces[0]: the id ".." cannot stand in a path`, `{"workspaces":[{"id":".."}]}`},
		{`workspaces[0]: environments[0]: the id ".." cannot stand in a path`, `{"workspaces":[{"environments":[{"id":"..","slug":"production"}]}]}`},
		{"workspaces[0]: managementTokens[0]: a token must not contain white space, commas or control characters", `{"workspaces":[{"managementTokens":[{"token":"nhm_\u0001x"}]}]}`},
		{`workspaces[0].applications[1].createdAt: want an instant such as "2026-01-15T10:30:00.000Z"`, `{"workspaces":[{"applications":[{},{"createdAt":"today"}]}]}`},
		{`workspaces[0].endpoints[0].createdAt: want an instant such as "2026-01-15T10:30:00.000Z"`, `{"workspaces":[{"endpoints":[{"createdAt":"9999-12-31T23:59:59-23:59"}]}]}`},
		{`unknown key "workspace"; there are workspaces`, `{"workspace":[]}`},
		{`the key "workspaces" is given twice`, `{"workspaces":[{}],"workspaces":[]}`},
		{`workspaces[1].applications[0]: unknown key "MaxEndpoints"; there are createdAt, externalId, id, maxEndpoints, metadata, name, showEventTypes`,
			`{"workspaces":[{},{"applications":[{"MaxEndpoints":3}]}]}`},
		{`workspaces[0].endpoints[0].config: unknown key "url"; there are webhookUrl`, `{"workspaces":[{"endpoints":[{"config":{"url":""}}]}]}`},
		{`workspaces[0]: plan: "gold" does not exist; use "hobby" or "pro"`, `{"workspaces":[{"plan":"gold"}]}`},
		{"workspaces[0]: endpointLimit: -1 is not between 0 and 2147483647", `{"workspaces":[{"endpointLimit":-1}]}`},
		{"workspaces[0]: rateLimit: limit and windowSeconds must be positive, and windowSeconds at most 2147483647", `{"workspaces":[{"rateLimit":{"limit":1}}]}`},
		{"workspaces[0]: rateLimit: limit and windowSeconds must be positive, and windowSeconds at most 2147483647",
			`{"workspaces":[{"rateLimit":{"limit":1,"windowSeconds":10000000000}}]}`},
		{"workspaces[0].schedule: want an array", `{"workspaces":[{"schedule":5}]}`},
		{"workspaces[0].schedule[1]: want an integer", `{"workspaces":[{"schedule":[5,1.5]}]}`},
		{"workspaces[0]: schedule[1]: -1 is not between 0 and 31536000 seconds, a year", `{"workspaces":[{"schedule":[5,-1]}]}`},
		{"workspaces[0]: schedule[0]: 31536001 is not between 0 and 31536000 seconds, a year", `{"workspaces":[{"schedule":[31536001]}]}`},
		{`workspaces[0]: endpoints[0]: deliver: "reject" is not "accept"; leave it out for real attempts`, `{"workspaces":[{"endpoints":[{"url":"https://h","deliver":"reject"}]}]}`},
		{"workspaces[0].deliveries: want an array", `{"workspaces":[{"deliveries":{}}]}`},
		{`workspaces[0].deliveries[0]: unknown key "deliveredAt"; there are attempts, createdAt, endpointId, eventType, id, idempotencyKey, payload, payloadStatus, status`,
			`{"workspaces":[{"deliveries":[{"deliveredAt":"2026-01-01T00:00:00Z"}]}]}`},
		{`workspaces[0].deliveries[0].attempts[1]: unknown key "id"; there are createdAt, errorMessage, responseStatusCode, responseTimeMs, status`,
			`{"workspaces":[{"deliveries":[{"attempts":[{},{"id":"att_1"}]}]}]}`},
		{`workspaces[0].deliveries[0].attempts[0].createdAt: want an instant such as "2026-01-15T10:30:00.000Z"`, `{"workspaces":[{"deliveries":[{"attempts":[{"createdAt":5}]}]}]}`},
		{"workspaces[0].deliveries[0].attempts[0].responseTimeMs: want an integer", `{"workspaces":[{"deliveries":[{"attempts":[{"responseTimeMs":"88"}]}]}]}`},
		{`workspaces[1]: A workspace with the id "ws_1" already exists`, `{"workspaces":[{"id":"ws_1"},{"id":"ws_1"}]}`},
		{`workspaces[0]: the id ".." cannot stand in a path`, `{"workspaces":[{"id":".."}]}`},
		{`workspaces[0]: applications[0]: the id "." cannot stand in a path`, `{"workspaces":[{"applications":[{"id":".","name":"A"}]}]}`},
		{`workspaces[0]: endpoints[0]: the id ".." cannot stand in a path`, `{"workspaces":[{"endpoints":[{"id":"..","url":"https://h"}]}]}`},
		{`workspaces[0]: environments[0]: the id ".." cannot stand in a path`, `{"workspaces":[{"environments":[{"id":"..","name":"A","slug":"aa"}]}]}`},
		{"workspaces[0]: cliTokens[0]: this token is given twice", `{"workspaces":[{"managementTokens":[{"token":"t"}],"cliTokens":[{"token":"t"}]}]}`},
		{"workspaces[0]: sessionTokens[0]: a token must not contain white space, commas or control characters", `{"workspaces":[{"sessionTokens":[{"token":"a b"}]}]}`},
		{"workspaces[0]: apiKeys[0]: a token must not contain white space, commas or control characters", `{"workspaces":[{"apiKeys":[{"key":"a,b"}]}]}`},
		{`workspaces[0].eventTypes[0]: unknown key "createdAt"; there are description, id, name, publishedIn`,
			`{"workspaces":[{"eventTypes":[{"createdAt":"2026-01-01T00:00:00Z"}]}]}`},
		{"workspaces[0].eventTypes: want an array", `{"workspaces":[{"eventTypes":{}}]}`},
		{"workspaces[0].eventTypes[0].publishedIn: want an array", `{"workspaces":[{"eventTypes":[{"name":"a","publishedIn":"production"}]}]}`},
		{"workspaces[0].eventTypes[1].publishedIn[1]: want a string", `{"workspaces":[{"eventTypes":[{},{"publishedIn":["production",3]}]}]}`},
		{"workspaces[0].endpoints[0].subscriptions: want an array", `{"workspaces":[{"endpoints":[{"subscriptions":"order.created"}]}]}`},
		{"workspaces[0].endpoints[0].subscriptions[0]: want a string", `{"workspaces":[{"endpoints":[{"subscriptions":[{"name":"a"}]}]}]}`},
		{"workspaces[0]: eventTypes[0]: name is required", `{"workspaces":[{"eventTypes":[{}]}]}`},
		{"workspaces[0]: eventTypes[0]: name must be lowercase words of a-z, 0-9, _ and - joined by dots, such as order.created",
			`{"workspaces":[{"eventTypes":[{"name":"Order.created"}]}]}`},
		{"workspaces[0]: eventTypes[1]: An event type with this name already exists", `{"workspaces":[{"eventTypes":[{"name":"a"},{"name":"a"}]}]}`},
		{`workspaces[0]: eventTypes[1]: the event type id "e" is given twice`, `{"workspaces":[{"eventTypes":[{"id":"e","name":"a"},{"id":"e","name":"b"}]}]}`},
		{`workspaces[0]: eventTypes[0]: the id ".." cannot stand in a path`, `{"workspaces":[{"eventTypes":[{"id":"..","name":"a"}]}]}`},
		{`workspaces[0]: eventTypes[0]: publishedIn: there is no environment "staging"`, `{"workspaces":[{"eventTypes":[{"name":"a","publishedIn":["production","staging"]}]}]}`},
		{`workspaces[0]: eventTypes[0]: publishedIn: there is no environment ""`, `{"workspaces":[{"eventTypes":[{"name":"a","publishedIn":[""]}]}]}`},
		{`workspaces[1]: endpoints[1]: subscriptions: there is no event type "a"`,
			`{"workspaces":[{"eventTypes":[{"name":"a"}]},{"endpoints":[{"url":"https://h"},{"url":"https://h","subscriptions":["a"]}]}]}`},
		{`workspaces[0]: endpoints[0]: subscriptions: there is no event type "evt_1"`,
			`{"workspaces":[{"eventTypes":[{"id":"evt_1","name":"a"}],"endpoints":[{"url":"https://h","subscriptions":["evt_1"]}]}]}`},
		{"workspaces[0]: environments[9]: Environment limit reached", `{"workspaces":[{"environments":[` + ten + `]}]}`},
		{`workspaces[0]: apiKeys[0]: environment: there is none with the slug "staging"`, `{"workspaces":[{"apiKeys":[{"key":"k","environment":"staging"}]}]}`},
		{"workspaces[0]: environments[1]: An environment with this slug already exists", `{"workspaces":[{"environments":[{"name":"A","slug":"aa"},{"name":"B","slug":"aa"}]}]}`},
		{`workspaces[0]: environments[1]: the environment id "e" is given twice`, `{"workspaces":[{"environments":[{"id":"e","name":"A","slug":"aa"},{"id":"e","name":"B","slug":"bb"}]}]}`},
		{`workspaces[0]: environments[1]: the slug "production" is given twice`, `{"workspaces":[{"environments":[{"name":"A","slug":"production"},{"name":"B","slug":"production"}]}]}`},
		{"workspaces[0]: environments[0]: name must be between 1 and 50 characters", `{"workspaces":[{"environments":[{"name":"` + long + `","slug":"production"}]}]}`},
		{"workspaces[0]: applications[0]: name is required", `{"workspaces":[{"applications":[{}]}]}`},
		{"workspaces[0]: applications[0]: maxEndpoints: -1 is not between 0 and 2147483647", `{"workspaces":[{"applications":[{"name":"A","maxEndpoints":-1}]}]}`},
		{`workspaces[0]: applications[1]: the application id "a" is given twice`, `{"workspaces":[{"applications":[{"id":"a","name":"A"},{"id":"a","name":"B"}]}]}`},
		{"workspaces[0]: endpoints[0]: url is required", `{"workspaces":[{"endpoints":[{}]}]}`},
		{"workspaces[0]: endpoints[0]: Application not found", `{"workspaces":[{"endpoints":[{"url":"https://h","applicationId":"app_x"}]}]}`},
		{"workspaces[0]: endpoints[0]: secret must be whsec_ and the base64 of 24 to 64 bytes", `{"workspaces":[{"endpoints":[{"url":"https://h","secret":"whsec_c2hvcnQ="}]}]}`},
		{`workspaces[0]: endpoints[1]: the endpoint id "e" is given twice`, `{"workspaces":[{"endpoints":[{"id":"e","url":"https://h"},{"id":"e","url":"https://h"}]}]}`},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			_, err := mockserver.ParseFixtures([]byte(tt.text))
			require.EqualError(t, err, tt.want)
		})
	}
	_, err := mockserver.ParseFixtures([]byte(`{"workspaces":[]}`))
	require.EqualError(t, err, "there is no workspace")
}

// What Go code builds is checked as well, when the server starts.
func TestFixturesBuiltInGoAreChecked(t *testing.T) {
	t.Parallel()
	_, err := mockserver.New(mockserver.WithFixtures(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{{Plan: "gold"}}}))
	require.EqualError(t, err, `mockserver: workspaces[0]: plan: "gold" does not exist; use "hobby" or "pro"`)
}

// A token without a value is generated, and keeps the state that is asked for.
func TestGeneratedTokensKeepTheirState(t *testing.T) {
	t.Parallel()
	f, err := mockserver.ParseFixtures([]byte(`{"workspaces":[{"managementTokens":[{"disabled":true}]}]}`))
	require.NoError(t, err)
	srv := mockserver.Start(t, mockserver.WithFixtures(f))
	require.Regexp(t, "^nhm_[0-9a-z]{32}$", srv.ManagementToken())
	status, body := fetch(t, srv.HTTPClient(), "https://h", srv.Workspace)
	require.Equal(t, 403, status)
	require.Contains(t, body, "token_disabled")
}

// The epoch is an instant like any other.
func TestTokensMayExpireAtTheEpoch(t *testing.T) {
	t.Parallel()
	f, err := mockserver.ParseFixtures([]byte(`{"workspaces":[{"managementTokens":[{"expiresAt":"1970-01-01T00:00:00Z"}],
		"applications":[{"name":"Old","createdAt":"1970-01-01T00:00:00Z"}]}]}`))
	require.NoError(t, err)
	srv := mockserver.Start(t, mockserver.WithFixtures(f))
	_, body := fetch(t, srv.HTTPClient(), "https://h", srv.Workspace)
	require.Contains(t, body, "token_expired")
	other := srv.NewManagementToken(mockserver.TokenOptions{})
	require.NotEqual(t, srv.ManagementToken(), other)
}

func TestDefaultEnvironmentTakesTheFixturesID(t *testing.T) {
	t.Parallel()
	f, err := mockserver.ParseFixtures([]byte(`{"workspaces":[{"environments":[{"id":"env_live","name":"Live","slug":"production"}]}]}`))
	require.NoError(t, err)
	srv := mockserver.Start(t, mockserver.WithFixtures(f))
	for id, want := range map[string]int{"env_live": 201, "env_other": 404} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://h/management/v1/workspaces/"+srv.ID()+"/endpoints",
			strings.NewReader(`{"url":"https://h","environmentId":"`+id+`"}`))
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+srv.ManagementToken())
		request.Header.Set("Content-Type", "application/json")
		response, err := srv.HTTPClient().Do(request)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, want, response.StatusCode)
	}
}

// A fixture may start above its caps: they block only what comes later.
func TestFixturesMayStartAboveACap(t *testing.T) {
	t.Parallel()
	f, err := mockserver.ParseFixtures([]byte(`{"workspaces":[{"endpointLimit":0,
		"applications":[{"id":"a","name":"A","maxEndpoints":0}],"endpoints":[{"url":"https://h","applicationId":"a"}]}]}`))
	require.NoError(t, err)
	mockserver.Start(t, mockserver.WithFixtures(f))
}

func TestOptionsPrevailOverFixtures(t *testing.T) {
	t.Parallel()
	f := mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{{Plan: mockserver.PlanHobby}, {Plan: mockserver.PlanHobby}}}
	srv := mockserver.Start(t, mockserver.WithFixtures(f), mockserver.WithPlan(mockserver.PlanPro))
	for _, w := range srv.Workspaces() {
		status, _ := fetch(t, srv.HTTPClient(), "https://h", w)
		require.Equal(t, 200, status)
	}
}
