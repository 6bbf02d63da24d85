package conformance

func authentication() []Case {
	return []Case{
		documented("auth.missing", "A request without a token answers 401 unauthorized.", func(p *probe) {
			p.as("").get("/applications").refuses(401, "unauthorized").says("Missing or invalid authorization header")
			p.ingestion().as("").post("/"+nobody, `{"payload":{}}`).refuses(401, "unauthorized").says("Missing or invalid authorization header")
		}),
		documented("auth.malformed", "An Authorization header that holds no bearer token answers 401 unauthorized.", func(p *probe) {
			for _, value := range []string{"Bearer", "Bearer ", "Basic bmhtOng=", p.target.ManagementToken} {
				p.get("/applications", header("Authorization", value)).refuses(401, "unauthorized").says("Missing or invalid authorization header")
			}
		}),
		inferred("auth.unknown", `A token that nobody has answers 401 unauthorized "Invalid token".`, func(p *probe) {
			p.as("nhm_"+unique()).get("/applications").refuses(401, "unauthorized").says("Invalid token")
			p.ingestion().as("nhk_us_"+unique()).post("/"+nobody, `{"payload":{}}`).refuses(401, "unauthorized").says("Invalid token")
		}),
		inferred("auth.api-key-on-management", "An API key does not open the management API.", func(p *probe) {
			p.as(p.target.APIKey).get("/applications").refuses(401, "unauthorized").says("Invalid token")
		}),
		inferred("auth.management-token-on-ingestion", "A management token does not open ingestion.", func(p *probe) {
			p.ingestion().as(p.target.ManagementToken).post("/"+nobody, `{"payload":{}}`).refuses(401, "unauthorized").says("Invalid token")
		}),
		inferred("auth.session-token-on-management", "A dashboard session does not open the management API.", func(p *probe) {
			p.needs("dashboard session token", p.target.SessionToken)
			p.as(p.target.SessionToken).get("/applications").refuses(401, "unauthorized").says("Invalid token")
		}),
		inferred("auth.management-token-on-dashboard", "A management token does not open the dashboard API.", func(p *probe) {
			p.dashboard().as(p.target.ManagementToken).get("/applications").refuses(401, "unauthorized").says("Invalid token")
		}),
		inferred("auth.management-token-on-portal", "A management token does not open the portal.", func(p *probe) {
			caller{p, "/portal/v1", p.target.ManagementToken}.get("/session").refuses(401, "unauthorized").says("Invalid token")
		}),
		own("auth.scheme-case", "The scheme Bearer may be in any case.", func(p *probe) {
			p.get("/environments", header("Authorization", "bearer "+p.target.ManagementToken)).is(200)
		}),
		own("auth.two-headers", "Two Authorization headers are refused.", func(p *probe) {
			value := "Bearer " + p.target.ManagementToken
			p.get("/environments", header("Authorization", value, value)).refuses(401, "unauthorized")
		}),
		own("auth.query", "A token in the query opens nothing.", func(p *probe) {
			p.as("").get("/environments?token="+unique()).refuses(401, "unauthorized")
		}),
		documented("auth.disabled-api-key", `A disabled API key answers 403 token_disabled "API key is disabled".`, func(p *probe) {
			p.needs("disabled API key", p.target.DisabledAPIKey)
			p.ingestion().as(p.target.DisabledAPIKey).post("/"+nobody, `{"payload":{}}`).refuses(403, "token_disabled").says("API key is disabled")
		}),
		documented("auth.disabled-management-token", `A disabled management token answers 403 token_disabled "Management token is disabled".`, func(p *probe) {
			p.needs("disabled management token", p.target.DisabledManagementToken)
			p.as(p.target.DisabledManagementToken).get("/applications").refuses(403, "token_disabled").says("Management token is disabled")
		}),
		own("auth.expired-management-token", "An expired management token answers 401 token_expired.", func(p *probe) {
			p.needs("expired management token", p.target.ExpiredManagementToken)
			p.as(p.target.ExpiredManagementToken).get("/applications").refuses(401, "token_expired")
		}),
		own("auth.expired-session-token", "An expired dashboard session answers 401 token_expired.", func(p *probe) {
			p.needs("expired session token", p.target.ExpiredSessionToken)
			p.dashboard().as(p.target.ExpiredSessionToken).get("/applications").refuses(401, "token_expired")
		}),
		documented("auth.revoked-cli-token", "A revoked CLI token answers 401 token_revoked.", func(p *probe) {
			p.needs("revoked CLI token", p.target.RevokedCLIToken)
			p.dashboard().as(p.target.RevokedCLIToken).get("/applications").refuses(401, "token_revoked")
		}),
		own("auth.order-route-first", "A route that does not exist is reported before a missing token.", func(p *probe) {
			p.as("").get("/" + nobody).missing("Route")
			p.as("").put("/applications", `{}`).refuses(405, "method_not_allowed")
		}),
		own("auth.order-token-before-workspace", "A bad token is reported before a workspace that does not exist.", func(p *probe) {
			nowhere := p.management(Tenant{nobody, "nhm_" + unique(), "", ""})
			nowhere.get("/applications").refuses(401, "unauthorized")
		}),
		own("auth.order-token-before-body", "A bad token is reported before a bad body.", func(p *probe) {
			p.as("").post("/applications", `{`).refuses(401, "unauthorized")
		}),
	}
}

// tenancy are the walls between workspaces: what is another's looks like what
// does not exist.
func tenancy() []Case {
	other := func(p *probe) caller {
		p.needs("second workspace", p.target.Other.WorkspaceID, p.target.Other.ManagementToken)
		return p.management(p.target.Other)
	}
	return []Case{
		inferred("tenancy.unknown-workspace", `A workspace that does not exist answers 404 not_found "Workspace not found".`, func(p *probe) {
			p.management(Tenant{nobody, p.target.ManagementToken, "", ""}).get("/applications").missing("Workspace")
		}),
		inferred("tenancy.workspaces", "Another workspace answers as if it did not exist.", func(p *probe) {
			unknown := p.management(Tenant{nobody, p.target.ManagementToken, "", ""}).get("/applications")
			other(p).as(p.target.ManagementToken).get("/applications").missing("Workspace").same(unknown)
		}),
		inferred("tenancy.applications", "An application of another workspace answers as if it did not exist.", func(p *probe) {
			path := p.application("")
			unknown := other(p).get("/applications/" + nobody)
			other(p).get(path).missing("Application").same(unknown)
			other(p).patch(path, `{"name":"Taken over"}`).missing("Application")
			other(p).delete(path).missing("Application")
			other(p).get(path + "/endpoints").missing("Application")
			other(p).post(path+"/endpoints", `{"url":"`+nowhere+`"}`).missing("Application")
			p.get(path).is(200)
		}),
		inferred("tenancy.endpoints", "An endpoint of another workspace answers as if it did not exist.", func(p *probe) {
			path := p.endpoint("")
			unknown := other(p).get("/endpoints/" + nobody)
			other(p).get(path).missing("Endpoint").same(unknown)
			other(p).patch(path, `{"isActive":false}`).missing("Endpoint")
			other(p).delete(path).missing("Endpoint")
			other(p).get(path + "/subscriptions").missing("Endpoint")
			other(p).get(path + "/deliveries").missing("Endpoint")
			p.get(path).is(200).has("isActive", "true")
		}),
		inferred("tenancy.event-types", "An event type of another workspace answers as if it did not exist.", func(p *probe) {
			path := "/event-types/" + p.eventType().id
			unknown := other(p).get("/event-types/" + nobody)
			other(p).get(path).missing("Event type").same(unknown)
			other(p).delete(path).missing("Event type")
			p.get(path).is(200)
		}),
		inferred("tenancy.environments", "An environment of another workspace answers as if it did not exist.", func(p *probe) {
			path := "/environments/" + p.defaultEnvironment().text("id")
			unknown := other(p).get("/environments/" + nobody)
			other(p).get(path).missing("Environment").same(unknown)
			other(p).get(path + "/event-types").missing("Environment")
		}),
		inferred("tenancy.deliveries", "A delivery of another workspace answers as if it did not exist.", func(p *probe) {
			path := "/deliveries/" + escaped(p.sent(p.sink()))
			unknown := other(p).get("/deliveries/" + nobody)
			other(p).get(path).missing("Delivery").same(unknown)
			other(p).get(path + "/attempts").missing("Delivery")
			p.get(path).is(200)
		}),
		inferred("tenancy.sending", "An API key does not send to an endpoint of another workspace.", func(p *probe) {
			p.needs("second workspace with an API key", p.target.Other.APIKey)
			p.ingestion().as(p.target.Other.APIKey).post("/"+p.sink(), `{"payload":{}}`).missing("Endpoint")
		}),
		inferred("tenancy.subscriptions", "An endpoint cannot subscribe to an event type of another workspace.", func(p *probe) {
			endpoint := other(p).post("/endpoints", `{"url":"`+nowhere+`"}`).created()
			other(p).post("/endpoints/"+endpoint+"/subscriptions", `{"eventTypeIds":["`+p.eventType().id+`"]}`).missing("Event type")
		}),
		inferred("tenancy.external-ids", "An externalId that is taken in one workspace is free in another.", func(p *probe) {
			members := `"externalId":"` + unique() + `"`
			p.newApplication(members).is(201)
			other(p).post("/applications", object(`"name":"Elsewhere"`, members)).is(201)
		}),
	}
}
