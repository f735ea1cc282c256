#!/usr/bin/env bash
# Prints the value for GOEXPERIMENT: what is there already, or else `simd` where GoMLX's backend in pure Go will run and
# the toolchain knows it. A training step there takes a small part of the time with it, but whoever changes the value builds
# everything once more; and on XLA it changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

pure_go() {
	case ${GOMLX_BACKEND:-} in
	go | go:*) return 0 ;;
	?*) return 1 ;;
	esac
	[[ -d .venv ]] && ! compgen -G '.venv/lib/python3.*/site-packages/*_plugins/*/*.so' >/dev/null
}

if [[ -n ${GOEXPERIMENT:-} ]]; then
	echo "$GOEXPERIMENT"
elif pure_go && [[ $(GOEXPERIMENT=simd go env GOARCH 2>/dev/null) == amd64 ]]; then
	echo simd
fi
