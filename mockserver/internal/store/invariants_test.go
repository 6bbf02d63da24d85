package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// invariants checks that every index of w tells the same story: whatever is
// reachable one way is reachable every way, and nothing refers to what is gone.
func (w *Workspace) invariants() error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, check := range []func() error{w.checkApplications, w.checkEndpoints, w.checkSessions, w.checkEnvironments, w.checkEventTypes, w.checkSubscriptions, w.checkDeliveries, w.checkDue} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (w *Workspace) checkApplications() error {
	rows := w.applications.ordered.all()
	if err := sameRows("applications", rows, w.applications.byID, func(a *domain.Application) string { return a.ID }); err != nil {
		return err
	}
	named := 0
	for _, app := range rows {
		if app.ExternalID == "" {
			continue
		}
		named++
		if w.applications.byExternalID[app.ExternalID] != app.ID {
			return fmt.Errorf("externalId %q does not lead to %s", app.ExternalID, app.ID)
		}
	}
	if named != len(w.applications.byExternalID) {
		return fmt.Errorf("%d external ids lead somewhere, %d applications have one", len(w.applications.byExternalID), named)
	}
	return nil
}

func (w *Workspace) checkEndpoints() error {
	rows := w.endpoints.ordered.all()
	if err := sameRows("endpoints", rows, w.endpoints.byID, func(e *domain.Endpoint) string { return e.ID }); err != nil {
		return err
	}
	owned, placed := map[string][]*domain.Endpoint{}, map[string][]*domain.Endpoint{}
	for _, e := range rows {
		placed[e.EnvironmentID] = append(placed[e.EnvironmentID], e)
		if e.ApplicationID != "" {
			owned[e.ApplicationID] = append(owned[e.ApplicationID], e)
		}
	}
	return errors.Join(
		sameLists("endpoints by application", w.endpoints.byApplication, owned, func(id string) bool { return w.applications.byID[id] != nil }),
		sameLists("endpoints by environment", w.endpoints.byEnvironment, placed, func(id string) bool { return w.environments.byID[id] != nil }),
	)
}

func (w *Workspace) checkEventTypes() error {
	rows := w.eventTypes.ordered.all()
	if err := sameRows("event types", rows, w.eventTypes.byID, func(e *domain.EventType) string { return e.ID }); err != nil {
		return err
	}
	for _, e := range rows {
		if w.eventTypes.byName[e.Name] != e.ID {
			return fmt.Errorf("the name %q does not lead to %s", e.Name, e.ID)
		}
	}
	for environmentID, published := range w.environments.published {
		for id := range published {
			if w.eventTypes.byID[id] == nil || w.environments.byID[environmentID] == nil {
				return fmt.Errorf("a visibility row joins %s and %s, one of which is gone", environmentID, id)
			}
		}
	}
	return nil
}

func (w *Workspace) checkSubscriptions() error {
	from, to := map[string][]*domain.Subscription{}, map[string][]*domain.Subscription{}
	for endpointID, rows := range w.subscriptions.byEndpoint {
		for eventTypeID, row := range rows {
			if row.EndpointID != endpointID || row.EventTypeID != eventTypeID {
				return fmt.Errorf("%s is found as a subscription of %s to %s", row.ID, endpointID, eventTypeID)
			}
			from[endpointID], to[eventTypeID] = append(from[endpointID], row), append(to[eventTypeID], row)
		}
	}
	for _, rows := range []map[string][]*domain.Subscription{from, to} {
		for _, siblings := range rows {
			slices.SortFunc(siblings, func(a, b *domain.Subscription) int {
				if b.Before(a.Position) {
					return -1
				}
				return 1
			})
		}
	}
	return errors.Join(
		sameLists("subscriptions by endpoint", w.subscriptions.ofEndpoint, from, func(id string) bool { return w.endpoints.byID[id] != nil }),
		sameLists("subscriptions by event type", w.subscriptions.ofEventType, to, func(id string) bool { return w.eventTypes.byID[id] != nil }),
	)
}

// checkDeliveries expects an endpoint's lists for as long as there is an endpoint.
func (w *Workspace) checkDeliveries() error {
	listed, byStatus := map[string][]*domain.Delivery{}, map[statusKey][]*domain.Delivery{}
	rows := slices.SortedFunc(maps.Values(w.deliveries.byID), func(a, b *domain.Delivery) int {
		if b.Before(a.Position) {
			return -1
		}
		return 1
	})
	for _, row := range rows {
		if w.endpoints.byID[row.EndpointID] == nil {
			continue
		}
		listed[row.EndpointID] = append(listed[row.EndpointID], row)
		key := statusKey{row.EndpointID, row.Status}
		byStatus[key] = append(byStatus[key], row)
	}
	for key, mates := range w.deliveries.ofStatus {
		if mates.len() == 0 && w.endpoints.byID[key.endpointID] != nil {
			byStatus[key] = nil // emptied lists stay
		}
	}
	return errors.Join(
		sameLists("deliveries by endpoint", w.deliveries.ofEndpoint, listed, func(id string) bool { return w.endpoints.byID[id] != nil }),
		sameLists("deliveries by status", w.deliveries.ofStatus, byStatus, func(k statusKey) bool { return w.endpoints.byID[k.endpointID] != nil }),
	)
}

// checkDue expects each scheduled retry to be due once, and each final row to be
// forgotten some day.
func (w *Workspace) checkDue() error {
	retries, ends := map[string]domain.Time{}, map[string]bool{}
	for _, e := range w.deliveries.retries.entries {
		if w.deliveries.byID[e.what.ID] == e.what {
			retries[e.what.ID] = e.at
		}
	}
	for _, e := range w.deliveries.retention.entries {
		ends[e.what] = true
	}
	for id, row := range w.deliveries.byID {
		if row.Seeded {
			continue
		}
		if at, due := retries[id]; due != (row.Status == domain.ScheduledRetry) || at != row.NextRetryAt {
			return fmt.Errorf("%s is %s, its retry at %d is due at %d", id, row.Status, row.NextRetryAt, at)
		}
		if row.Status.Final() && !ends[id] {
			return fmt.Errorf("%s is %s and would be kept for ever", id, row.Status)
		}
	}
	return nil
}

// sameLists compares the lists of an index with the rows that name their keys.
func sameLists[K comparable, R interface {
	record
	comparable
}](noun string, lists map[K]list[R], named map[K][]R, exists func(K) bool) error {
	for key, rows := range lists {
		if !exists(key) {
			return fmt.Errorf("%s: some are left of %v, which is gone", noun, key)
		}
		if !slices.Equal(rows.all(), named[key]) {
			return fmt.Errorf("%s: the list of %v differs from the rows that name it", noun, key)
		}
	}
	if len(lists) != len(named) {
		return fmt.Errorf("%s: there are %d lists for %d keys", noun, len(lists), len(named))
	}
	return nil
}

func (w *Workspace) checkSessions() error {
	byApplication, byCode, tokens := map[string][]*domain.PortalSession{}, map[domain.Hash]*domain.PortalSession{}, 0
	rows := slices.SortedFunc(maps.Values(w.sessions.byID), func(a, b *domain.PortalSession) int {
		if b.Before(a.Position) {
			return -1
		}
		return 1
	})
	for _, session := range rows {
		byApplication[session.ApplicationID] = append(byApplication[session.ApplicationID], session)
		byCode[session.CodeHash] = session
		if w.sessions.byToken[session.TokenHash] == session {
			tokens++
		}
	}
	if !maps.Equal(byCode, w.sessions.byCode) || tokens != len(w.sessions.byToken) {
		return fmt.Errorf("codes or tokens lead to portal sessions that do not exist")
	}
	return sameLists("portal sessions", w.sessions.byApplication, byApplication, func(id string) bool { return w.applications.byID[id] != nil })
}

func (w *Workspace) checkEnvironments() error {
	for id, env := range w.environments.byID {
		if env.ID != id || w.environments.bySlug[env.Slug] != env {
			return fmt.Errorf("the slug %q does not lead to %s", env.Slug, id)
		}
	}
	for id, keys := range w.environments.keys {
		for _, key := range keys {
			if credential, owner := w.store.Lookup(key); owner != w || credential.EnvironmentID != id || w.environments.byID[id] == nil {
				return fmt.Errorf("an API key of %s leads elsewhere", id)
			}
		}
	}
	if len(w.environments.byID) != len(w.environments.bySlug) || !w.environments.standard.IsDefault {
		return fmt.Errorf("there are %d environments and %d slugs", len(w.environments.byID), len(w.environments.bySlug))
	}
	return nil
}

// sameRows compares an ordered list, newest first, with the index by id.
func sameRows[R interface {
	record
	comparable
}](noun string, rows []R, byID map[string]R, id func(R) string) error {
	if len(rows) != len(byID) {
		return fmt.Errorf("%d %s are listed, %d can be found", len(rows), noun, len(byID))
	}
	for i, row := range rows {
		if byID[id(row)] != row {
			return fmt.Errorf("%s: %s is listed in another version than is found", noun, id(row))
		}
		if i > 0 && !row.Place().Before(rows[i-1].Place()) {
			return fmt.Errorf("%s: %s is listed out of order", noun, id(row))
		}
	}
	return nil
}
