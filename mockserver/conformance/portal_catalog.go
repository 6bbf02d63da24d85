package conformance

// customer is an application with an endpoint and a session of an editor.
type customer struct {
	caller        // of the portal
	app, endpoint string
}

func (p *probe) customer(members string) customer {
	app := p.application(members)
	endpoint := "/endpoints/" + p.post(app+"/endpoints", object(`"url":"`+nowhere+`"`, p.inEnvironment())).created()
	return customer{p.session(app, "editor"), app, endpoint}
}

// publish shows or hides an event type in the portal's catalog.
func (p *probe) publish(t catalogued, published string) {
	env := "/environments/" + p.defaultEnvironment().text("id")
	p.put(env+"/event-types/"+t.id+"/visibility", `{"published":`+published+`}`).is(200)
}

func portalCatalog() []Case {
	ids := func(t catalogued) string { return `{"eventTypeIds":["` + t.id + `"]}` }
	return []Case{
		own("portal.catalog.published", "The portal's catalog has the event types that are published in the default environment, and no others.", func(p *probe) {
			shown, hidden := p.eventType(), p.eventType()
			p.publish(shown, "true")
			p.publish(hidden, "false")
			p.customer("").get("/event-types").is(200).no("id", hidden.id).row("id", shown.id).has("name", quoted(shown.name))
		}),
		documented("portal.catalog.hidden", "With showEventTypes false the catalog is empty.", func(p *probe) {
			p.publish(p.eventType(), "true")
			p.customer(`"showEventTypes":false`).get("/event-types").is(200).has("", "[]")
		}),
		own("portal.catalog.subscribe", "A customer subscribes to what the catalog shows.", func(p *probe) {
			eventType, c := p.eventType(), p.customer("")
			p.publish(eventType, "true")
			c.post(c.endpoint+"/subscriptions", ids(eventType)).is(201).has("subscribed", "1")
			c.get(c.endpoint+"/subscriptions").is(200).row("eventTypeId", eventType.id).has("eventTypeName", quoted(eventType.name))
			c.get(c.endpoint).is(200).has("subscriptionCount", "1")
		}),
		own("portal.catalog.create-subscribed", "A new endpoint can be subscribed at once.", func(p *probe) {
			eventType, c := p.eventType(), p.customer("")
			p.publish(eventType, "true")
			c.post("/endpoints", `{"url":"`+nowhere+`","eventTypeIds":["`+eventType.id+`"]}`).is(201).has("subscriptionCount", "1")
		}),
		own("portal.catalog.all-or-nothing", "An endpoint whose subscriptions are refused is not created.", func(p *probe) {
			c := p.customer(`"maxEndpoints":2`)
			c.post("/endpoints", `{"url":"`+nowhere+`","eventTypeIds":["`+nobody+`"]}`).missing("Event type")
			c.get("/session").is(200).has("application.endpointCount", "1")
		}),
		own("portal.catalog.unpublished", "An event type that the catalog does not show answers as if it did not exist.", func(p *probe) {
			hidden, c := p.eventType(), p.customer("")
			p.publish(hidden, "false")
			unknown := c.post(c.endpoint+"/subscriptions", ids(catalogued{id: nobody})).missing("Event type")
			c.post(c.endpoint+"/subscriptions", ids(hidden)).missing("Event type").same(unknown)
		}),
		documented("portal.catalog.hidden-subscribe", "With showEventTypes false a customer makes no new subscriptions.", func(p *probe) {
			eventType, c := p.eventType(), p.customer(`"showEventTypes":false`)
			p.publish(eventType, "true")
			c.post(c.endpoint+"/subscriptions", ids(eventType)).refuses(403, "forbidden")
			c.post("/endpoints", `{"url":"`+nowhere+`","eventTypeIds":["`+eventType.id+`"]}`).refuses(403, "forbidden")
		}),
		own("portal.catalog.hidden-before-ids", "With showEventTypes false an event type that does not exist gets the same answer.", func(p *probe) {
			c, eventType := p.customer(`"showEventTypes":false`), p.eventType()
			known := c.post(c.endpoint+"/subscriptions", ids(eventType)).is(403)
			c.post(c.endpoint+"/subscriptions", ids(catalogued{id: nobody})).is(403).same(known)
		}),
		own("portal.catalog.hidden-existing", "With showEventTypes false what is subscribed stays listed, and can be unsubscribed.", func(p *probe) {
			eventType, c := p.eventType(), p.customer("")
			p.subscribe(id(c.endpoint), eventType.id)
			p.patch(c.app, `{"showEventTypes":false}`).is(200)
			c.get(c.endpoint+"/subscriptions").is(200).row("eventTypeId", eventType.id)
			c.delete(c.endpoint + "/subscriptions/" + eventType.id).deleted()
		}),
	}
}

func portalDeliveries() []Case {
	return []Case{
		own("portal.deliveries.list", "A customer sees the deliveries of an endpoint, with the event type.", func(p *probe) {
			c, eventType := p.customer(""), p.eventType()
			p.subscribe(id(c.endpoint), eventType.id)
			sent := p.ingestion().post("/event/"+eventType.name, `{"payload":{}}`).is(202).text("deliveryIds.0")
			c.get(c.endpoint+"/deliveries").is(200).hasKeys("deliveries", "nextCursor").part("deliveries").row("id", sent).
				hasKeys(append(deliveryKeys(), "eventType")...).has("eventType", quoted(eventType.name))
			c.get("/deliveries/"+escaped(sent)).is(200).has("eventType", quoted(eventType.name))
			c.get("/deliveries/" + escaped(sent) + "/attempts").is(200).rows()
		}),
		own("portal.deliveries.others", "A delivery to another application answers as if it did not exist.", func(p *probe) {
			c, sent := p.customer(""), p.sent(p.sink())
			unknown := c.get("/deliveries/" + nobody)
			c.get("/deliveries/" + escaped(sent)).missing("Delivery").same(unknown)
			c.get("/deliveries/" + escaped(sent) + "/attempts").missing("Delivery")
		}),
		own("portal.test.shape", "A test answers 200 with the delivery and its attempt, whatever became of it.", func(p *probe) {
			c := p.customer("")
			res := c.post(c.endpoint+"/test", "").is(200).hasKeys("delivery", "attempt")
			res.part("delivery").hasKeys(deliveryKeys()...).has("status", `"failed"`).has("totalAttempts", "1")
			res.part("attempt").has("status", `"failed"`).has("attemptNumber", "1")
			c.get(c.endpoint+"/deliveries").is(200).part("deliveries").row("id", res.text("delivery.id"))
		}),
		own("portal.test.disabled", "A disabled endpoint can be tested.", func(p *probe) {
			c := p.customer("")
			c.patch(c.endpoint, `{"isActive":false}`).is(200)
			c.post(c.endpoint+"/test", `{}`).is(200)
		}),
		own("portal.test.hidden-types", "A test of an event type that the catalog hides answers as if it did not exist.", func(p *probe) {
			c, hidden := p.customer(""), p.eventType()
			p.publish(hidden, "false")
			unknown := c.post(c.endpoint+"/test", `{"eventType":"`+unique()+`"}`).missing("Event type")
			c.post(c.endpoint+"/test", `{"eventType":"`+hidden.name+`"}`).missing("Event type").same(unknown)
		}),
		own("portal.test.success", "A test that the receiver takes is delivered, with the sample payload of the first subscription.", func(p *probe) {
			receiver := p.receiver(200)
			c, eventType := p.customer(""), p.eventType()
			p.subscribe(id(c.endpoint), eventType.id)
			c.patch(c.endpoint, `{"url":`+quoted(receiver.URL)+`}`).is(200)
			res := c.post(c.endpoint+"/test", "").is(200).has("delivery.status", `"delivered"`).has("attempt.status", `"success"`)
			res.value = decoded(string(p.webhook(receiver).Body))
			res.has("type", quoted(eventType.name)).has("test", "true").matches("createdAt", timestamp)
		}),
		own("portal.test.sample", "Without a subscription a test is of the type nahook.test.", func(p *probe) {
			receiver, c := p.receiver(200), p.customer("")
			c.patch(c.endpoint, `{"url":`+quoted(receiver.URL)+`}`).is(200)
			res := c.post(c.endpoint+"/test", "").is(200)
			res.value = decoded(string(p.webhook(receiver).Body))
			res.has("type", `"nahook.test"`)
		}),
		own("portal.test.payload", "A test delivers the payload that is given.", func(p *probe) {
			receiver, c := p.receiver(200), p.customer("")
			c.patch(c.endpoint, `{"url":`+quoted(receiver.URL)+`}`).is(200)
			c.post(c.endpoint+"/test", `{"payload":`+payload+`}`).is(200)
			got := string(p.webhook(receiver).Body)
			p.arrived(got == payload, payload, got)
		}),
		own("portal.test.limit", "A session may send ten tests a minute.", func(p *probe) {
			c := p.customer("")
			for range 10 {
				c.post(c.endpoint+"/test", "").is(200)
			}
			p.exceeds = true
			res := c.post(c.endpoint+"/test", "").refuses(429, "rate_limited")
			res.expect(res.header.Get("Retry-After") != "", "a Retry-After")
		}),
	}
}
