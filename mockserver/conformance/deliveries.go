package conformance

import (
	"fmt"
	"net/url"
	"slices"
)

func deliveryKeys() []string {
	return []string{
		"id", "idempotencyKey", "endpointId", "status", "totalAttempts", "firstAttemptAt", "deliveredAt", "nextRetryAt", "hasPayload",
		"createdAt", "updatedAt",
	}
}

// listOf gives the path of a new endpoint's deliveries, and n of them, oldest
// first.
func (p *probe) listOf(n int) (path string, ids []string) {
	endpoint := p.sink()
	for range n {
		ids = append(ids, p.sent(endpoint))
	}
	return "/endpoints/" + endpoint + "/deliveries", ids
}

// next asks for the page behind a cursor.
func next(path, query string, page response) string {
	return path + "?" + query + "&cursor=" + url.QueryEscape(page.text("nextCursor"))
}

func deliveries() []Case {
	return slices.Concat(deliveryReads(), deliveryPages())
}

func deliveryReads() []Case {
	return []Case{
		documented("deliveries.get.shape", "A delivery has id, idempotencyKey, endpointId, status, totalAttempts, times and hasPayload.", func(p *probe) {
			endpoint, key := p.sink(), unique()
			sent := p.ingestion().post("/"+endpoint, `{"payload":{},"idempotencyKey":"`+key+`"}`).is(202).text("deliveryId")
			p.get("/deliveries/"+escaped(sent)).is(200).hasKeys(deliveryKeys()...).has("id", quoted(sent)).
				has("endpointId", quoted(endpoint)).has("idempotencyKey", quoted(key)).matches("createdAt", timestamp).matches("updatedAt", timestamp)
		}),
		documented("deliveries.get.status", "A delivery's status is one of the six documented.", func(p *probe) {
			p.get("/deliveries/"+escaped(p.sent(p.sink()))).is(200).
				matches("status", "^(pending|delivering|delivered|scheduled_retry|failed|dead_letter)$")
		}),
		documented("deliveries.get.unknown", `A delivery that does not exist answers 404 "Delivery not found".`, func(p *probe) {
			p.get("/deliveries/" + nobody).missing("Delivery")
			p.get("/deliveries/" + nobody + "/attempts").missing("Delivery")
		}),
		documented("deliveries.attempts.shape", "An attempt has id, attemptNumber, status, responseStatusCode, responseTimeMs, errorMessage and createdAt.", func(p *probe) {
			res := p.get("/deliveries/" + escaped(p.sent(p.sink())) + "/attempts").is(200)
			for i := range res.rows() {
				res.part(fmt.Sprint(i)).hasKeys("id", "attemptNumber", "status", "responseStatusCode", "responseTimeMs", "errorMessage", "createdAt").
					has("attemptNumber", fmt.Sprint(i+1)).matches("id", "^att_").matches("createdAt", timestamp)
			}
		}),
		documented("deliveries.no-retry", "The management API cannot create or retry a delivery.", func(p *probe) {
			sent := p.sent(p.sink())
			for _, path := range []string{"/deliveries", "/deliveries/" + escaped(sent) + "/retry"} {
				res := p.post(path, `{}`)
				res.expect(res.status == 404 || res.status == 405, "404 or 405")
			}
		}),
	}
}

func deliveryPages() []Case {
	const cursorCode = "invalid_cursor"
	return []Case{
		documented("deliveries.list.shape", "The deliveries of an endpoint are an object of deliveries and nextCursor.", func(p *probe) {
			path, ids := p.listOf(1)
			res := p.get(path).is(200).hasKeys("deliveries", "nextCursor")
			res.part("deliveries.0").hasKeys(deliveryKeys()...).has("id", quoted(ids[0]))
			res.has("nextCursor", "null")
		}),
		own("deliveries.list.empty", "An endpoint without deliveries has deliveries [] and nextCursor null.", func(p *probe) {
			path, _ := p.listOf(0)
			p.get(path).is(200).has("", `{"deliveries":[],"nextCursor":null}`)
		}),
		documented("deliveries.list.order", "Deliveries are listed newest first.", func(p *probe) {
			path, ids := p.listOf(3)
			p.get(path).is(200).part("deliveries").inOrder(ids[2], ids[1], ids[0])
		}),
		documented("deliveries.list.no-payload", "A list shows no payloads.", func(p *probe) {
			path, _ := p.listOf(1)
			p.get(path).is(200).without("deliveries.0.payload")
		}),
		documented("deliveries.list.pages", "Following nextCursor gives every delivery once, the newest first.", func(p *probe) {
			path, ids := p.listOf(5)
			found, last := p.follow(path, "limit=2", len(ids))
			slices.Reverse(ids)
			last.expect(slices.Equal(found, ids), "the deliveries %q in all, not %q", ids, found)
		}),
		own("deliveries.list.full-last-page", "nextCursor is null on the last page, also when that page is full.", func(p *probe) {
			path, _ := p.listOf(4)
			page := p.get(path + "?limit=2").is(200)
			p.get(next(path, "limit=2", page)).is(200).has("nextCursor", "null")
		}),
		own("deliveries.list.bad-limit", "A limit that is no positive integer answers 400.", func(p *probe) {
			path, _ := p.listOf(0)
			for _, limit := range []string{"0", "-1", "x", "1.5"} {
				p.get(path + "?limit=" + limit).invalid()
			}
		}),
		own("deliveries.list.clamped", "A limit above 100 counts as 100.", func(p *probe) {
			path, _ := p.listOf(0)
			p.get(path + "?limit=101").is(200)
		}),
		documented("deliveries.list.status", "status filters the deliveries.", func(p *probe) {
			path, ids := p.listOf(1)
			status := p.get("/deliveries/" + escaped(ids[0])).is(200).text("status")
			filtered := p.get(path + "?status=" + status).is(200)
			others := p.get(path + "?status=dead_letter").is(200)
			if p.get("/deliveries/"+escaped(ids[0])).at("status") == status { // it may be attempted meanwhile
				filtered.part("deliveries").row("id", ids[0])
			}
			others.has("deliveries", "[]")
		}),
		documented("deliveries.list.bad-status", "A status that does not exist answers 400.", func(p *probe) {
			path, _ := p.listOf(0)
			p.get(path + "?status=lost").invalid()
			p.get(path + "?status=Delivered").invalid()
		}),
		documented("deliveries.list.unknown-endpoint", `The deliveries of an endpoint that does not exist answer 404 "Endpoint not found".`, func(p *probe) {
			p.get("/endpoints/" + nobody + "/deliveries").missing("Endpoint")
		}),
		documented("deliveries.cursors.garbage", "A cursor that the server never gave answers 400 invalid_cursor.", func(p *probe) {
			path, ids := p.listOf(1)
			for _, cursor := range []string{"x", "AAAA", escaped(ids[0]), "eyJpZCI6MX0"} {
				p.get(path+"?cursor="+cursor).refuses(400, cursorCode)
			}
		}),
		documented("deliveries.cursors.tampered", "A cursor of which one character was changed answers 400 invalid_cursor.", func(p *probe) {
			path, _ := p.listOf(2)
			cursor := p.get(path + "?limit=1").is(200).text("nextCursor")
			for _, i := range []int{0, len(cursor) / 2} {
				p.get(path+"?limit=1&cursor="+url.QueryEscape(tampered(cursor, i))).refuses(400, cursorCode)
			}
		}),
		documented("deliveries.cursors.other-endpoint", "A cursor of another endpoint's list answers 400 invalid_cursor.", func(p *probe) {
			path, _ := p.listOf(2)
			other, _ := p.listOf(1)
			p.get(next(other, "limit=1", p.get(path+"?limit=1").is(200))).refuses(400, cursorCode)
		}),
		documented("deliveries.cursors.other-status", "A cursor under another status filter answers 400 invalid_cursor.", func(p *probe) {
			path, _ := p.listOf(2)
			p.get(next(path, "limit=1&status=delivered", p.get(path+"?limit=1").is(200))).refuses(400, cursorCode)
		}),
		documented("deliveries.cursors.message", "The answer to a bad cursor says to restart from the beginning.", func(p *probe) {
			path, _ := p.listOf(0)
			p.get(path+"?cursor=x").refuses(400, cursorCode).matches("error.message", "(?i)restart.*beginning")
		}),
		documented("deliveries.cursors.opaque", "A cursor shows no id.", func(p *probe) {
			path, ids := p.listOf(2)
			res := p.get(path + "?limit=1").is(200)
			res.expect(!discloses(res.text("nextCursor"), ids), "a cursor that shows no id")
		}),
	}
}

// follow gives the ids on all pages and the last page; of more pages than there
// can be it reads no more than most.
func (p *probe) follow(path, query string, most int) ([]string, response) {
	var ids []string
	page := p.get(path + "?" + query).is(200)
	for range most {
		for i := range max(page.count("deliveries"), 0) {
			ids = append(ids, page.text(fmt.Sprintf("deliveries.%d.id", i)))
		}
		if page.at("nextCursor") == nil {
			break
		}
		page = p.get(next(path, query, page)).is(200)
	}
	return ids, page
}

// tampered puts another character of the base64 alphabet in place of one.
func tampered(cursor string, i int) string {
	if i >= len(cursor) {
		return cursor
	}
	other := "A"
	if cursor[i] == 'A' {
		other = "B"
	}
	return cursor[:i] + other + cursor[i+1:]
}
