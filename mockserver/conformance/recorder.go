package conformance

import (
	"io"
	"net/http"
	"slices"
	"sync"
)

const maxWebhook = 1 << 20

// Recorder is the handler behind a [Receiver]: it answers with one status and
// keeps what it gets, of each body 1 MiB at most. Its zero value answers 200.
type Recorder struct {
	Status int // not to be changed when requests come in

	mu       sync.Mutex
	webhooks []Webhook
}

// ServeHTTP takes one webhook.
func (r *Recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(io.LimitReader(request.Body, maxWebhook))
	if err != nil {
		http.Error(w, "the body ended early", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	r.webhooks = append(r.webhooks, Webhook{Method: request.Method, Header: request.Header.Clone(), Body: body})
	r.mu.Unlock()
	if r.Status != 0 {
		w.WriteHeader(r.Status)
	}
}

// Received are the webhooks that have arrived, oldest first.
func (r *Recorder) Received() []Webhook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.webhooks)
}
