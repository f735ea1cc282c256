// Package audit finds exact and near duplicates among pictures or texts, and
// counts the pictures that a split has put on both sides. Duplicates matter
// because a net scores too well on examples that it was trained on. [Find]
// compares pictures, [FindTexts] texts, and [Crossing] the two sides of a split.
package audit

import (
	"cmp"
	"crypto/sha256"
	"hash/fnv"
	"io"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/corona10/goimagehash"
	"golang.org/x/text/unicode/norm"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"evident/datasets"
)

// These limits define near duplicates. The perceptual hash is fast but coarse:
// heads or faces in one pose have similar hashes. It therefore only proposes
// pairs, and their pixels decide.
const (
	// maxDistance is the largest number of different bits between two 64-bit
	// hashes.
	maxDistance = 10
	// minCorrelation is the smallest correlation between the pixels of two
	// pictures, from −1 to 1. It ignores brightness and contrast. Between any two
	// of 1,200 drawn heads the correlation reached 0.985, over 8 sets. A copy with
	// noise of 3 grey levels has about 0.999.
	minCorrelation = 0.99
	// maxShade is how far the means of red, green and blue, or of grey, may differ
	// in any of cells × cells parts of the pictures, of 255: a tenth more or less
	// brightness is 26 at most.
	maxShade, cells = 32, 8
)

// Duplicates lists the equal pictures or texts of a set.
type Duplicates struct {
	// Groups hold the indices of exact and near duplicates, each group in rising
	// order. A picture or text without duplicates is in no group.
	Groups [][]int
	// Copies are the groups of exact duplicates; only for texts.
	Copies [][]int
	// Exact counts the members with an exact duplicate earlier in the set. Near
	// counts the others that have a near duplicate earlier in the set.
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

// Find compares every picture with every other. Near duplicates look the same to a
// viewer, for example after lossy compression, or a little brighter or noisier.
// Cropped, turned or mirrored pictures do not count. The time grows with the
// square of the number of pictures; 3,000 take a second or two.
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

// mark is the data by which pictures are compared.
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

// Crossing counts the pictures of the second set that are exact or near duplicates
// of one in the first: the leak of a split. Both sets have pictures of one size.
func Crossing(train, validation datasets.Images) (exact, near int) {
	all := train
	all.Pixels = slices.Concat(train.Pixels, validation.Pixels)
	all.Labels = slices.Concat(train.Labels, validation.Labels)
	for _, group := range Find(all).Groups {
		if group[0] >= train.Len() {
			continue // all members on one side
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

// Majority returns the fraction of the most frequent label, which is the accuracy
// of a constant guess.
func Majority(set datasets.Images) float64 {
	counts := make([]int, len(set.Classes))
	for _, label := range set.Labels {
		counts[label]++
	}
	return float64(slices.Max(counts)) / float64(max(set.Len(), 1))
}

// union joins indices into groups.
type union struct{ parent []int }

func newUnion(n int) union {
	u := union{make([]int, n)}
	for i := range u.parent {
		u.parent[i] = i
	}
	return u
}

// root returns the smallest index of the group.
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

// several returns the groups of two or more.
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

// These limits define near duplicates among texts.
const (
	// minShared is the smallest fraction of common words among all words of two
	// texts (Jaccard's index). It allows one word of six to differ. In the
	// polarity set, seven of the 10,662 sentences have such a duplicate before
	// them.
	minShared = 0.7
	// minWords is the smallest number of different words. Shorter texts often
	// match by chance.
	minWords = 5
)

// These constants set up the search for near duplicates (Broder 1997; Leskovec et
// al., Mining of Massive Datasets, section 3.4). Texts that share 0.7 of their
// words agree in a whole band with a probability of 1 − (1 − 0.7⁴)³² = 0.9998.
const (
	bands   = 32
	rows    = 4
	compare = 8 // number of texts in a bucket to compare a new one with, which keeps the time linear
)

// FindTexts finds duplicate texts. Exact duplicates differ only in case,
// punctuation and white space. Near duplicates share most of their words, in any
// order. The time grows with the total number of words: a second or two for
// 50,000 reviews.
func FindTexts(texts []string) Duplicates {
	first := map[string]int{} // first text with the given plain form
	words := make([][]uint64, len(texts))
	groups := newUnion(len(texts))
	var found Duplicates
	var different []int
	for i, text := range texts {
		key := plain(text)
		if twin, twice := first[key]; twice {
			found.Exact++
			groups.join(twin, i)
			continue
		}
		first[key] = i
		different = append(different, i)
		words[i] = wordsOf(key)
	}
	found.Copies = groups.several()
	found.Near = joinNear(groups, different, words)
	found.Groups = groups.several()
	return found
}

// plain returns the form in which texts are compared: lower-case letters and
// digits, separated into words. A text without letters or digits stays unchanged.
func plain(text string) string {
	text = norm.NFKC.String(strings.ToLower(strings.ToValidUTF8(text, "\uFFFD")))
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	if len(words) == 0 {
		return strings.Join(strings.Fields(text), " ")
	}
	return strings.Join(words, " ")
}

// wordsOf returns the different words of a plain text as sorted hashes.
func wordsOf(plain string) []uint64 {
	var all []uint64
	hash := fnv.New64a()
	for word := range strings.SplitSeq(plain, " ") {
		hash.Reset()
		_, _ = io.WriteString(hash, word) // never fails
		all = append(all, mixed(hash.Sum64()))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// joinNear joins near duplicates into groups, and counts the texts that have a
// near duplicate before them.
func joinNear(groups union, different []int, words [][]uint64) (near int) {
	hashes := newMinHash()
	var buckets [bands]map[uint64][]int
	for band := range buckets {
		buckets[band] = map[uint64][]int{}
	}
	for _, i := range different {
		if len(words[i]) < minWords {
			continue
		}
		twin := false
		signature := hashes.of(words[i])
		for band, bucket := range buckets {
			key := keyOf(signature[band*rows : (band+1)*rows])
			for _, j := range bucket[key] {
				if groups.root(i) != groups.root(j) && shared(words[i], words[j]) >= minShared {
					groups.join(i, j)
					twin = true
				}
			}
			if len(bucket[key]) < compare {
				bucket[key] = append(bucket[key], i)
			}
		}
		if twin {
			near++
		}
	}
	return near
}

// minHash holds the multipliers of the hash functions.
type minHash [bands * rows]uint64

func newMinHash() (m minHash) {
	random := rand.New(rand.NewPCG(0x74776e73, 1))
	for i := range m {
		m[i] = random.Uint64() | 1
	}
	return m
}

// of returns the smallest hash of the words under each hash function.
func (m *minHash) of(words []uint64) (signature [bands * rows]uint64) {
	for i, by := range m {
		least := uint64(math.MaxUint64)
		for _, word := range words {
			least = min(least, word*by)
		}
		signature[i] = least
	}
	return signature
}

func keyOf(numbers []uint64) (key uint64) {
	for _, n := range numbers {
		key = mixed(key ^ n)
	}
	return key
}

// mixed makes every bit of a number depend on all its bits (SplitMix64).
func mixed(n uint64) uint64 {
	n = (n ^ n>>30) * 0xBF58476D1CE4E5B9
	n = (n ^ n>>27) * 0x94D049BB133111EB
	return n ^ n>>31
}

// shared returns the fraction of common words among all words of two lists.
func shared(a, b []uint64) float64 {
	common, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			common++
			i++
			j++
		}
	}
	return float64(common) / float64(len(a)+len(b)-common)
}
