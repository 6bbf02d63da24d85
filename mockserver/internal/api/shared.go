package api

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// What a handler beside the API needs in order to speak as the API does.
var (
	ErrRouteNotFound    = errRouteNotFound
	ErrMethodNotAllowed = errMethodNotAllowed
	ErrNotJSON          = errNotJSON
	ErrNotObject        = errNotObject
)

// Write answers with v as JSON.
func Write(w http.ResponseWriter, status int, v any) {
	body, err := encode(v)
	if err != nil {
		panic(err) // a wire struct that cannot be encoded is a defect
	}
	h := w.Header()
	h["Content-Type"], h["Cache-Control"] = contentType, cacheControl
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has left is none of our business
}

// WriteError answers with a refusal in the envelope, or with 500 for an error that
// is none.
func WriteError(w http.ResponseWriter, err error) {
	var refusal *domain.Refusal
	if !errors.As(err, &refusal) {
		errors.As(errInternal, &refusal)
	}
	Write(w, status(refusal.Code), errorJSON{refusalJSON{refusal.Code, refusal.Message}})
}

// Bearer is the token of the one Authorization header; false if there is none that
// makes sense.
func Bearer(h http.Header) (string, bool) { return bearer(h) }

// PlainPath tells whether an escaped path has no segment that is empty, "." or "..",
// which http.ServeMux would answer with a redirect.
func PlainPath(escaped string) bool { return plainPath(escaped) }
