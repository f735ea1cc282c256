// Package installer stands in for go-xla's in the programs of notebook cells.
//
// A cell never installs a plugin for XLA: `make setup` has done so, and the kernel
// forbids it (GOMLX_NO_AUTO_INSTALL). The real one brings net/http and TLS into
// every program, 60 packages, for which each cell would wait a tenth of a second
// at the linker. A module of the kernel's workspace comes before those that it
// requires, so this one is found instead.
package installer

import "errors"

// Verbosity is how much an installation says.
type Verbosity int

// Normal is what go-xla asks for.
const Normal Verbosity = 1

// AutoInstall installs nothing, and says so.
func AutoInstall(string, bool, Verbosity) error {
	return errors.New("a notebook cell installs no plugin for XLA: run make setup")
}
