package backend

import (
	"math"
	"os"
	"slices"
	"strings"
	"syscall"
)

// allocatorSettings make glibc keep and reuse XLA's temporaries in huge pages.
// With its defaults, the memory of every training step of a large net is mapped,
// cleared and unmapped page by page; these settings save a third to a half of such
// a step. Threads keep arenas of their own: oneDNN asks for memory at every matrix
// product, so trainings that run at once would wait for each other's in one arena.
var allocatorSettings = []string{
	"GLIBC_TUNABLES=glibc.malloc.hugetlb=1",
	"MALLOC_MMAP_THRESHOLD_=4294967296",
	"MALLOC_TRIM_THRESHOLD_=4294967296",
	"MALLOC_TOP_PAD_=268435456",
}

// TuneAllocator restarts the program with the allocator's settings in its
// environment, where glibc reads them when a process starts. It returns at once
// when they are there, or when the user has set GLIBC_TUNABLES to something
// else, or where memory is limited: what is kept for reuse would be missing
// elsewhere. On systems other than Linux it does nothing. Call it first in main.
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

// withSettings adds the settings that the environment does not have.
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

// addressLimit is how many bytes this process may map, as `ulimit -v` sets it.
func addressLimit() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil {
		return math.MaxUint64
	}
	return limit.Cur
}
