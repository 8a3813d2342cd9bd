# `make` alone lists the targets. `test` needs Go and nothing else; `e2e`, `demo` and `ci` run the real
# CLI against a loopback API, and `setup` installs what they need.

SHELL := bash
GO ?= go

# How long each fuzz target runs. Inputs are not minimized: that took all of the time of large ones.
FUZZTIME ?= 5s
# Flags for the program that runs the tests: -no-skips makes a skip a failure.
GOTEST ?=
# How many tests with the real CLI run at once: each start takes most of a second of one processor.
E2E_PARALLEL ?= 3
# The older versions of the CLI that e2e-versions tries.
OLDER_VERSIONS ?= 1.0.128 2.0.61 2.1.112 2.1.269
# Flags for the benchmark: -short for a smaller one.
BENCH ?=
# Flags for the simulation: -load 1.5 for more work, -variations for other weights of health.
SIMULATE ?=
# How many bytes of transcripts bench-ccusage makes.
BYTES ?= 1073741824

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64
# It builds the Debian packages; later versions need modules that not every proxy has.
NFPM := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0
# Where the archives of a release will lie, for the Homebrew formula.
DIST_URL ?= https://example.invalid/claudepool

.DEFAULT_GOAL := help
.PHONY: help build test test-pg pg race vet lint fmt-check cross dist dist-check deb-test fuzz setup e2e e2e-versions demo bench bench-ccusage simulate ci clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

build: ## build bin/claudepool
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/claudepool ./cmd/claudepool

test: ## run the tests that need only Go; skips are listed with their reason
	$(GO) run ./internal/gotest $(GOTEST) ./...

test-pg: ## run the tests of the store on PostgreSQL, and of the command with it, against one that is started for them (needs Debian's package postgresql)
	scripts/pg run $(GO) run ./internal/gotest $(GOTEST) -tags pg ./pgstore/...
	scripts/pg run $(GO) run ./internal/gotest $(GOTEST) -tags pg -run OnPostgreSQL ./cmd/claudepool

pg: ## start a PostgreSQL to try things with, until Ctrl-C
	scripts/pg hold

race: ## the same under the race detector (needs a C compiler)
	CGO_ENABLED=1 GORACE=atexit_sleep_ms=0 $(GO) run ./internal/gotest $(GOTEST) -race -timeout 20m ./...

vet: ## go vet, for Linux and macOS, the end-to-end tests included
	GOOS=linux $(GO) vet -tags e2e,versions,pg ./...
	GOOS=darwin $(GO) vet -tags e2e,versions,pg ./...

lint: ## staticcheck, for Linux and macOS (staticcheck.conf says which checks)
	$(GO) run -exec 'env GOOS=linux' $(STATICCHECK) -tags e2e,versions,pg ./...
	$(GO) run -exec 'env GOOS=darwin' $(STATICCHECK) -tags e2e,versions,pg ./...

fmt-check: ## fail if gofmt would change a file
	@unformatted=$$(gofmt -l .) && { [ -z "$$unformatted" ] || { echo "not gofmt-clean:"; echo "$$unformatted"; exit 1; }; }

cross: ## build dist/ for linux and darwin, amd64 and arm64
	@for platform in $(PLATFORMS); do \
		echo "build $$platform" && \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} \
			$(GO) build -trimpath -o dist/claudepool-$${platform%/*}-$${platform#*/} ./cmd/claudepool || exit 1; \
	done

dist: ## build dist/release: archives, Debian packages, checksums, the Homebrew formula
	$(GO) run ./internal/makedist -platforms "$(PLATFORMS)" -nfpm $(NFPM) -url $(DIST_URL)

dist-check: dist ## build them again, elsewhere, and fail if a byte differs
	scripts/check-dist $(GO) run ./internal/makedist -platforms "$(PLATFORMS)" -nfpm $(NFPM) -url $(DIST_URL)

deb-test: ## install the package in dist/release, run it, and remove it again (needs root on Debian, and `make dist`)
	scripts/test-deb dist/release

fuzz: ## run each fuzz target for FUZZTIME
	@set -o pipefail; targets=$$($(GO) test -list '^Fuzz' ./... | \
		awk '/^Fuzz/ { names[++n] = $$1 } /^ok/ { while (n > 0) print $$2 " " names[n--] }') || exit 1; \
	while read -r package name; do \
		[ -n "$$name" ] || continue; \
		$(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 0 "$$package" </dev/null || exit 1; \
	done <<<"$$targets"

setup: ## install what e2e, demo and bench need: the real CLI (by npm), and tools where missing (by apt-get or brew)
	scripts/install-tools
	scripts/install-claude

e2e: ## run the tests with the real CLI (needs tmux, and npm to install the CLI: `make setup`)
	@for tool in bash tmux; do \
		command -v $$tool >/dev/null || { echo "e2e: $$tool is missing; install it, or run: make setup" >&2; exit 1; }; \
	done
	@cli=$${CLAUDEPOOL_E2E_CLAUDE:-$$(scripts/install-claude)} || exit 1; \
	CLAUDEPOOL_E2E_CLAUDE=$$cli $(GO) run ./internal/gotest $(GOTEST) -tags e2e -count=1 -timeout 20m -parallel $(E2E_PARALLEL) ./e2e/...

e2e-versions: ## hold the ledger against the API's books with older versions of the CLI too (needs node; takes minutes)
	@cli=$$(scripts/install-claude) || exit 1; \
	for version in $(OLDER_VERSIONS); do \
		older="$$older $$(scripts/install-claude $$version)" || exit 1; \
	done; \
	CLAUDEPOOL_E2E_CLAUDE=$$cli CLAUDEPOOL_E2E_VERSIONS=$$older $(GO) run ./internal/gotest $(GOTEST) \
		-tags e2e,versions -run OlderVersions -count=1 -parallel $(E2E_PARALLEL) ./e2e/...

demo: build ## a pool of three subscriptions, the real CLI and a loopback API: every token booked
	$(GO) run ./internal/demo

bench: build ## measure what the wrapper costs, side by side with the child alone and with script(1)
	$(GO) run ./internal/bench $(BENCH)

bench-ccusage: build ## BYTES of transcripts: `claudepool sync` held against its bars, and beside ccusage
	@ccusage=$$(scripts/install-ccusage) || exit 1; \
	$(GO) run ./internal/benchccusage -bytes $(BYTES) -ccusage "$$ccusage"

simulate: ## let the strategies compete over a fortnight of made-up work: the table in the README
	$(GO) run ./internal/simulate $(SIMULATE)

ci: ## what continuous integration runs
	.ci/run

clean: ## remove what the targets made
	rm -rf bin dist
