package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// Codes that only HTTP gives rise to.
const (
	codeMethodNotAllowed     domain.Code = "method_not_allowed"
	codeUnsupportedMediaType domain.Code = "unsupported_media_type"
	codeRateLimited          domain.Code = "rate_limited"
	codeInternal             domain.Code = "internal_error"
)

var (
	errRouteNotFound    = domain.NotFound("Route")
	errMethodNotAllowed = domain.Refuse(codeMethodNotAllowed, "Method not allowed")
	errRateLimited      = domain.Refuse(codeRateLimited, "Too many requests")
	errInternal         = domain.Refuse(codeInternal, "Something went wrong")
)

// refusals are what the service says with a status where nothing else is known.
var refusals = map[int]refusalJSON{
	http.StatusBadRequest:            {domain.CodeValidation, "Validation failed"},
	http.StatusUnauthorized:          {domain.CodeUnauthorized, "Invalid token"},
	http.StatusForbidden:             {domain.CodeForbidden, "Forbidden"},
	http.StatusNotFound:              {domain.CodeNotFound, "Not found"},
	http.StatusMethodNotAllowed:      {codeMethodNotAllowed, "Method not allowed"},
	http.StatusConflict:              {domain.CodeConflict, "Conflict"},
	http.StatusRequestEntityTooLarge: {domain.CodePayloadTooLarge, "Payload too large"},
	http.StatusUnsupportedMediaType:  {codeUnsupportedMediaType, "Unsupported media type"},
	http.StatusTooManyRequests:       {codeRateLimited, "Too many requests"},
	http.StatusInternalServerError:   {codeInternal, "Something went wrong"},
}

// status gives every refusal its HTTP status, in this one place.
func status(c domain.Code) int {
	switch c {
	case domain.CodeValidation, domain.CodeInvalidCursor, domain.CodeInvalidCode, domain.CodeAccessDenied, domain.CodeExpiredToken:
		return http.StatusBadRequest
	case domain.CodeUnauthorized, domain.CodeTokenExpired, domain.CodeTokenRevoked, domain.CodeSessionExpired:
		return http.StatusUnauthorized
	case domain.CodeTokenDisabled, domain.CodeFeatureDisabled, domain.CodeForbidden,
		domain.CodeApplicationLimitReached, domain.CodeEndpointLimitReached, domain.CodeEnvironmentLimitReached:
		return http.StatusForbidden
	case domain.CodeNotFound:
		return http.StatusNotFound
	case codeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case domain.CodeConflict:
		return http.StatusConflict
	case domain.CodePayloadTooLarge:
		return http.StatusRequestEntityTooLarge
	case codeUnsupportedMediaType:
		return http.StatusUnsupportedMediaType
	case codeRateLimited:
		return http.StatusTooManyRequests
	default:
		return http.StatusInternalServerError
	}
}

// answer writes one response, and is what a handler sees of the connection. The
// router's own plain-text 404 and 405 pass through it too and leave it in the
// documented envelope.
type answer struct {
	http.ResponseWriter
	api       *API
	request   *http.Request
	path      string           // escaped
	operation string           // empty until a route is found
	workspace *store.Workspace // nil until a token has named it
	status    int              // 0 until something is written

	requestBody []byte // once it is read
	problems    []string
	fault       *Fault
	recorded    bool
}

// routed marks the request as one that a route has taken.
func (w *answer) routed(operation, requestID string) {
	w.operation = operation
	w.Header().Set("X-Request-Id", requestID)
}

func (w *answer) report(text string) {
	w.problems = append(w.problems, text)
	p := Problem{Operation: w.operation, Text: text}
	if w.workspace != nil {
		p.Workspace = w.workspace.ID()
	}
	w.api.Report(p)
}

// value answers with v as JSON, or with no body for 204, unless a fault does
// something else.
func (w *answer) value(status int, v any) {
	var body []byte
	if status != http.StatusNoContent {
		var err error
		if body, err = encode(v); err != nil {
			panic(err) // a wire struct that cannot be encoded is a defect of this package
		}
		h := w.Header()
		h["Content-Type"], h["Cache-Control"] = contentType, cacheControl
	}
	if w.fault != nil {
		w.faulty(status, body)
		return
	}
	w.send(status, body)
}

// send writes the answer as it is.
func (w *answer) send(status int, body []byte) {
	if status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.record(status, body)
	w.ResponseWriter.WriteHeader(status)
	w.ResponseWriter.Write(body) // a client that has left is none of our business
}

// What every answer with a body has. Nothing changes values in place.
var (
	contentType  = []string{"application/json; charset=utf-8"}
	cacheControl = []string{"no-store"}
)

// encode writes v as the service does: without HTML escapes.
func encode(v any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), err
}

type errorJSON struct {
	Error refusalJSON `json:"error"`
}

type refusalJSON struct {
	Code    domain.Code `json:"code"`
	Message string      `json:"message"`
}

// error answers with err in the envelope. An error that is no refusal is a
// defect, and its text stays inside.
func (w *answer) error(err error) {
	var refusal *domain.Refusal
	if !errors.As(err, &refusal) {
		panic(err)
	}
	w.value(status(refusal.Code), errorJSON{refusalJSON{refusal.Code, refusal.Message}})
}

// WriteHeader translates the router's answer when it found no route.
func (w *answer) WriteHeader(status int) {
	switch {
	case w.operation != "":
		w.record(status, nil)
		w.ResponseWriter.WriteHeader(status)
	case status == http.StatusMethodNotAllowed:
		w.error(errMethodNotAllowed)
	default:
		w.error(errRouteNotFound)
	}
}

// Write drops the router's plain text: the envelope has been sent instead.
func (w *answer) Write(body []byte) (int, error) {
	if w.operation == "" {
		return len(body), nil
	}
	if w.status == 0 { // which Write by itself means a 200
		w.record(http.StatusOK, nil)
	}
	return w.ResponseWriter.Write(body)
}

// Unwrap lets an http.ResponseController reach the connection.
func (w *answer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *answer) finish() {
	if ctx := context.Background(); w.api.Log.Enabled(ctx, slog.LevelInfo) {
		w.api.Log.InfoContext(ctx, "request", "operation", w.operation, "method", w.request.Method, "path", w.path, "status", w.status)
	}
}
