package mockserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Exchange is one request with its answer, as the journal has it: a request to
// the API, or an attempt to deliver, whose operation is "delivery.attempt" and
// whose answer is the receiver's. Tokens, passwords, codes and signing secrets in
// it are replaced by "[redacted]". It is the caller's to keep.
type Exchange struct {
	At        time.Time // when it was answered, on the workspace's clock
	Workspace string    // id
	Operation string    // such as "applications.create"; empty for a request to no route
	Delivery  string    // id, of an attempt

	Method string
	Host   string
	Path   string // escaped
	Query  string
	Header http.Header
	Body   []byte // of the request; nil where there is none, and where it was not looked at: a GET or DELETE, a bad token, no JSON by its type, too long

	Status         int // 0 if no answer was sent, or received
	ResponseHeader http.Header
	ResponseBody   []byte // nil for pages, and for the answers of receivers

	Failure  string   // of an attempt: why it failed; empty where the status says it all
	Fault    string   // the effect of the fault that hit it, such as "Reset()"; empty for none
	Problems []string // of a request to the API: see [Server.Problems]
}

// String is one line: when, what, and how it ended.
func (e Exchange) String() string {
	text := fmt.Sprintf("%s %s %s %s", e.At.Format("15:04:05.000"), orUnknown(e.Operation), e.Method, e.Path)
	if e.Operation == attemptOperation {
		text = fmt.Sprintf("%s %s %s https://%s%s", e.At.Format("15:04:05.000"), e.Operation, e.Delivery, e.Host, e.Path)
	}
	if e.Query != "" {
		text += "?" + e.Query
	}
	text += " → " + e.outcome()
	if e.Fault != "" {
		text += ", by the fault " + e.Fault
	}
	return text
}

func (e Exchange) outcome() string {
	switch {
	case e.Status == 0 && e.Failure != "":
		return e.Failure
	case e.Status == 0:
		return "no answer"
	case e.Failure != "":
		return fmt.Sprintf("%d: %s", e.Status, e.Failure)
	case e.Status >= http.StatusBadRequest && json.Valid(e.ResponseBody):
		return fmt.Sprintf("%d %s", e.Status, e.ResponseBody)
	}
	return fmt.Sprint(e.Status)
}

func orUnknown(operation string) string {
	if operation == "" {
		return "(no route)"
	}
	return operation
}

// clone is an exchange that shares nothing with e.
func (e *Exchange) clone() Exchange {
	c := *e
	c.Header, c.ResponseHeader = e.Header.Clone(), e.ResponseHeader.Clone()
	c.Body, c.ResponseBody = bytes.Clone(e.Body), bytes.Clone(e.ResponseBody)
	c.Problems = append([]string(nil), e.Problems...)
	return c
}

// size is about what the journal needs for it.
func (e *Exchange) size() int {
	const fixed = 512
	return fixed + len(e.Body) + len(e.ResponseBody) + len(e.Path) + len(e.Query) + headerSize(e.Header) + headerSize(e.ResponseHeader)
}

func headerSize(h http.Header) int {
	const fixed = 64 // of an entry
	size := 0
	for name, values := range h {
		size += fixed + len(name)
		for _, value := range values {
			size += len(value)
		}
	}
	return size
}
