package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// heap gives what is due, earliest first and within one instant in order of
// sequence. It is 4-ary: half as deep as a binary one, and each step down looks
// at neighbours in memory.
type heap[T any] struct{ entries []due[T] }

type due[T any] struct {
	at       domain.Time
	sequence uint64
	what     T
}

func (a due[T]) before(b due[T]) bool {
	return a.at < b.at || a.at == b.at && a.sequence < b.sequence
}

const fan = 4

func (h *heap[T]) push(at domain.Time, sequence uint64, what T) {
	e := due[T]{at, sequence, what}
	h.entries = append(h.entries, e)
	i := len(h.entries) - 1
	for i > 0 && e.before(h.entries[(i-1)/fan]) {
		h.entries[i] = h.entries[(i-1)/fan]
		i = (i - 1) / fan
	}
	h.entries[i] = e
}

// next tells when the earliest entry is due.
func (h *heap[T]) next() (domain.Time, bool) {
	if len(h.entries) == 0 {
		return 0, false
	}
	return h.entries[0].at, true
}

// take removes the earliest entry if it is due by now.
func (h *heap[T]) take(now domain.Time) (what T, ok bool) {
	if at, any := h.next(); !any || at > now {
		return what, false
	}
	what = h.entries[0].what
	last := len(h.entries) - 1
	e := h.entries[last]
	h.entries[last] = due[T]{} // for the garbage collector
	h.entries = h.entries[:last]
	if last > 0 {
		h.sink(e)
	}
	return what, true
}

// sink fills the hole at the top with e, or with what has to be above e.
func (h *heap[T]) sink(e due[T]) {
	i := 0
	for {
		child := h.earliestChild(i)
		if child == 0 || !h.entries[child].before(e) {
			break
		}
		h.entries[i] = h.entries[child]
		i = child
	}
	h.entries[i] = e
}

// earliestChild is 0 for an entry without children.
func (h *heap[T]) earliestChild(i int) int {
	first := i*fan + 1
	if first >= len(h.entries) {
		return 0
	}
	earliest := first
	for child := first + 1; child < min(first+fan, len(h.entries)); child++ {
		if h.entries[child].before(h.entries[earliest]) {
			earliest = child
		}
	}
	return earliest
}
