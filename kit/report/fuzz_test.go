package report_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/internal/readertest"
	"evident/kit/report"
)

// FuzzReport reads arbitrary bytes as a report. A valid report survives a round
// trip, and the ids of its figures can be file names. The error for an invalid
// report takes one line.
func FuzzReport(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`,
		`{"lesson":"l","config":{"Seed":1},"claims":[{"id":"q1","kind":"exact","verdict":"supported","recorded":"refuted","samples":1,"p_value":0.5}],
		"tables":[{"id":"t","columns":["a"],"rows":[["1"]]}],"pictures":[{"id":"p","png":"iVBORw=="}],
		"provenance":{"seeds":[1,-2],"started":"2026-11-23T00:00:00.000000005Z","wall_seconds":1.5}}`,
		`{"charts":[{"id":"c","mark":"line","log_y":true,"curves":[{"name":"r","x":[0,1],"y":[1,2],"low":[0,0],"high":[1,1],"diverged_at":3}],
		"rules":[{"name":"r","y":2}],"zones":[{"name":"z","from":0,"to":1}],"heatmap":{"name":"g","left":0,"right":1,"bottom":0,"top":1,"columns":2,"values":[1,2]}}]}`,
		`{"diagrams":[{"id":"d","boxes":[{"label":"a"},{"label":"b"}],"arrows":[{"from":0,"to":1}]}],
		"derivations":[{"id":"e","title":"t","steps":[{"title":"s","lines":[{"name":"n","symbol":"z","formula":"f","filled":"1","values":[[1]]}]}]}]}`,
		`{"pictures":[{"id":"../../../escaped"}]}`, `{"tables":[{"id":"a\u001b[2J\nb"}]}`,
		`{"provenance":{"started":"` + "\x7f" + `"}}`, // package time quotes most control characters, but not this one
		`{"lesson":"a\nb","claims":[{"id":"a","verdict":"x\ny"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var found report.Report
		var invalid error
		readertest.Within(t, readertest.MiB+500*uint64(len(content)), func() {
			if invalid = json.Unmarshal(content, &found); invalid == nil {
				invalid = found.Validate()
			}
		})
		if invalid != nil {
			readertest.BadInput(t, badinput.Errorf("%w", invalid))
			return
		}
		for _, id := range identifiers(found) {
			require.Equal(t, id, filepath.Base(id), "it is a file name")
			require.True(t, filepath.IsLocal(id+".png"))
			readertest.Line(t, id)
		}
		first, err := json.Marshal(found)
		require.NoError(t, err)
		var read report.Report
		require.NoError(t, json.Unmarshal(first, &read))
		require.NoError(t, read.Validate())
		second, err := json.Marshal(read)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	})
}

// identifiers returns all ids that a report holds.
func identifiers(r report.Report) (ids []string) {
	for _, c := range r.Claims {
		ids = append(ids, c.ID)
	}
	for _, t := range r.Tables {
		ids = append(ids, t.ID)
	}
	for _, c := range r.Charts {
		ids = append(ids, c.ID)
	}
	for _, d := range r.Diagrams {
		ids = append(ids, d.ID)
	}
	for _, p := range r.Pictures {
		ids = append(ids, p.ID)
	}
	for _, d := range r.Derivations {
		ids = append(ids, d.ID)
	}
	return ids
}
