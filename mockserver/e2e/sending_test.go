package e2e_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// B12: a test says what became of it.
func TestB12SendTest(t *testing.T) {
	t.Parallel()
	b12(t, tab)
}

func b12(t *testing.T, on stage) {
	p := on(t, fixture())
	healthy := p.srv.Receiver()
	broken := p.srv.Receiver(mockserver.Reply{Status: 500})
	hanging := p.srv.Receiver(mockserver.Reply{Hang: true})
	outcomes := []struct{ url, headline, status string }{
		{healthy.URL(), saysDelivered, "Delivered"},
		{broken.URL(), saysBroken, "Failed"},
		{"http://" + closedPort(t), saysRefused, "Failed"},
		{hanging.URL(), saysTimedOut, "Failed"},
	}
	for _, o := range outcomes {
		p.endpoint(o.url, "")
	}
	p.enter(`{}`)
	for i, o := range outcomes {
		p.click("link", "Endpoints")
		p.find("heading", "Endpoints")
		p.click("link", o.url)
		p.find("heading", o.url)
		p.click("link", sendTest)
		p.find("heading", testTitle)
		payload := fmt.Sprintf("{\n  \"number\": 12345678901234567890,\n  \"case\": %d\n}", i)
		p.fill(payloadField, payload)
		p.click("button", sendTest)
		p.see(o.headline)
		for _, other := range outcomes {
			if other != o {
				require.NotContains(t, js[string](p.page, `document.querySelector("main").innerText`), other.headline)
			}
		}
		require.Equal(t, payload, p.valueOf(payloadField))
		p.click("link", "Deliveries")
		p.find("heading", "Deliveries")
		rows := p.rows()
		require.Len(t, rows, 1)
		require.Contains(t, rows[0], o.status)
	}
	require.Len(t, healthy.Requests(), 1)
	require.Equal(t, mockserver.SignatureValid, healthy.Requests()[0].Signature)
	require.Contains(t, string(healthy.Requests()[0].Body), "12345678901234567890")
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// rows are the texts of the deliveries in the list.
func (p *page) rows() []string {
	p.t.Helper()
	return of[[]string](p, p.find("list", deliveryRows), `function () { return [...this.children].map((row) => row.innerText); }`)
}
