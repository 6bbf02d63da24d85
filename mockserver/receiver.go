package mockserver

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Receiver takes deliveries in memory, at a URL that endpoints can be given. It
// keeps what it got.
type Receiver struct {
	workspace *Workspace
	host      string
	answer    func(context.Context, delivery.Message) domain.Outcome

	mu       sync.Mutex
	received []arrival
}

// arrival is a request with what it takes to judge it.
type arrival struct {
	delivery.Message
	secrets []string
}

// Reply is what a [Receiver] answers. The zero value is an empty 200.
type Reply struct {
	Status int           // 0 for 200
	Header http.Header   // such as Retry-After
	Body   string        // which the platform reads and does not keep
	Delay  time.Duration // counts as response time, without being waited for; over 15 s it is a time-out
	Reset  bool          // drop the connection instead
	Hang   bool          // never answer, which is a time-out at once
}

// Received is one request that a [Receiver] got.
type Received struct {
	URL       string
	Header    http.Header
	Body      []byte
	At        time.Time // on the workspace's clock
	Signature Signature
}

// Signature is what a receiver finds out about a request's signature, by the
// secrets that the endpoint had at that moment.
type Signature string

// The verdicts on a signature.
const (
	SignatureValid   Signature = Signature(delivery.SignatureValid)
	SignatureInvalid Signature = Signature(delivery.SignatureInvalid)
	SignatureMissing Signature = Signature(delivery.SignatureMissing) // as on all messages to Slack
)

// Receiver makes a receiver that gives these replies in turn and the last one for
// ever; without any it takes everything. It never waits. Replies that make no
// sense end the test; on a server made by [New] they panic.
func (w *Workspace) Receiver(replies ...Reply) *Receiver {
	w.t().Helper()
	r, err := w.scripted(replies)
	if err != nil {
		w.fail("Receiver: %v", err)
		return nil
	}
	return r
}

func (w *Workspace) scripted(replies []Reply) (*Receiver, error) {
	for i, reply := range replies {
		if err := reply.check(); err != nil {
			return nil, fmt.Errorf("reply %d: %w", i+1, err)
		}
	}
	s := &script{replies: slices.Clone(replies)}
	return w.register(func(_ context.Context, m delivery.Message) domain.Outcome { return s.next(m) }), nil
}

// ReceiverHandler makes a receiver of the program's own webhook handler. The
// handler may call the server; one that takes longer than 15 s of machine time
// fails the attempt. A handler that panics fails the test, as a problem.
func (w *Workspace) ReceiverHandler(handler http.Handler) *Receiver {
	w.t().Helper()
	if handler == nil {
		w.fail("ReceiverHandler: the handler is nil")
		return nil
	}
	return w.register(func(ctx context.Context, m delivery.Message) domain.Outcome {
		o, problem := w.handlers.Serve(ctx, handler, m)
		if problem != "" {
			w.reportAttempt(problem)
		}
		return o
	})
}

func (w *Workspace) register(answer func(context.Context, delivery.Message) domain.Outcome) *Receiver {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &Receiver{workspace: w, host: fmt.Sprintf("receiver-%d.test", len(w.receivers)+1), answer: answer}
	w.receivers[r.host] = r
	return r
}

// URL is where the receiver takes deliveries. So are all other paths of its host.
func (r *Receiver) URL() string { return "https://" + r.host + "/webhooks" }

// Requests are what has arrived, oldest first. They are the caller's to keep.
func (r *Receiver) Requests() []Received {
	r.mu.Lock()
	defer r.mu.Unlock()
	requests := make([]Received, len(r.received))
	for i, a := range r.received {
		requests[i] = Received{
			URL: a.URL, Header: a.Header.Clone(), Body: bytes.Clone(a.Body), At: a.Now.Std(),
			Signature: Signature(delivery.Verify(a.Header, a.Body, a.secrets...)),
		}
	}
	return requests
}

func (r *Receiver) receive(ctx context.Context, m delivery.Message, secrets []string) domain.Outcome {
	r.mu.Lock()
	r.received = append(r.received, arrival{m, secrets})
	r.mu.Unlock()
	return r.answer(ctx, m)
}

// script gives replies in turn.
type script struct {
	mu      sync.Mutex
	replies []Reply
}

func (s *script) next(m delivery.Message) domain.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	var reply Reply
	if len(s.replies) > 0 {
		reply = s.replies[0]
	}
	if len(s.replies) > 1 {
		s.replies = s.replies[1:]
	}
	return reply.outcome(m)
}

func (r Reply) outcome(m delivery.Message) domain.Outcome {
	switch {
	case r.Hang || r.Delay > m.Limit:
		return delivery.TimedOut(m)
	case r.Reset:
		return delivery.HungUp(r.Delay)
	}
	return delivery.Answered(m, cmp.Or(r.Status, http.StatusOK), r.Header.Get("Retry-After"), len(r.Body), r.Delay)
}

func (r Reply) check() error {
	switch {
	case r.Status != 0 && (r.Status < 200 || r.Status > 599):
		return fmt.Errorf("the status %d is not between 200 and 599; 0 stands for 200", r.Status)
	case r.Delay < 0:
		return fmt.Errorf("the delay %v is negative", r.Delay)
	}
	return nil
}
