// Command othermodule runs a lesson from another module: its go.mod says where the
// checkout of evident is.
package main

import (
	"context"
	"fmt"
	"os"

	"evident/kit/backend"
	"evident/lessons/learningrate"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "othermodule:", err)
		os.Exit(1)
	}
}

// run makes one experiment of the lesson, with a knob of its own, and lists the
// verdicts.
func run(ctx context.Context) error {
	selected, err := backend.Select(ctx)
	if err != nil {
		return err
	}
	lesson, err := learningrate.Lesson.Only("quadratic")
	if err != nil {
		return err
	}
	config := learningrate.Smoke()
	config.Quadratic.Rates = []float64{0.5, 1.5, 2.5}
	report, err := lesson.Run(ctx, selected.Backend, config)
	if err != nil {
		return err
	}
	for _, curve := range report.Charts[0].Curves {
		fmt.Println(curve.Name, curve.Y[:4])
	}
	for _, claim := range report.Claims {
		fmt.Println(claim.ID, claim.Verdict)
	}
	return nil
}
