package store

import (
	"sort"

	"github.com/tidwall/btree"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// record is anything that has a place in a list.
type record interface{ Place() domain.Position }

// list holds records newest first, as every list of the API gives them, in a
// counted B-tree: a page costs O(log n + its length) at any offset. It has no
// lock of its own.
type list[R record] struct{ tree *btree.BTreeG[entry[R]] }

// entry repeats the place of its row, so that a search through the tree does
// not have to load the rows that it passes.
type entry[R record] struct {
	place domain.Position
	row   R
}

func newList[R record]() list[R] {
	newer := func(a, b entry[R]) bool { return b.place.Before(a.place) }
	return list[R]{btree.NewBTreeGOptions(newer, btree.Options{NoLocks: true})}
}

// put adds r, or takes the place of the record at r's position.
func (l list[R]) put(r R) { l.tree.Set(entry[R]{r.Place(), r}) }

func (l list[R]) remove(r R) { l.tree.Delete(entry[R]{place: r.Place()}) }

// len of a list that was never made is zero.
func (l list[R]) len() int {
	if l.tree == nil {
		return 0
	}
	return l.tree.Len()
}

// page appends at most limit records to rows, after skipping offset. Rows that
// come from the caller's stack stay there: a page costs no allocation.
func (l list[R]) page(rows []R, offset, limit int) []R {
	if offset >= l.len() || limit <= 0 {
		return rows
	}
	first, _ := l.tree.GetAt(offset)
	l.tree.Ascend(first, func(e entry[R]) bool {
		rows = append(rows, e.row)
		limit--
		return limit > 0
	})
	return rows
}

// after appends at most limit records to rows, of those that come behind place:
// older ones.
func (l list[R]) after(rows []R, place domain.Position, limit int) []R {
	if l.len() == 0 || limit <= 0 {
		return rows
	}
	l.tree.Ascend(entry[R]{place: place}, func(e entry[R]) bool {
		if e.place != place {
			rows = append(rows, e.row)
			limit--
		}
		return limit > 0
	})
	return rows
}

// since counts the records that were created at an instant or later, by a binary
// search: places are in order.
func (l list[R]) since(at domain.Time) int {
	return sort.Search(l.len(), func(i int) bool {
		e, _ := l.tree.GetAt(i)
		return e.place.CreatedAt < at
	})
}

// first is the newest record.
func (l list[R]) first() (row R, ok bool) {
	if l.len() == 0 {
		return row, false
	}
	e, ok := l.tree.Min()
	return e.row, ok
}

// putInto adds r to the list under key, which is made when it is the first.
func putInto[K comparable, R record](lists map[K]list[R], key K, r R) {
	l, ok := lists[key]
	if !ok {
		l = newList[R]()
		lists[key] = l
	}
	l.put(r)
}

// removeFrom takes r out of the list under key, and drops a list that is empty:
// most keys have none, and a million empty trees would be a waste.
func removeFrom[K comparable, R record](lists map[K]list[R], key K, r R) {
	l, ok := lists[key]
	if !ok {
		return
	}
	l.remove(r)
	if l.len() == 0 {
		delete(lists, key)
	}
}

// all gives every record.
func (l list[R]) all() []R { return l.page(make([]R, 0, l.len()), 0, l.len()) }
