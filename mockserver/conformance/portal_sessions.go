package conformance

import (
	"net/http"
	"strings"
	"time"
)

// portalSessions are the links to the Developer Portal that the management API
// hands out.
func portalSessions() []Case {
	issue := func(p *probe, body string) response { return p.post(p.application("")+"/portal", body) }
	refused := func(id, text string, bodies ...string) Case {
		return own("portal-sessions.create."+id, text, func(p *probe) {
			path := p.application("") + "/portal"
			for _, body := range bodies {
				p.post(path, body).invalid()
			}
		})
	}
	return []Case{
		documented("portal-sessions.create.shape", "Creating a portal session answers 201 with url, portalUrl, code and expiresAt.", func(p *probe) {
			res := issue(p, `{"role":"viewer"}`).is(201).hasKeys("url", "portalUrl", "code", "expiresAt").matches("expiresAt", timestamp)
			res.text("code")
			res.matches("url", "^https?://")
		}),
		documented("portal-sessions.create.both-urls", "url and portalUrl are the same link.", func(p *probe) {
			res := issue(p, `{}`).is(201)
			res.has("portalUrl", quoted(res.text("url")))
		}),
		own("portal-sessions.create.code-in-fragment", "The link is /portal/s/{session}#code={code}: the code is behind the #, which no browser sends.", func(p *probe) {
			res := issue(p, `{}`).is(201)
			page, code, _ := strings.Cut(res.text("url"), "#code=")
			res.expect(code == res.text("code") && strings.Contains(page, "/portal/s/") && !strings.Contains(page, code), "a link with the code in its fragment alone")
		}),
		documented("portal-sessions.create.roles", "The role is admin, editor or viewer.", func(p *probe) {
			path := p.application("") + "/portal"
			for _, role := range []string{"admin", "editor", "viewer"} {
				p.post(path, `{"role":"`+role+`"}`).is(201)
			}
		}),
		refused("bad-role", "Another role answers 400.", `{"role":"owner"}`, `{"role":""}`, `{"role":1}`),
		documented("portal-sessions.create.defaults", "Without a role a session is an editor's.", func(p *probe) {
			for _, body := range []string{`{}`, `{"role":null,"expiresInMinutes":null,"metadata":null}`} {
				code := issue(p, body).is(201).text("code")
				p.exchange(code).is(200).has("role", `"editor"`)
			}
		}),
		inferred("portal-sessions.create.lifetime", "A session lasts expiresInMinutes, 60 unless told otherwise.", func(p *probe) {
			app := p.application("")
			short := p.post(app+"/portal", `{"expiresInMinutes":10}`).is(201)
			long := p.post(app+"/portal", `{}`).is(201)
			from, _ := time.Parse(time.RFC3339, short.text("expiresAt"))
			to, _ := time.Parse(time.RFC3339, long.text("expiresAt"))
			apart := to.Sub(from)
			long.expect(apart >= 50*time.Minute && apart < 51*time.Minute, "an expiresAt 50 minutes behind that of a session of 10 minutes, not %v", apart)
		}),
		documented("portal-sessions.create.minutes", "expiresInMinutes is 1 to 60.", func(p *probe) {
			path := p.application("") + "/portal"
			p.post(path, `{"expiresInMinutes":1}`).is(201)
			p.post(path, `{"expiresInMinutes":60}`).is(201)
		}),
		refused("bad-minutes", "Another expiresInMinutes answers 400.",
			`{"expiresInMinutes":0}`, `{"expiresInMinutes":61}`, `{"expiresInMinutes":-1}`, `{"expiresInMinutes":1.5}`, `{"expiresInMinutes":"60"}`),
		documented("portal-sessions.create.metadata", "A session's metadata may have 10 keys.", func(p *probe) {
			issue(p, `{"metadata":`+pairs(10)+`}`).is(201)
		}),
		refused("bad-metadata", "More than 10 metadata keys, and values that are no texts, answer 400.",
			`{"metadata":`+pairs(11)+`}`, `{"metadata":{"key":1}}`, `{"metadata":{"key":{}}}`),
		documented("portal-sessions.create.unknown-application", `A session for an application that does not exist answers 404 "Application not found".`, func(p *probe) {
			p.post("/applications/"+nobody+"/portal", `{}`).missing("Application")
		}),
		own("portal-sessions.create.codes", "Each session has a code of its own.", func(p *probe) {
			path := p.application("") + "/portal"
			first, second := p.post(path, `{}`).is(201), p.post(path, `{}`).is(201)
			second.expect(second.text("code") != first.text("code"), "another code")
		}),
	}
}

// exchanges turn a code into a session's token.
func exchanges() []Case {
	code := func(p *probe) string {
		return p.post(p.application("")+"/portal", `{"role":"admin"}`).is(201).text("code")
	}
	void := func(r response) response { return r.refuses(http.StatusBadRequest, "invalid_code") }
	return []Case{
		own("portal.exchange.shape", "Exchanging a code answers 200 with token, expiresAt, now, role, permissions and application.", func(p *probe) {
			app := p.newApplication(`"maxEndpoints":2`).is(201)
			issued := p.post("/applications/"+app.text("id")+"/portal", `{"role":"viewer"}`).is(201)
			res := p.exchange(issued.text("code")).is(200).hasKeys("token", "expiresAt", "now", "role", "permissions", "application")
			res.has("role", `"viewer"`).has("expiresAt", quoted(issued.text("expiresAt"))).matches("now", timestamp).
				has("application", `{"id":`+quoted(app.text("id"))+`,"name":`+quoted(app.text("name"))+`,"maxEndpoints":2,"endpointCount":0,"showEventTypes":true}`)
		}),
		documented("portal.exchange.once", "A code works once.", func(p *probe) {
			code := code(p)
			p.exchange(code).is(200)
			p.exchange(code).is(400)
		}),
		own("portal.exchange.concurrent", "Of exchanges of one code at the same time one succeeds, and the session that it opens ends.", func(p *probe) {
			code := code(p)
			answers := p.concurrently(4, func(p *probe) response { return p.exchange(code) })
			won := with(answers, 200)
			p.holds(len(won) == 1 && len(with(answers, 400)) == 3, "one 200 and three 400", answers)
			if len(won) == 1 {
				caller{p, "/portal/v1", won[0].text("token")}.get("/session").is(401)
			}
		}),
		own("portal.exchange.replay", "A code that is used again answers 400 invalid_code and ends the session that it opened.", func(p *probe) {
			code := code(p)
			portal := p.exchanged(code)
			void(p.exchange(code))
			portal.get("/session").refuses(401, "unauthorized").says("Invalid token")
		}),
		own("portal.exchange.invalid", "Unknown, malformed and used codes get the same answer, byte for byte.", func(p *probe) {
			used := code(p)
			p.exchange(used).is(200)
			again := void(p.exchange(used))
			void(p.exchange(unique())).same(again)
			void(p.exchange("")).same(again)
		}),
		own("portal.exchange.no-code", "An exchange without a code answers 400 validation_error.", func(p *probe) {
			caller{p: p, prefix: "/portal/v1"}.post("/session/exchange", `{}`).invalid()
		}),
		own("portal.exchange.get", "GET does not exchange.", func(p *probe) {
			caller{p: p, prefix: "/portal/v1"}.get("/session/exchange").refuses(405, "method_not_allowed")
		}),
		own("portal.exchange.no-cookies", "An exchange sets no cookie and is not stored by caches.", func(p *probe) {
			res := p.exchange(code(p)).is(200).hasHeader("Cache-Control", "no-store")
			res.expect(len(res.header.Values("Set-Cookie")) == 0, "no cookie")
		}),
		own("portal.page.keeps-the-code", "Opening the link does not use up the code, however often.", func(p *probe) {
			issued := p.post(p.application("")+"/portal", `{}`).is(201)
			for range 3 {
				p.page(issued).is(200)
			}
			p.exchange(issued.text("code")).is(200)
		}),
		own("portal.page.routes", "Every path below the link answers the same page.", func(p *probe) {
			issued := p.post(p.application("")+"/portal", `{}`).is(201)
			for _, path := range []string{"/endpoints", "/endpoints/new", "/endpoints/x/deliveries", "/deliveries/x", "/events"} {
				res := caller{p: p, prefix: "/portal/s/" + sessionID(issued)}.get(path).is(200)
				res.expect(strings.HasPrefix(res.header.Get("Content-Type"), "text/html"), "a page of HTML")
			}
		}),
		own("portal.page.headers", "The portal's page loads nothing from elsewhere, sends no referrer and is stored by nobody.", func(p *probe) {
			res := p.page(p.post(p.application("")+"/portal", `{}`).is(201)).is(200)
			res.hasHeader("Referrer-Policy", "no-referrer").hasHeader("X-Content-Type-Options", "nosniff").hasHeader("Cache-Control", "no-store")
			policy := res.header.Values("Content-Security-Policy")
			res.expect(len(policy) == 1 && strings.Contains(policy[0], "default-src 'none'") && strings.Contains(policy[0], "frame-ancestors"),
				"one Content-Security-Policy with default-src 'none' and frame-ancestors, not %q", policy)
			res.expect(strings.HasPrefix(res.header.Get("Content-Type"), "text/html"), "a page of HTML")
		}),
		own("portal.page.unknown", "The page of a session that does not exist answers 200 and may be framed by nobody.", func(p *probe) {
			res := caller{p: p, prefix: "/portal/s"}.get("/"+nobody).is(200).hasHeader("X-Frame-Options", "DENY")
			res.expect(strings.Contains(res.header.Get("Content-Security-Policy"), "frame-ancestors 'none'"), "frame-ancestors 'none'")
		}),
	}
}

// page opens the link of a new session as a browser does.
func (p *probe) page(issued response) response {
	return caller{p: p, prefix: "/portal/s"}.get("/" + sessionID(issued))
}

// sessionID is in a session's link.
func sessionID(issued response) string {
	link, _, _ := strings.Cut(issued.text("url"), "#")
	_, id, _ := strings.Cut(link, "/portal/s/")
	issued.expect(id != "", "a link with the id of the session")
	return id
}
