package conformance

import (
	"slices"
	"strings"
)

func sending() []Case {
	refused := func(id, text string, bodies ...string) Case {
		return own("ingest.send."+id, text, func(p *probe) {
			endpoint := p.sink()
			for _, body := range bodies {
				p.ingestion().post("/"+endpoint, body).invalid()
			}
		})
	}
	return []Case{
		documented("ingest.send.accepted", `Sending to an endpoint answers 202 with deliveryId, idempotencyKey and the status "accepted".`, func(p *probe) {
			p.ingestion().post("/"+p.sink(), `{"payload":{"order":"ord_1"}}`).is(202).hasKeys("deliveryId", "idempotencyKey", "status").
				has("status", `"accepted"`).matches("deliveryId", "^del_")
		}),
		documented("ingest.send.makes-a-key", "Without an idempotencyKey the server makes one, another each time.", func(p *probe) {
			endpoint := p.sink()
			first := p.ingestion().post("/"+endpoint, `{"payload":{}}`).is(202)
			second := p.ingestion().post("/"+endpoint, `{"payload":{}}`).is(202)
			second.expect(second.text("idempotencyKey") != first.text("idempotencyKey"), "another key")
			second.expect(second.text("deliveryId") != first.text("deliveryId"), "another delivery")
		}),
		documented("ingest.send.keeps-the-key", "An idempotencyKey that is given comes back.", func(p *probe) {
			key := unique()
			p.ingestion().post("/"+p.sink(), `{"payload":{},"idempotencyKey":"`+key+`"}`).is(202).has("idempotencyKey", quoted(key))
		}),
		documented("ingest.send.idempotent", "The same key at the same endpoint answers 202 with the same delivery.", func(p *probe) {
			endpoint, body := p.sink(), `{"payload":{"n":1},"idempotencyKey":"`+unique()+`"}`
			first := p.ingestion().post("/"+endpoint, body).is(202)
			p.ingestion().post("/"+endpoint, body).is(202).has("", string(first.body))
			res := p.get("/endpoints/" + endpoint + "/deliveries").is(200)
			res.expect(res.count("deliveries") == 1, "one delivery")
		}),
		documented("ingest.send.idempotent-at-once", "The same key in requests at the same time makes one delivery.", func(p *probe) {
			endpoint, body := p.sink(), `{"payload":{},"idempotencyKey":"`+unique()+`"}`
			answers := p.concurrently(8, func(p *probe) response { return p.ingestion().post("/"+endpoint, body).is(202) })
			for _, answer := range answers {
				answer.has("", string(answers[0].body))
			}
		}),
		documented("ingest.send.other-payload", "The same key with another payload is no error: the first payload wins.", func(p *probe) {
			endpoint, key := p.sink(), unique()
			first := p.ingestion().post("/"+endpoint, `{"payload":{"n":1},"idempotencyKey":"`+key+`"}`).is(202).text("deliveryId")
			p.ingestion().post("/"+endpoint, `{"payload":{"n":2},"idempotencyKey":"`+key+`"}`).is(202).has("deliveryId", quoted(first))
			p.shown(first).has("data", `{"n":1}`)
		}),
		documented("ingest.send.key-per-endpoint", "The same key at another endpoint is another delivery.", func(p *probe) {
			body := `{"payload":{},"idempotencyKey":"` + unique() + `"}`
			first := p.ingestion().post("/"+p.sink(), body).is(202).text("deliveryId")
			second := p.ingestion().post("/"+p.sink(), body).is(202)
			second.expect(second.text("deliveryId") != first, "another delivery")
		}),
		own("ingest.send.null-key", "A null for idempotencyKey counts as absent.", func(p *probe) {
			p.ingestion().post("/"+p.sink(), `{"payload":{},"idempotencyKey":null}`).is(202).text("idempotencyKey")
		}),
		refused("bad-key", "An idempotencyKey is a text of 1 to 255 characters.",
			`{"payload":{},"idempotencyKey":""}`, `{"payload":{},"idempotencyKey":5}`, `{"payload":{},"idempotencyKey":"`+strings.Repeat("k", 256)+`"}`),
		refused("no-payload", "Sending without a payload answers 400.", `{}`),
		refused("payload-not-an-object", "A payload that is no object answers 400.",
			`{"payload":[]}`, `{"payload":"text"}`, `{"payload":1}`, `{"payload":null}`, `{"payload":true}`),
		own("ingest.send.large-payload", "A payload above 256 KiB answers 413.", func(p *probe) {
			p.ingestion().post("/"+p.sink(), largePayload(`{"payload":`)).refuses(413, "payload_too_large")
		}),
		own("ingest.send.disabled", `Sending to a disabled endpoint answers 409 conflict "Endpoint is disabled".`, func(p *probe) {
			endpoint := p.sink()
			p.patch("/endpoints/"+endpoint, `{"isActive":false}`).is(200)
			p.ingestion().post("/"+endpoint, `{"payload":{}}`).refuses(409, "conflict").says("Endpoint is disabled")
		}),
		documented("ingest.send.unknown", `Sending to an endpoint that does not exist answers 404 "Endpoint not found".`, func(p *probe) {
			p.ingestion().post("/"+nobody, `{"payload":{}}`).missing("Endpoint")
		}),
		documented("ingest.send.given-endpoint", "The endpoint that the target names takes what is sent to it.", func(p *probe) {
			p.needs("endpoint of its own", p.target.EndpointID)
			p.ingestion().post("/"+escaped(p.target.EndpointID), `{"payload":{"conformance":true}}`).is(202).has("status", `"accepted"`)
		}),
	}
}

// largePayload ends a body with a payload just above the limit.
func largePayload(start string) string {
	return start + `{"text":"` + strings.Repeat("x", 256<<10) + `"}}`
}

// shown wants the payload of a delivery, as soon as it is shown.
func (p *probe) shown(deliveryID string) response {
	payload := p.get("/deliveries/" + escaped(deliveryID) + "?include=payload").is(200).part("payload")
	switch payload.at("status") {
	case "processing":
		p.lacks("attempt that is made before its delivery can be read")
	case "forbidden":
		p.lacks("plan with payload storage")
	}
	return payload.has("status", `"available"`)
}

func triggering() []Case {
	trigger := func(p *probe, name, body string) response { return p.ingestion().post("/event/"+name, body) }
	return []Case{
		documented("ingest.trigger.accepted", `Triggering an event answers 202 with eventTypeId, deliveryIds and the status "accepted".`, func(p *probe) {
			_, eventType := p.subscribed()
			res := trigger(p, eventType.name, `{"payload":{"order":"ord_1"}}`).is(202).hasKeys("eventTypeId", "deliveryIds", "status")
			res.has("eventTypeId", quoted(eventType.id)).has("status", `"accepted"`)
		}),
		documented("ingest.trigger.fan-out", "Each subscribed endpoint gets one delivery.", func(p *probe) {
			first, eventType := p.subscribed()
			second := p.sink()
			p.subscribe(second, eventType.id)
			res := trigger(p, eventType.name, `{"payload":{}}`).is(202)
			res.expect(res.count("deliveryIds") == 2, "two deliveries")
			var endpoints []string
			for _, at := range []string{"deliveryIds.0", "deliveryIds.1"} {
				endpoints = append(endpoints, p.get("/deliveries/"+escaped(res.text(at))).is(200).text("endpointId"))
			}
			res.expect(slices.Contains(endpoints, first) && slices.Contains(endpoints, second), "a delivery to each endpoint, not to %q", endpoints)
		}),
		documented("ingest.trigger.nobody", "An event that nobody is subscribed to answers 202 with deliveryIds [].", func(p *probe) {
			trigger(p, p.eventType().name, `{"payload":{}}`).is(202).has("deliveryIds", "[]")
		}),
		documented("ingest.trigger.disabled", "A disabled endpoint gets no event.", func(p *probe) {
			endpoint, eventType := p.subscribed()
			p.patch("/endpoints/"+endpoint, `{"isActive":false}`).is(200)
			trigger(p, eventType.name, `{"payload":{}}`).is(202).has("deliveryIds", "[]")
		}),
		documented("ingest.trigger.unsubscribed", "An endpoint that has unsubscribed gets no event.", func(p *probe) {
			endpoint, eventType := p.subscribed()
			p.delete("/endpoints/" + endpoint + "/subscriptions/" + eventType.id).deleted()
			trigger(p, eventType.name, `{"payload":{}}`).is(202).has("deliveryIds", "[]")
		}),
		inferred("ingest.trigger.unregistered", `An event type that does not exist answers 404 "Event type not found".`, func(p *probe) {
			trigger(p, unique()+".created", `{"payload":{}}`).missing("Event type")
		}),
		documented("ingest.trigger.creates-nothing", "Triggering never creates an event type.", func(p *probe) {
			name := unique() + ".created"
			trigger(p, name, `{"payload":{}}`)
			p.get("/event-types").is(200).no("name", name)
		}),
		documented("ingest.trigger.invalid-name", "A name that no event type can have answers 400.", func(p *probe) {
			for _, name := range []string{"Order.Created", ".order", "order%20created", "order..created"} {
				trigger(p, name, `{"payload":{}}`).invalid()
			}
		}),
		own("ingest.trigger.no-payload", "Triggering without a payload that is an object answers 400.", func(p *probe) {
			_, eventType := p.subscribed()
			for _, body := range []string{`{}`, `{"payload":null}`, `{"payload":[]}`, `{"payload":"text"}`} {
				trigger(p, eventType.name, body).invalid()
			}
		}),
		own("ingest.trigger.large-payload", "An event with a payload above 256 KiB answers 413.", func(p *probe) {
			trigger(p, p.eventType().name, largePayload(`{"payload":`)).refuses(413, "payload_too_large")
		}),
		documented("ingest.trigger.metadata", "The metadata of an event is accepted and not delivered.", func(p *probe) {
			_, eventType := p.subscribed()
			res := trigger(p, eventType.name, `{"payload":{"n":1},"metadata":{"source":"test"}}`).is(202)
			p.shown(res.text("deliveryIds.0")).has("data", `{"n":1}`)
		}),
		documented("ingest.trigger.no-key", "There is no idempotency key for events: the same request delivers again.", func(p *probe) {
			_, eventType := p.subscribed()
			first := trigger(p, eventType.name, `{"payload":{}}`).is(202).text("deliveryIds.0")
			second := trigger(p, eventType.name, `{"payload":{}}`).is(202)
			second.expect(second.text("deliveryIds.0") != first, "another delivery")
		}),
		documented("ingest.trigger.given-event-type", "The event type that the target names can be triggered.", func(p *probe) {
			p.needs("event type of its own", p.target.EventType)
			p.needs("endpoint of its own that takes its events", p.target.EndpointID)
			trigger(p, escaped(p.target.EventType), `{"payload":{"conformance":true}}`).is(202).has("status", `"accepted"`)
		}),
	}
}
