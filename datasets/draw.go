package datasets

import (
	"math/rand/v2"
	"runtime"
	"sync"
)

// BalancedLabels returns n labels in shuffled order, equally many of each class.
// If n is not a multiple of the classes, the first classes get one more.
func BalancedLabels(n, classes int, random *rand.Rand) []uint8 {
	labels := make([]uint8, n)
	for i := range labels {
		labels[i] = uint8(i % classes)
	}
	random.Shuffle(n, func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
	return labels
}

// DrawEach draws n pictures on all processors. Each has its own generator, so
// the order of drawing does not matter.
func DrawEach(n int, random *rand.Rand, draw func(i int, own *rand.Rand)) {
	seeds := make([][2]uint64, n)
	for i := range seeds {
		seeds[i] = [2]uint64{random.Uint64(), random.Uint64()}
	}
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers {
		group.Go(func() {
			for i := worker; i < n; i += workers {
				draw(i, rand.New(rand.NewPCG(seeds[i][0], seeds[i][1])))
			}
		})
	}
	group.Wait()
}
