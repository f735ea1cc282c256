package experiment

import (
	"encoding/json"
	"os"
	"path/filepath"

	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/report"
)

// Recorded reads the report of a run at full scale that the repository keeps, as in
// "bench/results/inception-full/verdicts.json". The error is [badinput.Err] if there is none, and names the command
// that makes it, of the experiments.
func Recorded(path, experiments string) (report.Report, error) {
	var reports []report.Report
	content, err := os.ReadFile(filepath.Join(backend.ProjectRoot(), filepath.FromSlash(path)))
	if err == nil {
		err = json.Unmarshal(content, &reports)
	}
	if err != nil || len(reports) == 0 {
		return report.Report{}, badinput.Errorf("%s holds no report (%v): restore it, or run `go run ./cmd/evident run %s --scale full --out %s`",
			path, err, experiments, filepath.ToSlash(filepath.Dir(path)))
	}
	return reports[0], nil
}
