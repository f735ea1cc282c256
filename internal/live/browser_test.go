package live_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/live"
	"evident/kit/backend"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/lessons"
)

// inNode runs requests in WebAssembly, as the worker of a page does.
func inNode(t *testing.T, requests ...live.Request) [][]live.Message {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	node := filepath.Join(root, ".venv", "bin", "node")
	if _, err := os.Stat(node); err != nil {
		t.Skip("no node in .venv: `make test` installs it")
	}
	program := filepath.Join(t.TempDir(), "live.wasm")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "evident/cmd/evident-live")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOEXPERIMENT=", "GOFLAGS=")
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	arguments := []string{"testdata/node.mjs", program, filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"),
		filepath.Join(root, "internal", "site", "live", "worker.js")}
	for _, r := range requests {
		request, err := json.Marshal(r)
		require.NoError(t, err)
		arguments = append(arguments, string(request))
	}
	run := exec.Command(node, arguments...)
	run.Stderr = os.Stderr
	printed, err := run.Output()
	require.NoError(t, err, string(printed))
	all := make([][]live.Message, 1)
	lines := bufio.NewScanner(bytes.NewReader(printed))
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var m live.Message
		require.NoError(t, json.Unmarshal(lines.Bytes(), &m), lines.Text())
		last := len(all) - 1
		all[last] = append(all[last], m)
		if m.Done || m.Error != "" {
			all = append(all, nil)
		}
	}
	require.NoError(t, lines.Err())
	return all[:len(all)-1]
}

// messages are those of a request that runs here, in pure Go.
func messages(t *testing.T, r live.Request) (all []live.Message) {
	t.Helper()
	b, err := backend.PureGo()
	require.NoError(t, err)
	defer b.Finalize()
	live.Run(t.Context(), b, r, func(m live.Message) { all = append(all, m) })
	return all
}

// results are those of a run that came to its end.
func results(t *testing.T, all []live.Message) (found []live.Result) {
	t.Helper()
	require.Equal(t, live.Message{Done: true}, all[len(all)-1])
	for _, m := range all {
		if m.Result != nil {
			found = append(found, *m.Result)
		}
	}
	return found
}

// apart is how far numbers may differ: those of float32 have seven digits, and vectors sum them in another order.
const apart = 1e-4

func TestLessonsInWebAssemblyAreThoseInPureGo(t *testing.T) {
	var requests []live.Request
	for _, l := range lessons.All() {
		requests = append(requests, live.Request{Lesson: l.Name, Scale: experiment.Smoke})
	}
	inBrowser := inNode(t, requests...)
	require.Len(t, inBrowser, len(requests))
	for i, r := range requests {
		want, got := results(t, messages(t, r)), results(t, inBrowser[i])
		require.Len(t, got, len(want), r.Lesson)
		for j := range want {
			name := r.Lesson + "." + want[j].Experiment
			require.Equal(t, verdicts(want[j]), verdicts(got[j]), name)
			a, b := numbers(t, want[j]), numbers(t, got[j])
			require.Len(t, b, len(a), name)
			for k := range a {
				require.LessOrEqual(t, math.Abs(a[k]-b[k]), apart*math.Max(math.Abs(a[k]), math.Abs(b[k])), "%s has %v in the browser and %v here", name, b[k], a[k])
			}
		}
	}
}

// verdicts are those of a result, without those that depend on the speed of the machine.
func verdicts(r live.Result) map[string]claim.Verdict {
	all := map[string]claim.Verdict{}
	for _, v := range r.Verdicts {
		if r.Experiment != "cost" && r.Experiment != "speed" {
			all[v.ID] = v.Verdict
		}
	}
	return all
}

// numbers are those of a result's charts, in order.
func numbers(t *testing.T, r live.Result) (all []float64) {
	t.Helper()
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case float64:
			all = append(all, v)
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, key := range []string{"x", "y", "low", "high"} {
				walk(v[key])
			}
		}
	}
	for _, piece := range r.Figures {
		if data, is := piece.Chart["data"].(map[string]any); is {
			encoded, err := json.Marshal(data["values"])
			require.NoError(t, err)
			var values any
			require.NoError(t, json.Unmarshal(encoded, &values))
			walk(values)
		}
	}
	return all
}
