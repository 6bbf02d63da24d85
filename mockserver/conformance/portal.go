package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// guarded is something that a portal session may or may not do.
type guarded struct {
	id, text   string
	scope      string
	provenance Provenance
	do         func(portal caller, endpointID string, spare catalogued) response
}

func guardedOperations() []guarded {
	at := func(endpointID string) string { return "/endpoints/" + endpointID }
	return []guarded{
		{"list-endpoints", "list endpoints", "endpoints:read", Documented, func(c caller, _ string, _ catalogued) response { return c.get("/endpoints") }},
		{"read-endpoint", "read an endpoint", "endpoints:read", Documented, func(c caller, e string, _ catalogued) response { return c.get(at(e)) }},
		{"create-endpoint", "create an endpoint", "endpoints:write", Documented, func(c caller, _ string, _ catalogued) response {
			return c.post("/endpoints", `{"url":"`+nowhere+`"}`)
		}},
		{"update-endpoint", "update an endpoint", "endpoints:write", Documented, func(c caller, e string, _ catalogued) response {
			return c.patch(at(e), `{"description":"Changed"}`)
		}},
		{"delete-endpoint", "delete an endpoint", "endpoints:delete", Documented, func(c caller, e string, _ catalogued) response { return c.delete(at(e)) }},
		{"reveal-secret", "reveal a signing secret", "endpoints:write", Own, func(c caller, e string, _ catalogued) response {
			return c.post(at(e)+"/secret/reveal", "")
		}},
		{"test-endpoint", "send a test", "endpoints:write", Own, func(c caller, e string, _ catalogued) response { return c.post(at(e)+"/test", "") }},
		{"list-subscriptions", "list subscriptions", "subscriptions:read", Documented, func(c caller, e string, _ catalogued) response {
			return c.get(at(e) + "/subscriptions")
		}},
		{"subscribe", "subscribe", "subscriptions:write", Documented, func(c caller, e string, t catalogued) response {
			return c.post(at(e)+"/subscriptions", `{"eventTypeIds":["`+t.id+`"]}`)
		}},
		{"unsubscribe", "unsubscribe", "subscriptions:write", Documented, func(c caller, e string, t catalogued) response {
			c.p.subscribe(e, t.id)
			return c.delete(at(e) + "/subscriptions/" + t.id)
		}},
		{"list-event-types", "list event types", "event_types:read", Documented, func(c caller, _ string, _ catalogued) response { return c.get("/event-types") }},
		{"list-deliveries", "list deliveries", "deliveries:read", Documented, func(c caller, e string, _ catalogued) response {
			return c.get(at(e) + "/deliveries")
		}},
	}
}

// permissions are what each role may do, the weakest role first.
func permissions(role string) []string {
	scopes := []string{"endpoints:read", "subscriptions:read", "event_types:read", "deliveries:read"}
	if role != "viewer" {
		scopes = append(scopes, "endpoints:write", "subscriptions:write")
	}
	if role == "admin" {
		scopes = append(scopes, "endpoints:delete")
	}
	return scopes
}

func portalRoles() []Case {
	cases := []Case{
		own("portal.roles.message", "What the role does not allow answers 403 forbidden and names the permission.", func(p *probe) {
			p.session(p.application(""), "viewer").post("/endpoints", `{"url":"`+nowhere+`"}`).refuses(403, "forbidden").
				says("Missing permission: endpoints:write")
		}),
		own("portal.roles.before-body", "A missing permission is reported before a bad body and before an id that nobody has.", func(p *probe) {
			portal := p.session(p.application(""), "viewer")
			portal.post("/endpoints", `{`).refuses(403, "forbidden")
			portal.delete("/endpoints/"+nobody).refuses(403, "forbidden")
		}),
	}
	for _, role := range []string{"viewer", "editor", "admin"} {
		cases = append(cases, documented("portal.roles."+role+".permissions", "A session tells what "+article(role)+" may do.", func(p *probe) {
			res := p.session(p.application(""), role).get("/session").is(200).has("role", quoted(role))
			rows, _ := res.at("permissions").([]any)
			got := make([]string, len(rows))
			for i, row := range rows {
				got[i] = fmt.Sprint(row)
			}
			want := permissions(role)
			slices.Sort(got)
			slices.Sort(want)
			res.expect(slices.Equal(got, want), "the permissions %s", strings.Join(want, ", "))
		}))
		for _, operation := range guardedOperations() {
			cases = append(cases, roleCase(role, operation))
		}
	}
	return cases
}

func article(role string) string {
	if role == "viewer" {
		return "a viewer"
	}
	return "an " + role
}

func roleCase(role string, g guarded) Case {
	allowed := slices.Contains(permissions(role), g.scope)
	verb := "may"
	if !allowed {
		verb = "must not"
	}
	who := article(role)
	text := fmt.Sprintf("%s %s %s.", strings.ToUpper(who[:1])+who[1:], verb, g.text)
	return rule(g.provenance, "portal.roles."+role+"."+g.id, text, func(p *probe) {
		app := p.application("")
		endpoint := p.post(app+"/endpoints", `{"url":"`+nowhere+`"}`).created()
		res := g.do(p.session(app, role), endpoint, p.eventType())
		if allowed {
			res.expect(res.status >= 200 && res.status < 300, "a success")
			return
		}
		res.refuses(403, "forbidden")
		p.get("/endpoints/" + endpoint).is(200)
	})
}

func portalEndpoints() []Case {
	keys := func() []string { return append(endpointKeys(), "subscriptionCount", "last24Hours") }
	return []Case{
		own("portal.session.get", "GET /session answers what the exchange did, without the token.", func(p *probe) {
			app := p.application("")
			portal := p.session(app, "editor")
			portal.get("/session").is(200).hasKeys("expiresAt", "now", "role", "permissions", "application").has("application.id", quoted(id(app)))
		}),
		own("portal.session.end", "DELETE /session answers 204 and ends the session at once.", func(p *probe) {
			portal := p.session(p.application(""), "viewer")
			portal.delete("/session").deleted()
			portal.get("/session").refuses(401, "unauthorized").says("Invalid token")
		}),
		own("portal.session.elsewhere", "A portal token opens neither the management API nor ingestion.", func(p *probe) {
			token := p.session(p.application(""), "admin").token
			p.as(token).get("/endpoints").refuses(401, "unauthorized")
			p.ingestion().as(token).post("/"+nobody, `{"payload":{}}`).refuses(401, "unauthorized")
		}),
		own("portal.session.live-limits", "A session shows the application's limit and count as they are now.", func(p *probe) {
			app := p.application(`"maxEndpoints":1`)
			portal := p.session(app, "editor")
			p.post(app+"/endpoints", `{"url":"`+nowhere+`"}`).is(201)
			p.patch(app, `{"maxEndpoints":5,"showEventTypes":false}`).is(200)
			portal.get("/session").is(200).has("application.maxEndpoints", "5").has("application.endpointCount", "1").
				has("application.showEventTypes", "false")
		}),
		own("portal.endpoints.create", "An endpoint created in the portal shows its secret once, and belongs to the application.", func(p *probe) {
			app := p.application("")
			portal := p.session(app, "editor")
			created := portal.post("/endpoints", `{"url":"`+nowhere+`","description":"Orders"}`).is(201).hasKeys(append(keys(), "secret")...)
			portal.get("/endpoints/"+created.text("id")).is(200).hasKeys(keys()...).has("description", `"Orders"`)
			p.get(app+"/endpoints").is(200).row("id", created.text("id"))
		}),
		own("portal.endpoints.list", "The portal lists the application's endpoints, without secrets, and no others.", func(p *probe) {
			app, other := p.application(""), p.newEndpoint("").created()
			mine := p.post(app+"/endpoints", `{"url":"`+nowhere+`"}`).created()
			p.session(app, "viewer").get("/endpoints").is(200).no("id", other).row("id", mine).hasKeys(keys()...).
				has("last24Hours", `{"delivered":0,"failed":0}`).has("subscriptionCount", "0")
		}),
		own("portal.endpoints.others", "An endpoint of another application answers as if it did not exist.", func(p *probe) {
			portal := p.session(p.application(""), "admin")
			other := "/endpoints/" + p.post(p.application("")+"/endpoints", `{"url":"`+nowhere+`"}`).created()
			portal.get(other).missing("Endpoint").same(portal.get("/endpoints/" + nobody))
			portal.patch(other, `{"isActive":false}`).missing("Endpoint")
			portal.delete(other).missing("Endpoint")
			portal.post(other+"/secret/reveal", "").missing("Endpoint")
			portal.post(other+"/test", "").missing("Endpoint")
			portal.get(other + "/deliveries").missing("Endpoint")
			p.get(other).is(200).has("isActive", "true")
		}),
		own("portal.endpoints.session-metadata", "The session's metadata becomes the endpoint's, also with more than 5 keys.", func(p *probe) {
			code := p.post(p.application("")+"/portal", `{"metadata":`+pairs(6)+`}`).is(201).text("code")
			p.exchanged(code).post("/endpoints", `{"url":"`+nowhere+`","metadata":{"mine":"1"}}`).is(201).has("metadata", pairs(6))
		}),
		own("portal.endpoints.no-mass-assignment", "A customer decides nothing but url, description and events.", func(p *probe) {
			app := p.application("")
			portal := p.session(app, "editor")
			created := portal.post("/endpoints", `{"url":"`+nowhere+`","id":"ep_mine","secret":"whsec_bWluZQ==","applicationId":"x","type":"slack"}`).is(201)
			created.expect(created.text("id") != "ep_mine", "an id of the server's").has("type", `"webhook"`)
			portal.patch("/endpoints/"+created.text("id"), `{"metadata":{"a":"1"},"type":"slack"}`).is(200).has("metadata", "{}").has("type", `"webhook"`)
		}),
		documented("portal.endpoints.limit", "maxEndpoints holds in the portal too.", func(p *probe) {
			portal := p.session(p.application(`"maxEndpoints":1`), "editor")
			portal.post("/endpoints", `{"url":"`+nowhere+`"}`).is(201)
			portal.post("/endpoints", `{"url":"`+nowhere+`"}`).refuses(403, "application_endpoint_limit_reached")
		}),
		own("portal.endpoints.update", "A customer can change url, description and isActive.", func(p *probe) {
			app := p.application("")
			path := "/endpoints/" + p.post(app+"/endpoints", `{"url":"`+nowhere+`"}`).created()
			p.session(app, "editor").patch(path, `{"url":"https://other.invalid/","description":"New","isActive":false}`).is(200).
				has("url", `"https://other.invalid/"`).has("description", `"New"`).has("isActive", "false")
		}),
		own("portal.endpoints.reveal", "Revealing gives the secret, and writes an audit row.", func(p *probe) {
			app := p.application("")
			created := p.post(app+"/endpoints", `{"url":"`+nowhere+`"}`).is(201)
			path := "/endpoints/" + created.text("id") + "/secret/reveal"
			portal := p.session(app, "editor")
			portal.post(path, "").is(200).hasKeys("secret").has("secret", quoted(created.text("secret")))
			portal.get(path).refuses(405, "method_not_allowed")
			p.entry("endpoint.secret_revealed", created.text("id")).has("actorType", `"portal_session"`)
		}),
		own("portal.cross-site", "What a page of another site makes a browser send is refused with 403, before the token is looked at.", func(p *probe) {
			app := p.application("")
			portal := p.session(app, "admin")
			for _, from := range []edit{header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Site", "same-site"), header("Origin", "https://evil.invalid")} {
				portal.post("/endpoints", `{"url":"`+nowhere+`"}`, from).refuses(403, "forbidden")
				portal.as("nhp_"+unique()).delete("/session", from).refuses(403, "forbidden")
			}
			portal.get("/session", header("Sec-Fetch-Site", "cross-site")).is(200)
		}),
		own("portal.no-cors", "No page of another origin may read an answer.", func(p *probe) {
			res := p.session(p.application(""), "viewer").get("/endpoints", header("Origin", "https://evil.invalid")).is(200)
			for name := range res.header {
				res.expect(!strings.HasPrefix(name, "Access-Control-"), "no header %s", name)
			}
		}),
	}
}
