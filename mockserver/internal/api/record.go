package api

import (
	"maps"
	"net/http"

	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// Record is one request with what it was answered. Nothing in it changes any more.
type Record struct {
	Workspace   *store.Workspace // nil where none was found
	Operation   string           // empty where no route was found
	Request     *http.Request
	RequestBody []byte // nil where it was not read
	Status      int    // 0 if no answer was sent
	Header      http.Header
	Body        []byte // nil for what is no JSON
	Fault       string // empty for none
	Problems    []string
}

// record hands over what is about to be sent. It comes before anything is: a
// client that has its answer finds it recorded.
func (w *answer) record(status int, body []byte) {
	w.status = status
	if w.recorded {
		return
	}
	w.recorded = true
	w.api.Record(Record{
		Workspace: w.workspace, Operation: w.operation, Request: w.request, RequestBody: w.requestBody,
		Status: status, Header: maps.Clone(w.Header()), Body: body, Fault: w.fault.name(), Problems: w.problems,
	})
}
