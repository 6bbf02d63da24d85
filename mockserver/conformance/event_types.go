package conformance

import "strings"

func eventTypes() []Case {
	refused := func(id, text string, names ...string) Case {
		return own("event-types.create."+id, text, func(p *probe) {
			for _, name := range names {
				p.post("/event-types", `{"name":"`+name+`"}`).invalid()
			}
		})
	}
	return []Case{
		documented("event-types.create.shape", "An event type has id, name, description and createdAt.", func(p *probe) {
			name := unique() + ".created"
			res := p.post("/event-types", `{"name":"`+name+`","description":"An order was placed"}`).is(201)
			res.hasKeys("id", "name", "description", "createdAt").matches("id", "^evt_").has("name", quoted(name)).
				has("description", `"An order was placed"`).matches("createdAt", timestamp)
			p.get("/event-types/"+res.text("id")).is(200).has("", string(res.body))
			p.get("/event-types").is(200).row("id", res.text("id")).has("", string(res.body))
		}),
		documented("event-types.create.no-description", "An event type needs no description: it is null then.", func(p *probe) {
			p.get("/event-types/"+p.eventType().id).is(200).has("description", "null")
		}),
		documented("event-types.create.no-name", "Creating an event type without a name answers 400.", func(p *probe) {
			p.post("/event-types", `{}`).invalid()
			p.post("/event-types", `{"name":""}`).invalid()
		}),
		documented("event-types.create.upper-case", "A name in upper case answers 400.", func(p *probe) {
			p.post("/event-types", `{"name":"Order.Created"}`).invalid()
		}),
		refused("bad-names", "A name is words of a-z, 0-9, _ and - joined by dots, and nothing else.",
			".order", "order.", "order..created", "order created", "order/created", "ördér", "order*"),
		refused("long-name", "A name has at most 100 characters.", strings.Repeat("a", 101)),
		own("event-types.create.good-names", "A name may be one word, and have digits, _ and -.", func(p *probe) {
			p.post("/event-types", `{"name":"`+unique()+`"}`).is(201)
			p.post("/event-types", `{"name":"`+unique()+`_1-a.b.c"}`).is(201)
		}),
		own("event-types.create.duplicate", "Creating an event type with a name that is taken answers 409 conflict.", func(p *probe) {
			p.post("/event-types", `{"name":"`+p.eventType().name+`"}`).refuses(409, "conflict").says("An event type with this name already exists")
		}),
		own("event-types.create.long-description", "A description has at most 500 characters.", func(p *probe) {
			p.post("/event-types", `{"name":"`+unique()+`","description":"`+strings.Repeat("a", 501)+`"}`).invalid()
		}),
		documented("event-types.list.order", "Event types are listed newest first.", func(p *probe) {
			older, newer := p.eventType(), p.eventType()
			p.get("/event-types").is(200).inOrder(newer.id, older.id)
		}),
		documented("event-types.update.description", "An update changes the description.", func(p *probe) {
			path := "/event-types/" + p.eventType().id
			p.patch(path, `{"description":"Better"}`).is(200).hasKeys("id", "name", "description", "createdAt").has("description", `"Better"`)
			p.get(path).is(200).has("description", `"Better"`)
		}),
		own("event-types.update.clears", "An empty description or null clears it.", func(p *probe) {
			path := "/event-types/" + p.eventType().id
			for _, none := range []string{`""`, `null`} {
				p.patch(path, `{"description":"Better"}`).is(200)
				p.patch(path, `{"description":`+none+`}`).is(200).has("description", "null")
			}
		}),
		inferred("event-types.update.name", "The name cannot be changed: one that is sent is ignored.", func(p *probe) {
			eventType := p.eventType()
			p.patch("/event-types/"+eventType.id, `{"name":"`+unique()+`"}`).is(200).has("name", quoted(eventType.name))
		}),
		documented("event-types.unknown", `An event type that does not exist answers 404 "Event type not found".`, func(p *probe) {
			path := "/event-types/" + nobody
			p.get(path).missing("Event type")
			p.patch(path, `{"description":"x"}`).missing("Event type")
			p.delete(path).missing("Event type")
		}),
		own("event-types.delete.name", "Deleting an event type frees its name.", func(p *probe) {
			eventType := p.eventType()
			p.delete("/event-types/" + eventType.id).deleted()
			p.post("/event-types", `{"name":"`+eventType.name+`"}`).is(201)
		}),
		own("event-types.delete.subscriptions", "Deleting an event type ends the subscriptions to it.", func(p *probe) {
			endpoint, eventType := p.subscribed()
			p.delete("/event-types/" + eventType.id).deleted()
			p.get("/endpoints/"+endpoint+"/subscriptions").is(200).has("", "[]")
		}),
		own("event-types.delete.visibility", "Deleting an event type removes it from every environment's visibility.", func(p *probe) {
			eventType, env := p.eventType(), "/environments/"+p.defaultEnvironment().text("id")
			p.delete("/event-types/" + eventType.id).deleted()
			p.get(env+"/event-types").is(200).no("eventTypeId", eventType.id)
		}),
		documented("event-types.given", "The event type that the target names is in the catalog.", func(p *probe) {
			p.needs("event type of its own", p.target.EventType)
			p.get("/event-types").is(200).row("name", p.target.EventType)
		}),
	}
}
