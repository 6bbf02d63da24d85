package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// B07: where there is nothing, the page says what to do.
func TestB07Empty(t *testing.T) {
	t.Parallel()
	b07(t, tab)
}

func b07(t *testing.T, on stage) {
	p := on(t, fixture())
	p.enter(`{}`)
	p.see(emptyLead)
	for _, step := range []string{"Add an endpoint", "Copy the signing secret", testTitle} {
		p.see(step)
	}
	require.Len(t, p.all("link", addEndpoint), 1)
	p.tabTo("link", addEndpoint)
	p.press(kb.Enter)
	p.find("heading", addEndpoint)
}

// tabTo presses Tab until an element has focus.
func (p *page) tabTo(role, name string) {
	p.t.Helper()
	var passed []string
	for range 40 {
		p.press(kb.Tab)
		gotRole, gotName := p.focused()
		if gotRole == role && gotName == name {
			return
		}
		passed = append(passed, gotRole+" "+gotName)
	}
	p.t.Fatalf("Tab does not reach the %s %q, only %q", role, name, passed)
}

// focusOn waits until an element has focus.
func (p *page) focusOn(role, name string) {
	p.t.Helper()
	p.until(fmt.Sprintf("the focus is on the %s %q", role, name), func() bool {
		gotRole, gotName := p.focused()
		return gotRole == role && gotName == name
	})
}

const endpointSecret = `whsec_[\w+/=-]+`

// B08: an endpoint can be created with the keyboard alone.
func TestB08CreateWithTheKeyboard(t *testing.T) {
	t.Parallel()
	b08(t, tab)
}

func b08(t *testing.T, on stage) {
	p := on(t, fixture())
	p.enter(`{"metadata":{"plan":"gold"}}`)
	p.tabTo("link", addEndpoint)
	p.press(kb.Enter)
	p.focusOn("heading", addEndpoint)
	p.tabTo("textbox", urlField)
	p.press("https://acme.example/new")
	p.tabTo("textbox", descriptionField)
	p.press("Orders")
	p.tabTo("checkbox", "order.paid")
	p.press(" ")
	p.tabTo("button", addEndpoint)
	p.press(kb.Enter)

	p.focusOn("heading", endpointAdded)
	secret := js[string](p.page, `document.querySelector("code").textContent`)
	require.Regexp(t, "^"+endpointSecret+"$", secret)
	p.tabTo("button", copySecret)

	var created []struct {
		ID, URL, Description, Secret string
		Metadata                     map[string]string
	}
	require.NoError(t, unmarshal([]byte(p.manage("GET", "/applications/"+acme+"/endpoints", "")), &created))
	require.Len(t, created, 1)
	require.Equal(t, "https://acme.example/new", created[0].URL)
	require.Equal(t, "Orders", created[0].Description)
	require.Equal(t, map[string]string{"plan": "gold"}, created[0].Metadata)
	require.Contains(t, p.manage("GET", "/endpoints/"+created[0].ID+"/subscriptions", ""), "order.paid")
	require.NotContains(t, p.manage("GET", "/endpoints/"+created[0].ID+"/subscriptions", ""), "order.created")
}

// B09: what cannot be saved is said beside the field, and nothing is lost.
func TestB09InvalidInput(t *testing.T) {
	t.Parallel()
	b09(t, tab)
}

func b09(t *testing.T, on stage) {
	p := on(t, fixture())
	p.enter(`{}`)
	p.click("link", addEndpoint)
	p.find("heading", addEndpoint)
	p.fill(descriptionField, "Orders, production")
	p.click("checkbox", "order.created")
	said := map[string]bool{}
	for _, url := range []string{"javascript:alert(1)", "", "https://acme.example/" + strings.Repeat("x", 2979)} {
		p.fill(urlField, url)
		p.click("heading", addEndpoint)
		p.click("button", addEndpoint)
		p.focusOn("textbox", urlField)
		field := p.find("textbox", urlField)
		p.until("the field is invalid", func() bool {
			return of[string](p.page, field, `function () { return this.getAttribute("aria-invalid"); }`) == "true"
		})
		reason := of[string](p.page, field, `function () { return document.getElementById(this.getAttribute("aria-describedby").split(" ")[0]).innerText; }`)
		require.Regexp(t, `^URL .+`, reason)
		said[reason] = true
		require.Equal(t, url, p.valueOf(urlField))
		require.Equal(t, "Orders, production", p.valueOf(descriptionField))
		require.True(t, of[bool](p.page, p.find("checkbox", "order.created"), `function () { return this.checked; }`))
		require.Equal(t, "endpoints/new", p.path())
	}
	require.GreaterOrEqual(t, len(said), 2, "%q", said)
	require.Equal(t, "[]", p.manage("GET", "/applications/"+acme+"/endpoints", ""))

	p.fill(urlField, "https://acme.example/good")
	p.click("button", addEndpoint)
	p.focusOn("heading", endpointAdded)
}
