// Command othermodule runs a lesson from another module: its go.mod says where the
// checkout of evident is.
package main

import (
	"context"
	"fmt"
	"os"

	"evident/kit/arch"
	"evident/kit/backend"
	"evident/lessons/params"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "othermodule:", err)
		os.Exit(1)
	}
}

// run counts the net of question 3 (a) on 100 steps, and lists the lesson's
// verdicts.
func run(ctx context.Context) error {
	summary, err := params.Default().Lengths.Net.Model(100, arch.Valid).Summarize()
	if err != nil {
		return err
	}
	fmt.Println("parameters:", summary.Total())
	selected, err := backend.Select(ctx)
	if err != nil {
		return err
	}
	report, err := params.Lesson.Run(ctx, selected.Backend, params.Smoke())
	if err != nil {
		return err
	}
	for _, claim := range report.Claims {
		fmt.Println(claim.ID, claim.Verdict)
	}
	return nil
}
