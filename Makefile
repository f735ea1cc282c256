# evident: deep-learning lessons in Go. `make help` says what there is to make.
#
# Set-up hangs on files below .venv: it happens once, and again when what they are made of changes.

PYTHON ?= python3
PORT   ?= 8888
IP     ?= 127.0.0.1

GOLANGCI_LINT := v2.15.0

FUZZTIME ?= 10m
FUZZ := datasets/cifar10:FuzzDecode datasets/cifar10:FuzzLoad datasets/text:FuzzTokenize datasets/text:FuzzEncoder \
	datasets/textfolder:FuzzTable datasets/textfolder:FuzzFolder datasets/imagefolder:FuzzDecode datasets/fetch:FuzzExtract \
	kit/report:FuzzReport internal/render/chart:FuzzChart kit/keras:FuzzSummarize internal/nbformat:FuzzNotebook internal/grading:FuzzCheck internal/layer:FuzzCell

# Jupyter keeps its settings and its state here, not in the home.
export JUPYTER_CONFIG_DIR := $(CURDIR)/.jupyter/config
export JUPYTER_DATA_DIR   := $(CURDIR)/.jupyter/data
export IPYTHONDIR         := $(CURDIR)/.jupyter/ipython

# Vectors for the pure-Go backend, where that will run.
export GOEXPERIMENT := $(shell kernel/goexperiment.sh)

MALLOC  := $(shell grep = kernel/malloc.env)
BIN     := .venv/bin
PLACE   := .venv/place
KERNEL  := .venv/kernel
TESTING := .venv/testing
LIVE    := .venv/live/ready
GRADER  := .grading/installed
GRADING := .grading/ready
HUB     := .venv/hub
PEERS   := .peers/ready
LINTER  := $(BIN)/golangci-lint-$(GOLANGCI_LINT)

.PHONY: help lab lessons site grading test test-slow test-hub image-check fuzz lint bench licences sbom setup clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

lab: setup ## JupyterLab on the lessons (PORT=8888)
	@# JupyterLab strips the styles from outputs of notebooks that it does not trust.
	@$(BIN)/jupyter trust notebooks/*.ipynb >/dev/null
	@$(BIN)/python -m jupyterlab --ServerApp.root_dir=notebooks --ip=$(IP) --port=$(PORT) --allow-root

lessons: setup ## all notebooks without a browser, then the table of verdicts (ARGS=--fresh measures all again)
	$(MALLOC) go run ./cmd/evident notebooks $(ARGS)

site: setup $(LIVE) ## the lessons as pages in out/site, which run them in the browser, from a folder too
	@rm -rf out/site
	go run ./cmd/evident site

grading: setup $(GRADING) ## nbgrader and papermill in .grading, for teachers (docs/teaching.md)

test: setup $(TESTING) $(GRADING) $(LIVE) ## Go tests, on pure Go too, then JupyterLab in headless Chromium
	$(MALLOC) go test -timeout 20m ./...
	GOMLX_BACKEND=go go test -timeout 20m ./kit/... ./lessons/...
	$(BIN)/python -m pytest -rs test

test-slow: setup $(TESTING) ## 50 restarts of the kernel, 20 lessons at once; EVIDENT_SOAK=120: two hours of random cells, too
	EVIDENT_SLOW=1 $(BIN)/python -m pytest -rs test/faults

test-hub: setup $(HUB) ## two students on a real JupyterHub, and pods for Kubernetes; as root
	$(BIN)/python -m pytest -rs test/hub

image-check: ## every step of the Dockerfile in a clean root, and a lesson in it without network; as root
	go run -C test/image . -file Dockerfile
	go run -C test/image . -file .binder/Dockerfile

fuzz: setup ## every fuzz target for FUZZTIME=10m, one after the other
	@set -e; for target in $(FUZZ); do echo "$$target"; \
	go test "./$${target%:*}" -run '^$$' -fuzz "^$${target#*:}\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s; done

lint: $(TESTING) $(LINTER) $(LIVE) ## golangci-lint, actionlint, hadolint, shellcheck, ruff, node
	$(LINTER) run
	cd test/image && $(CURDIR)/$(LINTER) run -c $(CURDIR)/.golangci.yml
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 -shellcheck $(BIN)/shellcheck
	$(BIN)/hadolint Dockerfile .binder/Dockerfile
	$(BIN)/shellcheck .ci/run kernel/*.sh deploy/array.sbatch
	@for script in internal/site/live/*.js kernel/launcher/static/*.js; do $(BIN)/node --check $$script || exit 1; done
	$(BIN)/ruff check --target-version py310 bench deploy kernel grading internal test

bench: setup $(PEERS) ## speed, against GoMLX's stock layers, Keras, PyTorch and JAX (7 GB, in .peers)
	$(MALLOC) go test -run '^$$' -bench . ./...
	@mkdir -p out
	go run ./bench/peers .peers/bin/python bench/peers/step.py >out/peers.md
	mv out/peers.md bench/results/training-step-peers.md
	$(BIN)/python bench/cells.py >out/cells.md
	mv out/cells.md bench/results/notebook-cell.md
	@cat bench/results/training-step-peers.md bench/results/notebook-cell.md

licences: setup $(TESTING) $(GRADING) ## docs/licences.md, which lists those of all dependencies
	go run ./internal/licences

sbom: setup ## what the Go program and .venv are made of, in CycloneDX, in out
	@mkdir -p out
	go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 app -json -licenses -output out/sbom-go.json -main cmd/evident .
	$(PYTHON) -m venv --clear out/sbom
	out/sbom/bin/python -m pip -q --disable-pip-version-check install cyclonedx-bom==7.5.0
	out/sbom/bin/cyclonedx-py environment --output-format JSON --output-file out/sbom-python.json $(BIN)/python

setup: $(KERNEL) ## what the others need; they do it themselves

clean: ## remove what was set up
	rm -rf .venv .grading .jupyter .peers out

# An environment holds its own place: one that was copied or moved here with the checkout is made anew.
ifneq ($(shell cat $(PLACE) 2>/dev/null),$(CURDIR))
.PHONY: $(PLACE)
endif

$(PLACE): kernel/requirements.txt
	@PYTHON='$(PYTHON)' kernel/setup.sh venv
	@pwd -P >$@

$(KERNEL): $(PLACE) go.mod $(wildcard cmd/evident-kernel/*.go internal/layer/*.go kernel/*.json kernel/launcher/* kernel/launcher/static/* kernel/logo-* kernel/*.env kernel/*.py kernel/*.sh)
	@kernel/setup.sh kernel
	@touch $@

$(TESTING): $(PLACE) kernel/requirements-test.txt
	$(BIN)/python -m pip -q --disable-pip-version-check install -r kernel/requirements-test.txt
	@touch $@

# What draws the charts of live pages, from npm, and the node that npm and tests need, from PyPI.
$(LIVE): $(PLACE) kernel/requirements-site.txt internal/site/live/package.json internal/site/live/package-lock.json
	$(BIN)/python -m pip -q --disable-pip-version-check install -r kernel/requirements-site.txt
	@rm -rf .venv/live && mkdir .venv/live && cp internal/site/live/package*.json .venv/live
	$(BIN)/npm ci --prefix .venv/live --cache .venv/live/cache --ignore-scripts --no-audit --no-fund --loglevel=error
	@rm -rf .venv/live/cache
	@touch $@

# In an environment of its own, so that JupyterLab shows students neither nbgrader's panels nor the kernel that grades.
# nbgrader needs Python 3.11.
$(GRADER): $(PLACE) kernel/requirements-grading.txt
	$(BIN)/python -m venv --clear .grading
	.grading/bin/python -m pip -q --disable-pip-version-check install -r kernel/requirements-grading.txt
	@touch $@

$(GRADING): $(KERNEL) $(GRADER) $(wildcard cmd/evident/*.go internal/*/*.go internal/*/*/*.go kit/*/*.go lessons/*.go lessons/*/*.go)
	go build -buildvcs=false -o .grading/bin/evident ./cmd/evident
	.grading/bin/python kernel/install.py --grading
	@touch $@

$(HUB): $(TESTING) kernel/requirements-hub.txt kernel/requirements-hub-test.txt
	$(BIN)/python -m pip -q --disable-pip-version-check install -r kernel/requirements-hub.txt -r kernel/requirements-hub-test.txt
	@touch $@

# What evident is measured against; nothing else needs it.
$(PEERS): bench/peers/requirements.txt
	$(PYTHON) -m venv --clear .peers
	.peers/bin/python -m pip -q --disable-pip-version-check install -r bench/peers/requirements.txt
	@touch $@

$(LINTER): $(PLACE)
	GOBIN='$(CURDIR)/$(BIN)' go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)
	mv $(BIN)/golangci-lint $@
