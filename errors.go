package nahook

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// ErrInvalidArgument marks what was refused before anything was sent: a bad
// option, token, id or body. The text says what to change.
var ErrInvalidArgument = errors.New("nahook: invalid argument")

// An [*APIError] matches one of these by its status, whatever its code.
var (
	ErrValidation   = errors.New("nahook: validation failed") // 400, 413, 415 and 422
	ErrUnauthorized = errors.New("nahook: unauthorized")      // 401: the token is unknown, expired or of another kind
	ErrForbidden    = errors.New("nahook: forbidden")         // 403: a plan, a limit or a disabled token is in the way
	ErrNotFound     = errors.New("nahook: not found")         // 404: or it belongs to another workspace
	ErrConflict     = errors.New("nahook: conflict")          // 409: such as an ExternalID that is taken, a disabled endpoint, or deleting the default environment
	ErrRateLimited  = errors.New("nahook: rate limited")      // 429: RetryAfter tells for how long
	ErrServer       = errors.New("nahook: server error")      // 500 and above
)

// An [*APIError] matches one of these by its code, and besides one of those
// that go by status.
var (
	ErrTokenDisabled                   = errors.New("nahook: token disabled")                     // token_disabled
	ErrFeatureDisabled                 = errors.New("nahook: feature not on this plan")           // feature_disabled
	ErrApplicationEndpointLimitReached = errors.New("nahook: application endpoint limit reached") // application_endpoint_limit_reached: MaxEndpoints
	ErrEndpointLimitReached            = errors.New("nahook: workspace endpoint limit reached")   // endpoint_limit_reached: the plan's
	ErrEnvironmentLimitReached         = errors.New("nahook: environment limit reached")          // environment_limit_reached
	ErrInvalidCursor                   = errors.New("nahook: invalid cursor")                     // invalid_cursor: start again from the first page
)

// A [*TransportError] matches one of these if a limit of this client, and not
// the caller's context, ended it. Neither matches [context.DeadlineExceeded].
var (
	ErrAttemptTimeout = transport.ErrAttemptTimeout // see [WithAttemptTimeout]
	ErrCallTimeout    = transport.ErrCallTimeout    // see [WithTimeout] and [WithCallTimeout]
)

// maxErrorBody is what an error keeps of a success it could not read; of other
// answers the transport keeps as much.
const maxErrorBody = 64 << 10

// codeUnknown is the code of an answer that carries none.
const codeUnknown = "unknown"

var codeSentinels = map[string]error{
	"token_disabled":                     ErrTokenDisabled,
	"feature_disabled":                   ErrFeatureDisabled,
	"application_endpoint_limit_reached": ErrApplicationEndpointLimitReached,
	"endpoint_limit_reached":             ErrEndpointLimitReached,
	"environment_limit_reached":          ErrEnvironmentLimitReached,
	"invalid_cursor":                     ErrInvalidCursor,
}

// itemStatus is the status of the code that an item of a batch can fail with:
// what the item would have got by itself.
var itemStatus = map[string]int{
	"validation_error":  http.StatusBadRequest,
	"forbidden":         http.StatusForbidden,
	"token_disabled":    http.StatusForbidden,
	"feature_disabled":  http.StatusForbidden,
	"not_found":         http.StatusNotFound,
	"conflict":          http.StatusConflict,
	"payload_too_large": http.StatusRequestEntityTooLarge,
	"rate_limited":      http.StatusTooManyRequests,
	"internal_error":    http.StatusInternalServerError,
}

// APIError is an answer other than the documented success: a refusal, a
// failure of the server or of a proxy before it, a redirect, or a success
// that could not be read, which has a 2xx StatusCode. It is also the refusal of
// one item of a batch.
type APIError struct {
	StatusCode int           // of the HTTP response; of an item, what its code stands for, 2xx if that is not known
	Code       string        // as the server gave it, "unknown" if it gave none
	Message    string        // for people; the status text if the server gave none
	RequestID  string        // to quote to support; empty if the server sent none
	RetryAfter time.Duration // until the server wants to be asked again; 0 if it did not say
	Op         string        // the method and path, such as "GET /workspaces/ws_abc/applications/app_123"
	Attempts   int           // how many requests were made
	Body       []byte        // the start of the response body, at most 64 KiB; nil for an item

	cause error
}

// Error is one line. Server texts in it are cut and free of control
// characters; Message and Body have them whole.
func (e *APIError) Error() string {
	text := fmt.Sprintf("nahook: %s: %d %s: %s", transport.OneLine(e.Op), e.StatusCode, transport.OneLine(e.Code), transport.OneLine(e.Message))
	if e.RequestID != "" {
		text += " (request " + transport.OneLine(e.RequestID) + ")"
	}
	return text + attempts(e.Attempts)
}

// Is matches the sentinels of the error's status and code.
func (e *APIError) Is(target error) bool {
	return target != nil && (target == statusSentinel(e.StatusCode) || target == codeSentinels[e.Code])
}

// Unwrap is why a success could not be read, nil for every other answer.
func (e *APIError) Unwrap() error { return e.cause }

func statusSentinel(status int) error {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return ErrValidation
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	case http.StatusTooManyRequests:
		return ErrRateLimited
	}
	if status >= http.StatusInternalServerError {
		return ErrServer
	}
	return nil
}

// TransportError is a call without a complete answer: no connection, one that
// broke, a time limit, or a context that ended.
type TransportError struct {
	Op       string // the method and path, such as "GET /workspaces/ws_abc/applications/app_123"
	Attempts int    // how many requests were begun; 0 if the context had ended before
	Sent     bool   // false: certainly no request reached the server
	Err      error  // of the last attempt, or of the context
}

// Error is one line.
func (e *TransportError) Error() string {
	text := fmt.Sprintf("nahook: %s: %s", transport.OneLine(e.Op), transport.OneLine(fmt.Sprint(e.Err)))
	if !e.Sent {
		text += " (nothing was sent)"
	}
	return text + attempts(e.Attempts)
}

// Unwrap is the cause, with [context.Canceled], [ErrAttemptTimeout],
// [net.OpError] and the like within reach.
func (e *TransportError) Unwrap() error { return e.Err }

func attempts(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" (%d attempts)", n)
}

// failure is the error of an answer that is not a success.
func failure(api *transport.Transport, r transport.Request, a *transport.Answer) error {
	op := api.Op(r)
	if a.Err != nil {
		return &TransportError{Op: op, Attempts: a.Attempts, Sent: a.Sent, Err: a.Err}
	}
	code, message := decodeError(a.Status, a.Body)
	code, message = api.Scrub(code), api.Scrub(message) // escapes may have hidden the token in the body
	if host := redirectedTo(a); host != "" {
		message += ": a redirect to " + api.Scrub(host)
	}
	return apiError(op, a, code, message)
}

// redirectedTo is the host a redirect leads to, such as that of a login page.
// The rest of a Location may hold secrets.
func redirectedTo(a *transport.Answer) string {
	if a.Status/100 != 3 {
		return ""
	}
	u, err := url.Parse(a.Header.Get("Location"))
	if err != nil {
		return ""
	}
	return u.Host
}

func apiError(op string, a *transport.Answer, code, message string) *APIError {
	return &APIError{
		StatusCode: a.Status,
		Code:       code,
		Message:    message,
		RequestID:  a.RequestID,
		RetryAfter: a.RetryAfter,
		Op:         op,
		Attempts:   a.Attempts,
		Body:       a.Body,
	}
}

// itemFailure is the error of one item in an answer whose others may be good.
func itemFailure(api *transport.Transport, r transport.Request, a *transport.Answer, code, message string) error {
	status := itemStatus[code]
	code, message = cmp.Or(api.Scrub(code), codeUnknown), cmp.Or(api.Scrub(message), http.StatusText(status), "no reason given")
	e := apiError(api.Op(r), a, code, message)
	e.StatusCode, e.Body = cmp.Or(status, a.Status), nil
	return e
}

// decodeError reads {"error":{"code","message"}}, and what web frameworks
// send when they answer for themselves: {"error":"Bad Request","message":"…"}.
func decodeError(status int, body []byte) (code, message string) {
	if status >= http.StatusBadRequest {
		code, message = decodeEnvelope(body)
	}
	return cmp.Or(code, codeUnknown), cmp.Or(message, http.StatusText(status), "no reason given")
}

// decodeEnvelope is what there is of both, in an answer or in an entry of a batch.
func decodeEnvelope(body []byte) (code, message string) {
	var outer struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
	}
	var inner struct {
		Code    json.RawMessage `json:"code"`
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(body, &outer) == nil {
		_ = json.Unmarshal(outer.Error, &inner) // a string leaves it empty
		_ = json.Unmarshal(inner.Code, &code)
		_ = json.Unmarshal(outer.Message, &message)
		_ = json.Unmarshal(inner.Message, &message)
	}
	return code, message
}
