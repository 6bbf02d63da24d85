package conformance

import (
	"encoding/base64"
	"strings"
)

// discloses tells whether a cursor holds an id, as it is or in base64.
func discloses(cursor string, ids []string) bool {
	plain, _ := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(cursor))
	for _, id := range ids {
		if strings.Contains(cursor, id) || strings.Contains(string(plain), id) {
			return true
		}
	}
	return false
}

// payloads are what include=payload shows.
func payloads() []Case {
	return []Case{
		documented("payloads.not-asked", "A delivery has no payload unless it is asked for.", func(p *probe) {
			p.get("/deliveries/" + escaped(p.sent(p.sink()))).is(200).without("payload")
		}),
		documented("payloads.envelope", "include=payload adds a payload with a status, and answers 200 whatever that is.", func(p *probe) {
			p.get("/deliveries/"+escaped(p.sent(p.sink()))+"?include=payload").is(200).hasKeys(append(deliveryKeys(), "payload")...).
				matches("payload.status", "^(available|processing|forbidden|not_found|error)$")
		}),
		documented("payloads.available", "A payload that is available has the status, data and contentType application/json.", func(p *probe) {
			id := p.ingestion().post("/"+p.sink(), `{"payload":{"order":"ord_1","lines":[1,2.50,null],"name":"café"}}`).is(202).text("deliveryId")
			p.shown(id).hasKeys("status", "data", "contentType").has("contentType", `"application/json"`).
				has("data", `{"order":"ord_1","lines":[1,2.50,null],"name":"café"}`)
		}),
		documented("payloads.has-payload", "hasPayload says whether the payload was stored.", func(p *probe) {
			id := p.sent(p.sink())
			p.shown(id)
			p.get("/deliveries/"+escaped(id)).is(200).has("hasPayload", "true")
		}),
	}
}
