package inception

import (
	"fmt"

	"evident/kit/experiment"
	"evident/kit/report"
)

// record is where the repository keeps the run at full scale.
const record = "bench/results/inception-full/verdicts.json"

// FullRun reads the report of the last run at full scale, on CIFAR-10, from the repository.
func FullRun() (report.Report, error) { return experiment.Recorded(record, "inception") }

// Recorded is a table of the verdicts of a run on the claims with these ids.
func Recorded(r report.Report, ids ...string) report.Table {
	rows := report.Table{
		ID: "recorded", Title: fmt.Sprintf("On CIFAR-10: %s, commit %.7s", r.Provenance.Started.Format("2 January 2006"), r.Provenance.Commit),
		Columns: []string{"claim", "verdict", "measured"},
	}
	for _, id := range ids {
		for _, c := range r.Claims {
			if c.ID == id {
				rows.Rows = append(rows.Rows, []string{c.ID, fmt.Sprint(c.Verdict), c.Evidence})
			}
		}
	}
	return rows
}
