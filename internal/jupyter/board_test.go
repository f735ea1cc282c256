package jupyter

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evident/internal/durations"
	"evident/internal/exit"
)

func TestBoardSaysWhatRunsAndHowLong(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	dir := t.TempDir()
	var paths []string
	for _, name := range []string{"01-a.ipynb", "02-b.ipynb", "03-c.ipynb"} {
		path := filepath.Join(dir, name)
		paths = append(paths, path)
		require.NoError(t, os.WriteFile(path, []byte(`{"cells": [{"cell_type": "markdown", "source": "# Title"}, {"cell_type": "code", "source": "x"},
			{"cell_type": "markdown", "source": ["## 1 · Floor\n", "text"]}, {"cell_type": "code", "source": "y"}]}`), 0o644))
	}
	took := durations.Open()
	for _, path := range paths {
		took.Note(key(path), 10*time.Second, false)
	}
	var stderr bytes.Buffer
	b, stop := newBoard(Request{Paths: paths, Jobs: 2}, took, exit.Teller{W: &stderr})
	defer stop()
	b.begin(0)
	b.begin(1)
	b.update(0, event{Cell: new(1)})
	b.update(1, event{Cell: new(3)})
	b.update(1, event{Progress: "seed 2 · step 3 of 9"})
	require.Equal(t, "0 of 3 done, about 15 s left: 01-a, Title; 02-b, 1 · Floor (seed 2 · step 3 of 9)", b.line(b.began))
	b.end(0)
	require.Equal(t, "1 of 3 done, about 10 s left: 02-b, 1 · Floor (seed 2 · step 3 of 9)", b.line(b.work[1].Began))
	b.done(0, 4*time.Second, 2, 3)
	b.done(1, 70*time.Second, 0, 0)
	require.Equal(t, "evident: 01-a: 4.0 s, 2 of 3 experiments kept\nevident: 02-b: 1 m 10 s\n", stderr.String(), "no last line outside of a terminal")
}

func TestRoomIsThatOfProcessorsAndMemory(t *testing.T) {
	for _, c := range []struct {
		processors int
		memory     float64
		want       int
	}{
		{2, 20e9, 2}, {16, 8e9, 5}, {4, 2e9, 1}, {4, 0, 1}, {8, math.Inf(1), 8},
	} {
		require.Equal(t, c.want, roomIn(c.processors, c.memory), "%+v", c)
	}
}

// The files are as in proc(5), and in cgroups(7) of a container with a limit.
func TestFreeMemory(t *testing.T) {
	const table = "MemTotal:       24000000 kB\nMemFree:         1000000 kB\nMemAvailable:   20000000 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  float64
	}{
		"a machine":                    {map[string]string{"proc/meminfo": table}, 20000000 * 1024},
		"a container":                  {map[string]string{"proc/meminfo": table, "sys/fs/cgroup/memory.max": "4000000000\n", "sys/fs/cgroup/memory.current": "1000000000\n"}, 3e9},
		"a container without a limit":  {map[string]string{"proc/meminfo": table, "sys/fs/cgroup/memory.max": "max\n", "sys/fs/cgroup/memory.current": "1000000000\n"}, 20000000 * 1024},
		"a container above its limit":  {map[string]string{"proc/meminfo": table, "sys/fs/cgroup/memory.max": "5\n", "sys/fs/cgroup/memory.current": "6\n"}, 0},
		"a system without such a file": {nil, math.Inf(1)},
	} {
		root := t.TempDir() + "/"
		for name, content := range c.files {
			require.NoError(t, os.MkdirAll(filepath.Dir(root+name), 0o755))
			require.NoError(t, os.WriteFile(root+name, []byte(content), 0o644))
		}
		require.Equal(t, c.want, freeMemory(root), name)
	}
}
