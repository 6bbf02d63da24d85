package mockserver_test

// tenants are the workspaces of the contract tests: two that must not see each
// other and one whose plan lacks the Developer Portal.
const tenants = `{"workspaces": [
  {
    "id": "ws_a", "plan": "pro",
    "managementTokens": [
      {"token": "nhm_a"},
      {"token": "nhm_disabled", "disabled": true},
      {"token": "nhm_expired", "expiresAt": "2026-01-15T10:29:59.999Z"},
      {"token": "nhm_expired_disabled", "expiresAt": "2026-01-15T10:29:59.999Z", "disabled": true},
      {"token": "nhm_revoked", "revoked": true},
      {"token": "nhm_ends_in_a_minute", "expiresAt": "2026-01-15T10:31:00.000Z"}
    ],
    "apiKeys": [{"key": "nhk_us_a"}, {"key": "nhk_us_disabled", "disabled": true}],
    "sessionTokens": [{"token": "nhs_a"}],
    "cliTokens": [{"token": "nhc_us_a"}, {"token": "nhc_us_revoked", "revoked": true}],
    "environments": [
      {"id": "env_a", "name": "Production", "slug": "production"},
      {"id": "env_a_staging", "name": "Staging", "slug": "staging"}
    ],
    "eventTypes": [
      {"id": "evt_a", "name": "order.created", "description": "An order was placed", "publishedIn": ["staging"]},
      {"id": "evt_b", "name": "order.paid"}
    ],
    "applications": [
      {"id": "app_a", "name": "Acme Corp", "externalId": "cust_a", "metadata": {"plan": "enterprise"}, "maxEndpoints": 7,
       "showEventTypes": false, "createdAt": "2026-01-02T00:00:00.000Z"},
      {"id": "app_b", "name": "Beta", "createdAt": "2026-01-03T00:00:00.125Z"}
    ],
    "endpoints": [
      {"id": "ep_a", "applicationId": "app_a", "url": "https://acme.test/hooks", "description": "Orders",
       "authUsername": "acme", "authPassword": "pa55-never-shown", "metadata": {"team": "billing"}, "isActive": false, "subscriptions": ["order.created"],
       "secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh", "createdAt": "2026-01-04T00:00:00.000Z"},
      {"id": "ep_b", "applicationId": "app_b", "url": "http://beta.test:8080/", "createdAt": "2026-01-05T00:00:00.000Z",
       "secret": "whsec_YmV0YV93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"},
      {"id": "ep_ws", "environment": "staging", "url": "https://own.test/hooks", "createdAt": "2026-01-06T00:00:00.000Z",
       "secret": "whsec_b3duc193ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"},
      {"id": "ep_slack", "type": "slack", "config": {"webhookUrl": "https://hooks.slack.com/services/T0/B0/X0"},
       "secret": "whsec_c2xhY2tfd2ViaG9va19zaWduaW5nX2tleV8zMmJ5dGVz", "createdAt": "2026-01-07T00:00:00.000Z"}
    ]
  },
  {
    "id": "ws_b", "plan": "pro", "managementTokens": [{"token": "nhm_b"}],
    "environments": [{"id": "env_b", "name": "Production", "slug": "production"}, {"id": "env_b_qa", "name": "QA", "slug": "qa"}],
    "eventTypes": [{"id": "evt_c", "name": "invoice.sent"}],
    "applications": [{"id": "app_c", "name": "Gamma", "externalId": "cust_c"}],
    "endpoints": [{"id": "ep_c", "applicationId": "app_c", "url": "https://gamma.test/hooks", "subscriptions": ["invoice.sent"]}]
  },
  {
    "id": "ws_hobby", "plan": "hobby", "managementTokens": [{"token": "nhm_hobby"}],
    "environments": [{"id": "env_h_staging", "name": "Staging", "slug": "staging"}],
    "eventTypes": [{"id": "evt_h", "name": "order.created"}],
    "applications": [{"id": "app_h", "name": "From better days"}],
    "endpoints": [{"id": "ep_h", "applicationId": "app_h", "url": "https://hobby.test/hooks", "subscriptions": ["order.created"]}]
  }
]}`

// The rows of ws_a as the API gives them. Those of subscriptions lack their id,
// which is generated.
const (
	envA = `{"id": "env_a", "name": "Production", "slug": "production", "isDefault": true,
		"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`
	envStaging = `{"id": "env_a_staging", "name": "Staging", "slug": "staging", "isDefault": false,
		"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`
	evtA = `{"id": "evt_a", "name": "order.created", "description": "An order was placed", "createdAt": "2026-01-15T10:30:00.000Z"}`
	evtB = `{"id": "evt_b", "name": "order.paid", "description": null, "createdAt": "2026-01-15T10:30:00.000Z"}`
	toA  = `{"eventTypeId": "evt_a", "eventTypeName": "order.created", "createdAt": "2026-01-15T10:30:00.000Z"}`
	toB  = `{"eventTypeId": "evt_b", "eventTypeName": "order.paid", "createdAt": "2026-01-15T10:30:00.000Z"}`
	appA = `{"id": "app_a", "externalId": "cust_a", "name": "Acme Corp", "metadata": {"plan": "enterprise"}, "maxEndpoints": 7,
		"showEventTypes": false, "createdAt": "2026-01-02T00:00:00.000Z", "updatedAt": "2026-01-02T00:00:00.000Z"}`
	appB = `{"id": "app_b", "externalId": null, "name": "Beta", "metadata": {}, "maxEndpoints": null,
		"showEventTypes": true, "createdAt": "2026-01-03T00:00:00.125Z", "updatedAt": "2026-01-03T00:00:00.125Z"}`
	epA = `{"id": "ep_a", "url": "https://acme.test/hooks", "description": "Orders", "authUsername": "acme", "hasAuth": true,
		"isActive": false, "type": "webhook", "config": {}, "metadata": {"team": "billing"},
		"createdAt": "2026-01-04T00:00:00.000Z", "updatedAt": "2026-01-04T00:00:00.000Z"}`
	epB = `{"id": "ep_b", "url": "http://beta.test:8080/", "description": null, "authUsername": null, "hasAuth": false,
		"isActive": true, "type": "webhook", "config": {}, "metadata": {},
		"createdAt": "2026-01-05T00:00:00.000Z", "updatedAt": "2026-01-05T00:00:00.000Z"}`
	epWS = `{"id": "ep_ws", "url": "https://own.test/hooks", "description": null, "authUsername": null, "hasAuth": false,
		"isActive": true, "type": "webhook", "config": {}, "metadata": {},
		"createdAt": "2026-01-06T00:00:00.000Z", "updatedAt": "2026-01-06T00:00:00.000Z"}`
	epSlack = `{"id": "ep_slack", "url": "", "description": null, "authUsername": null, "hasAuth": false,
		"isActive": true, "type": "slack", "config": {"webhookUrl": "https://hooks.slack.com/services/T0/B0/X0"}, "metadata": {},
		"createdAt": "2026-01-07T00:00:00.000Z", "updatedAt": "2026-01-07T00:00:00.000Z"}`
)
