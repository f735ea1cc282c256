// Evident-kernel is what Jupyter starts as the kernel evident (kernel/kernel.json).
//
//	evident-kernel CONNECTION_FILE GONB [ARGUMENT…]   the kernel, with GoNB behind it
//	evident-kernel clean-after COMMAND [ARGUMENT…]    the command; when it has ended, however, nothing of it is left
//
// The kernel starts it by other names too: as go on GoNB's PATH, and as a cell's program.
package main

import (
	"fmt"
	"os"

	"evident/internal/layer"
)

func main() {
	status, err := layer.Main(os.Args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "evident-kernel:", err)
		status = max(status, 1)
	}
	os.Exit(status)
}
