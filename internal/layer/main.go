package layer

import (
	"errors"
	"path/filepath"
	"strings"
)

// programEnding is of the program that a cell was built to; this one stands in its place.
const programEnding = ".cell"

// Main is the whole program. It goes by the name and the first argument that it was
// started with.
func Main(args []string) (status int, err error) {
	name := filepath.Base(args[0])
	switch {
	case name == "go":
		return Tool(args[1:])
	case name == "goimports":
		return becomeReal(name, args[1:]) // with a PATH that leads to the real go
	case name == "gopls":
		return languageServer(args[1:])
	case strings.HasPrefix(name, "gonb_"):
		return Program(args[0]+programEnding, args)
	case len(args) == 5 && args[1] == "watch":
		return 0, watch(args[2], args[3], args[4])
	case len(args) >= 4 && args[1] == "record":
		return 1, record(args[2], args[3:])
	case len(args) >= 3 && args[1] == "shell":
		return Shell(args[2:])
	case len(args) >= 3 && args[1] == "clean-after":
		return 1, becomeAndCleanUp(args[2:])
	case len(args) >= 3:
		return Run(args[1], args[2:])
	}
	return 2, errors.New("usage: evident-kernel CONNECTION_FILE GONB [ARGUMENT…]")
}
