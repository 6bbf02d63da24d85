package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// family is a group of routes that the same tokens open.
type family struct {
	prefix string
	kinds  []domain.Kind
}

var management = family{
	prefix: "/management/v1/workspaces/{workspace}",
	kinds:  []domain.Kind{domain.ManagementToken},
}

// route is one operation. POST, PUT and PATCH take a JSON object.
type route struct {
	operation string // how logs and problems name it
	method    string
	path      string         // below the family's prefix
	feature   domain.Feature // what the plan must include; empty for nothing
	status    int            // of success
	handle    func(*exchange) (any, error)
}

func (a *API) register(f family, routes []route) {
	for _, rt := range routes {
		a.mux.Handle(rt.method+" "+f.prefix+rt.path, a.serve(f, rt))
	}
}

// exchange is one authenticated request on its way through a handler.
type exchange struct {
	*http.Request
	workspace *store.Workspace
	body      *fields // nil for methods without a body
}

// serve runs the checks of spec/api.md, section 2, in their documented order.
func (a *API) serve(f family, rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := w.(*answer)
		answer.routed(rt.operation, a.requestID())
		x := &exchange{Request: r}
		value, err := a.run(answer, x, f, rt)
		if err != nil {
			answer.error(err)
			return
		}
		answer.value(rt.status, value)
	})
}

func (a *API) run(w *answer, x *exchange, f family, rt route) (any, error) {
	if err := a.authenticate(x, f); err != nil {
		return nil, err
	}
	w.workspace = x.workspace.ID()
	if err := throttle(w.Header(), x.workspace); err != nil {
		return nil, err
	}
	if x.PathValue("workspace") != x.workspace.ID() {
		return nil, domain.NotFound("Workspace")
	}
	if err := x.workspace.Require(rt.feature); err != nil {
		return nil, err
	}
	if err := x.readBody(rt.method); err != nil {
		return nil, err
	}
	value, err := rt.handle(x)
	for _, name := range x.body.unknown() {
		w.report(a.Report, "the request has the unknown field "+name)
	}
	return value, err
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
