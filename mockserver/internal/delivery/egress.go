package delivery

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// Egress says where attempts may go over sockets. As its zero value it lets
// them reach localhost and loopback addresses alone.
type Egress struct {
	Public   bool          // any host, as long as its address is a public one
	Allowed  Hosts         // these may have any address
	Accepted Hosts         // attempts to these succeed without a request
	Resolver *net.Resolver // nil for the machine's
}

// route is how an attempt gets to its host.
type route int

const (
	refused  route = iota
	accepted       // not at all: it succeeds
	anywhere       // at whatever address
	loopback       // at an address of this machine
	public         // at an address of the public Internet
)

var errBlocked = errors.New("the address is not on the route")

func (e Egress) route(host, port string) route {
	switch {
	case e.Accepted.contains(host, port):
		return accepted
	case e.Allowed.contains(host, port):
		return anywhere
	case e.Public:
		return public
	case isLocal(host):
		return loopback
	default:
		return refused
	}
}

// isLocal goes by the text alone. Of the many spellings of an address it knows
// the standard one, so it never takes for local what a resolver reads otherwise.
func isLocal(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return strings.EqualFold(host, "localhost")
	}
	return isLoopback(addr)
}

// admits tells whether an attempt may connect to what its host resolved to.
func (r route) admits(addr netip.Addr) bool {
	switch r {
	case anywhere:
		return true
	case loopback:
		return isLoopback(addr)
	case public:
		return isPublic(addr)
	default:
		return false
	}
}

// control is for net.Dialer: it sees each address just before the connection,
// when no second look-up can change it any more.
func (r route) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !r.admits(to.Addr()) {
		return errBlocked
	}
	return nil
}

// Hosts are names and addresses, each with a port or for every port.
type Hosts map[string]bool

// ParseHosts reads entries such as "example.test", "example.test:8443",
// "192.0.2.1" and "[2001:db8::1]:8443".
func ParseHosts(entries ...string) (Hosts, error) {
	hosts := Hosts{}
	for _, entry := range entries {
		host, port, ok := splitEntry(entry)
		if !ok {
			return nil, fmt.Errorf("%q is no host: want a name or an address, with or without a port, such as example.test or example.test:8443", entry)
		}
		hosts[hostKey(host, port)] = true
	}
	return hosts, nil
}

func (h Hosts) contains(host, port string) bool {
	return len(h) > 0 && (h[hostKey(host, "")] || h[hostKey(host, port)])
}

// hostKey gives the spellings of a host one form.
func hostKey(host, port string) string {
	if addr, err := netip.ParseAddr(host); err == nil {
		return net.JoinHostPort(addr.Unmap().String(), port)
	}
	return net.JoinHostPort(strings.ToLower(strings.TrimSuffix(host, ".")), port)
}

func splitEntry(entry string) (host, port string, ok bool) {
	if _, err := netip.ParseAddr(entry); err == nil {
		return entry, "", true
	}
	if inner, bracketed := strings.CutPrefix(entry, "["); bracketed && strings.HasSuffix(inner, "]") {
		inner = strings.TrimSuffix(inner, "]")
		return inner, "", isIPv6(inner)
	}
	if !strings.Contains(entry, ":") {
		return entry, "", isName(entry)
	}
	host, port, err := net.SplitHostPort(entry)
	number, notNumber := strconv.ParseUint(port, 10, 16)
	ok = err == nil && notNumber == nil && number > 0 && port[0] != '0'
	return host, port, ok && (isIPv6(host) || isName(host))
}

func isIPv6(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Is6()
}

// isName wants ASCII, which is what names are looked up in, and so what they
// are compared in.
func isName(host string) bool {
	host = strings.TrimSuffix(host, ".")
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || strings.ContainsFunc(label, notInName) {
			return false
		}
	}
	return len(host) <= 253
}

func notInName(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		return false
	}
	return true
}

// hostAndPort gives the port that a URL implies, too.
func hostAndPort(u *url.URL) (host, port string) {
	port = u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return u.Hostname(), port
}
