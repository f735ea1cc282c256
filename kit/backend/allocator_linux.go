package backend

import (
	"math"
	"os"
	"slices"
	"strings"
	"syscall"
)

// allocatorSettings make glibc keep and reuse XLA's temporaries in huge pages. By
// default, every training step of a large net maps, clears and unmaps its memory
// page by page; these settings save a third to a half of the step. Threads keep
// separate arenas, because oneDNN allocates memory at every matrix product, and
// simultaneous trainings would wait for each other in a shared arena.
var allocatorSettings = []string{
	"GLIBC_TUNABLES=glibc.malloc.hugetlb=1",
	"MALLOC_MMAP_THRESHOLD_=4294967296",
	"MALLOC_TRIM_THRESHOLD_=4294967296",
	"MALLOC_TOP_PAD_=268435456",
}

// TuneAllocator restarts the program with the allocator's settings in its
// environment, because glibc reads them only at start. It returns at once if they
// are already there, if the user has set GLIBC_TUNABLES differently, or if memory
// is limited, since kept memory would then be missing elsewhere. It does nothing
// on systems other than Linux. Call it first in main.
func TuneAllocator() error {
	if _, set := os.LookupEnv("GLIBC_TUNABLES"); set || addressLimit() < math.MaxUint64 {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(program, os.Args, withSettings(os.Environ()))
}

// withSettings adds the settings that the environment lacks.
func withSettings(environment []string) []string {
	all := slices.Clone(environment)
	for _, setting := range allocatorSettings {
		name, _, _ := strings.Cut(setting, "=")
		has := func(entry string) bool { return strings.HasPrefix(entry, name+"=") }
		if !slices.ContainsFunc(environment, has) {
			all = append(all, setting)
		}
	}
	return all
}

// addressLimit returns how many bytes this process may map, as `ulimit -v` sets
// it.
func addressLimit() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil {
		return math.MaxUint64
	}
	return limit.Cur
}
