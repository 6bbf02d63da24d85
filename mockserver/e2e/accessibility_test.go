package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// named are the roles of elements that must say what they are.
var named = map[string]bool{
	"button": true, "link": true, "textbox": true, "searchbox": true, "checkbox": true, "switch": true, "combobox": true, "listbox": true,
	"radio": true, "navigation": true, "dialog": true, "group": true, "image": true, "img": true, "region": true, "heading": true,
}

// B23: every page can be read and used without seeing it, and its focus can be
// seen.
func TestB23Accessibility(t *testing.T) {
	t.Parallel()
	p := gallery(t)
	p.tabTo("link", "Skip to content")
	p.press(kb.Enter)
	p.holds(`document.activeElement === document.querySelector("main") && location.hash === ""`)
	for _, v := range views {
		v.show(p)
		landmarks := map[string]int{}
		for _, n := range p.all("", "") {
			role := n.Role.text()
			landmarks[role]++
			if named[role] {
				assert.NotEmpty(t, n.Name.text(), "%s: a %s has no name: %s", v.name, role, p.markup(n))
			}
		}
		alone := v.name == "ended" || v.name == "used"
		dialog := landmarks["dialog"] > 0 // everything else is out of reach then
		assert.Equal(t, 1, js[int](p.page, `document.querySelectorAll("h1").length`), "%s: h1", v.name)
		assert.Equal(t, "en", js[string](p.page, `document.documentElement.lang`), v.name)
		assert.NotEmpty(t, js[string](p.page, `document.title`), v.name)
		if !dialog {
			assert.Equal(t, 1, landmarks["main"], "%s: main", v.name)
		}
		if !dialog && !alone {
			assert.Equal(t, 1, landmarks["banner"], "%s: banner", v.name)
			assert.GreaterOrEqual(t, landmarks["navigation"], 1, "%s: navigation", v.name)
		}
		p.tabThrough(v.name)
		assert.Empty(t, js[[]string](p.page, smallTargets), "%s: targets under 24 px", v.name)
	}
}

func (p *page) markup(n node) string {
	return of[string](p, n, `function () { return (this.outerHTML ?? this.textContent).slice(0, 200); }`)
}

// ring tells whether focus can be seen on the element that has it, or on the
// layer that the element lays over its row.
const ring = `(() => {
	const e = document.activeElement;
	const seen = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !/, 0\)$|transparent/.test(style.outlineColor);
	return e === document.body || seen(getComputedStyle(e)) || seen(getComputedStyle(e, "::after")) || seen(getComputedStyle(e, "::before")) ? "" : e.outerHTML.slice(0, 200);
})()`

// tabThrough goes once around the page with Tab.
func (p *page) tabThrough(view string) {
	p.t.Helper()
	js[any](p, `window.visited = new Set()`)
	for range 60 {
		p.press(kb.Tab)
		if js[bool](p, `visited.has(document.activeElement) || document.activeElement === document.body`) {
			return
		}
		js[any](p, `void visited.add(document.activeElement)`)
		assert.Empty(p.t, js[string](p, ring), "%s: no focus ring", view)
	}
	require.Fail(p.t, "Tab does not come around", view)
}

// smallTargets are controls that are hard to hit. Links in running text may be
// smaller.
const smallTargets = `[...document.querySelectorAll("button, input, select, textarea, [role=switch], .chip, .tabs a")]
	.filter((e) => e.checkVisibility() && !e.closest("[hidden]"))
	.filter((e) => {
		const hit = e.type === "checkbox" ? (e.labels[0] ?? e) : e;
		const box = hit.getBoundingClientRect(), own = e.getBoundingClientRect();
		return Math.max(box.height, own.height) < 24 || Math.max(box.width, own.width) < 24;
	})
	.map((e) => e.outerHTML.slice(0, 120))`
