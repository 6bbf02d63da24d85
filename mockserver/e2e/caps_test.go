package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

func capped(most int) func(*mockserver.WorkspaceFixture) {
	return func(f *mockserver.WorkspaceFixture) { f.Applications[0].MaxEndpoints = &most }
}

// B18: the cap is said before it is hit, and costs nobody their input.
func TestB18Cap(t *testing.T) {
	t.Parallel()
	t.Run("two, of which one is disabled", func(t *testing.T) {
		t.Parallel()
		off := hook(2)
		off.IsActive = ptr(false)
		p := tab(t, fixture(capped(2), withEndpoints(hook(1), off)))
		p.enter(`{}`)
		p.see("2 of 2 used (disabled ones count)")
		p.tabTo("button", addEndpoint)
		add := p.find("button", addEndpoint)
		require.Equal(t, "true", of[string](p.page, add, `function () { return this.getAttribute("aria-disabled"); }`))
		reason := of[string](p.page, add, `function () { return document.getElementById(this.getAttribute("aria-describedby")).innerText; }`)
		require.Contains(t, reason, capReached)
		p.press(kb.Enter)
		require.Equal(t, "endpoints", p.path())
		p.goTo("endpoints/new")
		p.see(capReached)
		require.Empty(t, p.all("textbox", urlField))
	})
	t.Run("zero", func(t *testing.T) {
		t.Parallel()
		p := tab(t, fixture(capped(0)))
		p.enter(`{}`)
		p.see(capZero)
		require.Zero(t, js[int](p.page, controls))
		require.Empty(t, p.all("link", addEndpoint))
	})
	t.Run("reached while the form is open", func(t *testing.T) {
		t.Parallel()
		p := tab(t, fixture(capped(2), withEndpoints(hook(1))))
		p.enter(`{}`)
		p.see("1 of 2 used")
		p.click("link", addEndpoint)
		p.fill(urlField, "https://acme.example/third")
		p.fill(descriptionField, "The third")
		p.click("checkbox", "order.paid")
		p.endpoint("https://acme.example/faster", "")
		p.click("button", addEndpoint)
		p.see(capHit)
		require.Equal(t, "https://acme.example/third", p.valueOf(urlField))
		require.Equal(t, "The third", p.valueOf(descriptionField))
		require.True(t, of[bool](p.page, p.find("checkbox", "order.paid"), `function () { return this.checked; }`))
	})
}
