package mockserver

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// How much a workspace's journal keeps unless [WithJournal] says otherwise.
const (
	journalExchanges = 10_000
	journalBytes     = 32 << 20
)

// WithJournal sets how much a workspace's journal keeps: so many exchanges, and of
// their size, bodies included, about so many bytes. What is older is dropped. The
// defaults are 10,000 exchanges and 32 MiB.
func WithJournal(exchanges, bytes int) WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		if exchanges < 1 || bytes < 1 {
			return fmt.Errorf("WithJournal: %d exchanges and %d bytes; both must be positive", exchanges, bytes)
		}
		c.journal = &journalLimits{exchanges, bytes}
		return nil
	})
}

type journalLimits struct{ exchanges, bytes int }

// journal is the exchanges of a workspace, oldest first. Those that it holds do
// not change any more.
type journal struct {
	limits journalLimits

	mu      sync.Mutex
	changed sync.Cond
	held    []*Exchange // from first on
	first   int
	bytes   int
	dropped map[string]int // by operation
}

func newJournal(limits *journalLimits) *journal {
	j := &journal{limits: journalLimits{journalExchanges, journalBytes}, dropped: map[string]int{}}
	if limits != nil {
		j.limits = *limits
	}
	j.changed.L = &j.mu
	return j
}

func (j *journal) add(e *Exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.held = append(j.held, e)
	j.bytes += e.size()
	for len(j.held)-j.first > j.limits.exchanges || j.bytes > j.limits.bytes && len(j.held)-j.first > 1 {
		j.dropLocked()
	}
	j.changed.Broadcast()
}

// dropLocked forgets the oldest exchange. Half of the slice is free before the
// rest moves, so that this costs the same however much there is.
func (j *journal) dropLocked() {
	oldest := j.held[j.first]
	j.held[j.first] = nil
	j.first++
	j.bytes -= oldest.size()
	j.dropped[oldest.Operation]++
	if j.first > len(j.held)/2 {
		j.held = append(j.held[:0], j.held[j.first:]...)
		clear(j.held[len(j.held):cap(j.held)])
		j.first = 0
	}
}

func (j *journal) snapshot() []*Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.held[j.first:])
}

// last gives at most n of the newest exchanges.
func (j *journal) last(n int) []*Exchange {
	all := j.snapshot()
	return all[max(0, len(all)-n):]
}

// clear forgets everything.
func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.first < len(j.held) {
		j.dropLocked()
	}
}

func (j *journal) used() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.held) > 0
}

// droppedLocked tells how many exchanges are gone that could have matched.
func (j *journal) droppedLocked(m Matcher) int {
	n := 0
	for operation, count := range j.dropped {
		if m.operation == "" || m.operation == operation {
			n += count
		}
	}
	return n
}

func (j *journal) forgotten(n int) error {
	return fmt.Errorf("the journal has dropped %d exchanges that could matter: WithJournal lets it keep more than %d, and more than %d bytes",
		n, j.limits.exchanges, j.limits.bytes)
}

// find gives the exchanges that match, and how many more might have.
func (j *journal) find(m Matcher) (found, others []*Exchange, dropped int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.held[j.first:] {
		if len(m.misses(e)) == 0 {
			found = append(found, e)
		} else {
			others = append(others, e)
		}
	}
	return found, others, j.droppedLocked(m)
}

// wait gives the first exchange that matches, once there is one.
func (j *journal) wait(ctx context.Context, m Matcher) (*Exchange, error) {
	stop := context.AfterFunc(ctx, func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.changed.Broadcast()
	})
	defer stop()
	j.mu.Lock()
	defer j.mu.Unlock()
	for {
		for _, e := range j.held[j.first:] {
			if len(m.misses(e)) == 0 {
				return e, nil
			}
		}
		if n := j.droppedLocked(m); n > 0 {
			return nil, j.forgotten(n)
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		j.changed.Wait()
	}
}

// Requests are the exchanges with this workspace that all matchers match, oldest
// answer first: the requests to the API, and the attempts to deliver, which come
// before the request that they were made in. Requests that name no workspace are
// in the journal of the default one. Only what is held is given: see [WithJournal].
// Matchers that make no sense, such as an operation that does not exist, end the
// test; on a server made by [New] they panic.
func (w *Workspace) Requests(matchers ...Matcher) []Exchange {
	w.t().Helper()
	m := All(matchers...)
	if err := w.checkMatcher(m); err != nil {
		w.fail("Requests: %v", err)
		return nil
	}
	found, _, _ := w.journal.find(m)
	return clones(found)
}

func clones(found []*Exchange) []Exchange {
	all := make([]Exchange, len(found))
	for i, e := range found {
		all[i] = e.clone()
	}
	return all
}

// Expect fails the test, which goes on, unless exactly n exchanges with this
// workspace match all matchers, and shows those that come nearest. It gives those that match.
// It refuses to judge once the journal has dropped exchanges that could matter.
func (w *Workspace) Expect(tb TB, n int, matchers ...Matcher) []Exchange {
	tb.Helper()
	m := All(matchers...)
	if err := w.checkMatcher(m); err != nil {
		tb.Errorf("mockserver: Expect: %v", err)
		return nil
	}
	found, others, dropped := w.journal.find(m)
	switch {
	case dropped > 0 && len(found) <= n:
		tb.Errorf("mockserver: Expect: %v", w.journal.forgotten(dropped))
	case len(found) != n:
		tb.Errorf("mockserver: want %s%s, got %d%s", count(n, "request"), m.with(), len(found), explain(m, found, others))
	}
	return clones(found)
}

// WaitFor gives the first exchange with this workspace that all matchers match,
// which may have been before. It is for servers with the real clock, which make
// deliveries in the background. When ctx ends first the error is its cause.
func (w *Workspace) WaitFor(ctx context.Context, matchers ...Matcher) (Exchange, error) {
	m := All(matchers...)
	if err := w.checkMatcher(m); err != nil {
		return Exchange{}, fmt.Errorf("mockserver: WaitFor: %w", err)
	}
	e, err := w.journal.wait(ctx, m)
	if err != nil {
		return Exchange{}, fmt.Errorf("mockserver: waiting for a request%s: %w", m.with(), err)
	}
	return e.clone(), nil
}

const maxExplained = 5

// explain shows what is nearest to a wrong number of matches: those that match, or
// those that miss it by the least.
func explain(m Matcher, found, others []*Exchange) string {
	var b strings.Builder
	if len(found) > 0 {
		for _, e := range found[:min(len(found), maxExplained)] {
			fmt.Fprintf(&b, "\n  %s", e)
		}
		return b.String()
	}
	if len(others) == 0 {
		return ": there were no requests at all"
	}
	misses := make(map[*Exchange][]string, len(others))
	for _, e := range others {
		misses[e] = m.misses(e)
	}
	slices.SortStableFunc(others, func(a, b *Exchange) int { return len(misses[a]) - len(misses[b]) })
	fmt.Fprintf(&b, " of %d; nearest:", len(others))
	for _, e := range others[:min(len(others), maxExplained)] {
		fmt.Fprintf(&b, "\n  %s\n    %s", e, strings.Join(misses[e], "\n    "))
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// summary is one line on what a workspace holds, and its last exchanges.
func (w *Workspace) summary() string {
	var b strings.Builder
	c := w.rows.Counts()
	fmt.Fprintf(&b, "workspace %s at %s: %s, %s, %s", w.ID(), w.Now().Format(timestamp),
		count(c.Applications, "application"), count(c.Endpoints, "endpoint"), count(c.EventTypes, "event type"))
	for _, status := range slices.Sorted(maps.Keys(c.Deliveries)) {
		fmt.Fprintf(&b, ", %d %s", c.Deliveries[status], status)
	}
	last := w.journal.last(lastExchanges)
	fmt.Fprintf(&b, "; its last %s:", count(len(last), "exchange"))
	for _, e := range last {
		fmt.Fprintf(&b, "\n  %s", e)
	}
	return b.String()
}

// lastExchanges is how many a failed test shows.
const lastExchanges = 20
