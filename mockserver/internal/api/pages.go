package api

import "net/http"

// registerPages adds what a browser is shown before there is any token. Every page
// of a session is the same shell: which view it is, its script reads from the
// path.
func (t *table) registerPages() {
	shell := t.page("portal.page", func(w *answer, r *http.Request) bool {
		w.api.Shell(w, r, r.PathValue("session"))
		return true
	})
	t.mux.Handle("GET /portal/s/{session}", shell)
	t.mux.Handle("GET /portal/s/{session}/{view...}", shell)
	t.mux.Handle("GET /portal/assets/{name}", t.page("portal.asset", func(w *answer, r *http.Request) bool {
		return w.api.Asset(w, r, r.PathValue("name"))
	}))
	t.mux.Handle("GET /openapi.json", t.page("openapi", serveOpenAPI))
}

// page serves what is no JSON, and answers in the envelope where there is
// nothing.
func (t *table) page(operation string, serve func(*answer, *http.Request) bool) http.Handler {
	t.pages = append(t.pages, operation)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := w.(*answer)
		answer.operation = operation
		if !serve(answer, r) {
			answer.error(errRouteNotFound)
		}
	})
}
