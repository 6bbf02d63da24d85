package api

import "net/http"

// registerPages adds what a browser is shown before there is any token. Every page
// of a session is the same shell: which view it is, its script reads from the
// path.
func (a *API) registerPages() {
	shell := a.page("portal.page", func(w http.ResponseWriter, r *http.Request) bool {
		a.Shell(w, r, r.PathValue("session"))
		return true
	})
	a.mux.Handle("GET /portal/s/{session}", shell)
	a.mux.Handle("GET /portal/s/{session}/{view...}", shell)
	a.mux.Handle("GET /portal/assets/{name}", a.page("portal.asset", func(w http.ResponseWriter, r *http.Request) bool {
		return a.Asset(w, r, r.PathValue("name"))
	}))
	a.mux.Handle("GET /openapi.json", a.page("openapi", serveOpenAPI))
}

// page serves what is no JSON, and answers in the envelope where there is
// nothing.
func (a *API) page(operation string, serve func(http.ResponseWriter, *http.Request) bool) http.Handler {
	a.pages = append(a.pages, operation)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := w.(*answer)
		answer.operation = operation
		if !serve(answer, r) {
			answer.error(errRouteNotFound)
		}
	})
}
