package fit

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/internal/pjrthook"
)

// xlaThreads counts the threads of this process that work for XLA.
func xlaThreads(t *testing.T) int {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/comm")
	require.NoError(t, err)
	n := 0
	for _, name := range names {
		if comm, err := os.ReadFile(name); err == nil && string(comm) == "tf_XLAEigen\n" {
			n++
		}
	}
	return n
}

func TestBackendHasTheThreadsThatItIsGiven(t *testing.T) {
	chosen := choose(here())
	for _, size := range []pjrthook.Size{{Devices: 1, Threads: 1}, {Devices: 1, Threads: 3}, {Devices: 2, Threads: 2}} {
		before := xlaThreads(t)
		_, sized, err := chosen.open(size)
		require.NoError(t, err)
		if !sized {
			t.Skipf("%s has no size", chosen.config)
		}
		require.Equal(t, size.Threads, xlaThreads(t)-before, "%+v", size)
	}
}

func TestCrewLendsEachBackendToOneAtATime(t *testing.T) {
	selected, err := Backend(context.Background())
	require.NoError(t, err)
	found, sized := crews.Load(selected.Backend)
	if !sized {
		t.Skipf("%s has no crew", selected.Backend)
	}
	own := found.(*crew)
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
