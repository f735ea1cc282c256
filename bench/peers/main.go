// Command peers compares a training step of three of the lessons' nets with the
// same nets in Keras on TensorFlow, in PyTorch and in JAX. `make bench` runs it.
// The frameworks take turns on one machine, round after round, and ratios are
// taken within a round. The command prints a page in Markdown.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"

	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/bench"
	"evident/kit/backend"
	"evident/kit/fit"
)

const (
	settling = 10 // steps at the beginning of a round that are not counted
	rounds   = 7
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: peers PYTHON STEP.PY, as in `make bench`")
		os.Exit(2)
	}
	if err := backend.TuneAllocator(); err != nil {
		fmt.Fprintln(os.Stderr, "peers: the allocator keeps its defaults:", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// run measures one net after the other, and then prints.
func run(ctx context.Context, w io.Writer, python, script string) error {
	var races []race
	for _, net := range bench.Nets() {
		r, err := measure(ctx, net, python, script)
		if err != nil {
			return fmt.Errorf("%s: %w", net.Name, err)
		}
		races = append(races, r)
	}
	_, err := io.WriteString(w, page(races))
	return err
}

// measure has processes of its own for every net, and ends them.
func measure(ctx context.Context, net bench.Net, python, script string) (race, error) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	ours, err := newOurs(ctx, net)
	if err != nil {
		return race{}, err
	}
	defer ours.end()
	r := race{net: net, racers: []*racer{ours}}
	for _, f := range frameworks() {
		peer, err := newPeer(ctx, f.title, python, script, net.Name, f.name)
		if err != nil {
			return r, fmt.Errorf("%s: %w", f.title, err)
		}
		defer peer.end()
		r.racers = append(r.racers, peer)
	}
	if err := r.check(); err != nil {
		return r, err
	}
	return r, r.run()
}

// race is the measurement of one net.
type race struct {
	net    bench.Net
	racers []*racer // ours first
}

// racer is one of those that are measured.
type racer struct {
	name       string
	parameters int
	// round makes so many steps and returns the seconds of one, on average.
	round   func(n int) (float64, error)
	end     func()
	seconds []float64 // of a step, one for every round
}

// check refuses peers that have another net.
func (r race) check() error {
	ours := r.racers[0]
	for _, peer := range r.racers[1:] {
		if peer.parameters != ours.parameters {
			return fmt.Errorf("%s has %d parameters and ours %d, so they are not the same net: make bench/peers/nets/%s.py what the lesson is",
				peer.name, peer.parameters, ours.parameters, r.net.Name)
		}
	}
	return nil
}

// run lets all take turns.
func (r race) run() error {
	for i := range rounds {
		for _, racer := range r.racers {
			fmt.Fprintf(os.Stderr, "%s, round %d of %d: %s\n", r.net.Name, i+1, rounds, racer.name)
			if err := racer.turn(r.net.Steps); err != nil {
				return fmt.Errorf("%s: %w", racer.name, err)
			}
		}
	}
	return nil
}

func (r *racer) turn(steps int) error {
	if _, err := r.round(settling); err != nil {
		return err
	}
	seconds, err := r.round(steps)
	r.seconds = append(r.seconds, seconds)
	return err
}

func newOurs(ctx context.Context, net bench.Net) (*racer, error) {
	selected, err := backend.Select(ctx)
	if err != nil {
		return nil, err
	}
	data := net.Noise(net.BatchSize)
	classifier, err := fit.NewClassifier(selected.Backend, net.Network, data, net.BatchSize, optimizer.Adam().Done())
	if err != nil {
		return nil, err
	}
	round := func(n int) (float64, error) {
		// An epoch over one batch is a step. Setting the weights back, once a round, is
		// no part of one.
		history, err := classifier.Train(ctx, data, fit.Training{Seed: 1, Epochs: n})
		total := 0.0
		for _, epoch := range history.Epochs {
			total += epoch.Seconds
		}
		return total / float64(n), err
	}
	return &racer{name: "evident", parameters: classifier.Parameters(), round: round, end: classifier.Finalize}, nil
}

// framework is one that evident is measured against.
type framework struct{ name, title string }

func frameworks() []framework {
	return []framework{{"keras", "Keras on TensorFlow"}, {"torch", "PyTorch"}, {"jax", "JAX"}}
}

// process is a step.py that answers each line it is sent with a line.
type process struct {
	cmd      *exec.Cmd
	requests io.WriteCloser
	answers  *bufio.Scanner
}

// newPeer starts a process for a net in a framework, and has it compile its step.
func newPeer(ctx context.Context, title, python, script, net, framework string) (*racer, error) {
	p, err := start(ctx, python, script, net, framework)
	if err != nil {
		return nil, err
	}
	first, err := p.next()
	if err != nil {
		return nil, err
	}
	parameters, err := strconv.Atoi(first)
	if err != nil {
		return nil, fmt.Errorf("%s says %q where the number of parameters is due", script, first)
	}
	return &racer{name: title, parameters: parameters, round: p.round, end: p.end}, nil
}

func start(ctx context.Context, python string, arguments ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, python, arguments...)
	cmd.Stderr, cmd.Env = os.Stderr, bench.WithoutAllocator(os.Environ())
	requests, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	printed, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &process{cmd, requests, bufio.NewScanner(printed)}, cmd.Start()
}

// next is the next line that the process prints.
func (p *process) next() (string, error) {
	if p.answers.Scan() {
		return p.answers.Text(), nil
	}
	if err := p.cmd.Wait(); err != nil {
		return "", fmt.Errorf("it ended, as it says above: %w", err)
	}
	return "", fmt.Errorf("it ended without an answer")
}

func (p *process) round(n int) (float64, error) {
	if _, err := fmt.Fprintln(p.requests, n); err != nil {
		return 0, err
	}
	answer, err := p.next()
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(answer, 64)
}

// end lets the process go: its input is at its end.
func (p *process) end() {
	_ = p.requests.Close()
	_ = p.cmd.Wait() // whatever it says, its rounds are done
}
