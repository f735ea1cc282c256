package audit

import (
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

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
