package mockserver

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nahook/nahook-go/mockserver/internal/api"
	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// Fault is something that goes wrong, as often as it says and not at random:
//
//	srv.Inject(mockserver.Fault{Match: mockserver.Operation("applications.create"), AfterCommit: true, Do: mockserver.Reset()})
//
// The next application is created, and its creator does not hear of it.
type Fault struct {
	// Match picks the requests that it hits, of those that the service accepts: a bad
	// token or a body that is no JSON is refused first. It sees what the journal would.
	// Requests that need no token are those of the default workspace. Attempts to
	// deliver are hit if the matcher names the operation "delivery.attempt", and only
	// then.
	Match Matcher
	Times int // how many requests it hits; 0 for 1
	After int // how many it lets pass before
	// AfterCommit carries the request out before the effect: the change has
	// happened, and what the client hears of it is wrong. Of an attempt to deliver it
	// is the receiver that has got it.
	AfterCommit bool
	Do          Effect
}

func (f Fault) String() string {
	text := f.Do.name
	if f.AfterCommit {
		text += " after commit"
	}
	if len(f.Match.parts) == 0 {
		return text + " for any request"
	}
	return text + " for " + f.Match.String()
}

// Inject adds a fault to those of the workspace, the first of which hits a request
// that several match; for the others that request has not been. A fault that makes no sense ends the test; on a server made
// by [New] it panics. One that has not hit as often as it says by the end of the
// test fails it, as a problem.
func (w *Workspace) Inject(f Fault) {
	w.t().Helper()
	if err := w.inject(f); err != nil {
		w.fail("Inject: %v", err)
	}
}

func (w *Workspace) inject(f Fault) error {
	if err := w.checkFault(f); err != nil {
		return err
	}
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Do.fault.Break == api.Truncate {
		f.AfterCommit = true
	}
	w.faults.add(f)
	return nil
}

func (w *Workspace) checkFault(f Fault) error {
	attempts := f.Match.operation == attemptOperation
	switch {
	case f.Do.name == "":
		return errors.New("the fault does nothing: Do is not set")
	case f.Do.err != nil:
		return f.Do.err
	case f.Times < 0 || f.After < 0:
		return fmt.Errorf("neither Times (%d) nor After (%d) can be negative", f.Times, f.After)
	case f.Match.answer:
		return errors.New("Answered picks requests by their answer, which is too late for a fault")
	case f.Do.only == onlyDelivery && !attempts:
		return fmt.Errorf("%s is for %s: match Operation(%q)", f.Do, onlyDelivery, attemptOperation)
	case f.Do.only == onlyAPI && attempts:
		return fmt.Errorf("%s is for %s", f.Do, onlyAPI)
	}
	return w.checkMatcher(f.Match)
}

// attemptOperation is what attempts to deliver are called.
const attemptOperation = "delivery.attempt"

// faults are those of one workspace.
type faults struct {
	armed atomic.Bool // there is one that has not hit as often as it says

	mu   sync.Mutex
	list []*injected // those that have not
}

// injected is a fault with what has come of it.
type injected struct {
	Fault
	seen, hit int
}

func (f *faults) add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, &injected{Fault: fault})
	f.armed.Store(true)
}

// take gives the fault that hits a request, nil if none does.
func (f *faults) take(e *Exchange) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.list, func(candidate *injected) bool { return candidate.hits(e) })
	if i < 0 {
		return nil
	}
	taken := f.list[i]
	if taken.hit == taken.Times {
		f.list = slices.Delete(f.list, i, i+1)
		f.armed.Store(len(f.list) > 0)
	}
	return &taken.Fault
}

func (i *injected) hits(e *Exchange) bool {
	attempts := i.Match.operation == attemptOperation
	if attempts != (e.Operation == attemptOperation) || i.Do.cursors && !hasCursor(e.Query) || len(i.Match.misses(e)) > 0 {
		return false
	}
	i.seen++
	if i.seen <= i.After {
		return false
	}
	i.hit++
	return true
}

func hasCursor(query string) bool {
	values, err := url.ParseQuery(query)
	return err == nil && values.Get("cursor") != ""
}

// giveUp says what did not go wrong although it should have, and ends it all.
func (f *faults) giveUp() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() { f.list = nil }()
	f.armed.Store(false)
	var all []string
	for _, i := range f.list {
		all = append(all, fmt.Sprintf("the fault %s has hit %d of %s: %d requests matched, of which it lets %d pass first", i.Fault, i.hit, count(i.Times, "time"), i.seen, i.After))
	}
	return all
}

// fault is what shall go wrong with a request to the API.
func (s *Server) fault(rows *store.Workspace, operation string, r *http.Request, body []byte) *api.Fault {
	w := s.concerned(rows, r)
	if !w.faults.armed.Load() {
		return nil
	}
	e := requested(r, operation, body)
	f := w.faults.take(&e)
	if f == nil {
		return nil
	}
	fault := f.Do.fault
	fault.Name, fault.AfterCommit = f.Do.name, f.AfterCommit
	return &fault
}

// attemptDelivery makes one attempt, with whatever shall go wrong with it, and
// writes it down.
func (w *Workspace) attemptDelivery(job store.Job, m delivery.Message, secrets []string, send func(delivery.Message) domain.Outcome, finish func(domain.Outcome) *domain.Delivery) *domain.Delivery {
	e := attempted(job, m)
	first, o := w.attemptUnderFault(e, m, secrets, send)
	d := finish(o)
	if first != nil {
		duplicate := *e
		w.recordAttempt(&duplicate, *first)
	}
	w.recordAttempt(e, o)
	return d
}

// attemptUnderFault gives what came of an attempt, and of the first arrival of one
// that arrives twice.
func (w *Workspace) attemptUnderFault(e *Exchange, m delivery.Message, secrets []string, send func(delivery.Message) domain.Outcome) (first *domain.Outcome, o domain.Outcome) {
	if !w.faults.armed.Load() {
		return nil, send(m)
	}
	f := w.faults.take(e)
	if f == nil {
		return nil, send(m)
	}
	if f.Do.alter != nil && len(secrets) == 0 {
		w.reportAttempt("the fault " + f.Do.name + " cannot be applied: messages to Slack are not signed")
		return nil, send(m)
	}
	e.Fault = f.Do.name
	if f.Do.alter != nil {
		f.Do.alter(&m, secrets)
		e.Header = withoutCredentials(m.Header)
	}
	if f.Do.twice {
		arrived := send(m)
		first = &arrived
	}
	return first, f.Do.deliver(m, f.AfterCommit, send)
}

func (w *Workspace) recordAttempt(e *Exchange, o domain.Outcome) {
	e.At, e.Workspace, e.Status, e.Failure = w.Now(), w.ID(), o.StatusCode, o.Failure
	w.journal.add(e)
}
