package imagefolder

import (
	"math"
	"math/rand/v2"
	"slices"

	"evident/datasets"
	"evident/datasets/audit"
)

// chosen selects the same fraction of every class for validation. Duplicates stay
// together, on the side of the first of them.
func chosen(all datasets.Images, found audit.Duplicates, fraction float64, random *rand.Rand) []bool {
	together := make([][]int, all.Len())
	for i := range together {
		together[i] = []int{i}
	}
	for _, group := range found.Groups {
		for _, i := range group {
			together[i] = nil
		}
		together[group[0]] = group
	}
	held := make([]bool, all.Len())
	for class := range all.Classes {
		hold(held, together, all.Labels, uint8(class), fraction, random)
	}
	return held
}

// split puts the pictures on their sides, in random order.
func split(all datasets.Images, held []bool, random *rand.Rand) (train, validation datasets.Images) {
	train, validation = empty(all), empty(all)
	for _, i := range random.Perm(all.Len()) {
		if held[i] {
			add(&validation, all, i)
		} else {
			add(&train, all, i)
		}
	}
	return train, validation
}

// hold marks a fraction of a class for validation, one group of equal pictures
// after the other. It marks at least one group, and never all of several groups.
func hold(held []bool, together [][]int, labels []uint8, class uint8, fraction float64, random *rand.Rand) {
	var groups [][]int
	count := 0
	for _, group := range together {
		if len(group) > 0 && labels[group[0]] == class {
			groups = append(groups, group)
			count += len(group)
		}
	}
	random.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	if len(groups) == 0 {
		return // all pictures follow their duplicates in other classes
	}
	smallest := slices.MinFunc(groups, func(a, b []int) int { return len(a) - len(b) })
	left := max(min(int(math.Round(fraction*float64(count))), count-1), len(smallest))
	for _, group := range groups {
		if len(group) > left {
			continue // a smaller group may fit
		}
		left -= len(group)
		for _, i := range group {
			held[i] = true
		}
	}
}

// empty returns a set like another, without pictures.
func empty(of datasets.Images) datasets.Images {
	of.Pixels, of.Labels = nil, nil
	return of
}

func add(to *datasets.Images, from datasets.Images, i int) {
	size := from.PictureSize()
	to.Pixels = append(to.Pixels, from.Pixels[i*size:][:size]...)
	to.Labels = append(to.Labels, from.Labels[i])
}

func has(set datasets.Images, class int) bool {
	for _, label := range set.Labels {
		if int(label) == class {
			return true
		}
	}
	return false
}

// random returns a generator that only the split uses.
func (o Options) random() *rand.Rand {
	return rand.New(rand.NewPCG(uint64(o.Seed), 0x666f6c646572)) // "folder"
}
