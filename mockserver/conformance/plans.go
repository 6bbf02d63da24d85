package conformance

import (
	"fmt"
	"strconv"
)

// plans are what a workspace's plan allows.
func plans() []Case {
	hobby := func(p *probe) caller {
		p.needs("workspace on the Hobby plan", p.target.Hobby.WorkspaceID, p.target.Hobby.ManagementToken)
		return p.management(p.target.Hobby)
	}
	refused := func(r response) {
		r.refuses(403, "feature_disabled").says("Developer Portal is not available on your plan")
	}
	return []Case{
		inferred("plans.applications", "Applications need a plan with the Developer Portal: without it their routes answer 403 feature_disabled.", func(p *probe) {
			refused(hobby(p).get("/applications"))
			refused(hobby(p).post("/applications", `{"name":"Acme"}`))
			refused(hobby(p).get("/applications/" + nobody))
			refused(hobby(p).patch("/applications/"+nobody, `{"name":"Acme"}`))
			refused(hobby(p).delete("/applications/" + nobody))
			refused(hobby(p).get("/applications/" + nobody + "/endpoints"))
			refused(hobby(p).post("/applications/"+nobody+"/endpoints", `{"url":"`+nowhere+`"}`))
		}),
		inferred("plans.portal-sessions", "Portal sessions need a plan with the Developer Portal.", func(p *probe) {
			refused(hobby(p).post("/applications/"+nobody+"/portal", `{}`))
		}),
		inferred("plans.endpoints", "Endpoints need no plan with the Developer Portal.", func(p *probe) {
			hobby(p).post("/endpoints", `{"url":"`+nowhere+`"}`).is(201)
			hobby(p).get("/event-types").is(200)
		}),
		documented("plans.payloads", "A plan without payload storage shows no payload, and says so in the payload's status.", func(p *probe) {
			p.needs("API key on the Hobby plan", p.target.Hobby.APIKey)
			endpoint := hobby(p).post("/endpoints", `{"url":"`+nowhere+`"}`).created()
			id := p.ingestion().as(p.target.Hobby.APIKey).post("/"+endpoint, `{"payload":{}}`).is(202).text("deliveryId")
			hobby(p).get("/deliveries/"+escaped(id)+"?include=payload").is(200).
				has("hasPayload", "false").has("payload", `{"status":"forbidden"}`)
		}),
		own("plans.order-plan-before-body", "A plan that lacks a feature is reported before a bad body.", func(p *probe) {
			refused(hobby(p).post("/applications", `{`))
		}),
		own("plans.order-workspace-before-plan", "Another workspace is reported before a plan that lacks a feature.", func(p *probe) {
			elsewhere := hobby(p)
			elsewhere.prefix = "/management/v1/workspaces/" + nobody
			elsewhere.get("/applications").missing("Workspace")
		}),
		own("plans.endpoint-limit", "A plan's limit on endpoints answers 403 endpoint_limit_reached, and a deleted endpoint makes room.", func(p *probe) {
			p.needs("workspace with a limit on endpoints", p.target.Capped.WorkspaceID, p.target.Capped.ManagementToken)
			capped := p.management(p.target.Capped)
			var last string
			res := capped.post("/endpoints", `{"url":"`+nowhere+`"}`)
			for n := 0; n < 10 && res.status == 201; n++ {
				last = res.text("id")
				res = capped.post("/endpoints", `{"url":"`+nowhere+`"}`)
			}
			res.refuses(403, "endpoint_limit_reached").says("Workspace endpoint limit reached")
			if last != "" {
				full := capped.get("/endpoints").is(200).count("")
				capped.delete("/endpoints/" + last).deleted()
				p.inTheGap(capped, full)
			}
		}),
		own("plans.both-limits", "Where an application's limit and the plan's are both reached, the application's is reported.", func(p *probe) {
			p.needs("workspace with a limit on endpoints", p.target.Capped.WorkspaceID, p.target.Capped.ManagementToken)
			capped := p.management(p.target.Capped)
			app := "/applications/" + capped.post("/applications", `{"name":"Acme"}`).created()
			made := 0
			for made < 10 && capped.post(app+"/endpoints", `{"url":"`+nowhere+`"}`).status == 201 {
				made++
			}
			capped.patch(app, fmt.Sprintf(`{"maxEndpoints":%d}`, made)).is(200)
			capped.post(app+"/endpoints", `{"url":"`+nowhere+`"}`).refuses(403, "application_endpoint_limit_reached")
		}),
	}
}

// inTheGap creates an endpoint in a workspace that was full before one was
// deleted. Somebody else may be quicker, and give it back.
func (p *probe) inTheGap(capped caller, full int) {
	res := capped.post("/endpoints", `{"url":"`+nowhere+`"}`)
	for n := 0; n < 10 && res.status == 403; n++ {
		res = capped.post("/endpoints", `{"url":"`+nowhere+`"}`)
	}
	if res.status == 403 && capped.get("/endpoints").count("") >= full {
		p.lacks("capped workspace to itself")
	}
	res.is(201)
}

// rateLimits need a workspace that has a low one.
func rateLimits() []Case {
	refused := func(p *probe) response {
		p.needs("workspace with a rate limit", p.target.Throttled.WorkspaceID, p.target.Throttled.ManagementToken)
		p.exceeds = true
		res := p.management(p.target.Throttled).get("/environments")
		for n := 0; n < 100 && res.status == 200; n++ {
			res = p.management(p.target.Throttled).get("/environments")
		}
		return res
	}
	return []Case{
		documented("rate-limits.code", "Too many requests answer 429 rate_limited.", func(p *probe) {
			refused(p).refuses(429, "rate_limited")
		}),
		documented("rate-limits.retry-after", "429 tells in Retry-After how many whole seconds to wait.", func(p *probe) {
			res := refused(p).is(429)
			seconds, err := strconv.Atoi(res.header.Get("Retry-After"))
			res.expect(err == nil && seconds > 0, "Retry-After in whole seconds, not %q", res.header.Get("Retry-After"))
		}),
		own("rate-limits.headers", "Where there is a rate limit, X-RateLimit-Limit, -Remaining and -Reset tell where the client stands.", func(p *probe) {
			res := refused(p).is(429).hasHeader("X-RateLimit-Remaining", "0")
			for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Reset"} {
				n, err := strconv.Atoi(res.header.Get(name))
				res.expect(err == nil && n > 0, "%s to be a number, not %q", name, res.header.Get(name))
			}
		}),
		own("rate-limits.order-token-first", "A bad token is reported before the rate limit.", func(p *probe) {
			refused(p).is(429)
			p.management(p.target.Throttled).as("nhm_"+unique()).get("/environments").refuses(401, "unauthorized")
		}),
		own("rate-limits.order-limit-before-body", "The rate limit is reported before a bad body.", func(p *probe) {
			refused(p).is(429)
			p.management(p.target.Throttled).post("/endpoints", `{`).refuses(429, "rate_limited")
		}),
	}
}
