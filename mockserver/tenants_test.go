package mockserver_test

// tenants are the workspaces of the contract tests: two that must not see each
// other and one whose plan lacks the Developer Portal.
const tenants = `{"workspaces": [
  {
    "id": "ws_a", "plan": "pro",
    "managementTokens": [
      {"id": "tok_a", "token": "nhm_a"},
      {"token": "nhm_disabled", "disabled": true},
      {"token": "nhm_expired", "expiresAt": "2026-01-15T10:29:59.999Z"},
      {"token": "nhm_expired_disabled", "expiresAt": "2026-01-15T10:29:59.999Z", "disabled": true},
      {"token": "nhm_revoked", "revoked": true},
      {"token": "nhm_ends_in_a_minute", "expiresAt": "2026-01-15T10:31:00.000Z"}
    ],
    "apiKeys": [{"key": "nhk_us_a"}, {"key": "nhk_us_disabled", "disabled": true}, {"key": "nhk_us_staging", "environment": "staging"}],
    "sessionTokens": [
      {"id": "user_a", "token": "nhs_a"},
      {"token": "nhs_disabled", "disabled": true},
      {"token": "nhs_expired", "expiresAt": "2026-01-15T10:29:59.999Z"},
      {"token": "nhs_revoked", "revoked": true}
    ],
    "cliTokens": [
      {"id": "clitok_a", "token": "nhc_us_a"},
      {"token": "nhc_us_disabled", "disabled": true},
      {"token": "nhc_us_expired", "expiresAt": "2026-01-15T10:29:59.999Z"},
      {"token": "nhc_us_revoked", "revoked": true}
    ],
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
       "secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh", "deliver": "accept", "createdAt": "2026-01-04T00:00:00.000Z"},
      {"id": "ep_b", "applicationId": "app_b", "url": "http://beta.test:8080/", "createdAt": "2026-01-05T00:00:00.000Z",
       "secret": "whsec_YmV0YV93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh", "deliver": "accept"},
      {"id": "ep_ws", "environment": "staging", "url": "https://own.test/hooks", "createdAt": "2026-01-06T00:00:00.000Z",
       "secret": "whsec_b3duc193ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh", "deliver": "accept"},
      {"id": "ep_slack", "type": "slack", "config": {"webhookUrl": "https://hooks.slack.com/services/T0/B0/X0"},
       "secret": "whsec_c2xhY2tfd2ViaG9va19zaWduaW5nX2tleV8zMmJ5dGVz", "deliver": "accept", "createdAt": "2026-01-07T00:00:00.000Z"}
    ],
    "deliveries": [
      {"id": "del_a", "endpointId": "ep_b", "status": "failed", "idempotencyKey": "key_a", "payload": {"order": "ord_1"}, "createdAt": "2026-01-10T00:00:00.000Z",
       "attempts": [{"status": "failed", "responseStatusCode": 410, "responseTimeMs": 88, "createdAt": "2026-01-10T00:00:00.250Z"}]}
    ]
  },
  {
    "id": "ws_b", "plan": "pro", "managementTokens": [{"token": "nhm_b"}], "apiKeys": [{"key": "nhk_us_b"}],
    "sessionTokens": [{"token": "nhs_b"}], "cliTokens": [{"id": "clitok_b", "token": "nhc_us_b"}],
    "environments": [{"id": "env_b", "name": "Production", "slug": "production"}, {"id": "env_b_qa", "name": "QA", "slug": "qa"}],
    "eventTypes": [{"id": "evt_c", "name": "invoice.sent"}],
    "applications": [{"id": "app_c", "name": "Gamma", "externalId": "cust_c"}],
    "endpoints": [{"id": "ep_c", "applicationId": "app_c", "url": "https://gamma.test/hooks", "subscriptions": ["invoice.sent"], "deliver": "accept"}],
    "deliveries": [{"id": "del_c", "endpointId": "ep_c", "status": "failed", "payload": {"invoice": "inv_1"}}]
  },
  {
    "id": "ws_hobby", "plan": "hobby", "managementTokens": [{"token": "nhm_hobby"}], "apiKeys": [{"key": "nhk_us_hobby"}],
    "sessionTokens": [{"token": "nhs_hobby"}],
    "environments": [{"id": "env_h_staging", "name": "Staging", "slug": "staging"}],
    "eventTypes": [{"id": "evt_h", "name": "order.created"}],
    "applications": [{"id": "app_h", "name": "From better days"}],
    "endpoints": [{"id": "ep_h", "applicationId": "app_h", "url": "https://hobby.test/hooks", "subscriptions": ["order.created"], "deliver": "accept"}],
    "deliveries": [{"id": "del_h", "endpointId": "ep_h", "status": "failed", "payload": {"order": "ord_1"}}]
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
	delA = `{"id": "del_a", "idempotencyKey": "key_a", "endpointId": "ep_b", "status": "failed", "totalAttempts": 1,
		"firstAttemptAt": "2026-01-10T00:00:00.250Z", "deliveredAt": null, "nextRetryAt": null, "hasPayload": true,
		"createdAt": "2026-01-10T00:00:00.000Z", "updatedAt": "2026-01-10T00:00:00.250Z"}`
)
