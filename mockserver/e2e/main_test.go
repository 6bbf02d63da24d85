// Package e2e_test drives the Developer Portal in a real browser.
package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// chrome is the browser that all tests share. Each test has a browser context of
// its own in it, as if it were a profile of its own.
var chrome context.Context

// slots are how many tests may use the browser at once.
var slots = make(chan struct{}, 3)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	binary, err := findChrome()
	if err != nil {
		return 0, err
	}
	profile, err := os.MkdirTemp("", "portal-e2e-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(profile)
	allocator, release := chromedp.NewExecAllocator(context.Background(), flags(binary, profile)...)
	defer release()
	browser, quit := chromedp.NewContext(allocator, chromedp.WithErrorf(ignore))
	defer quit()
	if err := chromedp.Run(browser); err != nil {
		return 0, fmt.Errorf("%s does not start: %w", binary, err)
	}
	chrome = browser
	code := m.Run()
	return code, chromedp.Cancel(browser) // waits for it, so that it writes nothing into its profile afterwards
}

// ignore drops what the browser says in terms that are newer than this module's
// description of its protocol. No test needs them.
func ignore(string, ...any) {}

func findChrome() (string, error) {
	if path := os.Getenv("CHROME"); path != "" {
		return path, nil
	}
	for _, name := range []string{"google-chrome", "chromium", "chromium-browser"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no browser: install Chrome or Chromium (Debian: apt-get install chromium), or set CHROME to its path")
}

func flags(binary, profile string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(binary), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.WindowSize(1280, 800),
		chromedp.Flag("headless", "new"),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-default-apps", true),
		chromedp.Flag("disable-client-side-phishing-detection", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("password-store", "basic"),
		chromedp.Flag("use-mock-keychain", true),
		// Frames of other sites share the process of their page, so that one session
		// hears of everything that happens in a tab.
		chromedp.Flag("disable-site-isolation-trials", true),
		chromedp.Flag("disable-features", "IsolateOrigins,site-per-process,Translate,OptimizationHints,MediaRouter"),
		chromedp.Flag("test-third-party-cookie-phaseout", true),
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1"),
		chromedp.Flag("ignore-certificate-errors", true),
	}
}
