package delivery_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/delivery"
)

// ranges are the special-purpose ranges, each with its first and last address,
// and the public addresses just outside.
var ranges = []struct {
	name, first, last, before, after string
}{
	{"this network", "0.0.0.0", "0.255.255.255", "", "1.0.0.0"},
	{"private 10/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
	{"shared", "100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"},
	{"loopback", "127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"},
	{"link local", "169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"},
	{"private 172.16/12", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"},
	{"protocol assignments", "192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"},
	{"TEST-NET-1", "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"},
	{"AS112", "192.31.196.0", "192.31.196.255", "192.31.195.255", "192.31.197.0"},
	{"AMT", "192.52.193.0", "192.52.193.255", "192.52.192.255", "192.52.194.0"},
	{"6to4 relays", "192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"},
	{"private 192.168/16", "192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"},
	{"AS112 delegation", "192.175.48.0", "192.175.48.255", "192.175.47.255", "192.175.49.0"},
	{"benchmarking", "198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"},
	{"TEST-NET-2", "198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"},
	{"TEST-NET-3", "203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"},
	{"multicast, reserved, broadcast", "224.0.0.0", "255.255.255.255", "223.255.255.255", ""},
	{"multicast", "224.0.0.0", "239.255.255.255", "", ""},
	{"reserved", "240.0.0.0", "255.255.255.254", "", ""},

	{"unspecified to 2000::", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "2000::"},
	{"loopback and IPv4-compatible", "::1", "::ffff:ffff", "", ""},
	{"IPv4-translated", "::ffff:0:8.8.8.8", "::ffff:0:ffff:ffff", "", ""},
	{"NAT64", "64:ff9b::", "64:ff9b::ffff:ffff", "", ""},
	{"local NAT64", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "", ""},
	{"discard", "100::", "100::ffff:ffff:ffff:ffff", "", ""},
	{"dummy", "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", "", ""},
	{"IETF, Teredo, ORCHID", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
	{"documentation", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
	{"6to4", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
	{"AS112 IPv6", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::"},
	{"documentation 3fff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
	{"beyond global unicast", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	{"segment routing", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", ""},
	{"unique local", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", ""},
	{"link local IPv6", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", ""},
	{"site local", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", ""},
	{"multicast IPv6", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", ""},
}

func TestSpecialRangesAreNotPublic(t *testing.T) {
	t.Parallel()
	for _, r := range ranges {
		for _, text := range []string{r.first, r.last} {
			addr := netip.MustParseAddr(text)
			assert.False(t, delivery.IsPublic(addr), "%s: %s", r.name, text)
			assert.False(t, delivery.IsPublic(mapped(addr)), "%s: %s mapped", r.name, text)
		}
		for _, text := range []string{r.before, r.after} {
			if text != "" {
				addr := netip.MustParseAddr(text)
				assert.True(t, delivery.IsPublic(addr), "%s: %s", r.name, text)
				assert.True(t, delivery.IsPublic(mapped(addr)), "%s: %s mapped", r.name, text)
			}
		}
	}
	assert.False(t, delivery.IsPublic(netip.Addr{}))
	assert.False(t, delivery.IsPublic(netip.MustParseAddr("2003::1%eth0")), "zone")
}

func mapped(addr netip.Addr) netip.Addr {
	if addr.Is4() {
		return netip.AddrFrom16(addr.As16())
	}
	return addr
}

func TestLocalHosts(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "localhost.": false, "127.0.0.1": true, "127.255.255.254": true,
		"::1": true, "0:0:0:0:0:0:0:1": true, "::ffff:127.0.0.1": true, "::ffff:7f00:1": true,
		"": false, "localhost..": false, "localhost.example.test": false, "a.localhost": false, "127.1": false,
		"2130706433": false, "0x7f000001": false, "0177.0.0.1": false, "127.0.0.1.": false, "127.0.0.01": false,
		"0.0.0.0": false, "::": false, "::1%lo": false, "64:ff9b::7f00:1": false, "10.0.0.1": false, "example.test": false,
	} {
		assert.Equal(t, want, delivery.IsLocal(host), host)
	}
}

func TestParseHosts(t *testing.T) {
	t.Parallel()
	hosts, err := delivery.ParseHosts("Example.Test", "ported.test:8443", "192.0.2.1", "[2001:db8::1]:443", "2001:db8::2", "[2001:db8::3]", "under_score.test.", "127.0.0.1:1")
	require.NoError(t, err)
	for _, test := range []struct {
		host, port string
		want       bool
	}{
		{"example.test", "1", true}, {"EXAMPLE.test.", "2", true}, {"a.example.test", "1", false}, {"example.test.evil", "1", false},
		{"ported.test", "8443", true}, {"ported.test", "443", false},
		{"192.0.2.1", "80", true}, {"::ffff:192.0.2.1", "80", true}, {"192.0.2.10", "80", false},
		{"2001:db8::1", "443", true}, {"2001:0db8::1", "443", true}, {"2001:db8::1", "80", false},
		{"2001:db8::2", "80", true}, {"2001:db8::3", "80", true}, {"under_score.test", "80", true},
		{"127.0.0.1", "1", true}, {"127.0.0.1", "2", false},
	} {
		assert.Equal(t, test.want, delivery.Contains(hosts, test.host, test.port), "%s %s", test.host, test.port)
	}
}

func TestParseHostsRefusesWhatNamesNoHost(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{
		"", " ", ".", "http://example.test", "//example.test", "example.test/", "example.test/path", "*.example.test", "*", "a b.test",
		"example.test:", "example.test:0", "example.test:080", "example.test:65536", "example.test:http", "example.test:-1", ":80",
		"u@example.test", "example..test", "bücher.test", "[example.test]", "[::1", "[127.0.0.1]", "[127.0.0.1:80", "::1]:80", "[]:80", "[::1]:0",
		"example.test,other.test", "example.test\n", strings.Repeat("a.", 127) + "test", "10.0.0.0/8", "a:b:c",
	} {
		hosts, err := delivery.ParseHosts("fine.test", entry)
		assert.Nil(t, hosts, entry)
		assert.ErrorContains(t, err, "is no host: want a name or an address", entry)
	}
}
