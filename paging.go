package nahook

import (
	"fmt"
	"iter"
)

const (
	// maxPage is the largest page the API gives.
	maxPage = 100
	// maxStale is how many full pages in a row may bring nothing new. A few can,
	// if that many rows are created at once; a server that ignores the offset
	// never sends anything else.
	maxStale = 3
	// remembered is how many rows it takes at least to recognize what as many
	// created ones, at most, push into later pages.
	remembered = maxStale * maxPage
)

// offsetPages walks the listing called name by offset.
func offsetPages[T any](name string, limit, offset int, id func(*T) string, fetch func(limit, offset int) ([]T, error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		p := pages[T]{name: name, limit: pageSize(limit), offset: offset, id: id, fetch: fetch}
		for !p.ended {
			rows, err := p.next()
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// pageSize is what to ask for to get pages of limit, or of the server's largest.
func pageSize(limit int) int {
	if limit == 0 {
		return maxPage
	}
	return min(limit, maxPage)
}

// pages is a walk through a listing.
type pages[T any] struct {
	name          string
	limit, offset int // of the next page
	id            func(*T) string
	fetch         func(limit, offset int) ([]T, error)

	known   recent[T]
	longest int  // page so far; the server's largest may be below limit
	stale   int  // pages in a row that brought nothing new
	ended   bool // the last page has been read
}

// next are the rows of the next page that have not been seen. The last page is
// an empty one, or one shorter than those before it: that the first is not
// full proves nothing, as servers may give less than they are asked for.
func (p *pages[T]) next() ([]*T, error) {
	page, err := p.fetch(p.limit, p.offset)
	if err != nil {
		return nil, err
	}
	rows := p.known.unseen(page, p.id)
	p.ended = len(page) == 0 || len(page) < p.longest
	p.longest = len(page)
	p.offset += len(page)
	p.stale++
	if len(rows) > 0 {
		p.stale = 0
	}
	if p.stale == maxStale && !p.ended {
		return nil, fmt.Errorf("nahook: %s: the server ignores paging: up to offset %d it sent nothing new", p.name, p.offset)
	}
	return rows, nil
}

// recent remembers the ids of the last rows, [remembered] of them at least:
// rows that are created between two pages shift those of earlier ones into the
// next.
type recent[T any] struct{ older, newer map[string]struct{} }

// unseen are the rows of a page that are not among the remembered ones, and
// are from now on.
func (r *recent[T]) unseen(page []T, id func(*T) string) []*T {
	if r.newer == nil || len(r.newer) >= remembered {
		r.older, r.newer = r.newer, make(map[string]struct{}, len(page))
	}
	rows := make([]*T, 0, len(page))
	for i := range page {
		if r.remember(id(&page[i])) {
			rows = append(rows, &page[i])
		}
	}
	return rows
}

// remember tells whether id is new.
func (r *recent[T]) remember(id string) bool {
	if _, known := r.older[id]; known {
		return false
	}
	before := len(r.newer)
	r.newer[id] = struct{}{}
	return len(r.newer) > before
}
