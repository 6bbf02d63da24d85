package conformance

import "strings"

const megabyte = 1 << 20

// bodies are the rules of how a request's JSON is read.
func bodies() []Case {
	refused := func(id, text, body string) Case {
		return own("bodies."+id, text, func(p *probe) { p.post("/applications", body).invalid() })
	}
	return []Case{
		own("bodies.malformed", `A body that is not JSON answers 400 validation_error "Request body must be valid JSON".`, func(p *probe) {
			for _, body := range []string{`{`, `{"name":}`, `{"name":"A",}`, `name=A`, `{'name':'A'}`} {
				p.post("/applications", body).invalid().says("Request body must be valid JSON")
			}
		}),
		own("bodies.envelope", "A body that breaks a rule is always answered in the error envelope, never in the shape of a web framework.", func(p *probe) {
			for _, body := range []string{`{`, `[]`, `{}`, `{"name":5}`, `{"name":""}`} {
				p.post("/applications", body).refuses(400, "validation_error")
			}
		}),
		own("bodies.trailing", "Anything after the object is refused.", func(p *probe) {
			p.post("/applications", `{"name":"A"}{}`).invalid()
			p.post("/applications", `{"name":"A"} x`).invalid()
		}),
		refused("invalid-utf8", "A body that is not UTF-8 is refused.", "{\"name\":\"\xff\"}"),
		refused("empty", "An empty body is refused where one is needed.", ""),
		own("bodies.not-an-object", "A body that is JSON but no object is refused.", func(p *probe) {
			for _, body := range []string{`[]`, `null`, `"name"`, `1`, `true`} {
				p.post("/applications", body).invalid()
			}
		}),
		refused("case-sensitive", "Field names are case-sensitive.", `{"Name":"A"}`),
		own("bodies.duplicate-keys", "Of a key that is there twice the last one counts.", func(p *probe) {
			p.post("/applications", `{"name":"First","name":"Last"}`).is(201).has("name", `"Last"`)
		}),
		refused("null-name", "A null is refused where it has no meaning, as for a name.", `{"name":null}`),
		refused("number-for-text", "A number is no text.", `{"name":5}`),
		refused("text-for-number", "A text of digits is no integer.", `{"name":"A","maxEndpoints":"3"}`),
		refused("decimals", "3.0 is no integer.", `{"name":"A","maxEndpoints":3.0}`),
		refused("exponents", "1e1 is no integer.", `{"name":"A","maxEndpoints":1e1}`),
		refused("large-integers", "An integer above 2147483647 is refused.", `{"name":"A","maxEndpoints":2147483648}`),
		own("bodies.largest-integer", "2147483647 is the largest integer.", func(p *probe) {
			p.newApplication(`"maxEndpoints":2147483647`).is(201).has("maxEndpoints", "2147483647")
		}),
		refused("text-for-boolean", `"true" is no boolean.`, `{"name":"A","showEventTypes":"true"}`),
		own("bodies.unknown-fields", "Fields that do not exist are ignored.", func(p *probe) {
			p.newApplication(`"colour":"red"`).is(201).without("colour")
		}),
		own("bodies.not-trimmed", "Texts are not trimmed.", func(p *probe) {
			p.post("/applications", `{"name":" A "}`).is(201).has("name", `" A "`)
		}),
		own("bodies.code-points", "Lengths count Unicode code points.", func(p *probe) {
			p.post("/applications", `{"name":"`+strings.Repeat("🐈", 255)+`"}`).is(201)
			p.post("/applications", `{"name":"`+strings.Repeat("🐈", 256)+`"}`).invalid()
		}),
		own("bodies.round-trip", "Texts come back as they were given.", func(p *probe) {
			const name = `"<b>\"Ac\\me\" & Söhne</b> \u2028 🐈"`
			p.post("/applications", `{"name":`+name+`}`).is(201).has("name", name)
		}),
		own("bodies.media-type", "A body that is not application/json answers 415 unsupported_media_type.", func(p *probe) {
			for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "application/jsonx"} {
				p.post("/applications", `{"name":"A"}`, header("Content-Type", media)).refuses(415, "unsupported_media_type")
			}
			p.post("/applications", `{"name":"A"}`, header("Content-Type")).refuses(415, "unsupported_media_type")
		}),
		own("bodies.media-type-parameters", "A charset beside application/json is accepted.", func(p *probe) {
			p.post("/applications", `{"name":"A"}`, header("Content-Type", "application/json; charset=utf-8")).is(201)
		}),
		documented("bodies.no-media-type-needed", "A request without a body needs no Content-Type.", func(p *probe) {
			p.get("/environments", header("Content-Type")).is(200)
			p.delete(p.application(""), header("Content-Type")).deleted()
		}),
		own("bodies.too-large", "A body above 1 MiB answers 413 payload_too_large.", func(p *probe) {
			p.post("/applications", `{"name":"A","x":"`+strings.Repeat("x", megabyte)+`"}`).refuses(413, "payload_too_large")
		}),
		own("bodies.order-media-type-first", "A body of the wrong type is refused before its content is looked at.", func(p *probe) {
			p.post("/applications", `{`, header("Content-Type", "text/plain")).is(415)
		}),
		own("bodies.order-fields-before-ids", "A field that breaks a rule is reported before an id that nobody has.", func(p *probe) {
			p.patch("/applications/"+nobody, `{"name":""}`).invalid()
		}),
	}
}
