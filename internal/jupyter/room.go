package jupyter

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// each is the memory that an executed notebook is given: most take half of it.
const each = 1.5e9

// room is how many notebooks the machine can execute at the same time: one for each
// processor, as far as there is memory.
func room() int { return roomIn(runtime.GOMAXPROCS(0), freeMemory("/")) }

func roomIn(processors int, memory float64) int {
	return max(1, int(min(float64(processors), memory/each)))
}

// freeMemory is what the kernel of Linux says is available, and no more than what the
// limit of a container leaves. Elsewhere it is infinite.
func freeMemory(root string) float64 {
	free := math.Inf(1)
	if table, err := os.ReadFile(root + "proc/meminfo"); err == nil {
		for line := range bytes.Lines(table) {
			var kB float64
			if n, _ := fmt.Sscanf(string(line), "MemAvailable: %f kB", &kB); n == 1 {
				free = kB * 1024
			}
		}
	}
	limit, limited := number(root + "sys/fs/cgroup/memory.max")
	used, known := number(root + "sys/fs/cgroup/memory.current")
	if limited && known {
		free = min(free, max(0, limit-used))
	}
	return free
}

// number reads a file that holds one; a cgroup without a limit says "max".
func number(file string) (float64, bool) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(string(content)), 64)
	return n, err == nil
}
