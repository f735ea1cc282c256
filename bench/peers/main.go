// Command peers compares a training step of three of the lessons' nets with the
// same nets in Keras on TensorFlow, in PyTorch and in JAX. `make bench` runs it.
// The frameworks take turns on one machine, round after round, and ratios are
// taken within a round. The command prints a page in Markdown.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"evident/bench"
	"evident/kit/backend"
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
