package conformance

import (
	"fmt"
	"strings"
)

// items writes the body of a batch.
func items(items ...string) string { return `{"items":[` + strings.Join(items, ",") + `]}` }

func repeated(item string, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = item
	}
	return items(list...)
}

func sendBatches() []Case {
	item := func(endpoint, members string) string {
		return object(`"endpointId":"`+endpoint+`"`, `"payload":{}`, members)
	}
	send := func(p *probe, body string) response { return p.ingestion().post("/batch", body) }
	return []Case{
		documented("batches.send.accepted", "A batch of which every item succeeds answers 202 with the items in order.", func(p *probe) {
			endpoint := p.sink()
			first, second := unique(), unique()
			res := send(p, items(item(endpoint, `"idempotencyKey":"`+first+`"`), item(endpoint, `"idempotencyKey":"`+second+`"`))).is(202).hasKeys("items")
			res.expect(res.count("items") == 2, "two items")
			for i, key := range []string{first, second} {
				res.part(fmt.Sprintf("items.%d", i)).hasKeys("index", "deliveryId", "idempotencyKey", "status").
					has("index", fmt.Sprint(i)).has("idempotencyKey", quoted(key)).has("status", `"accepted"`)
			}
		}),
		documented("batches.send.partial", "A batch of which some items fail answers 207, and the failed items have an error.", func(p *probe) {
			endpoint := p.sink()
			res := send(p, items(item(endpoint, ""), item(nobody, ""), item(endpoint, ""))).is(207)
			res.has("items.0.status", `"accepted"`).has("items.2.status", `"accepted"`)
			res.part("items.1").hasKeys("index", "error").has("index", "1").has("error.code", `"not_found"`).text("error.message")
		}),
		documented("batches.send.all-fail", "A batch of which every item fails answers 207 too.", func(p *probe) {
			send(p, items(item(nobody, ""))).is(207).has("items.0.error.code", `"not_found"`)
		}),
		own("batches.send.invalid-item", "An item that breaks a rule fails alone.", func(p *probe) {
			endpoint := p.sink()
			res := send(p, items(`{"endpointId":"`+endpoint+`"}`, `{"endpointId":"`+endpoint+`","payload":[]}`, `{"payload":{}}`, item(endpoint, ""))).is(207)
			for _, i := range []string{"0", "1", "2"} {
				res.has("items."+i+".error.code", `"validation_error"`)
			}
			res.has("items.3.status", `"accepted"`)
		}),
		documented("batches.send.idempotent", "An item's idempotencyKey works as that of a single send.", func(p *probe) {
			endpoint, key := p.sink(), `"idempotencyKey":"`+unique()+`"`
			single := p.ingestion().post("/"+endpoint, `{"payload":{},`+key+`}`).is(202).text("deliveryId")
			res := send(p, items(item(endpoint, key), item(endpoint, key))).is(202)
			res.has("items.0.deliveryId", quoted(single)).has("items.1.deliveryId", quoted(single))
		}),
		own("batches.send.bad-key", "An item's idempotencyKey is a text of 1 to 255 characters.", func(p *probe) {
			endpoint := p.sink()
			res := send(p, items(item(endpoint, `"idempotencyKey":""`), item(endpoint, `"idempotencyKey":"`+strings.Repeat("k", 256)+`"`))).is(207)
			res.has("items.0.error.code", `"validation_error"`).has("items.1.error.code", `"validation_error"`)
		}),
		own("batches.send.disabled", "An item to a disabled endpoint fails with conflict.", func(p *probe) {
			endpoint := p.sink()
			p.patch("/endpoints/"+endpoint, `{"isActive":false}`).is(200)
			send(p, items(item(endpoint, ""))).is(207).has("items.0.error.code", `"conflict"`)
		}),
		own("batches.send.large-payload", "A payload above 256 KiB fails its item with payload_too_large.", func(p *probe) {
			endpoint := p.sink()
			large := largePayload(`{"endpointId":"` + endpoint + `","payload":`)
			send(p, items(large, item(endpoint, ""))).is(207).has("items.0.error.code", `"payload_too_large"`).has("items.1.status", `"accepted"`)
		}),
		documented("batches.send.sizes", "A batch has 1 to 20 items.", func(p *probe) {
			endpoint := p.sink()
			send(p, items()).invalid()
			res := send(p, repeated(item(endpoint, ""), 20)).is(202)
			res.expect(res.count("items") == 20, "twenty items")
			send(p, repeated(item(endpoint, ""), 21)).invalid()
		}),
		own("batches.send.sizes-message", `A batch of another size answers "items must contain between 1 and 20 entries".`, func(p *probe) {
			send(p, items()).invalid().says("items must contain between 1 and 20 entries")
			send(p, repeated(item(nobody, ""), 21)).invalid().says("items must contain between 1 and 20 entries")
		}),
		inferred("batches.send.no-items", "A batch without an array of items answers 400.", func(p *probe) {
			for _, body := range []string{`{}`, `{"items":null}`, `{"items":{}}`, `{"items":"x"}`} {
				send(p, body).invalid()
			}
		}),
		documented("batches.send.static-route", "The path of a batch wins over that of an endpoint called batch.", func(p *probe) {
			send(p, `{"payload":{}}`).invalid()
		}),
	}
}

func triggerBatches() []Case {
	item := func(name, members string) string {
		return object(`"eventType":"`+name+`"`, `"payload":{}`, members)
	}
	trigger := func(p *probe, body string) response { return p.ingestion().post("/event/batch", body) }
	return []Case{
		documented("batches.trigger.accepted", "A batch of events answers 202 with eventTypeId, deliveryIds and status of each in order.", func(p *probe) {
			_, eventType := p.subscribed()
			silent := p.eventType()
			res := trigger(p, items(item(eventType.name, ""), item(silent.name, ""))).is(202)
			res.part("items.0").hasKeys("index", "eventTypeId", "deliveryIds", "status").has("index", "0").
				has("eventTypeId", quoted(eventType.id)).has("status", `"accepted"`).text("deliveryIds.0")
			res.part("items.1").has("index", "1").has("eventTypeId", quoted(silent.id)).has("deliveryIds", "[]")
		}),
		documented("batches.trigger.partial", "An event that fails does so alone, and the batch answers 207.", func(p *probe) {
			eventType := p.eventType()
			res := trigger(p, items(item(unique(), ""), item("Not.A.Name", ""), item(eventType.name, ""))).is(207)
			res.part("items.0").hasKeys("index", "error").has("error.code", `"not_found"`)
			res.has("items.1.error.code", `"validation_error"`).has("items.2.status", `"accepted"`)
		}),
		documented("batches.trigger.metadata", "An item takes metadata.", func(p *probe) {
			trigger(p, items(item(p.eventType().name, `"metadata":{"source":"test"}`))).is(202)
		}),
		own("batches.trigger.idempotent", "An item's idempotencyKey repeats the item's answer.", func(p *probe) {
			_, eventType := p.subscribed()
			body := items(item(eventType.name, `"idempotencyKey":"`+unique()+`"`))
			first := trigger(p, body).is(202).text("items.0.deliveryIds.0")
			trigger(p, body).is(202).has("items.0.deliveryIds", `[`+quoted(first)+`]`)
		}),
		documented("batches.trigger.sizes", "A batch of events has 1 to 20 items.", func(p *probe) {
			name := p.eventType().name
			trigger(p, items()).invalid()
			trigger(p, repeated(item(name, ""), 20)).is(202)
			trigger(p, repeated(item(name, ""), 21)).invalid()
		}),
		documented("batches.trigger.static-route", "The path of a batch of events wins over that of an event called batch.", func(p *probe) {
			trigger(p, `{"payload":{}}`).invalid()
		}),
		own("batches.large-bodies", "A batch may have a body above 1 MiB.", func(p *probe) {
			text := `{"eventType":"` + p.eventType().name + `","payload":{"text":"` + strings.Repeat("x", 200<<10) + `"}}`
			trigger(p, repeated(text, 6)).is(202)
		}),
		own("batches.too-large", "A batch with a body above 8 MiB answers 413 payload_too_large.", func(p *probe) {
			trigger(p, `{"items":[],"x":"`+strings.Repeat("x", 8*megabyte)+`"}`).refuses(413, "payload_too_large")
		}),
	}
}
