package backend

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/internal/pjrthook"
)

// xlaThreads returns this process's XLA threads, each as its file in /proc.
func xlaThreads(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/comm")
	require.NoError(t, err)
	return slices.DeleteFunc(names, func(name string) bool {
		comm, err := os.ReadFile(name)
		return err != nil || string(comm) != "tf_XLAEigen\n"
	})
}

func TestBackendHasTheThreadsThatItIsGiven(t *testing.T) {
	chosen := choose(here())
	for _, size := range []pjrthook.Size{{Devices: 1, Threads: 1}, {Devices: 1, Threads: 3}, {Devices: 2, Threads: 2}} {
		before := xlaThreads(t)
		backend, sized, err := chosen.open(size)
		require.NoError(t, err)
		if !sized {
			t.Skipf("%s has no size", chosen.config)
		}
		// Count only new threads, because the garbage collector may meanwhile close
		// backends of other tests. A new thread may not have named itself yet.
		var started []string
		require.Eventually(t, func() bool {
			started = slices.DeleteFunc(xlaThreads(t), func(name string) bool { return slices.Contains(before, name) })
			return len(started) >= size.Threads
		}, time.Minute, time.Millisecond, "%+v", size)
		backend.Finalize()
		require.Len(t, started, size.Threads, "%+v", size)
	}
}

func TestCrewLendsEachBackendToOneAtATime(t *testing.T) {
	selected, err := Select(context.Background())
	require.NoError(t, err)
	found, sized := pools.Load(selected.Backend)
	if !sized {
		t.Skipf("%s has no pool", selected.Backend)
	}
	own := found.(*pool)
	lend := func() compute.Backend {
		backend, err := own.lend()
		require.NoError(t, err)
		return backend
	}
	first, second := lend(), lend()
	require.NotSame(t, first, second)
	require.NotSame(t, selected.Backend, first)
	own.giveBack(first)
	require.Same(t, first, lend(), "it is lent again")
}
