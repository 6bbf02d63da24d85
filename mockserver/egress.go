package mockserver

import (
	"fmt"

	"github.com/nahook/nahook-go/mockserver/internal/delivery"
)

// Egress is how far deliveries may go over the network. Receivers of the test's
// own ([Workspace.Receiver]) are reached in memory, whatever it says.
type Egress int

// The ways of egress.
const (
	// EgressLocal reaches localhost and loopback addresses. An attempt at anything
	// else fails at once, without a look-up, and is a problem: a test should not
	// depend on what others do, nor send them anything.
	EgressLocal Egress = iota
	// EgressPublic reaches public addresses alone, as the service does: an attempt
	// at one that is not fails, which is decided when the host has been looked up.
	EgressPublic
)

// WithEgress sets how far deliveries may go. The default is [EgressLocal].
func WithEgress(egress Egress) WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		if egress != EgressLocal && egress != EgressPublic {
			return fmt.Errorf("WithEgress: %d is neither EgressLocal nor EgressPublic", egress)
		}
		c.egress = &egress
		return nil
	})
}

// WithAllowedHosts lets deliveries reach these hosts too, whatever their
// addresses. An entry is a host name or an IP address, with a port if only that
// one is meant. Given more than once, the hosts add up.
func WithAllowedHosts(hosts ...string) WorkspaceOption {
	return hostsOption("WithAllowedHosts", hosts, func(c *workspaceConfig) *[]string { return &c.allowed })
}

// WithAcceptedHosts makes deliveries to these hosts succeed without a request.
// Entries are as those of [WithAllowedHosts].
func WithAcceptedHosts(hosts ...string) WorkspaceOption {
	return hostsOption("WithAcceptedHosts", hosts, func(c *workspaceConfig) *[]string { return &c.accepted })
}

func hostsOption(name string, hosts []string, field func(*workspaceConfig) *[]string) WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		if _, err := delivery.ParseHosts(hosts...); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		*field(c) = append(*field(c), hosts...)
		return nil
	})
}

// guard is what the options say, which have been checked.
func (c workspaceConfig) guard() delivery.Egress {
	allowed, _ := delivery.ParseHosts(c.allowed...)
	accepted, _ := delivery.ParseHosts(c.accepted...)
	return delivery.Egress{Public: c.egress != nil && *c.egress == EgressPublic, Allowed: allowed, Accepted: accepted}
}
