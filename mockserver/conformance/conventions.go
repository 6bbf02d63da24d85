package conformance

import (
	"net/http"
	"strings"
)

// conventions hold for every family of routes.
func conventions() []Case {
	return []Case{
		documented("conventions.create", "Creating something answers 201 with the bare object.", func(p *probe) {
			p.newEndpoint("").is(201).hasKeys(append(endpointKeys(), "secret")...)
		}),
		documented("conventions.read", "Reading something answers 200 with the bare object.", func(p *probe) {
			p.get(p.application("")).is(200).hasKeys(applicationKeys()...)
		}),
		documented("conventions.delete", "Deleting something answers 204 without a body.", func(p *probe) {
			p.delete(p.application("")).deleted()
		}),
		documented("conventions.deleted", "What was deleted answers 404 from then on.", func(p *probe) {
			path := p.endpoint("")
			p.delete(path).deleted()
			p.get(path).refuses(404, "not_found")
			p.patch(path, `{}`).refuses(404, "not_found")
			p.delete(path).refuses(404, "not_found")
		}),
		documented("conventions.lists", "A list is a bare JSON array.", func(p *probe) {
			for _, path := range []string{"/applications", "/endpoints", "/event-types", "/environments"} {
				p.get(path).is(200).rows()
			}
		}),
		own("conventions.empty-lists", "An empty list is [], never null.", func(p *probe) {
			app, endpoint := p.application(""), p.endpoint("")
			p.get(app+"/endpoints").is(200).has("", "[]")
			p.get(endpoint+"/subscriptions").is(200).has("", "[]")
		}),
		documented("conventions.timestamps", "Timestamps are ISO 8601 in UTC with milliseconds and Z.", func(p *probe) {
			app := p.newApplication("").is(201)
			app.matches("createdAt", timestamp).matches("updatedAt", timestamp)
		}),
		documented("conventions.error-envelope", "An error is an object with code and message under the key error.", func(p *probe) {
			p.get("/applications/"+nobody).is(404).hasKeys("error").part("error").hasKeys("code", "message")
		}),
		own("conventions.error-content-type", "An error is application/json; charset=utf-8.", func(p *probe) {
			p.get("/applications/"+nobody).is(404).hasHeader("Content-Type", "application/json; charset=utf-8")
		}),
		own("conventions.unknown-route", `An unknown route answers 404 not_found "Route not found".`, func(p *probe) {
			p.get("/" + nobody).missing("Route")
			caller{p: p}.get("/" + nobody).missing("Route")
		}),
		own("conventions.wrong-method", "A method that a route does not have answers 405 method_not_allowed, with Allow.", func(p *probe) {
			res := p.put("/applications", `{}`).refuses(405, "method_not_allowed").says("Method not allowed")
			allow := res.header.Get("Allow")
			res.expect(strings.Contains(allow, "GET") && strings.Contains(allow, "POST"), "GET and POST in Allow, not %q", allow)
		}),
		own("conventions.options", "OPTIONS and TRACE answer 405.", func(p *probe) {
			p.do(http.MethodOptions, "/applications", "").refuses(405, "method_not_allowed")
			p.do(http.MethodTrace, "/applications", "").refuses(405, "method_not_allowed")
		}),
		own("conventions.head", "HEAD answers like GET, without the body.", func(p *probe) {
			path := p.application("")
			res := p.do(http.MethodHead, path, "").is(200)
			res.expect(len(res.body) == 0, "no body")
			p.do(http.MethodHead, "/applications/"+nobody, "").is(404)
		}),
		own("conventions.empty-segments", "A path with an empty segment is an unknown route and never redirected.", func(p *probe) {
			p.get("//applications").missing("Route")
			p.get("/applications/").missing("Route")
		}),
		own("conventions.dot-segments", "A path with a segment . or .., escaped or not, is an unknown route and never redirected.", func(p *probe) {
			app := p.application("")
			p.delete("/applications/x/.." + strings.TrimPrefix(app, "/applications")).missing("Route")
			p.delete("/applications/%2e%2e" + app).missing("Route")
			p.get(app).is(200)
		}),
		documented("conventions.escapes", "Escapes in a path are decoded segment by segment.", func(p *probe) {
			id := p.newApplication("").created()
			p.get("/applications/"+strings.Replace(id, "_", "%5F", 1)).is(200).has("id", quoted(id))
			p.get("/applications/x%2Fendpoints").missing("Application")
		}),
		documented("conventions.opaque-ids", "An id is opaque: whatever it looks like, one that nobody has answers 404.", func(p *probe) {
			for _, id := range []string{"x", "APP", "app_", "a+b", "a%20b", "%F0%9F%90%88", strings.Repeat("x", 300)} {
				p.get("/applications/" + id).missing("Application")
			}
		}),
		documented("conventions.upgrade", "A request in cleartext that offers an upgrade to h2c is answered in HTTP/1.1.", func(p *probe) {
			if !strings.HasPrefix(p.target.BaseURL, "http://") {
				p.lacks("listener without TLS")
			}
			p.get("/environments", header("Connection", "Upgrade, HTTP2-Settings"), header("Upgrade", "h2c"), header("Http2-Settings", "AAMAAABkAAQAAP__")).is(200).rows()
		}),
		own("conventions.request-ids", "Every answer of a route that takes a token has an X-Request-Id of its own.", func(p *probe) {
			first, second := p.get("/environments").is(200), p.get("/environments").is(200)
			id := first.header.Get("X-Request-Id")
			first.expect(id != "", "an X-Request-Id")
			second.expect(second.header.Get("X-Request-Id") != id, "another X-Request-Id than %q", id)
		}),
		own("conventions.not-cached", "Answers must not be stored by caches.", func(p *probe) {
			p.get("/endpoints").is(200).hasHeader("Cache-Control", "no-store")
		}),
		documented("conventions.camel-case", "Names are in camel case.", func(p *probe) {
			app := p.newApplication("").is(201)
			members, _ := app.value.(map[string]any)
			for name := range members {
				app.expect(!strings.ContainsAny(name, "_-"), "no key like %s", name)
			}
		}),
	}
}
