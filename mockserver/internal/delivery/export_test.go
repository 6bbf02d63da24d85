package delivery

import (
	"crypto/x509"
	"net/netip"
)

// What the tests look at besides the API.

func IsPublic(addr netip.Addr) bool { return isPublic(addr) }

func IsLocal(host string) bool { return isLocal(host) }

func Contains(h Hosts, host, port string) bool { return h.contains(host, port) }

func (s *Sender) Trust(roots *x509.CertPool) { s.roots = roots }

func LocalControl(address string) error { return loopback.control("tcp", address, nil) }
