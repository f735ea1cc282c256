package run

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evident/kit/experiment"
	"evident/kit/lessontest"
	"evident/kit/report"
	"evident/lessons"
)

// Two runs with one seed on one backend find the same, whatever runs beside
// them.
func TestEveryLessonRepeatsItself(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			options := experiment.Options{Preset: experiment.Smoke, Seed: 40}
			var reports [2]string
			for i := range reports {
				report, err := l.Run(context.Background(), lessontest.PureGo(t), options)
				require.NoError(t, err)
				text, err := json.MarshalIndent(withoutTimes(report), "", " ")
				require.NoError(t, err)
				reports[i] = string(text)
			}
			require.Equal(t, reports[0], reports[1])
		})
	}
}

// withoutTimes clears measured times: those of the run and of its experiments,
// and columns of seconds with their ratios.
func withoutTimes(r report.Report) report.Report {
	r.Provenance.Started, r.Provenance.WallSeconds = time.Time{}, 0
	for i := range r.Experiments {
		r.Experiments[i].Seconds, r.Experiments[i].Measured = 0, time.Time{}
	}
	for _, table := range r.Tables {
		for i, column := range table.Columns {
			ofTimes := i > 0 && table.Columns[i-1] == "milliseconds" && column == "ratio"
			if !ofTimes && !strings.Contains(column, "seconds") {
				continue
			}
			for _, row := range table.Rows {
				row[i] = ""
			}
		}
	}
	return r
}

// A shell returns quoted words unchanged.
func TestQuotedWordsSurviveAShell(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	for _, word := range []string{"plain/path-1.csv", "two words", "it's", `"$HOME"`, "", "a;b", "~", "#", "*", `back\slash`, "`x`", "دانش"} {
		out, err := exec.Command(shell, "-c", "printf %s "+quoted(word)).Output()
		require.NoError(t, err)
		require.Equal(t, word, string(out))
	}
	require.Equal(t, "plain/path-1.csv", quoted("plain/path-1.csv"))
}

func TestProgramsOfGoRunAreNotNamedByTheirPlace(t *testing.T) {
	require.Equal(t, "go run ./cmd/evident", invocation("/tmp/go-build123/b001/exe/evident"))
	require.Equal(t, "go run ./cmd/evident", invocation("/home/ada/.cache/go-build/ab/abcd-d/evident"))
	require.Equal(t, "evident", invocation("evident"))
	require.Equal(t, "'/opt/my tools/evident'", invocation("/opt/my tools/evident"))
}
