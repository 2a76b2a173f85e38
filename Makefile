# sigcity: see README.md. `make help` lists the targets.
SHELL    := /bin/bash
GO       ?= go
CC       ?= cc
GO_MIN   := 1.26
BIN      := bin/sigcity
PKGS     := ./...
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)

.DEFAULT_GOAL := build
.PHONY: help check build demo docs-days scorecard test race lint fmt bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

check: ## are the prerequisites there? prints the line that installs what is missing
	@command -v $(GO) >/dev/null || { \
	  echo "sigcity needs Go $(GO_MIN) or newer. Debian, Ubuntu: apt-get install golang   macOS: brew install go   any: https://go.dev/dl/" >&2; exit 1; }
	@have=$$($(GO) env GOVERSION | sed 's/^go//'); \
	  printf '%s\n%s\n' "$(GO_MIN)" "$$have" | sort -V -C || { \
	  echo "sigcity needs Go $(GO_MIN) or newer, this is $$have. macOS: brew upgrade go   any: https://go.dev/dl/" >&2; exit 1; }
	@command -v $(CC) >/dev/null || { \
	  echo "sigcity needs a C compiler (for H3). Debian, Ubuntu: apt-get install gcc libc6-dev   macOS: brew install gcc (or xcode-select --install)" >&2; exit 1; }
	@[ "$$($(GO) env CGO_ENABLED)" = 1 ] || { echo "sigcity needs cgo (for H3): unset CGO_ENABLED or set it to 1" >&2; exit 1; }

build: check ## build bin/sigcity
	$(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o $(BIN) ./cmd/sigcity

demo: build ## a real city, end to end: data, releases, attacks, planning, report in demo/
	osm="$$($(GO) list -m -f '{{.Dir}}' github.com/paulmach/osm)/testdata/andorra-latest.osm.bz2"; \
	  $(BIN) bench quickstart --osm "$$osm" --name Andorra --time-zone Europe/Andorra --out demo

docs-days: build ## text and pictures of docs/days.md anew
	bash docs/days.sh

scorecard: build ## the scorecard of a city of a million (docs/realism-large.md); MILAN=FILE compares hours
	$(BIN) generate --city large --persons 20000 --inhabitants 1000000 --days 14 --seed 1 --out out/large
	$(BIN) validate out/large --markdown $(if $(MILAN),--reference $(MILAN))

test: check ## all tests
	$(GO) test $(PKGS)

race: check ## the race detector on the packages that run things side by side
	$(GO) test -race -short ./dataset ./anonymizers ./attacks ./planning ./realism ./benchmarks
	$(GO) test -race -short -run 'Workers|Deterministic|Concurrent' ./network ./gen # all of them: ten minutes

lint: check ## gofmt, vet, staticcheck
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "not gofmt-ed: $$out" >&2; exit 1; }
	$(GO) vet $(PKGS)
	$(GO) run $(STATICCHECK) $(PKGS)

fmt: ## format the code
	gofmt -w $$(git ls-files '*.go')

bench: check ## the benchmarks of every hot path
	$(GO) test -run '^$$' -bench . -benchmem $(PKGS)

clean: ## remove what make made
	rm -rf bin demo
