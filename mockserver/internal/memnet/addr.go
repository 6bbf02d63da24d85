package memnet

import (
	"net"
	"net/netip"
)

// name is an address as it was dialled: a host nobody resolves, and a port.
type name string

func (name) Network() string  { return "tcp" }
func (n name) String() string { return string(n) }

// checkTarget refuses what no TCP dial would accept, so that a mistyped
// network or address fails here as it does in production.
func checkTarget(network, address string) error {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return net.UnknownNetworkError(network)
	}
	_, _, err := net.SplitHostPort(address)
	return err
}

const (
	firstPort    = 1024
	portsPerHost = 1<<16 - firstPort
	hosts        = 254
)

// clientAddr gives the nth connection an address of TEST-NET-1, a range that
// belongs to nobody, with one host for as long as ports last.
func clientAddr(n uint64) net.Addr {
	host := netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + n/portsPerHost%hosts)})
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(host, uint16(firstPort+n%portsPerHost)))
}
