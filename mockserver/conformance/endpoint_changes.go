package conformance

func endpointChanges() []Case {
	changes := func(p Provenance, id, text, members, body, field, want string) Case {
		return rule(p, "endpoints.update."+id, text, func(p *probe) {
			path := p.endpoint(members)
			p.patch(path, body).is(200).has(field, want)
			p.get(path).is(200).has(field, want)
		})
	}
	const credentials = `"authUsername":"acme","authPassword":"hunter2"`
	return []Case{
		documented("endpoints.update.shape", "Updating an endpoint answers 200 with the whole object.", func(p *probe) {
			p.patch(p.endpoint(""), `{"description":"Orders"}`).is(200).hasKeys(endpointKeys()...)
		}),
		changes(Documented, "url", "An update can move a webhook to another url.", ``, `{"url":"https://other.invalid/"}`, "url", `"https://other.invalid/"`),
		changes(Documented, "description", "An update can set the description.", ``, `{"description":"Orders"}`, "description", `"Orders"`),
		changes(Own, "empty-description", "An empty description clears it.", `"description":"Orders"`, `{"description":""}`, "description", "null"),
		changes(Own, "null-description", "A null clears the description.", `"description":"Orders"`, `{"description":null}`, "description", "null"),
		changes(Documented, "disable", "An update can disable an endpoint.", ``, `{"isActive":false}`, "isActive", "false"),
		changes(Inferred, "metadata", "New metadata replaces the old as a whole.", `"metadata":{"a":"1","b":"2"}`, `{"metadata":{"c":"3"}}`, "metadata", `{"c":"3"}`),
		changes(Documented, "keeps", "An update leaves what it does not mention.", `"metadata":{"a":"1"}`, `{"description":"Orders"}`, "metadata", `{"a":"1"}`),
		documented("endpoints.update.enable", "A disabled endpoint can be enabled again.", func(p *probe) {
			path := p.endpoint("")
			p.patch(path, `{"isActive":false}`).is(200)
			p.patch(path, `{"isActive":true}`).is(200).has("isActive", "true")
		}),
		changes(Documented, "credentials", "An update can set user name and password.", ``, `{`+credentials+`}`, "hasAuth", "true"),
		changes(Own, "user-alone", "A user name alone replaces the stored one.", credentials, `{"authUsername":"other"}`, "authUsername", `"other"`),
		changes(Own, "password-alone", "A password alone replaces the stored one.", credentials, `{"authPassword":"hunter3"}`, "hasAuth", "true"),
		changes(Own, "clears-credentials", "An empty user name clears user name and password.", credentials, `{"authUsername":""}`, "hasAuth", "false"),
		changes(Own, "null-credentials", "A null for the user name clears user name and password.", credentials, `{"authUsername":null}`, "authUsername", "null"),
		changes(Own, "null-password", "A null for the password clears user name and password.", credentials, `{"authPassword":null}`, "hasAuth", "false"),
		own("endpoints.update.half-credentials", "A user name alone is refused where no password is stored.", func(p *probe) {
			p.patch(p.endpoint(""), `{"authUsername":"acme"}`).invalid()
		}),
		changes(Inferred, "type", "The type cannot be changed: one that is sent is ignored.", ``, `{"type":"slack"}`, "type", `"webhook"`),
		inferred("endpoints.update.environment", "The environment cannot be changed: one that is sent is ignored.", func(p *probe) {
			p.patch(p.endpoint(""), `{"environmentId":"`+nobody+`"}`).is(200)
		}),
		own("endpoints.update.slack", "config is replaced as a whole.", func(p *probe) {
			id := p.post("/endpoints", `{"type":"slack","config":{"webhookUrl":"`+slackURL+`"}}`).created()
			p.patch("/endpoints/"+id, `{"config":{"webhookUrl":"https://other.invalid/"}}`).is(200).has("config.webhookUrl", `"https://other.invalid/"`)
		}),
		own("endpoints.update.nothing", "An update of nothing answers 200 and changes nothing, not even updatedAt.", func(p *probe) {
			created := p.newEndpoint("").is(201)
			p.patch("/endpoints/"+created.text("id"), `{}`).is(200).has("updatedAt", quoted(created.text("updatedAt")))
		}),
		documented("endpoints.update.refuses", "An update obeys the rules of creation.", func(p *probe) {
			path := p.endpoint("")
			p.patch(path, `{"url":""}`).invalid()
			p.patch(path, `{"url":"ftp://a.invalid"}`).invalid()
			p.patch(path, `{"metadata":`+pairs(6)+`}`).invalid()
			p.get(path).is(200).has("url", quoted(nowhere))
		}),
		documented("endpoints.update.unknown", `Updating an endpoint that does not exist answers 404 "Endpoint not found".`, func(p *probe) {
			p.patch("/endpoints/"+nobody, `{"isActive":false}`).missing("Endpoint")
		}),
		documented("endpoints.delete.unknown", `Deleting an endpoint that does not exist answers 404 "Endpoint not found".`, func(p *probe) {
			p.delete("/endpoints/" + nobody).missing("Endpoint")
		}),
		own("endpoints.delete.subscriptions", "Deleting an endpoint ends its subscriptions: events of the type go to nobody.", func(p *probe) {
			id, eventType := p.subscribed()
			p.delete("/endpoints/" + id).deleted()
			p.get("/endpoints/" + id + "/subscriptions").missing("Endpoint")
			p.ingestion().post("/event/"+eventType.name, `{"payload":{}}`).is(202).has("deliveryIds", "[]")
		}),
		own("endpoints.delete.deliveries", "The deliveries of a deleted endpoint stay readable, its list of deliveries does not.", func(p *probe) {
			id := p.sink()
			delivery := p.sent(id)
			p.delete("/endpoints/" + id).deleted()
			p.get("/deliveries/"+escaped(delivery)).is(200).has("endpointId", quoted(id))
			p.get("/endpoints/" + id + "/deliveries").missing("Endpoint")
		}),
		inferred("endpoints.delete.sending", "A deleted endpoint takes nothing more.", func(p *probe) {
			id := p.sink()
			p.delete("/endpoints/" + id).deleted()
			p.ingestion().post("/"+id, `{"payload":{}}`).missing("Endpoint")
		}),
	}
}
