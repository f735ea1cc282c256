package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/nbformat"
	"evident/internal/run"
	"evident/internal/scaffold"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/lessons"
)

// The notebooks are committed with their outputs. The outputs must belong to the current
// cells, configuration and claims. Otherwise run `go run ./cmd/evident notebooks
// --inplace`.
func TestCommittedOutputsAreFresh(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("..", "..", "notebooks", l.Notebook))
			require.NoError(t, err)
			n, err := nbformat.Parse(content)
			require.NoError(t, err)
			if l.Question == scaffold.OwnQuestion && n.Metadata.Executed == "" {
				t.Skipf("not run yet: `go run ./cmd/evident notebooks %s --inplace`, and commit it with its outputs", l.Name)
			}
			requireExecuted(t, n, content)
			reports, err := n.Reports()
			require.NoError(t, err)
			require.Len(t, reports, 1)
			require.NoError(t, run.SaveReports(t.TempDir(), reports), "the report is also a page")
			requireCurrent(t, l, reports[0])
		})
	}
}

func TestCommittedTutorialIsFresh(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "notebooks", lessons.Tutorial))
	require.NoError(t, err)
	n, err := nbformat.Parse(content)
	require.NoError(t, err)
	requireExecuted(t, n, content)
	reports, err := n.Reports()
	require.NoError(t, err)
	require.Empty(t, reports)
	require.Contains(t, string(n.Cells[0].Source), "# "+lessons.TutorialTitle+"\n")
}

// requireExecuted checks that the outputs are those of the cells.
func requireExecuted(t *testing.T, n nbformat.Notebook, content []byte) {
	t.Helper()
	require.Less(t, len(content), 1_000_000, "a notebook stays under 1 MB")
	require.Empty(t, n.Failure())
	require.Equal(t, n.Code(), n.Metadata.Executed, "the code cells changed since the outputs were made")
	for i, cell := range n.Cells {
		require.False(t, cell.Kind == "code" && cell.Count == nil, "cell %d was not run", i+1)
	}
}

// A reader gives each claim a probability before the notebook shows its verdict, and an opened notebook hides the
// verdicts.
func TestReadersPredictFirst(t *testing.T) {
	for _, l := range lessons.All() {
		if l.Question == scaffold.OwnQuestion {
			continue
		}
		content, err := os.ReadFile(filepath.Join("..", "..", "notebooks", l.Notebook))
		require.NoError(t, err)
		n, err := nbformat.Parse(content)
		require.NoError(t, err)
		folded, err := nbformat.Fold(content)
		require.NoError(t, err)
		require.JSONEq(t, string(folded), string(content), "%s shows verdicts: run `go run ./cmd/evident notebooks %s --inplace`", l.Notebook, l.Name)
		predicted, shown := map[string]int{}, map[string]int{} // the first cell
		for i, cell := range n.Cells {
			for _, call := range predictCall.FindAllStringSubmatch(string(cell.Source), -1) {
				for _, id := range quoted.FindAllStringSubmatch(call[1], -1) {
					predicted[id[1]] = i
				}
			}
			for _, output := range cell.Outputs {
				for _, card := range cardOf.FindAllStringSubmatch(strings.ReplaceAll(string(output.Data["text/html"]), `\"`, `"`), -1) {
					if _, earlier := shown[card[1]]; !earlier {
						shown[card[1]] = i
					}
				}
			}
		}
		for _, c := range l.Claims {
			_, whole := predicted[c.ID]
			if len(c.Parts) == 0 || whole {
				requireBefore(t, c.ID, predicted, shown)
				continue
			}
			for _, part := range c.Parts {
				requireBefore(t, part.ID, predicted, shown)
			}
		}
		for id := range predicted {
			require.Contains(t, shown, id, "%s predicts %s, which it does not measure", l.Notebook, id)
		}
	}
}

var (
	predictCall = regexp.MustCompile(`show\.Predict\(([^)]*)\)`)
	quoted      = regexp.MustCompile(`"([^"]+)"`)
	cardOf      = regexp.MustCompile(` data-claim="([^"]+)"`)
)

func requireBefore(t *testing.T, id string, predicted, shown map[string]int) {
	t.Helper()
	require.Contains(t, predicted, id, "no cell asks to predict %s", id)
	require.Contains(t, shown, id, "no cell measures %s", id)
	require.Less(t, predicted[id], shown[id], "%s is predicted after its verdict", id)
}

func requireCurrent(t *testing.T, l lessons.Lesson, report report.Report) {
	t.Helper()
	config, err := json.Marshal(l.Config(experiment.Options{Preset: experiment.Default}))
	require.NoError(t, err)
	require.JSONEq(t, string(config), string(report.Config), "the outputs come from other knobs")
	require.Equal(t, string(experiment.Default), report.Preset)
	for _, c := range report.Claims {
		require.True(t, c.AtRecord, c.ID)
		require.True(t, c.Agrees(), "%s is %s, on record %s: %s", c.ID, c.Verdict, c.Recorded, c.Evidence)
	}
	claim.Each(report.Claims, func(c *claim.Claim) {
		c.Verdict, c.Evidence, c.Samples, c.PValue, c.AtRecord = "", "", 0, nil, false
	})
	require.Equal(t, l.Claims, report.Claims, "the claims changed since the outputs were made")
}

// results returns the page of results.
func results(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "results.md"))
	require.NoError(t, err)
	return string(content)
}

// recorded returns a report in bench/results.
func recorded(t *testing.T, name string) report.Report {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "bench", "results", name, "verdicts.json"))
	require.NoError(t, err)
	var reports []report.Report
	require.NoError(t, json.Unmarshal(content, &reports))
	require.Len(t, reports, 1)
	require.NoError(t, reports[0].Validate())
	return reports[0]
}

func recordedTable(t *testing.T, name, table string) report.Table {
	t.Helper()
	tables := recorded(t, name).Tables
	at := slices.IndexFunc(tables, func(each report.Table) bool { return each.ID == table })
	require.GreaterOrEqual(t, at, 0)
	return tables[at]
}

// The page of results shows the training of the recorded full run beside the sheet's.
func TestResultsShowTheRecordedRun(t *testing.T) {
	training := recordedTable(t, "inception-full", "training")
	require.Len(t, training.Rows, 10)
	for _, row := range training.Rows {
		// The columns are the epoch, then validation accuracy, training accuracy and
		// validation loss, each beside the sheet's.
		shown := []string{row[0], row[6], row[9], row[4], row[7], row[5], row[8]}
		require.Contains(t, results(t), "| "+strings.Join(shown, " | ")+" |")
	}
}

// The page of results shows the recorded verdicts on CIFAR-10, each with a figure of its evidence.
func TestResultsShowTheRecordedVerdicts(t *testing.T) {
	row := regexp.MustCompile(`(?m)^\| (q7[^ ]+) \| [^|]+ \| ([a-z]+) \| ([a-z]+) \| [^|]*?(-?[\d.]+ \[[^]]+\])`)
	shown := map[string][]string{}
	for _, cells := range row.FindAllStringSubmatch(results(t), -1) {
		shown[cells[1]] = cells[2:]
	}
	require.Len(t, shown, 8)
	claim.Each(recorded(t, "inception-full").Claims, func(c *claim.Claim) {
		if cells, is := shown[c.ID]; is {
			require.Contains(t, []string{string(c.Recorded), "unmeasured"}, cells[0], c.ID)
			require.Equal(t, string(c.Verdict), cells[1], c.ID)
			require.Contains(t, c.Evidence, cells[2], c.ID)
			delete(shown, c.ID)
		}
	})
	require.Empty(t, shown, "no such claims")
}

// The page of results shows Kim's model on real sentences, as recorded.
func TestResultsShowTheRecordedFolds(t *testing.T) {
	folds := recordedTable(t, "textcnn-full", "classified")
	require.Len(t, folds.Rows, 4)
	for _, row := range folds.Rows {
		require.Contains(t, results(t), "| "+strings.Join(row, " | ")+" |")
	}
}

// The page of results shows the recorded table of speeds with a row for each net, which
// is the first table of the page that `make bench` writes.
func TestResultsShowTheRecordedSpeeds(t *testing.T) {
	recorded, err := os.ReadFile(filepath.Join("..", "..", "bench", "results", "training-step-peers.md"))
	require.NoError(t, err)
	table := firstTable(string(recorded))
	require.Greater(t, strings.Count(table, "\n"), 2, "a head, a rule and a row at least")
	require.Contains(t, results(t), "\n"+table, "`make bench` made a new one: put it into docs/results.md")
}

// firstTable returns the first table of a Markdown page, or "".
func firstTable(page string) string {
	var table strings.Builder
	for line := range strings.Lines(page) {
		switch {
		case strings.HasPrefix(line, "|"):
			table.WriteString(line)
		case table.Len() > 0:
			return table.String()
		}
	}
	return table.String()
}
