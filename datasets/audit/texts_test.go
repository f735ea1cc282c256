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
		"a FINE warm film – about nothing much",   // 2: exact, but for case and signs
		"a fine warm film about nothing at all",   // 3: 6 of 9 words are not enough
		"so: a fine warm film about nothing much", // 4: near, one word more
		"not good", "good not", // too short to be near
		":-)", ":-(", ":-)", // 9 is 7 again
		"cafe\u0301 closed", "CAF\u00c9 closed", // 11 is 10 again
		"", "  ", // 13 is 12 again
	})
	require.Equal(t, [][]int{{0, 2, 4}, {7, 9}, {10, 11}, {12, 13}}, found.Groups)
	require.Equal(t, [][]int{{0, 2}, {7, 9}, {10, 11}, {12, 13}}, found.Copies)
	require.Equal(t, 4, found.Exact)
	require.Equal(t, 1, found.Near)
}

// By hand, of six words: 5 of 7 with one replaced, 6 of 7 with one more, 4 of 8
// with two replaced.
func TestOneWordOfSixMayDiffer(t *testing.T) {
	const text = "one two three four five six"
	for other, near := range map[string]int{
		"one two three four five seven": 1, "one two three four five six seven": 1, "six five four three two one": 1, "one two three four seven eight": 0,
	} {
		require.Equal(t, near, audit.FindTexts([]string{text, other}).Near, other)
	}
}

// reviewsOf are texts of words whose frequencies fall as those of a language do.
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
	template := make([]string, 20_000) // the worst case: all of them alike
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
