package store

import (
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
	for _, check := range []func() error{w.checkApplications, w.checkEndpoints, w.checkSessions, w.checkEnvironments} {
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
	owned := map[string][]*domain.Endpoint{}
	for _, e := range rows {
		if w.environments.byID[e.EnvironmentID] == nil {
			return fmt.Errorf("%s is in the environment %q, which does not exist", e.ID, e.EnvironmentID)
		}
		if e.ApplicationID != "" {
			owned[e.ApplicationID] = append(owned[e.ApplicationID], e)
		}
	}
	for id, siblings := range w.endpoints.byApplication {
		if w.applications.byID[id] == nil {
			return fmt.Errorf("endpoints are left of the application %s", id)
		}
		if !slices.Equal(siblings.all(), owned[id]) {
			return fmt.Errorf("the endpoints of %s differ from those that name it", id)
		}
	}
	if len(owned) != len(w.endpoints.byApplication) {
		return fmt.Errorf("%d applications are named by endpoints, %d have a list", len(owned), len(w.endpoints.byApplication))
	}
	return nil
}

func (w *Workspace) checkSessions() error {
	sessions := map[domain.Hash]*domain.PortalSession{}
	for id, siblings := range w.sessions.byApplication {
		if w.applications.byID[id] == nil {
			return fmt.Errorf("portal sessions are left of the application %s", id)
		}
		for _, session := range siblings {
			sessions[session.CodeHash] = session
		}
	}
	if !maps.Equal(sessions, w.sessions.byCode) {
		return fmt.Errorf("the codes lead to other portal sessions than the applications")
	}
	return nil
}

func (w *Workspace) checkEnvironments() error {
	for id, env := range w.environments.byID {
		if env.ID != id || w.environments.bySlug[env.Slug] != env {
			return fmt.Errorf("the slug %q does not lead to %s", env.Slug, id)
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
