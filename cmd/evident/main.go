// Command evident runs the lessons without a browser. It lists and runs
// lessons, executes their notebooks, fetches data sets, writes and checks
// exercises, and checks the machine's set-up.
//
// Exit status 0 means that every verdict agrees with the record or is
// not decided at this scale; 1 that a verdict differs or a lesson failed; 2 that a flag, a
// file or the machine needs fixing (one line says how); and 130 that the
// command was interrupted. An interrupted command keeps its finished results.
package main

import (
	"context"
	"fmt"
	"os"

	"evident/kit/backend"
)

func main() {
	if err := backend.TuneAllocator(); err != nil {
		// Continue, because lessons then only take longer.
		fmt.Fprintln(os.Stderr, "evident: the allocator keeps its defaults:", err)
	}
	os.Exit(program().run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
