package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// auditPages is how far back a row may have moved while the case looks for it.
const auditPages = 10

// audited finds the newest audit row of one of these objects.
func (p *probe) audited(query string, resourceIDs ...string) response {
	for page := range auditPages {
		res := p.get(fmt.Sprintf("/audit-logs?%s&page=%d", query, page+1)).is(http.StatusOK).part("data")
		rows := res.rows()
		for i := range rows {
			row := res.part(strconv.Itoa(i))
			if id, _ := row.at("resourceId").(string); slices.Contains(resourceIDs, id) {
				return row
			}
		}
		if len(rows) == 0 {
			break
		}
	}
	return p.get("/audit-logs?"+query).expect(false, "a row of %s", strings.Join(resourceIDs, " or "))
}

// entry finds the audit row of an action on an object.
func (p *probe) entry(action, resourceID string) response {
	return p.audited("action="+action, resourceID)
}

func auditLogs() []Case {
	return []Case{
		documented("audit-logs.shape", "The audit log is an object of data, total, page and pageSize.", func(p *probe) {
			p.endpoint("")
			res := p.get("/audit-logs").is(200).hasKeys("data", "total", "page", "pageSize").has("page", "1")
			res.part("data").rows()
		}),
		own("audit-logs.page-size", "A page has 50 rows.", func(p *probe) {
			p.get("/audit-logs").is(200).has("pageSize", "50")
		}),
		documented("audit-logs.row", "A row has id, actor, visibility, action, resource, metadata and createdAt.", func(p *probe) {
			endpoint := id(p.endpoint(""))
			p.entry("endpoint.created", endpoint).hasKeys("id", "actorType", "actorId", "actorLabel", "visibility", "action", "resourceType",
				"resourceId", "metadata", "createdAt").has("resourceType", `"endpoint"`).has("action", `"endpoint.created"`).matches("createdAt", timestamp)
		}),
		documented("audit-logs.uuids", "The id of a row is a UUID.", func(p *probe) {
			p.entry("endpoint.created", id(p.endpoint(""))).matches("id", `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
		}),
		own("audit-logs.actor", "What a management token has done is told of a management_token.", func(p *probe) {
			p.entry("endpoint.created", id(p.endpoint(""))).has("actorType", `"management_token"`).has("visibility", `"workspace"`)
		}),
		documented("audit-logs.order", "Rows are listed newest first.", func(p *probe) {
			older, newer := id(p.endpoint("")), id(p.endpoint(""))
			p.audited("action=endpoint.created", older, newer).has("resourceId", quoted(newer))
		}),
		documented("audit-logs.filters", "action, resource_type and actor_type filter the rows.", func(p *probe) {
			endpoint := id(p.endpoint(""))
			p.audited("resource_type=endpoint&actor_type=management_token", endpoint)
			for _, query := range []string{"action=endpoint.deleted", "resource_type=application", "actor_type=user"} {
				p.get("/audit-logs?"+query).is(200).part("data").no("resourceId", endpoint)
			}
		}),
		documented("audit-logs.times", "from and to bound the rows by time.", func(p *probe) {
			endpoint := p.newEndpoint("").is(201)
			at := url.QueryEscape(endpoint.text("createdAt"))
			p.audited("action=endpoint.created&from="+at, endpoint.text("id"))
			p.get("/audit-logs?to=2001-01-01T00:00:00.000Z").is(200).has("data", "[]").has("total", "0")
		}),
		inferred("audit-logs.bad-queries", "A page that is no positive integer, and a time that is none, answer 400.", func(p *probe) {
			for _, query := range []string{"page=0", "page=-1", "page=x", "from=yesterday", "to=yesterday"} {
				p.get("/audit-logs?" + query).invalid()
			}
		}),
		inferred("audit-logs.far-pages", "A page behind the last is empty.", func(p *probe) {
			p.get("/audit-logs?page=1000000").is(200).has("data", "[]").has("page", "1000000")
		}),
		own("audit-logs.not-ingestion", "Ingestion writes no row.", func(p *probe) {
			delivery := p.sent(p.sink())
			p.get("/audit-logs").is(200).part("data").no("resourceId", delivery)
		}),
	}
}

// auditWrites are the changes that the log tells of.
func auditWrites() []Case {
	writes := func(action, text string, act func(*probe) (resourceID string)) Case {
		return own("audit-logs.writes."+strings.NewReplacer(".", "-", "_", "-").Replace(action), text, func(p *probe) {
			id := act(p)
			p.entry(action, id).has("resourceId", quoted(id))
		})
	}
	return []Case{
		writes("application.created", "Creating an application writes a row.", func(p *probe) string { return id(p.application("")) }),
		writes("application.updated", "Updating an application writes a row.", func(p *probe) string {
			path := p.application("")
			p.patch(path, `{"name":"Renamed"}`).is(200)
			return id(path)
		}),
		writes("application.deleted", "Deleting an application writes a row.", func(p *probe) string {
			path := p.application("")
			p.delete(path).deleted()
			return id(path)
		}),
		writes("endpoint.updated", "Updating an endpoint writes a row.", func(p *probe) string {
			path := p.endpoint("")
			p.patch(path, `{"isActive":false}`).is(200)
			return id(path)
		}),
		writes("endpoint.deleted", "Deleting an endpoint writes a row.", func(p *probe) string {
			path := p.endpoint("")
			p.delete(path).deleted()
			return id(path)
		}),
		writes("event_type.created", "Creating an event type writes a row.", func(p *probe) string { return p.eventType().id }),
		writes("event_type.updated", "Updating an event type writes a row.", func(p *probe) string {
			eventType := p.eventType()
			p.patch("/event-types/"+eventType.id, `{"description":"Better"}`).is(200)
			return eventType.id
		}),
		writes("event_type.deleted", "Deleting an event type writes a row.", func(p *probe) string {
			eventType := p.eventType()
			p.delete("/event-types/" + eventType.id).deleted()
			return eventType.id
		}),
		writes("subscription.created", "Subscribing writes a row.", func(p *probe) string {
			endpoint, eventType := p.subscribed()
			return p.get("/endpoints/"+endpoint+"/subscriptions").is(200).row("eventTypeId", eventType.id).text("id")
		}),
		writes("subscription.deleted", "Unsubscribing writes a row.", func(p *probe) string {
			endpoint, eventType := p.subscribed()
			subscription := p.get("/endpoints/"+endpoint+"/subscriptions").is(200).row("eventTypeId", eventType.id).text("id")
			p.delete("/endpoints/" + endpoint + "/subscriptions/" + eventType.id).deleted()
			return subscription
		}),
		writes("environment.created", "Creating an environment writes a row.", func(p *probe) string { return id(p.environment()) }),
		writes("environment.visibility_updated", "Publishing an event type writes a row of the environment.", func(p *probe) string {
			env, eventType := p.environment(), p.eventType()
			p.put(env+"/event-types/"+eventType.id+"/visibility", `{"published":true}`).is(200)
			return id(env)
		}),
		writes("portal_session.created", "Creating a portal session writes a row.", func(p *probe) string { return p.issued().session }),
		writes("portal_session.exchanged", "Exchanging a code writes a row of the session.", func(p *probe) string {
			issued := p.issued()
			p.exchange(issued.code).is(200)
			return issued.session
		}),
		writes("portal_session.code_replayed", "Using a code again writes a row of the session.", func(p *probe) string {
			issued := p.issued()
			p.exchange(issued.code).is(200)
			p.exchange(issued.code).is(400)
			return issued.session
		}),
		writes("portal_session.ended", "Ending a portal session writes a row.", func(p *probe) string {
			issued := p.issued()
			p.exchanged(issued.code).delete("/session").deleted()
			return issued.session
		}),
		writes("endpoint.tested", "Testing an endpoint writes a row.", func(p *probe) string {
			path := p.endpoint("")
			p.tested(path, "").is(200)
			return id(path)
		}),
		writes("delivery.retried", "Retrying a delivery by hand writes a row.", func(p *probe) string {
			_, delivery := p.failed()
			p.dashboard().post("/deliveries/"+escaped(delivery)+"/retry", "").is(200)
			return delivery
		}),
	}
}

// issued is a new portal session, whose id is in its link.
type issued struct{ session, code string }

func (p *probe) issued() issued {
	res := p.post(p.application("")+"/portal", `{}`).is(201)
	return issued{sessionID(res), res.text("code")}
}
