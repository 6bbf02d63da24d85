package conformance

import "slices"

func dashboard() []Case {
	keys := func() []string { return append(endpointKeys(), "environmentId", "applicationId", "lastDeliveryAt") }
	create := func(p *probe, members string) response {
		env := quoted(p.defaultEnvironment().text("id"))
		return p.dashboard().post("/endpoints", object(`"url":"`+nowhere+`"`, `"environmentId":`+env, members))
	}
	return []Case{
		documented("dashboard.auth", "The dashboard API needs a session.", func(p *probe) {
			p.dashboard().as("").get("/applications").refuses(401, "unauthorized")
			p.dashboard().as(p.target.APIKey).get("/applications").refuses(401, "unauthorized")
		}),
		inferred("dashboard.tenancy", "A session does not open another workspace.", func(p *probe) {
			p.needs("second workspace", p.target.Other.WorkspaceID)
			elsewhere := p.dashboard()
			elsewhere.prefix = "/api/workspaces/" + p.target.Other.WorkspaceID
			elsewhere.get("/endpoints").missing("Workspace")
		}),
		documented("dashboard.applications", "Applications are created, read, changed and deleted as in the management API.", func(p *probe) {
			d, externalID := p.dashboard(), unique()
			app := d.post("/applications", `{"name":"Acme","externalId":"`+externalID+`","maxEndpoints":3}`).is(201).hasKeys(applicationKeys()...)
			path := "/applications/" + app.text("id")
			d.post("/applications", `{"name":"Acme","externalId":"`+externalID+`"}`).refuses(409, "conflict")
			d.get("/applications").is(200).rows()
			p.get(path).is(200).has("", string(app.body))
			d.patch(path, `{"maxEndpoints":null}`).is(200).has("maxEndpoints", "null")
			d.get(path + "/endpoints").is(200).rows()
			d.delete(path).deleted()
			p.get(path).missing("Application")
		}),
		documented("dashboard.endpoints.rows", "The dashboard's endpoints have environmentId, applicationId and lastDeliveryAt beside the rest.", func(p *probe) {
			created := create(p, "").is(201).hasKeys(append(keys(), "secret")...).has("applicationId", "null").has("lastDeliveryAt", "null")
			path := "/endpoints/" + created.text("id")
			p.dashboard().get(path).is(200).has("environmentId", quoted(created.text("environmentId")))
			p.dashboard().get("/endpoints").is(200).row("id", created.text("id")).hasKeys(keys()...)
			p.dashboard().patch(path, `{"isActive":false}`).is(200).hasKeys(keys()...).has("isActive", "false")
			p.dashboard().delete(path).deleted()
			p.get(path).missing("Endpoint")
		}),
		inferred("dashboard.endpoints.environment", "The dashboard must name the environment of a new endpoint.", func(p *probe) {
			p.dashboard().post("/endpoints", `{"url":"`+nowhere+`"}`).invalid()
		}),
		own("dashboard.endpoints.application", "The dashboard can create an endpoint for an application, up to its limit.", func(p *probe) {
			app := p.application(`"maxEndpoints":1`)
			member := `"applicationId":` + quoted(id(app))
			created := create(p, member).is(201).has("applicationId", quoted(id(app)))
			p.get(app+"/endpoints").is(200).row("id", created.text("id"))
			create(p, member).refuses(403, "application_endpoint_limit_reached")
			create(p, `"applicationId":"`+nobody+`"`).missing("Application")
		}),
		own("dashboard.endpoints.filter", "applicationId filters the dashboard's endpoints.", func(p *probe) {
			app, other := p.application(""), p.newEndpoint("").created()
			mine := p.post(app+"/endpoints", `{"url":"`+nowhere+`"}`).created()
			p.dashboard().get("/endpoints?applicationId="+escaped(id(app))).is(200).no("id", other).row("id", mine)
		}),
		own("dashboard.endpoints.last-delivery", "lastDeliveryAt is when the endpoint's newest delivery was made.", func(p *probe) {
			endpoint := p.sink()
			at := p.get("/deliveries/" + escaped(p.sent(endpoint))).is(200).text("createdAt")
			p.dashboard().get("/endpoints/"+endpoint).is(200).has("lastDeliveryAt", quoted(at))
		}),
		documented("dashboard.event-types", "Event types and subscriptions work as in the management API.", func(p *probe) {
			d, name, endpoint := p.dashboard(), unique()+".created", p.endpoint("")
			eventType := d.post("/event-types", `{"name":"`+name+`"}`).created()
			d.post(endpoint+"/subscriptions", `{"eventTypeIds":["`+eventType+`"]}`).is(201).has("subscribed", "1")
			d.get(endpoint+"/subscriptions").is(200).row("eventTypeId", eventType)
			d.delete(endpoint + "/subscriptions/" + eventType).deleted()
			d.delete("/event-types/" + eventType).deleted()
		}),
		documented("dashboard.environments", "Environments and visibility work as in the management API.", func(p *probe) {
			d, env := p.dashboard(), p.environment()
			d.get("/environments").is(200).row("id", id(env))
			d.patch(env, `{"name":"Renamed"}`).is(200).has("name", `"Renamed"`)
			d.get(env + "/event-types").is(200).rows()
			d.delete(env).deleted()
		}),
		own("dashboard.audit", "What a user does in the dashboard is told of a user.", func(p *probe) {
			p.entry("endpoint.created", create(p, "").created()).has("actorType", `"user"`)
		}),
		own("dashboard.test", "A test answers 200 with the delivery and its attempt.", func(p *probe) {
			res := p.tested(p.endpoint(""), "").is(200).hasKeys("delivery", "attempt")
			res.has("delivery.status", `"failed"`).has("attempt.attemptNumber", "1")
			p.get("/deliveries/"+escaped(res.text("delivery.id"))).is(200).has("nextRetryAt", "null")
		}),
	}
}

// failed gives the endpoint and the id of a delivery that has failed for good: a
// test is attempted at once, and once.
func (p *probe) failed() (endpoint, deliveryID string) {
	endpoint = p.endpoint("")
	res := p.tested(endpoint, `{"payload":{"n":1}}`)
	if res.at("delivery.status") != "failed" { // tests are not documented
		p.lacks("delivery that has failed")
	}
	return endpoint, res.text("delivery.id")
}

// tested sends a test from the dashboard.
func (p *probe) tested(endpoint, body string) response {
	return p.dashboard().post(endpoint+"/test", body)
}

func dashboardDeliveries() []Case {
	return []Case{
		documented("dashboard.deliveries.list", "The dashboard lists an endpoint's deliveries, 200 at most.", func(p *probe) {
			path, ids := p.listOf(2)
			p.dashboard().get(path).is(200).hasKeys("deliveries", "nextCursor").part("deliveries").inOrder(ids[1], ids[0])
			p.dashboard().get(path + "?limit=1000").is(200)
		}),
		documented("dashboard.deliveries.clamped", "The dashboard's limit below 1 counts as 1.", func(p *probe) {
			path, _ := p.listOf(2)
			res := p.dashboard().get(path + "?limit=0").is(200)
			res.expect(res.count("deliveries") == 1, "one delivery")
		}),
		documented("dashboard.deliveries.get", "The dashboard shows a delivery and its attempts as the management API does.", func(p *probe) {
			path := "/deliveries/" + escaped(p.sent(p.sink()))
			p.dashboard().get(path).is(200).hasKeys(deliveryKeys()...)
			p.dashboard().get(path + "/attempts").is(200).rows()
		}),
		documented("dashboard.payload.available", "The dashboard gives a payload as 200 with payload.", func(p *probe) {
			_, delivery := p.failed()
			p.dashboard().get("/deliveries/"+escaped(delivery)+"/payload").is(200).has("", `{"payload":{"n":1}}`)
		}),
		documented("dashboard.payload.forbidden", "On a plan without payload storage a payload answers 403 feature_disabled.", func(p *probe) {
			hobby := p.target.Hobby
			p.needs("workspace on the Hobby plan with all its tokens", hobby.WorkspaceID, hobby.ManagementToken, hobby.APIKey, hobby.SessionToken)
			endpoint := p.management(hobby).post("/endpoints", `{"url":"`+nowhere+`"}`).created()
			sent := p.ingestion().as(hobby.APIKey).post("/"+endpoint, `{"payload":{}}`).is(202).text("deliveryId")
			dashboard := caller{p, "/api/workspaces/" + escaped(hobby.WorkspaceID), hobby.SessionToken}
			dashboard.get("/deliveries/"+escaped(sent)+"/payload").refuses(403, "feature_disabled").says("Payload storage is not available on your plan")
		}),
		documented("dashboard.payload.unknown", "The payload of a delivery that does not exist answers 404.", func(p *probe) {
			p.dashboard().get("/deliveries/"+nobody+"/payload").refuses(404, "not_found")
		}),
		documented("dashboard.retry.accepted", "Retrying a delivery that has failed answers 200 with the row, pending again.", func(p *probe) {
			_, delivery := p.failed()
			p.dashboard().post("/deliveries/"+escaped(delivery)+"/retry", "").is(200).hasKeys(deliveryKeys()...).
				has("id", quoted(delivery)).has("status", `"pending"`)
		}),
		own("dashboard.retry.attempt", "A retry is one attempt more, and its number goes on.", func(p *probe) {
			_, delivery := p.failed()
			path := "/deliveries/" + escaped(delivery)
			p.dashboard().post(path+"/retry", "").is(200)
			p.attempted(delivery).has("status", `"failed"`).has("totalAttempts", "2").has("nextRetryAt", "null")
			p.get(path+"/attempts").is(200).part("1").has("attemptNumber", "2")
		}),
		documented("dashboard.retry.not-failed", "Retrying a delivery that has not failed answers 409 conflict.", func(p *probe) {
			p.dashboard().post("/deliveries/"+escaped(p.sent(p.sink()))+"/retry", "").refuses(409, "conflict")
		}),
		own("dashboard.retry.disabled", "Retrying at a disabled or deleted endpoint answers 409 conflict.", func(p *probe) {
			endpoint, delivery := p.failed()
			p.patch(endpoint, `{"isActive":false}`).is(200)
			p.dashboard().post("/deliveries/"+escaped(delivery)+"/retry", "").refuses(409, "conflict")
			p.delete(endpoint).deleted()
			p.dashboard().post("/deliveries/"+escaped(delivery)+"/retry", "").refuses(409, "conflict")
		}),
		documented("dashboard.retry.unknown", `Retrying a delivery that does not exist answers 404 "Delivery not found".`, func(p *probe) {
			p.dashboard().post("/deliveries/"+nobody+"/retry", "").missing("Delivery")
		}),
		own("dashboard.retry.same-id", "A retry that succeeds makes the delivery delivered, under the same webhook-id.", func(p *probe) {
			failing, taking := p.receiver(500), p.receiver(200)
			endpoint := "/endpoints/" + p.post("/endpoints", `{"url":`+quoted(failing.URL)+`}`).created()
			delivery := p.tested(endpoint, "").is(200).text("delivery.id")
			p.patch(endpoint, `{"url":`+quoted(taking.URL)+`}`).is(200)
			p.dashboard().post("/deliveries/"+escaped(delivery)+"/retry", "").is(200)
			p.attempted(delivery).has("status", `"delivered"`)
			before, after := p.webhook(failing).Header.Get("Webhook-Id"), p.webhook(taking).Header.Get("Webhook-Id")
			p.arrived(before == after, "the webhook-id "+before, after)
		}),
	}
}

func deviceGrants() []Case {
	return slices.Concat(deviceGrantStarts(), deviceGrantDecisions())
}
