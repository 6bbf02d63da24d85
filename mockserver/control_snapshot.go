package mockserver

import (
	"fmt"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// getSnapshot gives a fixture file with the one workspace.
func getSnapshot(c *controlCall) (any, error) {
	secrets := c.query.Get("secrets")
	if c.query.Has("secrets") && secrets != "true" && secrets != "false" {
		return nil, domain.Invalid("secrets: want true or false")
	}
	return Fixtures{Workspaces: []WorkspaceFixture{c.workspace.Export(secrets == "true")}}, nil
}

// putSnapshot answers with the workspace, as its tokens may have changed.
func putSnapshot(c *controlCall) (any, error) {
	var body Fixtures
	if err := c.read(&body, maxSnapshotBody); err != nil {
		return nil, err
	}
	if len(body.Workspaces) != 1 {
		return nil, domain.Invalid("workspaces: want exactly one")
	}
	if err := immovable(c.workspace.importFixture(body.Workspaces[0])); err != nil {
		return nil, fmt.Errorf("workspaces[0]: %w", err)
	}
	return c.workspace.described(), nil
}
