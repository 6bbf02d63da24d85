package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// nowhere is a URL that endpoints can have and nothing answers: the top-level
// domain is reserved for that.
const nowhere = "https://receiver.invalid/hooks"

// nobody is an id that no object has.
const nobody = "conformance_no_such_id"

// created wants a new object and gives its id.
func (r response) created() string { return r.is(http.StatusCreated).text("id") }

// object writes a JSON object of members; empty ones are none.
func object(members ...string) string {
	members = slices.DeleteFunc(members, func(m string) bool { return m == "" })
	return "{" + strings.Join(members, ",") + "}"
}

func quoted(text string) string { return strconv.Quote(text) }

// newApplication creates an application with more members than its name.
func (p *probe) newApplication(members string) response {
	return p.post("/applications", object(`"name":"`+unique()+`"`, members))
}

// application gives the path of a new application.
func (p *probe) application(members string) string {
	return "/applications/" + p.newApplication(members).created()
}

func (p *probe) newEndpoint(members string) response {
	return p.post("/endpoints", object(`"url":"`+nowhere+`"`, members))
}

// endpoint gives the path of a new endpoint.
func (p *probe) endpoint(members string) string {
	return "/endpoints/" + p.newEndpoint(members).created()
}

// inEnvironment is the member that puts an endpoint where the API key sends.
func (p *probe) inEnvironment() string {
	if p.target.EnvironmentID == "" {
		return ""
	}
	return `"environmentId":` + quoted(p.target.EnvironmentID)
}

// sink gives the id of a new endpoint that the API key can send to, with what it
// sends going nowhere.
func (p *probe) sink() string { return p.newEndpoint(p.inEnvironment()).created() }

// catalogued is an event type that the case has made.
type catalogued struct{ id, name string }

func (p *probe) eventType() catalogued {
	name := unique() + ".created"
	return catalogued{p.post("/event-types", `{"name":"`+name+`"}`).created(), name}
}

// environment gives the path of a new environment. A workspace may be full.
func (p *probe) environment() string {
	res := p.newEnvironment(unique())
	if res.status == http.StatusForbidden && res.at("error.code") == "environment_limit_reached" {
		p.lacks("room for another environment")
	}
	return "/environments/" + res.created()
}

func (p *probe) newEnvironment(slug string) response {
	return p.post("/environments", `{"name":"Conformance","slug":"`+slug+`"}`)
}

func (p *probe) defaultEnvironment() response {
	res := p.get("/environments").is(http.StatusOK)
	for i := range res.rows() {
		if row := res.part(strconv.Itoa(i)); row.at("isDefault") == true {
			return row
		}
	}
	return res.expect(false, "a default environment")
}

// subscribed gives a new endpoint in the API key's environment that takes the
// events of a new type.
func (p *probe) subscribed() (endpointID string, eventType catalogued) {
	endpointID, eventType = p.sink(), p.eventType()
	p.subscribe(endpointID, eventType.id)
	return endpointID, eventType
}

func (p *probe) subscribe(endpointID, eventTypeID string) {
	p.post("/endpoints/"+endpointID+"/subscriptions", `{"eventTypeIds":["`+eventTypeID+`"]}`).is(http.StatusCreated)
}

// sent gives the id of a new delivery to an endpoint.
func (p *probe) sent(endpointID string) string {
	return p.ingestion().post("/"+endpointID, `{"payload":{"order":"ord_1"}}`).is(http.StatusAccepted).text("deliveryId")
}

// session gives a caller of the portal with a role in the application.
func (p *probe) session(application, role string) caller {
	issued := p.post(application+"/portal", `{"role":"`+role+`"}`).is(http.StatusCreated)
	return p.exchanged(issued.text("code"))
}

func (p *probe) exchanged(code string) caller {
	return caller{p, "/portal/v1", p.exchange(code).is(http.StatusOK).text("token")}
}

// exchange asks for a session's token. The portal's API is not documented, so a
// target may have another one.
func (p *probe) exchange(code string) response {
	res := caller{p: p, prefix: "/portal/v1"}.post("/session/exchange", `{"code":`+quoted(code)+`}`)
	if res.status == http.StatusNotFound {
		p.lacks("portal API at /portal/v1")
	}
	return res
}

// receiver makes a receiver that answers with the status.
func (p *probe) receiver(status int) Receiver {
	if p.target.Receiver == nil {
		p.lacks("receiver of webhooks")
	}
	if p.err != nil {
		return Receiver{}
	}
	r, err := p.target.Receiver(p.ctx, status)
	if err != nil {
		p.fail(err)
	}
	return r
}

// webhook is the one request that a receiver got; the zero value if the case
// has failed.
func (p *probe) webhook(r Receiver) Webhook {
	if p.err != nil {
		return Webhook{}
	}
	got := r.Received()
	if len(got) != 1 {
		p.fail(fmt.Errorf("want one request at the receiver; got %d", len(got)))
		return Webhook{}
	}
	return got[0]
}

// escaped is an id as it stands in a path.
func escaped(id string) string { return url.PathEscape(id) }
