package conformance

import (
	"net/http"
	"strconv"
	"strings"
)

func environmentKeys() []string {
	return []string{"id", "name", "slug", "isDefault", "createdAt", "updatedAt"}
}

func environments() []Case {
	refused := func(p Provenance, id, text string, bodies ...string) Case {
		return rule(p, "environments.create."+id, text, func(p *probe) {
			for _, body := range bodies {
				p.post("/environments", body).invalid()
			}
		})
	}
	return []Case{
		documented("environments.create.shape", "An environment has id, name, slug, isDefault, createdAt and updatedAt.", func(p *probe) {
			path := p.environment()
			res := p.get(path).is(200).hasKeys(environmentKeys()...).matches("id", "^env_").has("name", `"Conformance"`).has("isDefault", "false")
			res.matches("createdAt", timestamp).matches("updatedAt", timestamp)
			p.get("/environments").is(200).row("id", res.text("id")).has("", string(res.body))
		}),
		documented("environments.create.duplicate-slug", "Creating an environment with a slug that is taken answers 409 conflict.", func(p *probe) {
			slug := p.defaultEnvironment().text("slug")
			p.newEnvironment(slug).refuses(409, "conflict").says("An environment with this slug already exists")
		}),
		refused(Documented, "no-name", "Creating an environment without a name answers 400.", `{"slug":"staging-x"}`, `{"name":"","slug":"staging-x"}`),
		refused(Documented, "long-name", "An environment's name has at most 50 characters.", `{"name":"`+strings.Repeat("a", 51)+`","slug":"staging-x"}`),
		refused(Documented, "no-slug", "Creating an environment without a slug answers 400.", `{"name":"Staging"}`),
		documented("environments.create.bad-slug", "A slug is 2 to 50 lower-case letters, digits and hyphens.", func(p *probe) {
			for _, slug := range []string{"a", strings.Repeat("a", 51), "Staging", "sta_ging", "sta ging", "städging"} {
				p.newEnvironment(slug).invalid().says("Slug must be 2-50 characters, lowercase alphanumeric and hyphens only")
			}
		}),
		documented("environments.create.limit", "A workspace has at most 10 environments.", func(p *probe) {
			p.environmentsToTheLimit().is(403)
		}),
		own("environments.create.limit-code", "One environment too many answers 403 environment_limit_reached.", func(p *probe) {
			p.environmentsToTheLimit().refuses(403, "environment_limit_reached")
		}),
		own("environments.list.order", "The default environment comes first, the others follow, oldest first.", func(p *probe) {
			standard := p.defaultEnvironment().text("id")
			first, second := id(p.environment()), id(p.environment())
			p.get("/environments").is(200).has("0.isDefault", "true").inOrder(standard, first, second)
		}),
		own("environments.default", `The default environment has the slug "production".`, func(p *probe) {
			p.defaultEnvironment().has("slug", `"production"`)
		}),
		documented("environments.update.name", "An update renames an environment.", func(p *probe) {
			path := p.environment()
			p.patch(path, `{"name":"Renamed"}`).is(200).hasKeys(environmentKeys()...).has("name", `"Renamed"`)
			p.get(path).is(200).has("name", `"Renamed"`)
		}),
		inferred("environments.update.slug", "The slug cannot be changed: one that is sent is ignored.", func(p *probe) {
			path := p.environment()
			slug := p.get(path).is(200).text("slug")
			p.patch(path, `{"slug":"`+unique()+`"}`).is(200).has("slug", quoted(slug))
		}),
		documented("environments.update.refuses", "An update obeys the rules of creation.", func(p *probe) {
			path := p.environment()
			p.patch(path, `{"name":""}`).invalid()
			p.patch(path, `{"name":"`+strings.Repeat("a", 51)+`"}`).invalid()
		}),
		documented("environments.delete", "An environment can be deleted.", func(p *probe) {
			path := p.environment()
			p.delete(path).deleted()
			p.get(path).missing("Environment")
			p.get("/environments").is(200).no("id", id(path))
		}),
		documented("environments.delete.default", "The default environment cannot be deleted.", func(p *probe) {
			p.harms()
			path := "/environments/" + p.defaultEnvironment().text("id")
			res := p.delete(path)
			res.expect(res.status >= 400 && res.status < 500, "a refusal")
			p.get(path).is(200)
		}),
		own("environments.delete.default-code", "Deleting the default environment answers 409 conflict.", func(p *probe) {
			p.harms()
			p.delete("/environments/"+p.defaultEnvironment().text("id")).refuses(409, "conflict")
		}),
		own("environments.delete.endpoints", "Deleting an environment deletes its endpoints.", func(p *probe) {
			env := p.environment()
			endpoint := p.endpoint(`"environmentId":` + quoted(id(env)))
			p.delete(env).deleted()
			p.get(endpoint).missing("Endpoint")
		}),
		documented("environments.unknown", `An environment that does not exist answers 404 "Environment not found".`, func(p *probe) {
			path := "/environments/" + nobody
			p.get(path).missing("Environment")
			p.patch(path, `{"name":"Renamed"}`).missing("Environment")
			p.delete(path).missing("Environment")
		}),
		inferred("environments.isolation.send", "An API key does not send to an endpoint of another environment.", func(p *probe) {
			endpoint := id(p.endpoint(`"environmentId":` + quoted(id(p.environment()))))
			p.ingestion().post("/"+endpoint, `{"payload":{}}`).missing("Endpoint")
		}),
		documented("environments.isolation.trigger", "An event goes to endpoints of the API key's environment alone.", func(p *probe) {
			inside, eventType := p.subscribed()
			outside := id(p.endpoint(`"environmentId":` + quoted(id(p.environment()))))
			p.subscribe(outside, eventType.id)
			res := p.ingestion().post("/event/"+eventType.name, `{"payload":{}}`).is(202)
			res.expect(res.count("deliveryIds") == 1, "one delivery")
			p.get("/deliveries/"+escaped(res.text("deliveryIds.0"))).is(200).has("endpointId", quoted(inside))
		}),
	}
}

// environmentsToTheLimit gives the answer to one environment too many.
func (p *probe) environmentsToTheLimit() response {
	p.harms()
	res := p.newEnvironment(unique())
	for n := 0; n < 10 && res.status == http.StatusCreated; n++ {
		res = p.newEnvironment(unique())
	}
	return res
}

// id is the last segment of an object's path.
func id(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// visibility is what the portal's catalog shows.
func visibility() []Case {
	at := func(env, eventTypeID string) string { return env + "/event-types/" + eventTypeID + "/visibility" }
	return []Case{
		documented("visibility.list", "An environment lists every event type of the workspace with eventTypeId, eventTypeName and published.", func(p *probe) {
			env, eventType := p.environment(), p.eventType()
			p.get(env+"/event-types").is(200).row("eventTypeId", eventType.id).hasKeys("eventTypeId", "eventTypeName", "published").
				has("eventTypeName", quoted(eventType.name))
		}),
		documented("visibility.new-environment", "A new environment starts with nothing published.", func(p *probe) {
			eventType := p.eventType()
			res := p.get(p.environment() + "/event-types").is(200)
			res.row("eventTypeId", eventType.id)
			for i := range res.rows() {
				res.part(strconv.Itoa(i)).has("published", "false")
			}
		}),
		own("visibility.new-event-type", "A new event type is published in the default environment and nowhere else.", func(p *probe) {
			env := p.environment()
			eventType := p.eventType()
			p.get("/environments/"+p.defaultEnvironment().text("id")+"/event-types").is(200).row("eventTypeId", eventType.id).has("published", "true")
			p.get(env+"/event-types").is(200).row("eventTypeId", eventType.id).has("published", "false")
		}),
		documented("visibility.set", "Publishing an event type answers 200 with the row, and shows in the list.", func(p *probe) {
			env, eventType := p.environment(), p.eventType()
			for _, published := range []string{"true", "false"} {
				p.put(at(env, eventType.id), `{"published":`+published+`}`).is(200).
					has("", `{"eventTypeId":"`+eventType.id+`","eventTypeName":"`+eventType.name+`","published":`+published+`}`)
				p.get(env+"/event-types").is(200).row("eventTypeId", eventType.id).has("published", published)
			}
		}),
		own("visibility.set.refuses", "published is true or false and must be given.", func(p *probe) {
			env, eventType := "/environments/"+p.defaultEnvironment().text("id"), p.eventType()
			for _, body := range []string{`{}`, `{"published":null}`, `{"published":"true"}`, `{"published":1}`} {
				p.put(at(env, eventType.id), body).invalid()
			}
		}),
		documented("visibility.unknown", "Visibility in an environment or of an event type that does not exist answers 404.", func(p *probe) {
			env, eventType := "/environments/"+p.defaultEnvironment().text("id"), p.eventType()
			p.get("/environments/" + nobody + "/event-types").missing("Environment")
			p.put(at("/environments/"+nobody, eventType.id), `{"published":true}`).missing("Environment")
			p.put(at(env, nobody), `{"published":true}`).missing("Event type")
		}),
		own("visibility.deliveries", "What is not published is delivered all the same.", func(p *probe) {
			_, eventType := p.subscribed()
			env := "/environments/" + p.defaultEnvironment().text("id")
			p.put(at(env, eventType.id), `{"published":false}`).is(200)
			res := p.ingestion().post("/event/"+eventType.name, `{"payload":{}}`).is(202)
			res.expect(res.count("deliveryIds") == 1, "one delivery")
		}),
	}
}
