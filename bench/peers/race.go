package main

import (
	"context"
	"fmt"
	"os"

	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/bench"
	"evident/kit/backend"
	"evident/kit/fit"
)

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
