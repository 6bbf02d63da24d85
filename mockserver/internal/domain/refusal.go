// Package domain holds the records of the reference server and every rule that
// needs nothing but its arguments: validation, defaults and transitions, with
// the present instant passed in. Records are immutable once built, so they are
// shared by pointer without copies.
package domain

import "fmt"

// Code is the machine-readable half of a [Refusal].
type Code string

// The codes of spec/api.md, section 2, that a rule can answer with.
const (
	CodeValidation              Code = "validation_error"
	CodeUnauthorized            Code = "unauthorized"
	CodeTokenExpired            Code = "token_expired"
	CodeTokenRevoked            Code = "token_revoked"
	CodeTokenDisabled           Code = "token_disabled"
	CodeFeatureDisabled         Code = "feature_disabled"
	CodeApplicationLimitReached Code = "application_endpoint_limit_reached"
	CodeEndpointLimitReached    Code = "endpoint_limit_reached"
	CodeEnvironmentLimitReached Code = "environment_limit_reached"
	CodeNotFound                Code = "not_found"
	CodeConflict                Code = "conflict"
	CodePayloadTooLarge         Code = "payload_too_large"
	CodeInvalidCursor           Code = "invalid_cursor"
	CodeForbidden               Code = "forbidden"
	CodeSessionExpired          Code = "session_expired"
	CodeInvalidCode             Code = "invalid_code"
	CodeAccessDenied            Code = "access_denied"
	CodeExpiredToken            Code = "expired_token" // of a device grant
)

// Refusal is a rule's "no": what the server tells the client, word for word.
type Refusal struct {
	Code    Code
	Message string
}

// Error gives code and message.
func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Message }

// Refuse builds a [Refusal] from a format string.
func Refuse(code Code, format string, args ...any) error {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid refuses a value of the request.
func Invalid(format string, args ...any) error {
	return Refuse(CodeValidation, format, args...)
}

// NotFound refuses an id. It takes the noun alone, so that a foreign id and an
// id that never existed cannot be told apart.
func NotFound(noun string) error {
	return Refuse(CodeNotFound, "%s not found", noun)
}
