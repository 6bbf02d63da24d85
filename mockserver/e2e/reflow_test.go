package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (p *portal) size(width, height int64) {
	p.page.t.Helper()
	p.run(emulation.SetDeviceMetricsOverride(width, height, 1, width < 600)) // telephones lay their scroll bars over the page
}

// B25: nothing is wider than a small telephone.
func TestB25Reflow(t *testing.T) {
	t.Parallel()
	p := gallery(t)
	p.size(320, 640)
	for _, v := range views {
		v.show(p)
		assert.LessOrEqual(t, js[int](p.page, `document.documentElement.scrollWidth`), js[int](p.page, `innerWidth`), "%s: %v", v.name, js[[]string](p.page, wide))
		assert.Equal(t, 320, js[int](p.page, `innerWidth`), v.name)
		p.keep("narrow-" + v.name)
	}
}

// wide are the elements that stick out.
const wide = `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 100)).slice(0, 5)`

// Every page is kept as a picture for people to look at.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	p := gallery(t)
	p.size(1280, 800)
	for _, v := range views {
		v.show(p)
		for _, scheme := range []string{"light", "dark"} {
			p.prefers(scheme)
			p.holds(ground + ` === "` + scheme + `"`)
			p.keep(scheme + "-" + v.name)
		}
	}
}

// keep writes a picture of the whole page, or of what is in sight where a dialog
// lies over it.
func (p *portal) keep(name string) {
	p.page.t.Helper()
	dialog := js[bool](p.page, `document.querySelector("dialog[open]") !== null`)
	var picture []byte
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, _, _, _, all, err := cdppage.GetLayoutMetrics().Do(ctx)
		if err != nil {
			return err
		}
		capture := cdppage.CaptureScreenshot()
		if !dialog {
			capture = capture.WithCaptureBeyondViewport(true).WithClip(&cdppage.Viewport{Width: all.Width, Height: all.Height, Scale: 1})
		}
		picture, err = capture.Do(ctx)
		return err
	}))
	require.NoError(p.page.t, os.MkdirAll("screenshots", 0o755))
	require.NoError(p.page.t, os.WriteFile(filepath.Join("screenshots", name+".png"), picture, 0o644))
}
