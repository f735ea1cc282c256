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

// What counts as nearly the same text.
const (
	// minShared is the share of words that two texts have in common, of all the
	// words of both (Jaccard's index). One word of six may be another one. Of the
	// 10,662 sentences of the polarity set, seven have such a twin before them.
	minShared = 0.7
	// minWords is the number of different words below which texts are alike by
	// chance.
	minWords = 5
)

// The search for near twins (Broder 1997; Leskovec et al., Mining of Massive
// Datasets, section 3.4). Texts that share 0.7 of their words agree in a whole
// band with a probability of 1 − (1 − 0.7⁴)³² = 0.9998.
const (
	bands   = 32
	rows    = 4
	compare = 8 // texts of one bucket that a further one is compared with, so that time stays linear
)

// FindTexts finds texts that a set holds more than once. Exact twins are the
// same but for case, punctuation and white space. Near twins share most of their
// words, in any order. The time grows with the number of words in all: a second
// or two for 50,000 reviews.
func FindTexts(texts []string) Duplicates {
	first := map[string]int{} // text by what is compared
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

// plain is what texts are compared by: their letters and digits in small letters,
// words apart. A text without any is compared as it stands.
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

// wordsOf are the different words of a plain text, as sorted numbers.
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

// joinNear joins texts that are nearly the same, and counts those that have such
// a twin before them.
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

// minHash holds the multipliers of as many hash functions.
type minHash [bands * rows]uint64

func newMinHash() (m minHash) {
	random := rand.New(rand.NewPCG(0x74776e73, 1))
	for i := range m {
		m[i] = random.Uint64() | 1
	}
	return m
}

// of is the smallest number of the words by each hash function.
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

// mixed makes every bit of a number depend on every other (SplitMix64).
func mixed(n uint64) uint64 {
	n = (n ^ n>>30) * 0xBF58476D1CE4E5B9
	n = (n ^ n>>27) * 0x94D049BB133111EB
	return n ^ n>>31
}

// shared is the number of words that two lists have in common over that of all
// their words.
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
