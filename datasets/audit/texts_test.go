package audit_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evident/datasets/audit"
	"evident/datasets/polarity"
)

func TestTextsThatAreTheSame(t *testing.T) {
	found := audit.FindTexts([]string{
		"A fine, warm film about nothing much.",   // 0
		"the worst evening in years",              // 1
		"a FINE warm film – about nothing much",   // 2: an exact duplicate except for case and punctuation
		"a fine warm film about nothing at all",   // 3: 6 common words of 9 are not enough
		"so: a fine warm film about nothing much", // 4: near, with one word more
		"not good", "good not", // too short for near duplicates
		":-)", ":-(", ":-)", // 9 duplicates 7
		"cafe\u0301 closed", "CAF\u00c9 closed", // 11 duplicates 10
		"", "  ", // 13 duplicates 12
	})
	require.Equal(t, [][]int{{0, 2, 4}, {7, 9}, {10, 11}, {12, 13}}, found.Groups)
	require.Equal(t, [][]int{{0, 2}, {7, 9}, {10, 11}, {12, 13}}, found.Copies)
	require.Equal(t, 4, found.Exact)
	require.Equal(t, 1, found.Near)
}

// The fractions of six words by hand: 5 of 7 after replacing one, 6 of 7 after
// adding one, 4 of 8 after replacing two.
func TestOneWordOfSixMayDiffer(t *testing.T) {
	const text = "one two three four five six"
	for other, near := range map[string]int{
		"one two three four five seven": 1, "one two three four five six seven": 1, "six five four three two one": 1, "one two three four seven eight": 0,
	} {
		require.Equal(t, near, audit.FindTexts([]string{text, other}).Near, other)
	}
}

// reviewsOf returns texts whose word frequencies fall as in natural language.
func reviewsOf(n, words int) []string {
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 3, 50_000)
	texts := make([]string, n)
	for i := range texts {
		var text strings.Builder
		for range words {
			fmt.Fprintf(&text, "w%d ", zipf.Uint64())
		}
		texts[i] = text.String()
	}
	return texts
}

func TestManyTextsTakeSeconds(t *testing.T) {
	texts := reviewsOf(20_000, 60)
	template := make([]string, 20_000) // the worst case: all texts alike
	for i := range template {
		template[i] = fmt.Sprintf("the best evening with friends in years, number %d", i)
	}
	start := time.Now()
	require.Empty(t, audit.FindTexts(texts).Groups)
	require.Len(t, audit.FindTexts(template).Groups, 1)
	require.Less(t, time.Since(start), 40*time.Second)
}

func TestTwinsOfTheRealSentences(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "rt-polarity")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("\n*** SKIPPED: THE AUDIT WAS NOT TRIED ON THE REAL SENTENCE POLARITY SET ***\n%v", err)
	}
	set, err := polarity.Load(dir)
	require.NoError(t, err)
	found := audit.FindTexts(set.Texts)
	require.Equal(t, []int{2, 7}, []int{found.Exact, found.Near}, "counted by eye: \"a pretentious mess\" and \"too … for its own good\" are exact")
}
