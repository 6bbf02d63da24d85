# The linter is run by version: it is no requirement of the module.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
COUNT ?= 6

.PHONY: help test lint vet bench

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

test: ## run every test with the race detector, and the allocation gate without it
	go test -race -timeout 5m ./...
	go test -run Allocations .

lint: ## check that go.mod is tidy, and run the linters of .golangci.yml
	go mod tidy -diff
	go run $(GOLANGCI) run ./...

vet: ## run go vet
	go vet ./...

bench: ## run every benchmark COUNT times, ready for benchstat
	go test -run '^$$' -bench . -benchmem -count $(COUNT) ./...
