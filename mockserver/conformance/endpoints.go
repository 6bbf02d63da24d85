package conformance

import "strings"

// endpointKeys are those of an endpoint in lists and updates.
func endpointKeys() []string {
	return []string{
		"id", "url", "description", "authUsername", "hasAuth", "isActive", "type", "config", "metadata", "createdAt", "updatedAt",
	}
}

const slackURL = "https://hooks.slack.invalid/services/T000/B000/XXXX"

// applicationEndpoints are the rules of endpoints that belong to an application.
func applicationEndpoints() []Case {
	full := func(r response) { r.refuses(403, "application_endpoint_limit_reached") }
	create := func(p *probe, app string) response { return p.post(app+"/endpoints", `{"url":"`+nowhere+`"}`) }
	return []Case{
		documented("application-endpoints.create", "An endpoint created for an application is listed there.", func(p *probe) {
			app := p.application("")
			id := create(p, app).is(201).hasKeys(append(endpointKeys(), "secret")...).text("id")
			p.get(app+"/endpoints").is(200).row("id", id).hasKeys(endpointKeys()...)
		}),
		own("application-endpoints.order", "The endpoints of an application are listed newest first.", func(p *probe) {
			app := p.application("")
			older, newer := create(p, app).created(), create(p, app).created()
			res := p.get(app+"/endpoints").is(200).inOrder(newer, older)
			res.expect(len(res.rows()) == 2, "these two and no other")
		}),
		inferred("application-endpoints.in-workspace-list", "The workspace's list has the endpoints of applications too.", func(p *probe) {
			id := create(p, p.application("")).created()
			p.get("/endpoints").is(200).row("id", id)
		}),
		documented("application-endpoints.not-in-others", "The list of an application has no endpoint of another one, nor of the workspace itself.", func(p *probe) {
			app := p.application("")
			elsewhere, workspaces := create(p, p.application("")).created(), p.newEndpoint("").created()
			p.get(app+"/endpoints").is(200).no("id", elsewhere).no("id", workspaces)
		}),
		documented("application-endpoints.limit", "One endpoint more than maxEndpoints answers 403 application_endpoint_limit_reached.", func(p *probe) {
			app := p.application(`"maxEndpoints":1`)
			create(p, app).is(201)
			full(create(p, app))
		}),
		documented("application-endpoints.limit-of-none", "A maxEndpoints of 0 allows no endpoint.", func(p *probe) {
			full(create(p, p.application(`"maxEndpoints":0`)))
		}),
		documented("application-endpoints.limit-at-once", "The limit holds for requests at the same time.", func(p *probe) {
			app := p.application(`"maxEndpoints":1`)
			answers := p.concurrently(8, func(p *probe) response { return create(p, app) })
			p.holds(len(with(answers, 201)) == 1 && len(with(answers, 403)) == 7, "one 201 and seven 403", answers)
			res := p.get(app + "/endpoints").is(200)
			res.expect(len(res.rows()) == 1, "one endpoint")
		}),
		documented("application-endpoints.disabled-count", "Disabled endpoints count.", func(p *probe) {
			app := p.application(`"maxEndpoints":1`)
			p.patch("/endpoints/"+create(p, app).created(), `{"isActive":false}`).is(200)
			full(create(p, app))
		}),
		documented("application-endpoints.deletion-frees", "Deleting an endpoint makes room for another.", func(p *probe) {
			app := p.application(`"maxEndpoints":1`)
			p.delete("/endpoints/" + create(p, app).created()).deleted()
			create(p, app).is(201)
		}),
		inferred("application-endpoints.lowered-limit", "A limit below the present count deletes nothing and blocks new endpoints.", func(p *probe) {
			app := p.application("")
			first, second := create(p, app).created(), create(p, app).created()
			p.patch(app, `{"maxEndpoints":1}`).is(200)
			p.get(app+"/endpoints").is(200).inOrder(second, first)
			full(create(p, app))
		}),
		documented("application-endpoints.raised-limit", "A raised or cleared limit holds at once.", func(p *probe) {
			app := p.application(`"maxEndpoints":0`)
			p.patch(app, `{"maxEndpoints":1}`).is(200)
			create(p, app).is(201)
			full(create(p, app))
			p.patch(app, `{"maxEndpoints":null}`).is(200)
			create(p, app).is(201)
		}),
		own("application-endpoints.order-fields-before-limit", "A field that breaks a rule is reported before the limit.", func(p *probe) {
			p.post(p.application(`"maxEndpoints":0`)+"/endpoints", `{"url":"x"}`).invalid()
		}),
		own("application-endpoints.order-ids-before-limit", "An environment that does not exist is reported before the limit.", func(p *probe) {
			p.post(p.application(`"maxEndpoints":0`)+"/endpoints", `{"url":"`+nowhere+`","environmentId":"`+nobody+`"}`).missing("Environment")
		}),
		documented("application-endpoints.unknown", `The endpoints of an application that does not exist answer 404 "Application not found".`, func(p *probe) {
			p.get("/applications/" + nobody + "/endpoints").missing("Application")
			create(p, "/applications/"+nobody).missing("Application")
		}),
	}
}

func endpoints() []Case {
	refused := func(p Provenance, id, text, body string) Case {
		return rule(p, "endpoints.create."+id, text, func(p *probe) { p.post("/endpoints", body).invalid() })
	}
	return []Case{
		documented("endpoints.create.defaults", "A new endpoint is an active webhook without description, credentials and metadata, unless told otherwise.", func(p *probe) {
			p.newEndpoint("").is(201).matches("id", "^ep_").has("url", quoted(nowhere)).has("type", `"webhook"`).has("isActive", "true").
				has("description", "null").has("authUsername", "null").has("hasAuth", "false").has("config", "{}").has("metadata", "{}").
				matches("createdAt", timestamp).matches("updatedAt", timestamp)
		}),
		documented("endpoints.create.every-field", "Creating an endpoint takes description, credentials and metadata.", func(p *probe) {
			res := p.newEndpoint(`"description":"Orders","authUsername":"acme","authPassword":"hunter2","metadata":{"team":"billing"}`).is(201)
			res.has("description", `"Orders"`).has("authUsername", `"acme"`).has("hasAuth", "true").has("metadata", `{"team":"billing"}`)
			p.get("/endpoints/"+res.text("id")).is(200).has("", string(res.body))
		}),
		documented("endpoints.create.no-password", "The password of an endpoint is never returned.", func(p *probe) {
			res := p.newEndpoint(`"authUsername":"acme","authPassword":"hunter2"`).is(201).without("authPassword")
			path := "/endpoints/" + res.text("id")
			p.get(path).is(200).without("authPassword")
			p.patch(path, `{"authPassword":"hunter3"}`).is(200).without("authPassword")
			p.get("/endpoints").is(200).row("id", res.text("id")).without("authPassword")
		}),
		documented("endpoints.create.no-parents", "An endpoint shows neither its environment nor its application.", func(p *probe) {
			p.newEndpoint("").is(201).without("environmentId").without("applicationId")
		}),
		documented("endpoints.create.secret", "The signing secret is whsec_ and the base64 of 24 to 64 bytes.", func(p *probe) {
			res := p.newEndpoint("").is(201)
			key := signingKey(res.text("secret"))
			res.expect(len(key) >= 24 && len(key) <= 64, "a secret of 24 to 64 bytes")
		}),
		own("endpoints.create.secret-size", "A generated secret has 32 bytes, and no other endpoint has it.", func(p *probe) {
			first, second := p.newEndpoint("").is(201), p.newEndpoint("").is(201)
			first.expect(len(signingKey(first.text("secret"))) == 32, "a secret of 32 bytes")
			second.expect(second.text("secret") != first.text("secret"), "another secret")
		}),
		own("endpoints.secret-shown", "An endpoint shows its secret when it is created and read, and not in lists and updates.", func(p *probe) {
			created := p.newEndpoint("").is(201)
			id, secret := created.text("id"), created.text("secret")
			p.get("/endpoints/"+id).is(200).has("secret", quoted(secret))
			p.patch("/endpoints/"+id, `{"description":"x"}`).is(200).without("secret")
			p.get("/endpoints").is(200).row("id", id).without("secret")
		}),
		documented("endpoints.create.no-url", `Creating a webhook without a url answers 400 "url is required".`, func(p *probe) {
			p.post("/endpoints", `{}`).invalid().says("url is required")
		}),
		documented("endpoints.create.same-url", "URLs need not be unique.", func(p *probe) {
			p.newEndpoint("").is(201)
			p.newEndpoint("").is(201)
		}),
		documented("endpoints.create.unresolved", "The host of a url is not looked up when the endpoint is created.", func(p *probe) {
			p.post("/endpoints", `{"url":"https://`+unique()+`.invalid/"}`).is(201)
		}),
		refused(Inferred, "unknown-type", "A type other than webhook and slack answers 400.", `{"url":"`+nowhere+`","type":"email"}`),
		documented("endpoints.create.slack", "A Slack endpoint has a config.webhookUrl.", func(p *probe) {
			p.post("/endpoints", `{"type":"slack","config":{"webhookUrl":"`+slackURL+`"}}`).is(201).has("type", `"slack"`).
				has("config", `{"webhookUrl":"`+slackURL+`"}`)
		}),
		own("endpoints.create.slack-url", "A Slack endpoint's url is empty.", func(p *probe) {
			p.post("/endpoints", `{"type":"slack","config":{"webhookUrl":"`+slackURL+`"}}`).is(201).has("url", `""`)
		}),
		refused(Documented, "slack-without-webhook-url", "A Slack endpoint without config.webhookUrl answers 400.", `{"type":"slack"}`),
		refused(Own, "slack-bad-webhook-url", "config.webhookUrl obeys the rules of URLs.", `{"type":"slack","config":{"webhookUrl":"javascript:alert(1)"}}`),
		refused(Documented, "long-description", "A description has at most 500 characters.", `{"url":"`+nowhere+`","description":"`+strings.Repeat("a", 501)+`"}`),
		own("endpoints.create.null-description", "A null for description, authUsername or authPassword is none.", func(p *probe) {
			p.newEndpoint(`"description":null,"authUsername":null,"authPassword":null`).is(201).has("description", "null").has("hasAuth", "false")
		}),
		own("endpoints.create.nulls", "A null for type, config, metadata or environmentId counts as absent.", func(p *probe) {
			p.newEndpoint(`"type":null,"config":null,"metadata":null,"environmentId":null`).is(201).has("type", `"webhook"`).has("metadata", "{}")
		}),
		refused(Documented, "user-without-password", "A user name without a password answers 400.", `{"url":"`+nowhere+`","authUsername":"acme"}`),
		refused(Documented, "password-without-user", "A password without a user name answers 400.", `{"url":"`+nowhere+`","authPassword":"hunter2"}`),
		documented("endpoints.create.six-metadata-keys", "More than 5 metadata keys answer 400.", func(p *probe) {
			p.newEndpoint(`"metadata":` + pairs(5)).is(201)
			p.newEndpoint(`"metadata":` + pairs(6)).invalid().says("metadata exceeds max keys (5)")
		}),
		documented("endpoints.create.environment", "An endpoint can be created in an environment of its own choice.", func(p *probe) {
			p.newEndpoint(`"environmentId":` + quoted(p.defaultEnvironment().text("id"))).is(201)
		}),
		own("endpoints.create.unknown-environment", `An environment that does not exist answers 404 "Environment not found".`, func(p *probe) {
			p.newEndpoint(`"environmentId":"` + nobody + `"`).missing("Environment")
		}),
		documented("endpoints.list.order", "Endpoints are listed newest first.", func(p *probe) {
			older, newer := p.newEndpoint("").created(), p.newEndpoint("").created()
			p.get("/endpoints").is(200).inOrder(newer, older)
		}),
		documented("endpoints.list.rows", "A row of the list has the endpoint's fields.", func(p *probe) {
			created := p.newEndpoint(`"metadata":{"team":"billing"}`).is(201)
			p.get("/endpoints").is(200).row("id", created.text("id")).hasKeys(endpointKeys()...).has("url", quoted(nowhere)).
				has("metadata", `{"team":"billing"}`).has("createdAt", quoted(created.text("createdAt")))
		}),
		documented("endpoints.get.unknown", `Reading an endpoint that does not exist answers 404 "Endpoint not found".`, func(p *probe) {
			p.get("/endpoints/" + nobody).missing("Endpoint")
		}),
	}
}

// endpointURLs are the rules of where deliveries may go.
func endpointURLs() []Case {
	refused := func(id, text string, urls ...string) Case {
		return own("endpoint-urls."+id, text, func(p *probe) {
			for _, url := range urls {
				p.post("/endpoints", `{"url":`+quoted(url)+`}`).invalid()
			}
		})
	}
	return []Case{
		own("endpoint-urls.accepted", "http and https URLs with a port, a path and a query are accepted as they are.", func(p *probe) {
			for _, url := range []string{"http://a.invalid", "https://a.invalid:8443/x?y=%20z", "https://[2001:db8::1]/"} {
				p.post("/endpoints", `{"url":"`+url+`"}`).is(201).has("url", quoted(url))
			}
		}),
		refused("scheme", "Only http and https are accepted.", "ftp://a.invalid", "javascript:alert(1)", "file:///etc/passwd"),
		refused("relative", "A URL must be absolute and name a host.", "/hooks", "//a.invalid/hooks", "https:///hooks", "a.invalid"),
		refused("userinfo", "A URL must not contain a user name or password.", "https://user:pass@a.invalid/", "https://user@a.invalid/"),
		refused("fragment", "A URL must not contain a fragment.", "https://a.invalid/#top"),
		refused("port", "A port is between 1 and 65535.", "https://a.invalid:0/", "https://a.invalid:65536/", "https://a.invalid:x/"),
		refused("spaces", "A URL must not contain white space or control characters.", "https://a.invalid/a b", "https://a.invalid/\n"),
		refused("length", "A URL has at most 2048 characters.", "https://a.invalid/"+strings.Repeat("a", 2031)),
		own("endpoint-urls.longest", "A URL may have 2048 characters.", func(p *probe) {
			p.post("/endpoints", `{"url":"https://a.invalid/`+strings.Repeat("a", 2030)+`"}`).is(201)
		}),
	}
}
