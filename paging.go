package nahook

import (
	"fmt"
	"iter"
)

const (
	// maxPage is the largest page the API gives.
	maxPage = 100
	// maxStale is how many full pages in a row may bring nothing new. A few can,
	// if that many rows are created at once; a server that ignores what page it is
	// asked for never sends anything else.
	maxStale = 3
	// remembered is how many rows it takes at least to recognize what as many
	// created ones, at most, push into later pages.
	remembered = maxStale * maxPage
)

// nextPage gives the rows of the next page, and tells whether there are more.
type nextPage[T any] func() (rows []*T, more bool, err error)

// walk goes through the pages of a listing, from its start each time.
func walk[T any](begin func() nextPage[T]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		next := begin()
		for more := true; more; {
			var rows []*T
			var err error
			rows, more, err = next()
			if !yieldAll(rows, yield) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// yieldAll tells whether the loop goes on.
func yieldAll[T any](rows []*T, yield func(*T, error) bool) bool {
	for _, row := range rows {
		if !yield(row, nil) {
			return false
		}
	}
	return true
}

// offsetPages walks the listing called name by offset.
func offsetPages[T any](name string, limit, offset int, id func(*T) string, fetch func(limit, offset int) ([]T, error)) iter.Seq2[*T, error] {
	return walk(func() nextPage[T] {
		p := pages[T]{name: name, limit: pageSize(limit), offset: offset, known: recent[T]{id: id}, fetch: fetch}
		return p.next
	})
}

// cursorPages walks the listing called name from cursor on.
func cursorPages[T any](name, cursor string, id func(*T) string, fetch func(cursor string) (rows []T, next string, err error)) iter.Seq2[*T, error] {
	return walk(func() nextPage[T] {
		c := chain[T]{name: name, cursor: cursor, fetch: fetch, seen: map[string]struct{}{cursor: {}}, known: recent[T]{id: id}}
		return c.next
	})
}

// numberedPages walks the listing called name from the page with that number on.
func numberedPages[T any](name string, number int, id func(*T) string, fetch func(number int) (rows []T, last bool, err error)) iter.Seq2[*T, error] {
	return walk(func() nextPage[T] {
		b := book[T]{name: name, number: number, known: recent[T]{id: id}, fetch: fetch}
		return b.next
	})
}

// pageSize is what to ask for to get pages of limit, or of the server's largest.
func pageSize(limit int) int {
	if limit == 0 {
		return maxPage
	}
	return min(limit, maxPage)
}

// pages is a walk by offset.
type pages[T any] struct {
	name          string
	limit, offset int // of the next page
	fetch         func(limit, offset int) ([]T, error)
	known         recent[T]
	longest       int // page so far; the server's largest may be below limit
}

// next are the rows of the next page that have not been seen. The last page is
// an empty one, or one shorter than those before it: that the first is not
// full proves nothing, as servers may give less than they are asked for.
func (p *pages[T]) next() ([]*T, bool, error) {
	page, err := p.fetch(p.limit, p.offset)
	if err != nil {
		return nil, false, err
	}
	rows := p.known.unseen(page)
	last := len(page) == 0 || len(page) < p.longest
	p.longest = len(page)
	p.offset += len(page)
	if !last && p.known.stale == maxStale {
		return nil, false, fmt.Errorf("nahook: %s: the server ignores paging: up to offset %d it sent nothing new", p.name, p.offset)
	}
	return rows, !last, nil
}

// chain is a walk by cursor: each page has that of the next.
type chain[T any] struct {
	name, cursor string
	fetch        func(cursor string) ([]T, string, error)
	seen         map[string]struct{} // cursors; one that comes again would lead in a circle
	known        recent[T]
}

func (c *chain[T]) next() ([]*T, bool, error) {
	page, next, err := c.fetch(c.cursor)
	if err != nil {
		return nil, false, err
	}
	rows := c.known.unseen(page)
	if _, again := c.seen[next]; again && next != "" {
		return rows, false, fmt.Errorf("nahook: %s: the server repeats a cursor", c.name)
	}
	if next != "" && c.known.stale == maxStale {
		return nil, false, fmt.Errorf("nahook: %s: the server ignores the cursor: %d times in a row it sent nothing new", c.name, maxStale)
	}
	c.seen[next], c.cursor = struct{}{}, next
	return rows, next != "", nil
}

// book is a walk by page number, through a listing that tells which page is the
// last.
type book[T any] struct {
	name   string
	number int // of the next page
	fetch  func(number int) ([]T, bool, error)
	known  recent[T]
}

func (b *book[T]) next() ([]*T, bool, error) {
	page, last, err := b.fetch(b.number)
	if err != nil {
		return nil, false, err
	}
	rows := b.known.unseen(page)
	last = last || len(page) == 0
	if !last && b.known.stale == maxStale {
		return nil, false, fmt.Errorf("nahook: %s: the server ignores paging: up to page %d it sent nothing new", b.name, b.number)
	}
	b.number++
	return rows, !last, nil
}

// recent remembers the ids of the last rows, [remembered] of them at least:
// rows that are created between two pages shift those of earlier ones into the
// next.
type recent[T any] struct {
	id           func(*T) string
	older, newer map[string]struct{}
	stale        int // pages in a row that brought nothing new
}

// unseen are the rows of a page that are not among the remembered ones, and
// are from now on.
func (r *recent[T]) unseen(page []T) []*T {
	if r.newer == nil || len(r.newer) >= remembered {
		r.older, r.newer = r.newer, make(map[string]struct{}, len(page))
	}
	rows := make([]*T, 0, len(page))
	for i := range page {
		if r.remember(r.id(&page[i])) {
			rows = append(rows, &page[i])
		}
	}
	r.stale++
	if len(rows) > 0 {
		r.stale = 0
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
