package mockserver

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/nahook/nahook-go/mockserver/internal/api"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const (
	controlPrefix   = "/__mock/v1/"
	maxControlBody  = 1 << 20
	maxSnapshotBody = 32 << 20
)

// ControlHandler answers the control API below "/__mock/v1/", by which programs in
// other languages do what the methods of a server and its workspaces do here. It
// needs the token as a bearer token, and lets nobody in for an empty one. It is no
// part of [Server.Handler], and belongs on a listener of its own: requests are
// refused unless their Host header names localhost, a loopback address or the
// address that they arrived at, and so is everything that a page of another origin
// makes a browser send.
func (s *Server) ControlHandler(token string) http.Handler {
	c := &control{server: s, token: sha256.Sum256([]byte(token)), mux: http.NewServeMux()}
	byPath := map[string]map[string]controlRoute{}
	for _, route := range controlRoutes() {
		if byPath[route.path] == nil {
			byPath[route.path] = map[string]controlRoute{}
		}
		byPath[route.path][route.method] = route
	}
	for path, methods := range byPath {
		c.mux.HandleFunc(controlPrefix+path, func(w http.ResponseWriter, r *http.Request) { c.dispatch(w, r, methods) })
	}
	c.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { api.WriteError(w, api.ErrRouteNotFound) })
	return c
}

// control is the control API of a server.
type control struct {
	server *Server
	token  [sha256.Size]byte
	mux    *http.ServeMux
}

func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := c.admit(r)
	if err == nil && !api.PlainPath(r.URL.EscapedPath()) {
		err = api.ErrRouteNotFound
	}
	if err != nil {
		api.WriteError(w, err)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// admit refuses whoever may not use the control API, before anything else about the
// request is looked at.
func (c *control) admit(r *http.Request) error {
	token, ok := api.Bearer(r.Header)
	given := sha256.Sum256([]byte(token)) // of one length, which a comparison in constant time needs
	switch {
	case !namesThisMachine(r):
		return domain.Refuse(domain.CodeForbidden, "The Host header must name localhost, a loopback address or the address that is listened on")
	case fromAnotherSite(r):
		return domain.Refuse(domain.CodeForbidden, "Cross-origin requests are not allowed")
	case !ok:
		return domain.Refuse(domain.CodeUnauthorized, "Missing or invalid authorization header")
	case subtle.ConstantTimeCompare(given[:], c.token[:]) != 1:
		return domain.Refuse(domain.CodeUnauthorized, "Invalid token")
	}
	return nil
}

// namesThisMachine stops a name of somebody else's that was made to lead here: a
// browser would take its pages and this server for one site.
func namesThisMachine(r *http.Request) bool {
	host := (&url.URL{Host: r.Host}).Hostname()
	if isLoopback(strings.ToLower(host)) {
		return true
	}
	named, err := netip.ParseAddr(host)
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return err == nil && ok && named == local.AddrPort().Addr().Unmap().WithZone("")
}

// fromAnotherSite tells whether a browser sends the request for a page that is not
// this server's. That goes for GET too: there is no page that should read this.
func fromAnotherSite(r *http.Request) bool {
	for _, site := range r.Header["Sec-Fetch-Site"] {
		if site != "same-origin" && site != "none" {
			return true
		}
	}
	return slices.ContainsFunc(r.Header["Origin"], func(origin string) bool {
		return origin != "http://"+r.Host && origin != "https://"+r.Host
	})
}

// controlRoute is one thing that the control API does.
type controlRoute struct {
	method, path string
	status       int      // of the answer
	query        []string // the parameters that it takes
	do           func(*controlCall) (any, error)
}

// controlCall is one request that was let in.
type controlCall struct {
	*http.Request
	server    *Server
	workspace *Workspace // that it is about
	query     url.Values
}

func controlRoutes() []controlRoute {
	one := []string{"workspace"}
	return []controlRoute{
		{http.MethodGet, "workspaces", http.StatusOK, nil, listWorkspaces},
		{http.MethodPost, "workspaces", http.StatusCreated, nil, createWorkspace},
		{http.MethodGet, "now", http.StatusOK, one, tellTime},
		{http.MethodPost, "advance", http.StatusOK, one, advanceClock},
		{http.MethodPost, "drain", http.StatusOK, one, drainDeliveries},
		{http.MethodPut, "plan", http.StatusOK, one, putPlan},
		{http.MethodPut, "endpoint-limit", http.StatusOK, one, putEndpointLimit},
		{http.MethodPut, "rate-limit", http.StatusOK, one, putRateLimit},
		{http.MethodPut, "framing-origins", http.StatusOK, one, putFramingOrigins},
		{http.MethodPost, "tokens", http.StatusCreated, one, createToken},
		{http.MethodPost, "endpoints/{id}/rotate-secret", http.StatusOK, one, rotateSecret},
		{http.MethodPost, "device-grants/{user_code}", http.StatusOK, one, decideDeviceGrant},
		{http.MethodPost, "receivers", http.StatusCreated, one, createReceiver},
		{http.MethodPost, "faults", http.StatusCreated, one, createFault},
		{http.MethodGet, "journal", http.StatusOK, []string{"workspace", "operation", "method", "host", "path", "status", "limit", "wait"}, readJournal},
		{http.MethodGet, "problems", http.StatusOK, one, listProblems},
		{http.MethodGet, "snapshot", http.StatusOK, []string{"workspace", "secrets"}, getSnapshot},
		{http.MethodPut, "snapshot", http.StatusOK, one, putSnapshot},
		{http.MethodGet, "operations", http.StatusOK, nil, listOperations},
	}
}

// dispatch answers a request to a path that exists.
func (c *control) dispatch(w http.ResponseWriter, r *http.Request, methods map[string]controlRoute) {
	route, ok := methods[r.Method]
	if !ok {
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(methods)), ", "))
		api.WriteError(w, api.ErrMethodNotAllowed)
		return
	}
	call := &controlCall{Request: r, server: c.server}
	err := call.address(route.query)
	var answer any
	if err == nil {
		answer, err = route.do(call)
	}
	if err != nil {
		api.WriteError(w, refusalOf(err))
		return
	}
	api.Write(w, route.status, answer)
}

// refusalOf makes every error one that the client hears: those of the methods are
// about what it has asked for.
func refusalOf(err error) error {
	if errors.As(err, new(*domain.Refusal)) {
		return err
	}
	return domain.Invalid("%v", err)
}

// address reads the query, which may have these parameters, and finds the workspace.
func (c *controlCall) address(parameters []string) error {
	var err error
	if c.query, err = url.ParseQuery(c.URL.RawQuery); err != nil {
		return domain.Invalid("the query is not encoded as it should be")
	}
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		switch {
		case !slices.Contains(parameters, name):
			return domain.Invalid("there is no query parameter %q here", name)
		case len(c.query[name]) > 1:
			return domain.Invalid("the query parameter %q is given twice", name)
		}
	}
	c.workspace = c.server.Workspace
	if !c.query.Has("workspace") {
		return nil
	}
	id := c.query.Get("workspace")
	all := c.server.Workspaces()
	i := slices.IndexFunc(all, func(w *Workspace) bool { return w.ID() == id })
	if i < 0 {
		return domain.Refuse(domain.CodeNotFound, "There is no workspace %q", id)
	}
	c.workspace = all[i]
	return nil
}

// read fills the struct that v points to from the request's body, whose keys are
// exactly its tags. A body that is left out is an empty object.
func (c *controlCall) read(v any, most int) error {
	body, err := api.ReadBody(c.Request, most)
	if err != nil {
		return err
	}
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return nil
	case !json.Valid(body) || !api.IsText(body):
		return api.ErrNotJSON
	case body[0] != '{':
		return api.ErrNotObject
	}
	return fill("", body, reflect.ValueOf(v).Elem())
}
