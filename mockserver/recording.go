package mockserver

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/nahook/nahook-go/mockserver/internal/api"
	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// record writes a request and its answer down.
func (s *Server) record(r api.Record) {
	w := s.concerned(r.Workspace, r.Request)
	e := requested(r.Request, r.Operation, r.RequestBody)
	e.At, e.Workspace, e.Fault, e.Problems = w.Now(), w.ID(), r.Fault, r.Problems
	e.Status, e.ResponseHeader, e.ResponseBody = r.Status, r.Header, r.Body
	if len(r.Body) > 0 && r.Body[0] != '[' { // the rows of lists have no secrets
		e.ResponseBody = withoutSecrets(r.Operation, r.Body)
	}
	w.journal.add(&e)
}

// concerned is the workspace that a request is about: the one that its token opens,
// or else that its path names, or else the default one.
func (s *Server) concerned(rows *store.Workspace, r *http.Request) *Workspace {
	if rows == nil {
		rows = s.store.Workspace(r.PathValue("workspace"))
	}
	if rows == nil {
		rows = s.store.PortalWorkspace(r.PathValue("session"))
	}
	if w := s.workspaceOf(rows); w != nil {
		return w
	}
	return s.Workspace // also while another one is still being made
}

// requested is a request to the API, without its answer and without what opens
// doors.
func requested(r *http.Request, operation string, body []byte) Exchange {
	return Exchange{
		Operation: operation, Method: r.Method, Host: r.Host, Path: withoutTokens(r.URL.EscapedPath()), Query: queryWithoutSecrets(r.URL.RawQuery),
		Header: withoutCredentials(r.Header), Body: withoutSecrets(operation, body),
	}
}

// attempted is an attempt to deliver, without its outcome.
func attempted(job store.Job, m delivery.Message) *Exchange {
	e := &Exchange{
		Operation: attemptOperation, Delivery: job.Delivery.ID, Method: http.MethodPost, Path: m.URL, Header: withoutCredentials(m.Header), Body: m.Body,
	}
	if u, err := url.Parse(m.URL); err == nil { // an endpoint's URL may also be one that nothing can be sent to
		e.Host, e.Path, e.Query = u.Host, cmp.Or(u.EscapedPath(), "/"), u.RawQuery
	}
	return e
}
