package run

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"evident/internal/files"
	"evident/internal/render"
	"evident/internal/terminal"
	"evident/kit/claim"
	"evident/kit/report"
)

func reportsOf(results []finished) []report.Report {
	reports := make([]report.Report, len(results))
	for i, f := range results {
		reports[i] = f.Report
	}
	return reports
}

// seedsOf returns the seeds of the results, each once.
func seedsOf(results []finished) []int64 {
	var seeds []int64
	for _, f := range results {
		if !slices.Contains(seeds, f.Unit.Seed) {
			seeds = append(seeds, f.Unit.Seed)
		}
	}
	return seeds
}

// printResults writes the table of verdicts: with their evidence for one seed,
// and by seed for several. It writes nothing if nothing was measured.
func (r Runner) printResults(results []finished) error {
	if len(results) == 0 {
		return nil
	}
	if len(seedsOf(results)) > 1 {
		return printBySeed(r.Stdout, results)
	}
	if err := render.Headlines(r.Stdout, reportsOf(results)); err != nil {
		return err
	}
	return render.VerdictTable(r.Stdout, reportsOf(results), terminal.StyleOf(r.Stdout))
}

// claimBySeed is a claim with the seeds of each verdict.
type claimBySeed struct {
	id       string
	recorded claim.Verdict
	seeds    map[claim.Verdict][]int64
	differs  bool // with at least one seed
}

func claimsBySeed(results []finished) []*claimBySeed {
	var claims []*claimBySeed
	byID := map[string]*claimBySeed{}
	for _, f := range results {
		for _, c := range f.Report.Claims {
			known := byID[c.ID]
			if known == nil {
				known = &claimBySeed{id: c.ID, recorded: c.Recorded, seeds: map[claim.Verdict][]int64{}}
				byID[c.ID] = known
				claims = append(claims, known)
			}
			known.seeds[c.Verdict] = append(known.seeds[c.Verdict], f.Unit.Seed)
			known.differs = known.differs || !c.Agrees()
		}
	}
	return claims
}

// printBySeed writes a row for every claim with the seeds of each verdict, and a
// closing line.
func printBySeed(w io.Writer, results []finished) error {
	seeds := seedsOf(results)
	table := report.Table{
		ID: "by-seed", Title: "Verdicts by seed, each a shift of all seeds of a lesson: " + listed64(seeds),
		Columns: []string{"CLAIM", "RECORDED"},
	}
	claims := claimsBySeed(results)
	verdicts := slices.DeleteFunc(claim.Verdicts(), func(v claim.Verdict) bool {
		rare := v == claim.Mixed || v == claim.Unmeasured
		return rare && !slices.ContainsFunc(claims, func(c *claimBySeed) bool { return len(c.seeds[v]) > 0 })
	})
	for _, verdict := range verdicts {
		table.Columns = append(table.Columns, strings.ToUpper(string(verdict)))
	}
	table.Columns = append(table.Columns, "")
	for _, c := range claims {
		row := []string{c.id, string(cmp.Or(c.recorded, "–"))}
		for _, verdict := range verdicts {
			row = append(row, someOf(c.seeds[verdict], seeds))
		}
		note := ""
		if c.differs {
			note = render.Differs
		}
		table.Rows = append(table.Rows, append(row, note))
	}
	if err := render.Table(table).Text(w); err != nil {
		return err
	}
	tally := claim.TallyOf(report.ClaimsOf(reportsOf(results)))
	closing := tally.Record()
	if tally.Differ > 0 {
		closing = fmt.Sprintf("%d differ from the record", tally.Differ)
	}
	_, err := fmt.Fprintf(w, "\n%d verdicts on %d claims from %d seeds: %s\n", tally.Claims-tally.Open, len(claims), len(seeds), closing)
	return err
}

// someOf lists the seeds, or says that they are all.
func someOf(seeds, all []int64) string {
	switch len(seeds) {
	case 0:
		return "–"
	case len(all):
		return "all"
	}
	return listed64(seeds)
}

func listed64(seeds []int64) string { return strings.ReplaceAll(joined(seeds), ",", ", ") }

// saveResults saves the reports as [SaveReports] does. With several seeds, each
// gets its own folder, and the folder itself gets the verdicts of all: a page
// with all figures would be too large to open.
func saveResults(dir string, results []finished) error {
	seeds := seedsOf(results)
	if len(seeds) < 2 {
		return SaveReports(dir, reportsOf(results))
	}
	for _, seed := range seeds {
		of := slices.DeleteFunc(slices.Clone(results), func(f finished) bool { return f.Unit.Seed != seed })
		if err := SaveReports(filepath.Join(dir, fmt.Sprintf("seed%d", seed)), reportsOf(of)); err != nil {
			return err
		}
	}
	var verdicts, page bytes.Buffer
	if err := files.WriteJSON(&verdicts, reportsOf(results)); err != nil {
		return err
	}
	if err := render.Page(&page, overview(results)); err != nil {
		return err
	}
	if err := files.Save(filepath.Join(dir, "report.html"), page.Bytes()); err != nil {
		return err
	}
	return files.Save(filepath.Join(dir, "verdicts.json"), verdicts.Bytes())
}

// overview returns the reports without figures and tables, each named by its
// seed.
func overview(results []finished) []report.Report {
	reports := reportsOf(results)
	for i, r := range reports {
		seed := results[i].Unit.Seed
		reports[i] = report.Report{
			Lesson: fmt.Sprintf("%s-%d", r.Lesson, seed), Title: fmt.Sprintf("%s (seeds shifted by %d)", r.Title, seed),
			Preset: r.Preset, Config: r.Config, Provenance: r.Provenance, Claims: r.Claims,
		}
	}
	return reports
}
