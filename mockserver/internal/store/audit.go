package store

import (
	"sort"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Editor changes a workspace in somebody's name. Every change is in the audit
// log with it, in the same critical section.
type Editor struct {
	*Workspace
	actor domain.Actor
}

// By gives the methods that change the workspace to whoever answers for it.
func (w *Workspace) By(actor domain.Actor) Editor { return Editor{w, actor} }

// Actor is who answers for the changes.
func (e Editor) Actor() domain.Actor { return e.actor }

// recordLocked writes one row, unless nobody is to answer for the change.
func (e Editor) recordLocked(verb domain.Verb, resource domain.Resource, id string, metadata ...domain.Pair) {
	if e.actor == domain.Nobody {
		return
	}
	e.audit.add(&domain.AuditEntry{
		ID: e.source.uuid(), Position: e.placeLocked(e.now()), Actor: e.actor,
		Change: domain.Change{Resource: resource, ResourceID: id, Verb: verb, Metadata: metadata},
	})
}

// AuditFilter selects rows of the audit log. What is empty or nil selects all.
type AuditFilter struct {
	Action    string
	Resource  domain.Resource
	ActorType domain.ActorType
	From, To  *domain.Time // both included
}

// audit keeps the rows oldest first, once for each filter that selects them. Rows
// are only ever added, at the present instant, so a slice is an index.
type audit struct {
	rows map[auditKey][]*domain.AuditEntry
}

type auditKey struct {
	action   string
	resource domain.Resource
	actor    domain.ActorType
}

func newAudit() audit { return audit{map[auditKey][]*domain.AuditEntry{}} }

func (a *audit) add(row *domain.AuditEntry) {
	for _, what := range []auditKey{{}, {resource: row.Resource}, {action: row.Action()}, {action: row.Action(), resource: row.Resource}} {
		for _, actor := range []domain.ActorType{"", row.Actor.Type} {
			what.actor = actor
			a.rows[what] = append(a.rows[what], row)
		}
	}
}

// within gives the rows between two instants, oldest first.
func within(rows []*domain.AuditEntry, from, to *domain.Time) []*domain.AuditEntry {
	if to != nil {
		rows = rows[:sort.Search(len(rows), func(i int) bool { return rows[i].CreatedAt > *to })]
	}
	if from != nil {
		rows = rows[sort.Search(len(rows), func(i int) bool { return rows[i].CreatedAt >= *from }):]
	}
	return rows
}

// AuditLog appends one page of what f selects to rows, newest first, and tells
// how many there are in all.
func (w *Workspace) AuditLog(rows []*domain.AuditEntry, f AuditFilter, offset, limit int) (page []*domain.AuditEntry, total int) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	selected := within(w.audit.rows[auditKey{f.Action, f.Resource, f.ActorType}], f.From, f.To)
	for i := len(selected) - 1 - offset; i >= 0 && len(rows) < limit; i-- {
		rows = append(rows, selected[i])
	}
	return rows, len(selected)
}
