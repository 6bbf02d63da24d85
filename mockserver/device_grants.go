package mockserver

import (
	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// ApproveDeviceGrant lets the command line that shows this code have a token of
// the workspace, as a signed-in user does. A code that waits for no decision ends
// the test; on a server made by [New] it panics.
func (w *Workspace) ApproveDeviceGrant(userCode string) {
	w.t().Helper()
	if err := w.decideGrant(userCode, true); err != nil {
		w.fail("ApproveDeviceGrant: %v", err)
	}
}

// DenyDeviceGrant refuses the command line that shows this code. It fails as
// [Workspace.ApproveDeviceGrant] does.
func (w *Workspace) DenyDeviceGrant(userCode string) {
	w.t().Helper()
	if err := w.decideGrant(userCode, false); err != nil {
		w.fail("DenyDeviceGrant: %v", err)
	}
}

func (w *Workspace) decideGrant(userCode string, approve bool) error {
	now := w.server.rows.Now()
	if approve {
		return w.rows.By(operator).ApproveDeviceGrant(userCode, now)
	}
	return w.server.store.DenyDeviceGrant(userCode, now)
}

// startGrant runs on the clock of the default workspace: a grant has none yet.
func (s *Server) startGrant() (deviceCode, userCode string) {
	deviceCode, userCode = s.store.StartDeviceGrant(s.rows.Now())
	if s.approves {
		s.ApproveDeviceGrant(userCode)
	}
	return deviceCode, userCode
}

func (s *Server) pollGrant(deviceCode, machine string) (*domain.Credential, *store.Workspace, error) {
	return s.store.PollDeviceGrant(deviceCode, machine, s.rows.Now())
}
