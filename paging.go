package nahook

import (
	"fmt"
	"iter"
)

const (
	// maxPage is the largest page the API gives. Asking for more would make a
	// full page look like the last one.
	maxPage = 100
	// maxStale is how many full pages in a row may bring nothing new. A few can,
	// if that many rows are created at once; a server that ignores the offset
	// never sends anything else.
	maxStale = 3
)

// offsetPages walks the listing called name by offset until a page is not full.
func offsetPages[T any](name string, limit, offset int, id func(*T) string, fetch func(limit, offset int) ([]T, error)) iter.Seq2[*T, error] {
	limit = pageSize(limit)
	return func(yield func(*T, error) bool) {
		var known recent[T]
		next := offset
		for stale := 0; stale < maxStale; stale++ {
			page, err := fetch(limit, next)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, row := range known.unseen(page, id) {
				stale = -1
				if !yield(row, nil) {
					return
				}
			}
			if len(page) < limit {
				return
			}
			next += len(page)
		}
		yield(nil, fmt.Errorf("nahook: %s: the server ignores paging: up to offset %d it sent nothing new", name, next))
	}
}

// pageSize is what to ask for to get pages of limit, or of the server's largest.
func pageSize(limit int) int {
	if limit == 0 {
		return maxPage
	}
	return min(limit, maxPage)
}

// recent remembers the ids of the last pages, some hundred at least: rows that
// are created between two pages shift the rows of earlier ones into the next.
type recent[T any] struct{ older, newer map[string]struct{} }

// unseen are the rows of a page that are not among the remembered ones, and
// are from now on.
func (r *recent[T]) unseen(page []T, id func(*T) string) []*T {
	if r.newer == nil || len(r.newer) >= maxPage {
		r.older, r.newer = r.newer, make(map[string]struct{}, len(page))
	}
	rows := make([]*T, 0, len(page))
	for i := range page {
		row := id(&page[i])
		_, older := r.older[row]
		_, newer := r.newer[row]
		r.newer[row] = struct{}{}
		if !older && !newer {
			rows = append(rows, &page[i])
		}
	}
	return rows
}
