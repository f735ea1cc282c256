package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"

	"evident/bench"
)

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
