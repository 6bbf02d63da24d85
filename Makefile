# The linter is run by version: it is no requirement of the module.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
COUNT ?= 6
# Modules of their own: what depends on OpenTelemetry, and what drives a browser.
OTEL := nahookotel
E2E := mockserver/e2e

.PHONY: help test browser lint vet bench

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

test: ## run every test with the race detector, and the allocation gate without it; SKIP_BROWSER=1 leaves the browser out
	go test -race -timeout 5m ./...
	go test -run Allocations .
	cd $(OTEL) && go test -race -timeout 5m ./...
ifeq ($(SKIP_BROWSER),1)
	@echo 'SKIP_BROWSER=1: $(E2E) is left out'
else
	@$(MAKE) --no-print-directory browser
	cd $(E2E) && go test -race -timeout 10m ./...
endif

browser: ## make sure that Chrome or Chromium is there: Debian's, where it can be installed and none is
	@if [ -n "$$CHROME" ] || command -v google-chrome || command -v chromium || command -v chromium-browser; then exit 0; fi >/dev/null; \
	if [ "$$(id -u)" = 0 ]; then as=; else as='sudo -n'; fi; \
	command -v apt-get >/dev/null && $$as apt-get update && $$as apt-get install -y --no-install-recommends chromium || \
	{ echo 'make: install Chrome or Chromium (Debian: apt-get install chromium), set CHROME to its path, or leave the browser tests out with SKIP_BROWSER=1' >&2; exit 1; }

lint: ## check that go.mod is tidy, and run the linters of .golangci.yml
	go mod tidy -diff
	go run $(GOLANGCI) run ./...
	for module in $(OTEL) $(E2E); do (cd $$module && go mod tidy -diff && go run $(GOLANGCI) run ./...) || exit 1; done

vet: ## run go vet
	go vet ./...
	for module in $(OTEL) $(E2E); do (cd $$module && go vet ./...) || exit 1; done

bench: ## run every benchmark COUNT times, ready for benchstat
	go test -run '^$$' -bench . -benchmem -count $(COUNT) ./...
