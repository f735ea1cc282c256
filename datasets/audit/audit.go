// Package audit finds pictures and texts that a data set holds more than once,
// exactly or nearly, and counts how many pictures stand on both sides of a split.
// A net that is scored on what it was trained on looks better than it is.
package audit

import (
	"cmp"
	"crypto/sha256"
	"math"
	"math/bits"
	"slices"

	"github.com/corona10/goimagehash"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
)

// What counts as nearly the same picture. The perceptual hash is quick and
// coarse: heads, or faces, in one pose have like hashes. So it only proposes
// pairs, and their pixels decide.
const (
	// maxDistance is the number of the hash's 64 bits that may differ.
	maxDistance = 10
	// minCorrelation is that of the pixels of both pictures, from −1 to 1. It does
	// not see a change of brightness or contrast, and little of a small thing in
	// another colour. Between
	// two of 1,200 drawn heads it came up to 0.985, in 8 sets of them; that of a
	// copy with noise of 3 grey levels is about 0.999.
	minCorrelation = 0.99
	// maxShade is how far the means of red, green and blue, or of grey, may differ
	// in any of cells × cells parts of the pictures, of 255: a tenth more or less
	// brightness is 26 at most.
	maxShade, cells = 32, 8
)

// Duplicates says which pictures or texts of a set are the same.
type Duplicates struct {
	// Groups hold the indices of those that are all the same, exactly or nearly,
	// each group in rising order. What has no twin is in none.
	Groups [][]int
	// Copies are the groups of exact twins alone.
	Copies [][]int
	// Exact is how many have an exact twin before them in the set; Near is how
	// many have none of these, and a near one.
	Exact, Near int
}

// NearOnly are the groups of near twins, with one of each one's copies.
func (d Duplicates) NearOnly() [][]int {
	isCopy := map[int]bool{}
	for _, group := range d.Copies {
		for _, i := range group[1:] {
			isCopy[i] = true
		}
	}
	var groups [][]int
	for _, group := range d.Groups {
		kept := slices.DeleteFunc(slices.Clone(group), func(i int) bool { return isCopy[i] })
		if len(kept) > 1 {
			groups = append(groups, kept)
		}
	}
	return groups
}

// Disputed are the groups whose members do not all have one label: of exact twins,
// at least one of these labels is wrong.
func Disputed(groups [][]int, label func(i int) int) [][]int {
	return slices.DeleteFunc(slices.Clone(groups), func(group []int) bool {
		return !slices.ContainsFunc(group, func(i int) bool { return label(i) != label(group[0]) })
	})
}

// Find compares every picture with every other. Near twins are those that a
// viewer takes for the same picture: saved again with loss, a little brighter or
// noisier; not those that are cropped, turned or mirrored, or show a thing in
// another colour. The time grows with
// the square of the number of pictures; 3,000 take a second or two.
func Find(set datasets.Images) Duplicates {
	marks := make([]mark, set.Len())
	for i := range marks {
		marks[i] = markOf(set, i)
	}
	groups, copies := newUnion(set.Len()), newUnion(set.Len())
	var found Duplicates
	for i := range marks {
		exact, near := false, false
		for j := range i {
			switch {
			case marks[i].sum == marks[j].sum:
				exact = true
				groups.join(i, j)
				copies.join(i, j)
			case marks[i].looksLike(marks[j]):
				near = true
				groups.join(i, j)
			}
		}
		switch {
		case exact:
			found.Exact++
		case near:
			found.Near++
		}
	}
	found.Groups, found.Copies = groups.several(), copies.several()
	return found
}

// mark is what pictures are compared by.
type mark struct {
	sum    [sha256.Size]byte // of the pixels
	hash   uint64            // perceptual (Zauner 2010, section 3.2.1)
	pixels []float64         // with mean 0 and length 1, so that a product is a correlation
	shades []float64         // means of the cells, channel by channel
}

func markOf(set datasets.Images, index int) mark {
	pixels := set.Pixels[index*set.PictureSize():][:set.PictureSize()]
	p := mark{sum: sha256.Sum256(pixels), pixels: make([]float64, len(pixels)), shades: shadesOf(set, pixels)}
	for i, v := range pixels {
		p.pixels[i] = float64(v)
	}
	floats.AddConst(-stat.Mean(p.pixels, nil), p.pixels)
	if length := floats.Norm(p.pixels, 2); length > 0 {
		floats.Scale(1/length, p.pixels)
	}
	if hash, err := goimagehash.PerceptionHash(set.Picture(index)); err == nil {
		p.hash = hash.GetHash()
	}
	return p
}

func (p mark) looksLike(other mark) bool {
	return bits.OnesCount64(p.hash^other.hash) <= maxDistance &&
		floats.Dot(p.pixels, other.pixels) >= minCorrelation &&
		floats.Distance(p.shades, other.shades, math.Inf(1)) <= maxShade
}

// shadesOf are the means of the cells of a picture: [row, column, channel]. A
// picture of fewer pixels at a side has a cell for each.
func shadesOf(set datasets.Images, pixels []uint8) []float64 {
	rows, columns := min(cells, set.Height), min(cells, set.Width)
	sums, counts := make([]float64, rows*columns*set.Channels), make([]float64, rows*columns*set.Channels)
	for i, v := range pixels {
		y, x, channel := i/set.Channels/set.Width, i/set.Channels%set.Width, i%set.Channels
		cell := (y*rows/set.Height*columns+x*columns/set.Width)*set.Channels + channel
		sums[cell] += float64(v)
		counts[cell]++
	}
	floats.Div(sums, counts)
	return sums
}

// Crossing is how many pictures of the second set are the same, exactly or
// nearly, as one of the first: the leak of a split. Both have pictures of one
// size.
func Crossing(train, validation datasets.Images) (exact, near int) {
	all := train
	all.Pixels = slices.Concat(train.Pixels, validation.Pixels)
	all.Labels = slices.Concat(train.Labels, validation.Labels)
	for _, group := range Find(all).Groups {
		if group[0] >= train.Len() {
			continue // all of them on one side
		}
		for _, i := range group {
			if i < train.Len() {
				continue
			}
			if slices.ContainsFunc(group, func(j int) bool { return j < train.Len() && same(all, i, j) }) {
				exact++
			} else {
				near++
			}
		}
	}
	return exact, near
}

func same(set datasets.Images, i, j int) bool {
	size := set.PictureSize()
	return slices.Equal(set.Pixels[i*size:][:size], set.Pixels[j*size:][:size])
}

// Majority is the share of the most frequent label: the accuracy of a guess that
// never looks.
func Majority(set datasets.Images) float64 {
	counts := make([]int, len(set.Classes))
	for _, label := range set.Labels {
		counts[label]++
	}
	return float64(slices.Max(counts)) / float64(max(set.Len(), 1))
}

// union joins indices to groups.
type union struct{ parent []int }

func newUnion(n int) union {
	u := union{make([]int, n)}
	for i := range u.parent {
		u.parent[i] = i
	}
	return u
}

// root is the smallest index of the group.
func (u union) root(i int) int {
	for u.parent[i] != i {
		u.parent[i] = u.parent[u.parent[i]]
		i = u.parent[i]
	}
	return i
}

func (u union) join(i, j int) {
	a, b := u.root(i), u.root(j)
	u.parent[max(a, b)] = min(a, b)
}

// several are the groups of two or more.
func (u union) several() [][]int {
	members := map[int][]int{}
	for i := range u.parent {
		members[u.root(i)] = append(members[u.root(i)], i)
	}
	var groups [][]int
	for _, group := range members {
		if len(group) > 1 {
			groups = append(groups, group)
		}
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return groups
}
