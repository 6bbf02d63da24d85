package api

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// family is a group of routes that the same tokens open.
type family struct {
	prefix   string
	kinds    []domain.Kind // none for routes that take no token, and for those of the portal
	portal   bool          // takes portal tokens, and refuses what another origin sends
	exchange bool          // takes a code in place of a token
	maxBody  int           // 0 for the usual limit
}

const inWorkspace = "/workspaces/{workspace}"

var (
	management = family{prefix: "/management/v1" + inWorkspace, kinds: []domain.Kind{domain.ManagementToken}}
	dashboard  = family{prefix: "/api" + inWorkspace, kinds: []domain.Kind{domain.SessionToken, domain.CLIToken}}
	ingestion  = family{prefix: "/api/ingest", kinds: []domain.Kind{domain.APIKey}}
	batches    = family{prefix: "/api/ingest", kinds: []domain.Kind{domain.APIKey}, maxBody: 8 << 20}
	grants     = family{prefix: "/api/cli/device-grant"}
	portal     = family{prefix: "/portal/v1", portal: true}
	exchanges  = family{prefix: "/portal/v1/session", portal: true, exchange: true}
	cliTokens  = family{prefix: "/api/cli/tokens", kinds: []domain.Kind{domain.CLIToken, domain.SessionToken}}
)

// route is one operation. POST, PUT and PATCH take a JSON object.
type route struct {
	operation string // how logs and problems name it
	method    string
	path      string         // below the family's prefix
	feature   domain.Feature // what the plan must include; empty for nothing
	scope     domain.Scope   // what a portal session's role must include
	status    int            // of success
	bodyless  bool           // an empty body stands for {}
	limited   bool           // counts against the limit on test deliveries
	handle    handler
}

// handler carries out a request that has been admitted.
type handler func(*API, *exchange) (any, error)

func get(operation, path string, handle handler) route {
	return route{operation: operation, method: http.MethodGet, path: path, status: http.StatusOK, handle: handle}
}

func post(operation, path string, handle handler) route {
	return route{operation: operation, method: http.MethodPost, path: path, status: http.StatusCreated, handle: handle}
}

func patch(operation, path string, handle handler) route {
	return route{operation: operation, method: http.MethodPatch, path: path, status: http.StatusOK, handle: handle}
}

func put(operation, path string, handle handler) route {
	return route{operation: operation, method: http.MethodPut, path: path, status: http.StatusOK, handle: handle}
}

func remove(operation, path string, handle handler) route {
	return route{operation: operation, method: http.MethodDelete, path: path, status: http.StatusNoContent, handle: handle}
}

// portal asks for a plan with the Developer Portal.
func (r route) portal() route {
	r.feature = domain.DeveloperPortal
	return r
}

// answers sets another status of success.
func (r route) answers(status int) route {
	r.status = status
	return r
}

// withoutBody lets the body be empty.
func (r route) withoutBody() route {
	r.bodyless = true
	return r
}

// table is what all servers have in common: which handler answers what. The API
// that it answers for is in the [answer] that it is called with.
type table struct {
	mux    *http.ServeMux
	routes []Route
	pages  []string // operations of what is no JSON
}

// routing is the one table. It never changes, and making it takes longer than
// answering a request.
var routing = sync.OnceValue(func() *table {
	t := &table{mux: http.NewServeMux()}
	t.register(management, "",
		applicationRoutes(), applicationEndpointRoutes(), endpointRoutes(), portalSessionRoutes(), eventTypeRoutes(),
		subscriptionRoutes(), environmentRoutes(), deliveryRoutes(usualLimits), auditLogRoutes())
	t.register(dashboard, "dashboard.",
		applicationRoutes(), dashboardRoutes(), eventTypeRoutes(), subscriptionRoutes(), environmentRoutes(),
		deliveryRoutes(dashboardLimits))
	t.register(portal, "portal.", portalRoutes())
	t.register(exchanges, "portal.", exchangeRoutes())
	t.registerPages()
	t.register(ingestion, "", ingestRoutes())
	t.register(batches, "", batchRoutes())
	t.register(grants, "cli.", grantRoutes())
	t.register(cliTokens, "cli.", cliTokenRoutes())
	return t
})

func (t *table) register(f family, prefix string, routes ...[]route) {
	for _, group := range routes {
		for _, rt := range group {
			rt.operation = prefix + rt.operation
			if f.portal && !f.exchange {
				rt = rt.portal().scoped()
			}
			t.routes = append(t.routes, Route{Operation: rt.operation, Method: rt.method, Path: f.prefix + rt.path, Scope: rt.scope})
			t.mux.Handle(rt.method+" "+f.prefix+rt.path, serve(f, rt))
		}
	}
}

// Route is what others may know of a route.
type Route struct {
	Operation string
	Method    string
	Path      string       // with a name in braces for each value
	Scope     domain.Scope // what a portal session needs; empty outside of the portal
}

// Routes are all operations of the APIs.
func Routes() []Route { return slices.Clone(routing().routes) }

// Operations are the ids of all that can be requested, pages included.
func Operations() []string {
	all := slices.Clone(routing().pages)
	for _, route := range routing().routes {
		all = append(all, route.Operation)
	}
	return all
}

// scoped makes sure that a route is not open to every role by mistake.
func (r route) scoped() route {
	if r.scope == "" {
		panic(r.operation + " has no scope")
	}
	return r
}

// exchange is one authenticated request on its way through a handler.
type exchange struct {
	*http.Request
	workspace  *store.Workspace
	credential *domain.Credential // nil on routes that take no token, and in the portal
	portal     store.Portal       // of a portal session
	actor      domain.Actor       // whoever sent the request
	raw        []byte             // of the body; nil for methods without one, and for one that is too long
	body       *fields            // nil for methods without a body
	status     int                // of success, if it is not the route's
}

// editor changes the workspace in the name of whoever sent the request.
func (x *exchange) editor() store.Editor { return x.workspace.By(x.actor) }

// serve runs the checks of spec/api.md, section 2, in their documented order.
func serve(f family, rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := w.(*answer)
		a := answer.api
		answer.routed(rt.operation, a.requestID())
		x := &exchange{Request: r}
		value, err := a.run(answer, x, f, rt)
		if f.exchange && err != nil && !errors.Is(err, errFaulted) {
			a.Store.CountFailedExchange(address(r), a.Now())
		}
		switch {
		case errors.Is(err, errFaulted):
			answer.faulty(http.StatusInternalServerError, Refusal(http.StatusInternalServerError))
			return
		case err != nil:
			answer.error(err)
			return
		}
		answer.value(cmp.Or(x.status, rt.status), value)
	})
}

func (a *API) run(w *answer, x *exchange, f family, rt route) (any, error) {
	if err := a.admit(w, x, f, rt); err != nil {
		return nil, err
	}
	err := x.readBody(rt, cmp.Or(f.maxBody, maxBody))
	w.requestBody = x.raw
	if err == nil {
		err = a.before(w, x)
	}
	if err != nil {
		return nil, err
	}
	value, err := rt.handle(a, x)
	if w.workspace == nil {
		w.workspace = x.workspace // where the handler has found it
	}
	for _, name := range x.body.unknown() {
		w.report("the request has the unknown field " + name)
	}
	return value, err
}

// admit makes the checks that need nothing but the headers and the path.
func (a *API) admit(w *answer, x *exchange, f family, rt route) error {
	if f.portal && a.crossOrigin.Check(x.Request) != nil {
		return domain.Refuse(domain.CodeForbidden, "Cross-origin requests are not allowed")
	}
	switch {
	case f.exchange:
		return a.throttleExchange(w.Header(), x.Request)
	case len(f.kinds) == 0 && !f.portal:
		return nil
	}
	err := a.authenticate(x, f)
	w.workspace = x.workspace // also of a token that has ended
	if err != nil {
		return err
	}
	if err := throttle(w.Header(), x, rt); err != nil {
		return err
	}
	if strings.HasSuffix(f.prefix, inWorkspace) && x.PathValue("workspace") != x.workspace.ID() {
		return domain.NotFound("Workspace")
	}
	if err := x.workspace.Require(rt.feature); err != nil || !f.portal || rt.scope == anyScope {
		return err
	}
	return x.portal.Session.Role.Require(rt.scope)
}

// plainPath tells whether no segment is empty, "." or "..": http.ServeMux would
// answer those with a redirect to another resource.
func plainPath(escaped string) bool {
	rest, rooted := strings.CutPrefix(escaped, "/")
	if !rooted {
		return false
	}
	for segment := range strings.SplitSeq(rest, "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil || decoded == "" || decoded == "." || decoded == ".." {
			return false
		}
	}
	return true
}
