#!/usr/bin/env bash
# Sets up .venv, in two steps that the Makefile calls when they are due: `venv`, then `kernel`. The Dockerfile
# calls `cells` by itself.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "evident: $*" >&2; }
fail() {
	say "$@"
	exit 1
}

# venv makes .venv whole or not at all: the lessons look into it for the XLA plugin, so half of it must not stay.
venv() {
	local python=${PYTHON:-python3} reason
	"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
		fail "$python is not Python 3.10 or newer: install it, or name another, as in: make lab PYTHON=python3.12"
	"$python" -c 'import ensurepip, venv' 2>/dev/null ||
		fail "Python's venv module is missing: install the package python3-venv and run make again"

	say "installing JupyterLab and XLA into .venv (once, about a minute)"
	rm -rf .venv
	trap 'rm -rf .venv' EXIT
	"$python" -m venv .venv
	reason=$(.venv/bin/python -m pip -qq --disable-pip-version-check install --retries 2 -r kernel/requirements.txt 2>&1) ||
		fail "the first set-up needs the Python package registry and 1 GB of disk: run make again when they are there" \
			"(pip: ${reason##*$'\n'})"
	trap - EXIT
}

# kernel installs the kernel's program, GoNB and goimports at the versions of go.mod, gopls at its own, and the kernelspec.
kernel() {
	command -v go >/dev/null ||
		fail "Go is missing: install it and run make again"
	[[ $(go env CGO_ENABLED) == 1 ]] ||
		fail "a C compiler is missing, which XLA needs: install the package gcc and run make again"

	GOEXPERIMENT=$(kernel/goexperiment.sh)
	export GOEXPERIMENT
	say "building the kernel, gopls and the lessons (once, a minute or two)"
	go_install github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports
	go_install golang.org/x/tools/gopls@v0.20.0
	# Without cgo it starts in half the time, which each cell waits for.
	CGO_ENABLED=0 go_install -buildvcs=false ./cmd/evident-kernel
	.venv/bin/python kernel/install.py
	# A cell asks for modules that building the lessons does not, and must find them offline.
	go mod download
	# What the first command and the first cell would otherwise wait for.
	go build -buildvcs=false ./...
	cells
}

# cells compiles what cells are made of: with the kernel's flags, in a workspace like its own (kernel.json has both).
cells() {
	workspace=$(mktemp -d)
	trap 'rm -rf "$workspace"' EXIT
	GOWORK=$workspace/go.work
	GOFLAGS=$(sed -n 's/.*"GOFLAGS": "\(.*\)",/\1/p' kernel/kernel.json)
	GOEXPERIMENT=$(kernel/goexperiment.sh)
	export GOWORK GOFLAGS GOEXPERIMENT
	(cd "$workspace" && go work init "$OLDPWD" "$OLDPWD/kernel/noinstaller")
	go build ./datasets/... ./kit/... ./lessons/...
}

go_install() {
	GOBIN=$PWD/.venv/bin go install "$@" ||
		fail "the first set-up needs the Go module registry: run make again when it can be reached"
}

"$1"
