# Doorstep (家门口). `make` alone prints what there is.

GO      ?= go
DATA    ?= demo-court
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X doorstep/cmd/internal/wire.Version=$(VERSION)
TEMPL   := github.com/a-h/templ/cmd/templ@v0.3.977

.DEFAULT_GOAL := help
.PHONY: help build run check test race tools generate golden fuzz faults bench bench-log pictures clean

help: ## print this
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build the one binary, ./doorstep, and the verifier for others, ./doorstep-verify
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o doorstep ./cmd/doorstep
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o doorstep-verify ./cmd/doorstep-verify

run: build ## build, then open the demo court in the browser (kept in ./demo-court)
	./doorstep demo --data $(DATA) --open

check: ## the quick checks: format, vet, the arrows, the rules
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'gofmt: run gofmt -w on these'; exit 1; }
	$(GO) vet ./...
	$(GO) test ./cmd ./domain/...

test: tools ## everything: race detector where things run at once, browser, command line, deploy files
	./.ci/test

tools: ## install what the tests need (Debian; nothing when it is all there)
	@./.ci/tools

generate: ## write the templates' Go files anew
	$(GO) run $(TEMPL) generate ./api/web

golden: ## write the golden files anew (never the stored events)
	DOORSTEP_GOLDEN=write $(GO) test ./domain/... ./api/... ./cmd/...

fuzz: ## each fuzz target for 30 seconds
	@for p in $$(grep -rl --include=*_test.go 'func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -rhoE 'func Fuzz[A-Za-z0-9]+' $$p/*_test.go | cut -d' ' -f2); do \
	    echo "$$p $$f"; $(GO) test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime 30s || exit 1; done; done

race: ## every test with the race detector, whole programs and browsers too (half an hour)
	$(GO) test -race -tags e2e -timeout 60m ./...

faults: ## kill -9 two hundred times, power cuts, planted faults (root, minutes)
	DOORSTEP_KILLS=200 $(GO) test -tags faults -timeout 60m -count=1 -v -run 'Kill|PowerCut|NoMemory|Fault' ./domain/eventlog/... ./cmd/doorstep/... ./cmd/internal/wire/... ./projections/...

bench: ## the measurements of docs/benchmarks.md but for bench-log's
	$(GO) test -run '^$$' -bench . -benchtime 2s -count 1 ./domain/eventlog/jetstream ./projections/... ./api/sheets ./cmd/...

bench-log: ## the log beside PostgreSQL 15 and at 5,000,000 records (a quarter of an hour, 15 GB free)
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/15/bin/initdb >/dev/null 2>&1 || { echo 'PostgreSQL 15 is needed to compare with; on Debian: apt-get install postgresql-15'; exit 1; }
	$(GO) test -run '^$$' -bench . -timeout 60m ./domain/eventlog/benchmarks $(LOGBENCH)

PICTURES := dashboard filing designation case-confirmed
pictures: tools ## take the README's pictures anew, in headless Chromium
	@dir=$$(mktemp -d) && DOORSTEP_PICTURES=$$dir $(GO) test -tags e2e -count=1 -run WalkFrom ./cmd/doorstep && \
	for p in $(PICTURES); do cp $$dir/$$p.png docs/pictures/; done && echo "all pictures: $$dir"

clean: ## remove the binary and the demo court
	rm -rf doorstep doorstep-verify $(DATA)
