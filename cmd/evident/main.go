// Command evident runs the lessons without a browser: it lists them, runs
// them, executes their notebooks, fetches data sets and checks the set-up.
//
// Exit status 0 means that every verdict is the one on record or
// inconclusive, 1 that some verdict differs or a lesson failed, 2 that a
// flag, a file or the machine needs mending (one line says how), and 130 that
// it was interrupted; what was finished is then kept.
package main

import (
	"context"
	"fmt"
	"os"

	"evident/kit/backend"
)

func main() {
	if err := backend.TuneAllocator(); err != nil {
		// Lessons then only take longer.
		fmt.Fprintln(os.Stderr, "evident: the allocator keeps its defaults:", err)
	}
	os.Exit(program().run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
