package nahookotel

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/nahook/nahook-go"
)

// refusal is what the server said, nil if the call ended without an answer: what
// ended it may be anything, even the refusal of another call.
func refusal(err error) *nahook.APIError {
	var failed *nahook.TransportError
	var refused *nahook.APIError
	if errors.As(err, &failed) || !errors.As(err, &refused) {
		return nil
	}
	return refused
}

// errorType is one word for an error, of which there are few: a status, or what
// was in the way of an answer.
func errorType(err error) string {
	refused := refusal(err)
	switch {
	case refused == nil:
		return failureType(err)
	case refused.StatusCode/100 == 2:
		return "unreadable_response"
	}
	return strconv.Itoa(refused.StatusCode)
}

// attemptErrorType is empty for an attempt that succeeded.
func attemptErrorType(a nahook.CallAttempt) string {
	switch {
	case a.Err != nil:
		return failureType(a.Err)
	case a.StatusCode >= http.StatusMultipleChoices:
		return strconv.Itoa(a.StatusCode)
	}
	return ""
}

// failureType goes by the caller's context first: its cause may be anything.
func failureType(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "context_canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline_exceeded"
	case errors.Is(err, nahook.ErrCallTimeout):
		return "call_timeout"
	case errors.Is(err, nahook.ErrAttemptTimeout):
		return "attempt_timeout"
	}
	return "connection_error"
}
