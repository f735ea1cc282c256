package datasets

import (
	"math/rand/v2"
	"runtime"
	"sync"
)

// BalancedLabels are n labels in shuffled order, as many of each class; where n
// is not a multiple of the classes, the first of them have one more.
func BalancedLabels(n, classes int, random *rand.Rand) []uint8 {
	labels := make([]uint8, n)
	for i := range labels {
		labels[i] = uint8(i % classes)
	}
	random.Shuffle(n, func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
	return labels
}

// DrawEach draws n pictures, on all processors. Each has a generator of its own,
// so that it does not matter which of them is drawn first.
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
