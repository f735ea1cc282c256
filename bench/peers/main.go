// Command peers measures a training step of the net of question 7 beside the same
// net in Keras on TensorFlow, in PyTorch and in JAX: `make bench`. All of them
// take turns on one machine, round after round, and ratios are taken within a
// round. It prints a table in Markdown.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/bench"
	"evident/lessons/fit"
	"evident/lessons/inception"
)

const (
	steps    = 40 // of a round
	settling = 10 // of them, at its beginning, are not counted
	rounds   = 7
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: peers PYTHON STEP.PY, as in `make bench`")
		os.Exit(2)
	}
	if err := fit.TuneAllocator(); err != nil {
		fmt.Fprintln(os.Stderr, "peers: the allocator keeps its defaults:", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// racer is one of those that are measured.
type racer struct {
	name       string
	parameters int
	// round makes so many steps and returns the seconds of one, on average.
	round   func(n int) (float64, error)
	seconds []float64 // of every round
}

func run(ctx context.Context, w io.Writer, python, script string) error {
	ours, err := newOurs(ctx)
	if err != nil {
		return err
	}
	racers := []*racer{ours}
	for _, p := range []struct{ name, title string }{
		{"keras", "Keras on TensorFlow"}, {"torch", "PyTorch, channels_last"}, {"jax", "JAX"},
	} {
		peer, err := newPeer(ctx, p.title, python, script, p.name)
		if err != nil {
			return fmt.Errorf("%s: %w", p.title, err)
		}
		if peer.parameters != ours.parameters {
			return fmt.Errorf("%s has %d parameters and ours %d: they are not the same net", p.title, peer.parameters, ours.parameters)
		}
		racers = append(racers, peer)
	}
	for i := range rounds {
		for _, r := range racers {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", i+1, rounds, r.name)
			if err := r.race(); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	return write(w, racers)
}

func (r *racer) race() error {
	if _, err := r.round(settling); err != nil {
		return err
	}
	seconds, err := r.round(steps)
	r.seconds = append(r.seconds, seconds)
	return err
}

func newOurs(ctx context.Context) (*racer, error) {
	selected, err := fit.Backend(ctx)
	if err != nil {
		return nil, err
	}
	data := bench.Noise(bench.BatchSize)
	classifier, err := fit.NewClassifier(selected.Backend, inception.Full().Train.Net.Network(), data, bench.BatchSize, optimizer.Adam().Done())
	if err != nil {
		return nil, err
	}
	return &racer{name: "evident", parameters: classifier.Parameters(), round: func(n int) (float64, error) {
		// An epoch over one batch is a step. Setting the weights back, once a round, is
		// no part of one.
		history, err := classifier.Train(ctx, data, fit.Training{Seed: 1, Epochs: n})
		total := 0.0
		for _, epoch := range history.Epochs {
			total += epoch.Seconds
		}
		return total / float64(n), err
	}}, nil
}

// newPeer starts a process of step.py.
func newPeer(ctx context.Context, title, python, script, name string) (*racer, error) {
	cmd := exec.CommandContext(ctx, python, script, name)
	cmd.Stderr = os.Stderr
	// The settings of our allocator are ours.
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "MALLOC_") && !strings.HasPrefix(setting, "GLIBC_TUNABLES=") {
			cmd.Env = append(cmd.Env, setting)
		}
	}
	requests, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	printed, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	answers := bufio.NewScanner(printed)
	next := func() (string, error) {
		if !answers.Scan() {
			return "", fmt.Errorf("it ended: %w", cmd.Wait())
		}
		return answers.Text(), nil
	}
	first, err := next()
	if err != nil {
		return nil, err
	}
	parameters, err := strconv.Atoi(first)
	return &racer{name: title, parameters: parameters, round: func(n int) (float64, error) {
		if _, err := fmt.Fprintln(requests, n); err != nil {
			return 0, err
		}
		answer, err := next()
		if err != nil {
			return 0, err
		}
		return strconv.ParseFloat(answer, 64)
	}}, err
}

// write prints medians over the rounds, and of the ratios their range, too.
func write(w io.Writer, racers []*racer) error {
	lines := []string{
		fmt.Sprintf("One training step, batch %d, %d parameters; %d rounds in turn, %d steps each. %s, %s/%s, %d processors, %s, %s.",
			bench.BatchSize, racers[0].parameters, rounds, steps, processor(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), time.Now().UTC().Format("2 January 2006")),
		"",
		"| | ms a step | evident takes, as a multiple of it |",
		"|---|---|---|",
	}
	for i, r := range racers {
		ratio := ""
		if i > 0 {
			ratios := make([]float64, len(r.seconds))
			for k := range ratios {
				ratios[k] = racers[0].seconds[k] / r.seconds[k]
			}
			ratio = fmt.Sprintf("%.2f (%.2f to %.2f)", bench.Median(ratios), slices.Min(ratios), slices.Max(ratios))
		}
		lines = append(lines, fmt.Sprintf("| %s | %.1f | %s |", r.name, 1e3*bench.Median(r.seconds), ratio))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

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
