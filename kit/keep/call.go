package keep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
)

// Call is what a call in a notebook's cell depends on, as the kernel finds it in the sources of the cells.
type Call struct {
	Source  string   // checksum of the declarations and statements
	Imports []string // the packages that these use
}

// WriteCalls leaves beside the program of a cell what its calls depend on, by file and line as in "cell-0f:3".
func WriteCalls(program string, calls map[string]Call) error {
	path := program + callsEnding
	if len(calls) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	content, err := json.Marshal(calls)
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

const callsEnding = ".calls"

// CallAt is what the kernel has written about a call in the running program; false for another program than a cell's.
func CallAt(file string, line int) (Call, bool) {
	program, err := os.Executable()
	if err != nil {
		return Call{}, false
	}
	content, err := os.ReadFile(program + callsEnding)
	if err != nil {
		return Call{}, false
	}
	var calls map[string]Call
	if err := json.Unmarshal(content, &calls); err != nil {
		return Call{}, false
	}
	call, found := calls[fmt.Sprintf("%s:%d", file, line)]
	return call, found
}

// Code is a checksum of all the code that the call depends on: see [Code] for packages of the module whose folder is
// root; of other modules it has the versions. The error says that there is no version to tell by.
func (c Call) Code(root string) (string, error) {
	parts := []any{c.Source}
	for _, path := range c.Imports {
		sum, err := version(path)
		if strings.HasPrefix(path, module+"/") {
			sum, err = Code(root, path)
		}
		if err != nil {
			return "", err
		}
		parts = append(parts, path, sum)
	}
	key, err := Key(parts...)
	return digest(key), err
}

// version is that of the module that a package of another module is from; "" for the standard library.
func version(path string) (string, error) {
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return "", nil
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", errors.New("the program does not say which modules it is built of")
	}
	var found *debug.Module
	for _, m := range info.Deps {
		if (path == m.Path || strings.HasPrefix(path, m.Path+"/")) && (found == nil || len(m.Path) > len(found.Path)) {
			found = m
		}
	}
	switch {
	case found == nil:
		return "", fmt.Errorf("no module has the package %s", path)
	case found.Replace != nil:
		found = found.Replace
	}
	if found.Version == "" || found.Version == "(devel)" {
		return "", fmt.Errorf("the package %s is in a folder of yours, which can change: it has no version", path)
	}
	return found.Path + " " + found.Version, nil
}
