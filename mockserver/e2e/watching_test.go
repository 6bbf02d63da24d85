package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What every test asserts at its end is really seen, in a tab and in a frame.
func TestNothingGoesUnseen(t *testing.T) {
	t.Parallel()
	for name, framed := range map[string]bool{"tab": false, "frame": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := unchecked(t, fixture(), framed)
			p.enter(`{}`)
			for script, complaint := range map[string]string{
				`void console.error("by hand")`:                                                   "^console: .*by hand",
				`void setTimeout(() => { throw new Error("thrown") })`:                            "^exception: .*thrown",
				`void Promise.reject(new Error("rejected"))`:                                      "^exception: .*rejected",
				`void fetch("https://elsewhere.test/").catch(() => {})`:                           "connect-src.*elsewhere",
				`void document.body.setAttribute("style", "color: red")`:                          "style-src",
				`try { document.body.innerHTML = "<p>markup</p>"; } catch { /* as it should */ }`: "require-trusted-types-for",
			} {
				js[any](p.page, script)
				p.until("the complaint about "+script, func() bool { return p.watch.complainsOf(complaint) })
			}
			require.NotEmpty(t, p.watch.sent())
		})
	}
}
