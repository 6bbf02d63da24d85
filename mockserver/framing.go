package mockserver

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// WithFramingOrigins lets pages of these origins show the portal in a frame. An
// origin is "https://" and a host, with a port unless it is the usual one; http is
// for loopback alone. By default nobody may.
func WithFramingOrigins(origins ...string) WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		if err := checkOrigins(origins); err != nil {
			return fmt.Errorf("WithFramingOrigins: %w", err)
		}
		c.framing = slices.Clone(origins)
		return nil
	})
}

// SetFramingOrigins replaces who may show the portal in a frame, from the next
// page on. Origins are as those of [WithFramingOrigins]; a bad one ends the test,
// and on a server made by [New] panics.
func (w *Workspace) SetFramingOrigins(origins ...string) {
	w.t().Helper()
	if err := w.setFramingOrigins(origins); err != nil {
		w.fail("SetFramingOrigins: %v", err)
	}
}

func (w *Workspace) setFramingOrigins(origins []string) error {
	if err := checkOrigins(origins); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.framing = slices.Clone(origins)
	return nil
}

func checkOrigins(origins []string) error {
	for _, origin := range origins {
		if !validOrigin(origin) {
			return fmt.Errorf("%q is not an origin such as https://app.example.com; http is for localhost and loopback addresses alone", origin)
		}
	}
	return nil
}

// validOrigin takes what can stand in a header as it is, and nothing that means
// more than one origin.
func validOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || origin != u.Scheme+"://"+u.Host || u.Hostname() == "" || strings.ContainsFunc(u.Host, notInHost) {
		return false
	}
	// Whether url.Parse takes two ports depends on the go line of the program.
	if strings.Contains(u.Hostname(), ":") && u.Host[0] != '[' {
		return false
	}
	if port := u.Port(); strings.HasSuffix(u.Host, ":") || port != "" && !validPort(port) {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func notInHost(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune("-.:[]", r)
}

func validPort(port string) bool {
	address, err := netip.ParseAddrPort("127.0.0.1:" + port)
	return err == nil && address.Port() > 0
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// framingOrigins are who may show a portal session in a frame.
func (s *Server) framingOrigins(sessionID string) []string {
	rows := s.store.PortalWorkspace(sessionID)
	if rows == nil {
		return nil
	}
	w := s.workspaceOf(rows)
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.framing
}
