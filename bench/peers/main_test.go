package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evident/bench"
)

// speaker is a peer's process that talks as step.py does, in a shell. It says
// so many parameters, and takes so long for any step.
func speaker(t *testing.T, parameters, seconds string) *racer {
	t.Helper()
	script := filepath.Join(t.TempDir(), "step.sh")
	require.NoError(t, os.WriteFile(script, []byte("echo "+parameters+"\nwhile read n; do echo "+seconds+"; done\n"), 0o644))
	peer, err := newPeer(t.Context(), "a peer of "+seconds, "sh", script, "net", "framework")
	require.NoError(t, err)
	t.Cleanup(peer.end)
	return peer
}

func TestPeerWithAnotherNumberOfParametersIsRefused(t *testing.T) {
	ours, same, other := speaker(t, "532410", "1"), speaker(t, "532410", "1"), speaker(t, "532411", "1")
	require.NoError(t, race{racers: []*racer{ours, same}}.check())
	require.ErrorContains(t, race{racers: []*racer{ours, same, other}}.check(), "has 532411 parameters and ours 532410")
}

// Ours is the real net, built by the code that make bench runs; the peer, alone,
// is one of another size.
func TestRealNetRefusesAStrangerBeforeAnyRound(t *testing.T) {
	script := filepath.Join(t.TempDir(), "step.sh")
	rounds := filepath.Join(t.TempDir(), "rounds")
	require.NoError(t, os.WriteFile(script, []byte("echo 7\nwhile read n; do echo $n >>"+rounds+"; echo 1; done\n"), 0o644))
	_, err := measure(t.Context(), imageclassNet(t), "sh", script)
	require.ErrorContains(t, err, "Keras on TensorFlow has 7 parameters and ours 15714")
	require.NoFileExists(t, rounds)
}

func imageclassNet(t *testing.T) bench.Net {
	t.Helper()
	for _, net := range bench.Nets() {
		if net.Name == "imageclass" {
			return net
		}
	}
	t.Fatal("no net is named imageclass")
	return bench.Net{}
}

func TestEveryNetHasItsFileOfPeers(t *testing.T) {
	for _, net := range bench.Nets() {
		content, err := os.ReadFile(filepath.Join("nets", net.Name+".py"))
		require.NoError(t, err)
		for _, f := range frameworks() {
			require.Contains(t, string(content), "def "+f.name+"_step():", net.Name)
		}
	}
}

func TestPeerThatEndsOrTalksNonsenseIsNamed(t *testing.T) {
	for script, says := range map[string]string{
		"exit 3":     "exit status 3",
		"exit 0":     "it ended without an answer",
		"echo hello": `"hello" where the number of parameters is due`,
	} {
		file := filepath.Join(t.TempDir(), "step.sh")
		require.NoError(t, os.WriteFile(file, []byte(script+"\n"), 0o644))
		_, err := newPeer(t.Context(), "a peer", "sh", file, "net", "framework")
		require.ErrorContains(t, err, says, script)
	}
}

func TestPeersDoNotGetOurAllocator(t *testing.T) {
	require.Equal(t, []string{"HOME=x"}, bench.WithoutAllocator([]string{"MALLOC_TOP_PAD_=1", "HOME=x", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1"}))
}

func TestPeersEndWithTheirNet(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := start(ctx, "sh", "-c", "while read n; do echo $n; done")
	require.NoError(t, err)
	p.end()
	require.True(t, p.cmd.ProcessState.Success(), "it reads the end of its input, and is not killed")
}

func TestPageHasRatiosWithinRoundsAndTheirSpread(t *testing.T) {
	r := race{net: bench.Net{Name: "small", Title: "Small net", BatchSize: 4, Steps: 5}, racers: []*racer{
		{name: "evident", parameters: 12, seconds: []float64{0.010, 0.020, 0.030}},
		{name: "Keras on TensorFlow", seconds: []float64{0.020, 0.010, 0.030}},
		{name: "PyTorch", seconds: []float64{0.040, 0.040, 0.040}},
		{name: "JAX", seconds: []float64{0.005, 0.010, 0.015}},
	}}
	got := page([]race{r, r})
	row := "| Small net | 20.0 | 1.00 (0.50 to 2.00) | 0.50 (0.25 to 0.75) | 2.00 (2.00 to 2.00) |"
	require.Equal(t, 2, strings.Count(got, row), got)
	require.Contains(t, got, "## Small net\n\nBatch 4, 12 parameters, 5 steps a round.\n\n| framework | ms a step |")
	require.Contains(t, got, "| evident | 20.0 |  |\n| Keras on TensorFlow | 20.0 | 1.00 (0.50 to 2.00) |\n")
}

func TestRaceGivesEveryPeerATurnInEveryRound(t *testing.T) {
	r := race{net: bench.Net{Name: "small", Steps: 3}, racers: []*racer{speaker(t, "1", "0.5"), speaker(t, "1", "0.25")}}
	require.NoError(t, r.run())
	for _, racer := range r.racers {
		require.Len(t, racer.seconds, rounds)
	}
	require.Equal(t, "2.00 (2.00 to 2.00)", r.racers[0].multiple(r.racers[1]))
}
