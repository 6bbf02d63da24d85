package delivery

import "net/netip"

// special are the ranges of the IANA special-purpose registries for IPv4, the
// deprecated ones too, and those for IPv6 that lie inside global. Some of them
// can be reached from everywhere, but nobody has a webhook receiver there.
var special = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
	"192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)

// global is all of IPv6 that is meant for the public Internet. Outside are
// loopback, the unspecified address, NAT64 and every other way to write an IPv4
// address, discard, segment routing, unique local, link local and multicast.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// isPublic judges an IPv4 address that is written as an IPv6 one by what it
// stands for. No prefix contains an address with a zone, so none is public.
func isPublic(addr netip.Addr) bool {
	addr = addr.Unmap()
	if addr.Is6() && !global.Contains(addr) {
		return false
	}
	for _, prefix := range special {
		if prefix.Contains(addr) {
			return false
		}
	}
	return addr.IsValid()
}

func isLoopback(addr netip.Addr) bool {
	return addr.Zone() == "" && addr.Unmap().IsLoopback()
}
