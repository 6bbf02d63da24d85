package conformance

func subscriptions() []Case {
	path := func(p *probe) string { return p.endpoint("") + "/subscriptions" }
	ids := func(ids ...string) string {
		list := ""
		for i, id := range ids {
			if i > 0 {
				list += ","
			}
			list += quoted(id)
		}
		return `{"eventTypeIds":[` + list + `]}`
	}
	return []Case{
		documented("subscriptions.create", "Subscribing answers 201 with how many subscriptions were made.", func(p *probe) {
			p.post(path(p), ids(p.eventType().id, p.eventType().id)).is(201).has("", `{"subscribed":2}`)
		}),
		documented("subscriptions.list", "A subscription has id, eventTypeId, eventTypeName and createdAt.", func(p *probe) {
			subscriptions, eventType := path(p), p.eventType()
			p.post(subscriptions, ids(eventType.id)).is(201)
			p.get(subscriptions).is(200).row("eventTypeId", eventType.id).hasKeys("id", "eventTypeId", "eventTypeName", "createdAt").
				has("eventTypeName", quoted(eventType.name)).matches("id", "^sub_").matches("createdAt", timestamp)
		}),
		own("subscriptions.create.again", "Subscribing to what is subscribed already is no error and counts for nothing.", func(p *probe) {
			subscriptions, eventType := path(p), p.eventType()
			p.post(subscriptions, ids(eventType.id)).is(201)
			p.post(subscriptions, ids(eventType.id, p.eventType().id)).is(201).has("subscribed", "1")
			res := p.get(subscriptions).is(200)
			res.expect(len(res.rows()) == 2, "two subscriptions")
		}),
		own("subscriptions.create.twice-in-one", "An event type that is given twice is subscribed once.", func(p *probe) {
			eventType := p.eventType()
			p.post(path(p), ids(eventType.id, eventType.id)).is(201).has("subscribed", "1")
		}),
		own("subscriptions.create.empty", "An empty eventTypeIds, or none, answers 400.", func(p *probe) {
			subscriptions := path(p)
			p.post(subscriptions, ids()).invalid()
			p.post(subscriptions, `{}`).invalid()
			p.post(subscriptions, `{"eventTypeIds":"evt_1"}`).invalid()
			p.post(subscriptions, `{"eventTypeIds":[1]}`).invalid()
		}),
		own("subscriptions.create.unknown-event-type", `An event type that does not exist answers 404 "Event type not found", and nothing is subscribed.`, func(p *probe) {
			subscriptions := path(p)
			p.post(subscriptions, ids(p.eventType().id, nobody)).missing("Event type")
			p.get(subscriptions).is(200).has("", "[]")
		}),
		documented("subscriptions.unknown-endpoint", `Subscriptions of an endpoint that does not exist answer 404 "Endpoint not found".`, func(p *probe) {
			p.get("/endpoints/" + nobody + "/subscriptions").missing("Endpoint")
			p.post("/endpoints/"+nobody+"/subscriptions", ids(p.eventType().id)).missing("Endpoint")
			p.delete("/endpoints/" + nobody + "/subscriptions/" + nobody).missing("Endpoint")
		}),
		documented("subscriptions.delete", "Unsubscribing goes by the event type's id and answers 204.", func(p *probe) {
			endpoint, eventType := p.subscribed()
			p.delete("/endpoints/" + endpoint + "/subscriptions/" + eventType.id).deleted()
			p.get("/endpoints/"+endpoint+"/subscriptions").is(200).no("eventTypeId", eventType.id)
		}),
		documented("subscriptions.delete.by-subscription-id", "The id of the subscription itself unsubscribes nothing.", func(p *probe) {
			endpoint, eventType := p.subscribed()
			subscriptions := "/endpoints/" + endpoint + "/subscriptions"
			id := p.get(subscriptions).is(200).row("eventTypeId", eventType.id).text("id")
			p.delete(subscriptions+"/"+id).refuses(404, "not_found")
			p.get(subscriptions).is(200).row("id", id)
		}),
		own("subscriptions.delete.not-subscribed", "Unsubscribing from what is not subscribed answers 404.", func(p *probe) {
			p.delete(path(p)+"/"+p.eventType().id).refuses(404, "not_found")
		}),
	}
}
