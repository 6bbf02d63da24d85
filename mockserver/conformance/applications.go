package conformance

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func applicationKeys() []string {
	return []string{"id", "externalId", "name", "metadata", "maxEndpoints", "showEventTypes", "createdAt", "updatedAt"}
}

// pairs writes a metadata object of n keys.
func pairs(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"key%d":"value"`, i)
	}
	return "{" + strings.Join(members, ",") + "}"
}

func applications() []Case {
	return slices.Concat(applicationCreates(), applicationUpdates(), applicationDeletes(), applicationLists())
}

func applicationCreates() []Case {
	refused := func(p Provenance, id, text, body string) Case {
		return rule(p, "applications.create."+id, text, func(p *probe) { p.post("/applications", body).invalid() })
	}
	return []Case{
		documented("applications.create.shape", "An application has id, externalId, name, metadata, maxEndpoints, showEventTypes, createdAt and updatedAt.", func(p *probe) {
			p.newApplication("").is(201).hasKeys(applicationKeys()...).matches("id", "^app_")
		}),
		documented("applications.create.defaults", "A new application has no externalId, no metadata and no limit, and shows event types, unless told otherwise.", func(p *probe) {
			p.newApplication("").is(201).has("externalId", "null").has("metadata", "{}").has("maxEndpoints", "null").has("showEventTypes", "true")
		}),
		documented("applications.create.every-field", "Creating an application takes externalId, metadata, maxEndpoints and showEventTypes.", func(p *probe) {
			externalID := unique()
			res := p.newApplication(`"externalId":"` + externalID + `","metadata":{"plan":"enterprise"},"maxEndpoints":3,"showEventTypes":false`).is(201)
			res.has("externalId", quoted(externalID)).has("metadata", `{"plan":"enterprise"}`).has("maxEndpoints", "3").has("showEventTypes", "false")
			p.get("/applications/"+res.text("id")).is(200).has("", string(res.body))
		}),
		refused(Documented, "no-name", "Creating an application without a name answers 400 validation_error.", `{}`),
		refused(Documented, "empty-name", "An application's name must not be empty.", `{"name":""}`),
		refused(Own, "long-name", "An application's name has at most 255 characters.", `{"name":"`+strings.Repeat("a", 256)+`"}`),
		own("applications.create.longest-name", "An application's name may have 255 characters.", func(p *probe) {
			p.post("/applications", `{"name":"`+strings.Repeat("a", 255)+`"}`).is(201)
		}),
		refused(Documented, "empty-external-id", "An externalId that is given must not be empty.", `{"name":"A","externalId":""}`),
		refused(Documented, "long-external-id", "An externalId has at most 255 characters.", `{"name":"A","externalId":"`+strings.Repeat("a", 256)+`"}`),
		documented("applications.create.duplicate-external-id", "Creating an application with an externalId that is taken answers 409 conflict.", func(p *probe) {
			members := `"externalId":"` + unique() + `"`
			p.newApplication(members).is(201)
			p.newApplication(members).refuses(409, "conflict").says("An application with this externalId already exists")
		}),
		documented("applications.create.external-id-at-once", "An externalId is unique for requests at the same time, too.", func(p *probe) {
			members := `"externalId":"` + unique() + `"`
			answers := p.concurrently(8, func(p *probe) response { return p.newApplication(members) })
			p.holds(len(with(answers, 201)) == 1 && len(with(answers, 409)) == 7, "one 201 and seven 409", answers)
		}),
		documented("applications.create.no-external-id-twice", "Any number of applications may have no externalId.", func(p *probe) {
			p.newApplication(`"externalId":null`).is(201).has("externalId", "null")
			p.newApplication("").is(201).has("externalId", "null")
		}),
		documented("applications.create.same-name", "Names of applications need not be unique.", func(p *probe) {
			body := `{"name":"` + unique() + `"}`
			p.post("/applications", body).is(201)
			p.post("/applications", body).is(201)
		}),
		documented("applications.create.five-metadata-keys", "An application's metadata may have 5 keys.", func(p *probe) {
			p.newApplication(`"metadata":`+pairs(5)).is(201).has("metadata", pairs(5))
		}),
		documented("applications.create.six-metadata-keys", `More than 5 metadata keys answer 400 "metadata exceeds max keys (5)".`, func(p *probe) {
			p.newApplication(`"metadata":` + pairs(6)).invalid().says("metadata exceeds max keys (5)")
		}),
		documented("applications.create.metadata-values", "Values of metadata are texts.", func(p *probe) {
			for _, value := range []string{`1`, `true`, `null`, `{}`, `[]`} {
				p.newApplication(`"metadata":{"key":` + value + `}`).invalid()
			}
		}),
		own("applications.create.null-metadata", "A null for metadata counts as absent.", func(p *probe) {
			p.newApplication(`"metadata":null`).is(201).has("metadata", "{}")
		}),
		documented("applications.create.no-endpoints", "A maxEndpoints of 0 is kept: the application may have none.", func(p *probe) {
			p.newApplication(`"maxEndpoints":0`).is(201).has("maxEndpoints", "0")
		}),
		documented("applications.create.null-max-endpoints", "A null for maxEndpoints means no limit.", func(p *probe) {
			p.newApplication(`"maxEndpoints":null`).is(201).has("maxEndpoints", "null")
		}),
		refused(Documented, "negative-max-endpoints", "A negative maxEndpoints answers 400 validation_error.", `{"name":"A","maxEndpoints":-1}`),
		refused(Documented, "fractional-max-endpoints", "A maxEndpoints that is no integer answers 400 validation_error.", `{"name":"A","maxEndpoints":1.5}`),
	}
}

func applicationUpdates() []Case {
	changes := func(p Provenance, id, text, members, body, field, want string) Case {
		return rule(p, "applications.update."+id, text, func(p *probe) {
			path := p.application(members)
			p.patch(path, body).is(200).has(field, want)
			p.get(path).is(200).has(field, want)
		})
	}
	return []Case{
		documented("applications.update.shape", "Updating an application answers 200 with the whole object.", func(p *probe) {
			p.patch(p.application(""), `{"name":"Renamed"}`).is(200).hasKeys(applicationKeys()...).has("name", `"Renamed"`)
		}),
		documented("applications.update.keeps", "An update leaves what it does not mention.", func(p *probe) {
			path := p.application(`"metadata":{"plan":"pro"},"maxEndpoints":3,"showEventTypes":false`)
			p.patch(path, `{"name":"Renamed"}`).is(200).has("metadata", `{"plan":"pro"}`).has("maxEndpoints", "3").has("showEventTypes", "false")
		}),
		changes(Documented, "sets-cap", "A number for maxEndpoints sets the limit.", ``, `{"maxEndpoints":5}`, "maxEndpoints", "5"),
		changes(Documented, "clears-cap", "A null for maxEndpoints clears the limit.", `"maxEndpoints":5`, `{"maxEndpoints":null}`, "maxEndpoints", "null"),
		changes(Documented, "keeps-cap", "Without maxEndpoints an update leaves the limit.", `"maxEndpoints":5`, `{"name":"Renamed"}`, "maxEndpoints", "5"),
		changes(Documented, "show-event-types", "An update can hide the catalog.", ``, `{"showEventTypes":false}`, "showEventTypes", "false"),
		changes(Inferred, "metadata", "New metadata replaces the old as a whole.", `"metadata":{"a":"1","b":"2"}`, `{"metadata":{"c":"3"}}`, "metadata", `{"c":"3"}`),
		changes(Inferred, "clears-metadata", "Empty metadata clears it.", `"metadata":{"a":"1"}`, `{"metadata":{}}`, "metadata", `{}`),
		changes(Own, "null-metadata", "A null for metadata leaves it.", `"metadata":{"a":"1"}`, `{"metadata":null}`, "metadata", `{"a":"1"}`),
		inferred("applications.update.external-id", "The externalId cannot be changed: one that is sent is ignored.", func(p *probe) {
			externalID := unique()
			path := p.application(`"externalId":"` + externalID + `"`)
			p.patch(path, `{"externalId":"`+unique()+`"}`).is(200).has("externalId", quoted(externalID))
		}),
		own("applications.update.nothing", "An update of nothing answers 200 and changes nothing, not even updatedAt.", func(p *probe) {
			created := p.newApplication("").is(201)
			p.patch("/applications/"+created.text("id"), `{}`).is(200).has("", string(created.body))
		}),
		documented("applications.update.refuses", "An update obeys the rules of creation.", func(p *probe) {
			path := p.application("")
			p.patch(path, `{"name":""}`).invalid()
			p.patch(path, `{"maxEndpoints":-1}`).invalid()
			p.patch(path, `{"metadata":`+pairs(6)+`}`).invalid().says("metadata exceeds max keys (5)")
		}),
		documented("applications.update.unknown", `Updating an application that does not exist answers 404 "Application not found".`, func(p *probe) {
			p.patch("/applications/"+nobody, `{"name":"Renamed"}`).missing("Application")
		}),
		documented("applications.get.unknown", `Reading an application that does not exist answers 404 "Application not found".`, func(p *probe) {
			p.get("/applications/" + nobody).missing("Application")
		}),
	}
}

func applicationDeletes() []Case {
	return []Case{
		documented("applications.delete.endpoints", "Deleting an application deletes its endpoints.", func(p *probe) {
			app := p.application("")
			endpoint := p.post(app+"/endpoints", `{"url":"`+nowhere+`"}`).created()
			p.delete(app).deleted()
			p.get("/endpoints/" + endpoint).missing("Endpoint")
			p.get("/endpoints").is(200).no("id", endpoint)
			p.get(app + "/endpoints").missing("Application")
		}),
		documented("applications.delete.sessions", "Deleting an application ends its portal sessions at once.", func(p *probe) {
			app := p.application("")
			portal := p.session(app, "admin")
			p.delete(app).deleted()
			portal.get("/session").refuses(401, "unauthorized")
		}),
		documented("applications.delete.codes", "Deleting an application voids the portal codes that nobody has used.", func(p *probe) {
			app := p.application("")
			code := p.post(app+"/portal", `{}`).is(201).text("code")
			p.delete(app).deleted()
			p.exchange(code).is(400)
		}),
		own("applications.delete.external-id", "Deleting an application frees its externalId.", func(p *probe) {
			members := `"externalId":"` + unique() + `"`
			p.delete(p.application(members)).deleted()
			p.newApplication(members).is(201)
		}),
		documented("applications.delete.unknown", `Deleting an application that does not exist answers 404 "Application not found".`, func(p *probe) {
			p.delete("/applications/" + nobody).missing("Application")
		}),
	}
}

func applicationLists() []Case {
	refused := func(id, text string, queries ...string) Case {
		return own("applications.list."+id, text, func(p *probe) {
			for _, query := range queries {
				p.get("/applications?" + query).invalid()
			}
		})
	}
	return []Case{
		documented("applications.list.rows", "The list of applications has the same objects as reading each.", func(p *probe) {
			id := p.newApplication("").created()
			p.listed(id).has("", string(p.get("/applications/"+id).is(200).body))
		}),
		own("applications.list.order", "Applications are listed newest first.", func(p *probe) {
			older, newer := p.newApplication("").created(), p.newApplication("").created()
			p.get("/applications?limit=100").is(200).inOrder(newer, older)
		}),
		own("applications.list.limit", "limit bounds how many applications a page has.", func(p *probe) {
			p.application("")
			p.application("")
			res := p.get("/applications?limit=1").is(http.StatusOK)
			res.expect(len(res.rows()) == 1, "one application")
		}),
		own("applications.list.offset", "offset skips the newest applications.", func(p *probe) {
			p.application("")
			p.application("")
			page, second := p.second()
			page.has("0.id", quoted(second)).expect(page.count("") == 1, "one application")
			p.get("/applications?offset=1000000000").is(200).has("", "[]")
		}),
		own("applications.list.clamped", "A limit above 100 counts as 100.", func(p *probe) {
			res := p.get("/applications?limit=101").is(200)
			res.expect(len(res.rows()) <= 100, "100 applications at most")
			p.get("/applications?limit=99999999999999999999").is(200)
		}),
		own("applications.list.empty-values", "An empty limit or offset counts as absent.", func(p *probe) {
			p.get("/applications?limit=&offset=").is(200).rows()
		}),
		refused("bad-limit", "A limit that is no positive integer answers 400.", "limit=0", "limit=-1", "limit=x", "limit=1.5"),
		refused("bad-offset", "An offset that is no integer of 0 or more answers 400.", "offset=-1", "offset=x", "offset=1.5"),
	}
}

// listed finds an application on whatever page it is.
func (p *probe) listed(id string) response {
	for offset := 0; ; offset += 100 {
		page := p.get(fmt.Sprintf("/applications?limit=100&offset=%d", offset)).is(200)
		for i, row := range page.rows() {
			if application, _ := row.(map[string]any); application["id"] == id {
				return page.part(strconv.Itoa(i))
			}
		}
		if len(page.rows()) < 100 {
			return page.expect(false, "the application %s on some page", id)
		}
	}
}

// second reads the page with the second newest application alone, and its id as
// the list has it. Somebody else may create and delete one in between, so what
// does not agree is read again.
func (p *probe) second() (page response, id string) {
	const path = "/applications?limit=1&offset=1"
	quiet := false
	for range 10 {
		before := p.get("/applications?limit=2").is(200)
		page, id = p.get(path).is(200), before.text("1.id")
		quiet = bytes.Equal(before.body, p.get("/applications?limit=2").is(200).body)
		if quiet && page.at("0.id") == id {
			return page, id
		}
	}
	if !quiet {
		p.lacks("moment in which nobody else creates applications")
	}
	return page, id
}
