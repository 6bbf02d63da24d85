package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// timeMachine lets a test skip the page's own time.
const timeMachine = `(() => {
	const real = performance.now.bind(performance);
	window.skipped = 0;
	performance.now = () => real() + window.skipped;
})()`

// The last five minutes are counted down. At zero the server is asked once, and
// nothing but its word ends the session.
func TestCountdown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		passed  time.Duration // on the server's clock
		isEnded bool
	}{
		"the server says no": {10 * time.Minute, true}, "the server's clock stands still": {0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := tab(t, fixture(withEndpoints(hook(1))))
			p.early(timeMachine)
			p.enter(`{"expiresInMinutes":10}`)
			require.NotContains(t, js[string](p.page, `document.body.innerText`), "Session ends in")
			js[any](p.page, `void (skipped += 5 * 60_000)`)
			p.see("Session ends in 4:5")

			before := p.asked()
			p.srv.Advance(c.passed)
			js[any](p.page, `void (skipped += 5 * 60_000)`)
			p.until("the server is asked", func() bool { return p.asked() == before+1 })
			if c.isEnded {
				p.ended()
			} else {
				p.holds(`!document.body.innerText.includes("Session ends in")`)
				p.find("link", "https://acme.example/hooks/1")
			}
			require.Equal(t, before+1, p.asked())
		})
	}
}

// asked counts how often the page asked about its session.
func (p *portal) asked() int {
	n := 0
	for _, e := range p.calls() {
		if e.method == "GET" && strings.HasSuffix(e.path, "/v1/session") {
			n++
		}
	}
	return n
}
