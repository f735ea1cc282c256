package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"evident/bench"
)

// page is the outcome in Markdown: one table of all nets, which docs/results.md
// shows, and a section for each.
func page(races []race) string {
	parts := []string{
		"# A training step beside other frameworks",
		fmt.Sprintf("%d rounds in turn; medians over the rounds, ratios within a round with their least and largest. "+
			"Keras on TensorFlow uses `fit`, PyTorch has pictures in channels_last, JAX uses `jit`, donated buffers and optax. "+
			"%s, %s/%s, %d processors, %s, %s.",
			rounds, processor(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), time.Now().UTC().Format("2 January 2006")),
		summary(races),
	}
	for _, r := range races {
		parts = append(parts, "## "+r.net.Title,
			fmt.Sprintf("Batch %d, %d parameters, %d steps a round.", r.net.BatchSize, r.racers[0].parameters, r.net.Steps),
			r.table())
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// summary has a row for each net.
func summary(races []race) string {
	heads := []string{"one training step", "evident, ms"}
	for _, f := range frameworks() {
		heads = append(heads, "as a multiple of "+f.title)
	}
	var rows [][]string
	for _, r := range races {
		row := []string{r.net.Title, milliseconds(r.racers[0])}
		for _, peer := range r.racers[1:] {
			row = append(row, r.racers[0].multiple(peer))
		}
		rows = append(rows, row)
	}
	return table(heads, rows)
}

func (r race) table() string {
	var rows [][]string
	for i, racer := range r.racers {
		multiple := ""
		if i > 0 {
			multiple = r.racers[0].multiple(racer)
		}
		rows = append(rows, []string{racer.name, milliseconds(racer), multiple})
	}
	return table([]string{"framework", "ms a step", "evident takes, as a multiple of it"}, rows)
}

func milliseconds(r *racer) string { return fmt.Sprintf("%.1f", 1e3*bench.Median(r.seconds)) }

// multiple is the time of r as a multiple of the other's, round by round: the
// median with the least and the largest.
func (r *racer) multiple(other *racer) string {
	ratios := make([]float64, len(r.seconds))
	for i := range ratios {
		ratios[i] = r.seconds[i] / other.seconds[i]
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", bench.Median(ratios), slices.Min(ratios), slices.Max(ratios))
}

func table(heads []string, rows [][]string) string {
	lines := []string{line(heads), strings.Repeat("|---", len(heads)) + "|"}
	for _, row := range rows {
		lines = append(lines, line(row))
	}
	return strings.Join(lines, "\n")
}

func line(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }

// processor is the name of the CPU, where Linux tells it.
func processor() string {
	content, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(content)) {
		if name, found := strings.CutPrefix(line, "model name\t: "); found {
			return strings.TrimSpace(name)
		}
	}
	return "unknown processor"
}
