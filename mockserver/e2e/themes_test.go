package e2e_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// prefers makes the reader's system dark or light.
func (p *page) prefers(scheme string) {
	p.t.Helper()
	p.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}))
}

// ground tells whether the page is dark.
const ground = `(() => {
	const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
	return r + g + b < 384 ? "dark" : "light";
})()`

// B24: the page follows the reader's system, unless its address says otherwise.
func TestB24Themes(t *testing.T) {
	t.Parallel()
	p := tab(t, fixture(withEndpoints(hook(1))))
	p.prefers("dark")
	p.enter(`{}`)
	require.Equal(t, "dark", js[string](p.page, ground))
	p.prefers("light")
	p.holds(ground + ` === "light"`)
	for _, c := range []struct{ system, query, want string }{
		{"dark", "?theme=light", "light"}, {"light", "?theme=dark", "dark"}, {"dark", "?theme=dark", "dark"}, {"dark", "?theme=neon", "dark"}, {"light", "?theme=", "light"},
	} {
		p.prefers(c.system)
		p.goTo("endpoints" + c.query)
		p.find("heading", "Endpoints")
		require.Equal(t, c.want, js[string](p.page, ground), c)
		p.click("link", "https://acme.example/hooks/1")
		p.find("button", "Reveal")
		require.Equal(t, c.want, js[string](p.page, ground), "after a step: %v", c)
	}
	p.prefers("light")
	p.open(p.link(`{}`))
	p.find("heading", "Endpoints")
	require.Equal(t, "light", js[string](p.page, ground))
}

// The text of every page can be read in both themes: 4.5 to 1, or 3 to 1 where it
// is large.
func TestContrast(t *testing.T) {
	t.Parallel()
	p := gallery(t)
	for _, v := range views {
		v.show(p)
		for _, scheme := range []string{"light", "dark"} {
			p.prefers(scheme)
			p.holds(ground + ` === "` + scheme + `"`)
			assert.Empty(t, js[[]string](p.page, faint), "%s in %s", v.name, scheme)
		}
	}
}

// faint are the texts whose contrast with what is behind them is too low.
const faint = `(() => {
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
	const paint = (layers) => {
		canvas.clearRect(0, 0, 1, 1);
		for (const colour of layers) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
		return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
	};
	const light = (rgb) => {
		const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const found = new Set();
	const walker = document.createTreeWalker(document.querySelector("dialog") ?? document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const text = walker.currentNode.data.trim(), e = walker.currentNode.parentElement;
		if (!text || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || e.closest(".visually-hidden, noscript")) continue;
		if (e.closest("[disabled], [aria-disabled=true]")) continue; // what is out of order may be faint
		const style = getComputedStyle(e), behind = [];
		for (let at = e; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
		behind.unshift("white");
		const [a, b] = [light(paint([...behind, style.color])), light(paint(behind))].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05), size = parseFloat(style.fontSize);
		const large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
		if (ratio < (large ? 3 : 4.5)) found.add(ratio.toFixed(2) + " " + text.slice(0, 40) + " " + style.color + " on " + paint(behind));
	}
	return [...found];
})()`
