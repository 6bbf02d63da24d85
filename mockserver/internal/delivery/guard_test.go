package delivery_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func TestPublicEgressBlocksSpecialAddresses(t *testing.T) {
	t.Parallel()
	receiver := newServer(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a blocked attempt arrived") }))
	port := receiver.URL[strings.LastIndex(receiver.URL, ":"):]
	names := resolver(map[string]string{"rebound.invalid": "127.0.0.1", "rebound6.invalid": "fc00::1"})
	s := newSender(t, delivery.Egress{Public: true, Resolver: names}, ample)
	for _, host := range blocked {
		for _, scheme := range []string{"http://", "https://"} {
			o := settled(s.Send(t.Context(), message(scheme+host+port+"/")))
			assert.Equal(t, domain.Outcome{Failure: "destination address is not allowed"}, o, host)
		}
	}
	for _, host := range []string{"127.1", "2130706433", "0x7f000001", "0177.0.0.1", "nowhere.invalid"} {
		o := settled(s.Send(t.Context(), message("http://"+host+port+"/")))
		assert.Contains(t, []string{"destination address is not allowed", "host not found"}, o.Failure, host)
		assert.Zero(t, o.StatusCode, host)
	}
	assert.Equal(t, "host not found", s.Send(t.Context(), message("http://nowhere.invalid/")).Failure)
}

func TestLocalEgress(t *testing.T) {
	t.Parallel()
	receiver := newServer(t, answering(200))
	port := receiver.URL[strings.LastIndex(receiver.URL, ":"):]
	noLookup := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a host was looked up")
		return nil, io.EOF
	}}
	s := newSender(t, delivery.Egress{Resolver: noLookup}, ample)
	for _, host := range []string{"127.0.0.1", "localhost", "LocalHost", "[::ffff:127.0.0.1]"} {
		o := s.Send(t.Context(), message("http://"+host+port+"/"))
		assert.Equal(t, domain.Outcome{StatusCode: 200}, settled(o), host)
		assert.False(t, delivery.Refused(o))
	}
	for _, host := range []string{"127.1", "2130706433", "0x7f000001", "10.0.0.1", "0.0.0.0", "example.test", "[::]", "8.8.8.8", "localhost.example.test"} {
		o := s.Send(t.Context(), message("http://"+host+port+"/"))
		assert.Equal(t, domain.Outcome{Failure: "the host is not local: WithAllowedHosts or --allow-hosts lets attempts reach it"}, o, host)
		assert.True(t, delivery.Refused(o))
	}
}

func TestAllowedAndAcceptedHosts(t *testing.T) {
	t.Parallel()
	receiver := newServer(t, answering(202))
	address, err := url.Parse(receiver.URL)
	require.NoError(t, err)
	allowed, err := delivery.ParseHosts("Any.invalid", "ported.invalid:"+address.Port(), "default.invalid:80")
	require.NoError(t, err)
	taken, err := delivery.ParseHosts("accepted.invalid", "localhost:9", "default.invalid:443")
	require.NoError(t, err)
	names := resolver(map[string]string{"any.invalid": "127.0.0.1", "ported.invalid": "127.0.0.1"})
	port := ":" + address.Port()
	for _, mode := range []bool{false, true} {
		s := newSender(t, delivery.Egress{Public: mode, Allowed: allowed, Accepted: taken, Resolver: names}, ample)
		for target, want := range map[string]domain.Outcome{
			"http://any.invalid" + port:        {StatusCode: 202},
			"http://ANY.invalid" + port + "/":  {StatusCode: 202},
			"http://ported.invalid" + port:     {StatusCode: 202},
			"http://accepted.invalid:1/x":      {StatusCode: 200},
			"http://localhost:9":               {StatusCode: 200},
			"https://default.invalid":          {StatusCode: 200},
			"http://default.invalid":           {Failure: "host not found"},
			"http://[::ffff:127.0.0.1]:9/":     {Failure: "connection refused"},
			"http://u:p@accepted.invalid:1/#f": {StatusCode: 200},
		} {
			if mode && strings.Contains(target, "127.0.0.1") {
				want.Failure = "destination address is not allowed"
			}
			assert.Equal(t, want, settled(s.Send(t.Context(), message(target))), target)
		}
	}
	s := newSender(t, delivery.Egress{Allowed: allowed, Resolver: names}, ample)
	assert.True(t, delivery.Refused(s.Send(t.Context(), message("http://ported.invalid:1"))))
}

// What looked local to the URL is not enough: it has to be local.
func TestLocalhostMustBeLoopback(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"192.0.2.1:80", "8.8.8.8:80", "[2003::1]:80", "[::1%lo]:80", "nonsense"} {
		require.Error(t, delivery.LocalControl(address), address)
	}
	for _, address := range []string{"127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"} {
		require.NoError(t, delivery.LocalControl(address), address)
	}
}
