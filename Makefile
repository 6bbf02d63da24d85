# The linter is run by version: it is no requirement of the module.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
COUNT ?= 6
FUZZTIME ?= 10s
# What make test gives the targets: the SDK's, and each of the rest.
SMOKE := 10s
SHORT := 3s
# Modules of their own: what depends on OpenTelemetry, and what drives a browser
# or needs a JSON Schema validator.
OTEL := nahookotel
E2E := mockserver/e2e

.PHONY: help test fuzz smoke scripts browser lint vet bench

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

test: ## run every test with the race detector, the allocation gate without it, and each fuzz target for a moment; SKIP_BROWSER=1 leaves the browser out
	@$(MAKE) --no-print-directory scripts
	go test -race -timeout 5m ./...
	go test -run Allocations .
	@$(MAKE) --no-print-directory smoke
	cd $(OTEL) && go test -race -timeout 5m ./...
	cd $(E2E) && go test -race -timeout 5m ./openapi/...
ifeq ($(SKIP_BROWSER),1)
	@echo 'SKIP_BROWSER=1: the rest of $(E2E) is left out'
else
	@$(MAKE) --no-print-directory browser
	cd $(E2E) && go test -race -timeout 10m .
endif

# Each of the packages' fuzz targets in turn, as go test takes one at a time. A
# failing input is left in testdata/fuzz; nothing else is left in the tree.
# Inputs that reach new code are not minimized, which would take all the time.
fuzzing = @set -e; for package in $(1); do \
	found=$$(go test -list '^Fuzz' $$package); \
	for target in $$(echo "$$found" | grep '^Fuzz'); do \
		echo "go test -fuzz $$target -fuzztime $(2) $$package"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(2) -fuzzminimizetime 10x $$package; \
	done; \
done

fuzz: ## run every fuzz target for FUZZTIME, 10s if it is not given
	$(call fuzzing,$$(go list ./...),$(FUZZTIME))

smoke: ## run every fuzz target for a moment
	$(call fuzzing,. ./internal/transport,$(SMOKE))
	$(call fuzzing,$$(go list ./mockserver/...),$(SHORT))

# Debian's package, where it can be installed, or else what to do.
installing = if [ "$$(id -u)" = 0 ]; then as=; else as='sudo -n'; fi; \
	command -v apt-get >/dev/null && $$as apt-get update && $$as apt-get install -y --no-install-recommends $(1) || \
	{ echo 'make: $(2)' >&2; exit 1; }

scripts: ## make sure that curl and Node.js are there, for the example in other languages
	@command -v curl >/dev/null || { $(call installing,curl,install curl); }
	@command -v node >/dev/null || { $(call installing,nodejs,install Node.js 18 or later (Debian: apt-get install nodejs)); }

browser: ## make sure that Chrome or Chromium is there: Debian's, where it can be installed and none is
	@if [ -n "$$CHROME" ] || command -v google-chrome || command -v chromium || command -v chromium-browser; then exit 0; fi >/dev/null; \
	$(call installing,chromium,install Chrome or Chromium (Debian: apt-get install chromium) or set CHROME to its path or leave the browser tests out with SKIP_BROWSER=1)

lint: ## check that go.mod is tidy, and run the linters of .golangci.yml
	go mod tidy -diff
	go run $(GOLANGCI) run ./...
	for module in $(OTEL) $(E2E); do (cd $$module && go mod tidy -diff && go run $(GOLANGCI) run ./...) || exit 1; done

vet: ## run go vet
	go vet ./...
	for module in $(OTEL) $(E2E); do (cd $$module && go vet ./...) || exit 1; done

bench: ## run every benchmark COUNT times, ready for benchstat
	go test -run '^$$' -bench . -benchmem -count $(COUNT) ./...
