package backend

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"evident/datasets"
)

// CheckPlugin checks the file of an XLA plugin without loading it, because
// loading a truncated plugin aborts the process. It knows only the format of
// Linux; on other systems it checks only that the file exists.
func CheckPlugin(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return datasets.WithoutPath(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return datasets.WithoutPath(err)
	case !info.Mode().IsRegular():
		return errors.New("it is not a file")
	case runtime.GOOS != "linux":
		return nil
	}
	library, err := elf.NewFile(f)
	if err != nil {
		return fmt.Errorf("it is no library, or cut short, at %d bytes", info.Size())
	}
	return checkLibrary(library, info.Size())
}

// machines maps Go's names of architectures to those in an ELF header.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

func checkLibrary(library *elf.File, size int64) error {
	if wanted, known := machines[runtime.GOARCH]; known && library.Machine != wanted {
		return fmt.Errorf("it is for another processor, %s", library.Machine)
	}
	for _, segment := range library.Progs {
		if end := segment.Off + segment.Filesz; end > uint64(size) {
			return fmt.Errorf("it is cut short: %d bytes of %d", size, end)
		}
	}
	symbols, err := library.DynamicSymbols()
	isEntry := func(s elf.Symbol) bool { return s.Name == "GetPjrtApi" && s.Section != elf.SHN_UNDEF }
	if err != nil || !slices.ContainsFunc(symbols, isEntry) {
		return errors.New("it is no plugin of XLA: it has no GetPjrtApi")
	}
	return nil
}
