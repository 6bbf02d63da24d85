package conformance

// grant is a command line that asks for a token.
type grant struct {
	caller
	deviceCode, userCode string
}

func (p *probe) grant() grant {
	c := caller{p: p, prefix: "/api/cli"}
	started := c.post("/device-grant/start", "").is(200)
	return grant{c, started.text("device_code"), started.text("user_code")}
}

func (g grant) poll() response {
	return g.post("/device-grant/poll", `{"device_code":`+quoted(g.deviceCode)+`,"machine_name":"conformance"}`)
}

// decide approves or denies, as somebody does who is signed in.
func (g grant) decide(approve bool) {
	if g.p.target.DecideGrant == nil {
		g.p.lacks("way to decide on device grants")
	}
	if g.p.err == nil {
		if err := g.p.target.DecideGrant(g.p.ctx, g.userCode, approve); err != nil {
			g.p.fail(err)
		}
	}
}

func deviceGrantStarts() []Case {
	return []Case{
		documented("device-grants.start", "A device grant starts with device_code, user_code, verification_uri, expires_in and interval.", func(p *probe) {
			caller{p: p, prefix: "/api/cli"}.post("/device-grant/start", "").is(200).
				hasKeys("device_code", "user_code", "verification_uri", "expires_in", "interval").
				has("expires_in", "600").has("interval", "5").matches("user_code", "^[A-Z0-9]{4}-[A-Z0-9]{4}$").matches("verification_uri", "^https?://")
		}),
		documented("device-grants.start.body", "A start needs no body, and takes an empty object.", func(p *probe) {
			c := caller{p: p, prefix: "/api/cli"}
			c.post("/device-grant/start", "").is(200)
			c.post("/device-grant/start", `{}`).is(200)
		}),
		documented("device-grants.poll.pending", `While nobody has decided, a poll answers 202 with the status "authorization_pending".`, func(p *probe) {
			res := p.grant().poll()
			if res.status == 200 {
				caller{p, "/api/cli", res.text("access_token")}.delete("/tokens/" + escaped(res.text("token_id")))
				p.lacks("grants that wait for a decision")
			}
			res.is(202).has("", `{"status":"authorization_pending"}`)
		}),
		own("device-grants.poll.no-code", "A poll without a device_code answers 400 validation_error.", func(p *probe) {
			caller{p: p, prefix: "/api/cli"}.post("/device-grant/poll", `{}`).invalid()
		}),
		inferred("device-grants.poll.unknown", "A poll with a device_code that nobody has answers 400.", func(p *probe) {
			caller{p: p, prefix: "/api/cli"}.post("/device-grant/poll", `{"device_code":"`+nobody+`"}`).is(400)
		}),
	}
}

func deviceGrantDecisions() []Case {
	return []Case{
		documented("device-grants.denied", "A grant that was denied answers 400 access_denied.", func(p *probe) {
			g := p.grant()
			g.decide(false)
			g.poll().refuses(400, "access_denied")
		}),
		documented("device-grants.approved", "A grant that was approved answers 200 with access_token, token_type, token_id, workspace_id and expires_at.", func(p *probe) {
			g := p.grant()
			g.decide(true)
			res := g.poll().is(200).hasKeys("access_token", "token_type", "token_id", "workspace_id", "expires_at")
			res.has("token_type", `"Bearer"`).has("workspace_id", quoted(p.target.WorkspaceID)).matches("expires_at", timestamp)
			g.as(res.text("access_token")).delete("/tokens/" + escaped(res.text("token_id"))).deleted()
		}),
		documented("device-grants.token", "The token of a grant opens the dashboard API, until it is deleted.", func(p *probe) {
			g := p.grant()
			g.decide(true)
			res := g.poll().is(200)
			token := res.text("access_token")
			dashboard := caller{p, "/api/workspaces/" + escaped(p.target.WorkspaceID), token}
			dashboard.get("/endpoints").is(200).rows()
			g.as(token).delete("/tokens/" + escaped(res.text("token_id"))).deleted()
			dashboard.get("/endpoints").refuses(401, "token_revoked")
		}),
		own("device-grants.once", "A grant gives its token once.", func(p *probe) {
			g := p.grant()
			g.decide(true)
			res := g.poll().is(200)
			g.poll().refuses(400, "expired_token")
			g.as(res.text("access_token")).delete("/tokens/" + escaped(res.text("token_id"))).deleted()
		}),
		own("device-grants.tokens.unknown", "Deleting a CLI token that does not exist answers 404.", func(p *probe) {
			p.needs("dashboard session token", p.target.SessionToken)
			caller{p, "/api/cli", p.target.SessionToken}.delete("/tokens/"+nobody).refuses(404, "not_found")
		}),
	}
}
