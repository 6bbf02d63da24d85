package api

import (
	_ "embed"
	"net/http"
	"strconv"
)

// openAPI describes the management, ingestion and portal families to programs.
// Tests hold it against the routes, and against what they answer.
//
//go:embed openapi.json
var openAPI []byte

// serveOpenAPI needs no token: there is nothing of any workspace in it.
func serveOpenAPI(w *answer, _ *http.Request) bool {
	h := w.Header()
	h["Content-Type"], h["Cache-Control"] = contentType, cacheControl
	h.Set("Content-Length", strconv.Itoa(len(openAPI)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(openAPI) // a client that has left is none of our business
	return true
}
