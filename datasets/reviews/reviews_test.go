package reviews_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/internal/badinput"
)

func order(t *testing.T, n int, seed int64, gap int) text.Set {
	t.Helper()
	set, err := reviews.Order(n, seed, gap)
	require.NoError(t, err)
	return set
}

func TestSetsAreBalancedAndRepeatable(t *testing.T) {
	for name, generate := range map[string]func(n int, seed int64) text.Set{
		"reviews": reviews.Generate, "plain": reviews.Plain, "negation": reviews.Negation, "in context": reviews.InContext,
		"order":       func(n int, seed int64) text.Set { return order(t, n, seed, 5) },
		"local order": func(n int, seed int64) text.Set { return order(t, n, seed, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			set := generate(200, 3)
			require.Equal(t, 200, set.Len())
			require.Equal(t, 0.5, set.Majority())
			require.Equal(t, set, generate(200, 3), "the same seed draws the same")
			require.NotEqual(t, set.Texts, generate(200, 4).Texts)
			for _, review := range set.Texts {
				require.Equal(t, strings.Fields(review), text.Tokenize(review), "words are tokens")
				for _, word := range strings.Fields(review) {
					require.Contains(t, reviews.Words(), word)
				}
			}
		})
	}
}

func TestReviewsMeanTheirClass(t *testing.T) {
	set := reviews.Generate(500, 1)
	turned := 0
	for i, review := range set.Texts {
		words := strings.Fields(review)
		require.Equal(t, set.Labels[i], reviews.Truth(words), review)
		opinions := reviews.Opinions(words)
		require.Len(t, opinions, 3)
		for _, o := range opinions {
			if o.Words == 2 {
				turned++
			}
		}
	}
	require.InDelta(t, 0.25, float64(turned)/1500, 0.04)
}

func TestPlainReviewsNegateNoOpinion(t *testing.T) {
	set := reviews.Plain(200, 1)
	for i, review := range set.Texts {
		sum := 0
		for _, word := range strings.Fields(review) {
			sum += reviews.Sign(word)
		}
		require.Equal(t, set.Labels[i] == 1, sum > 0)
	}
}

func TestOpinionsByHand(t *testing.T) {
	words := strings.Fields("the plot not good and dull not the film not stale")
	require.Equal(t, []reviews.Opinion{{Start: 2, Words: 2, Sign: -1}, {Start: 5, Words: 1, Sign: -1}, {Start: 9, Words: 2, Sign: 1}}, reviews.Opinions(words))
	require.Equal(t, int32(0), reviews.Truth(words))
	require.Equal(t, int32(1), reviews.Truth([]string{"good"}))
	require.Equal(t, int32(-1), reviews.Truth([]string{"good", "dull"}))
}

// Every word is equally frequent in both classes, so counting words does not
// help.
func TestNegationHidesItsClassFromABagOfWords(t *testing.T) {
	set := reviews.Negation(20_000, 2)
	counts := map[string][2]int{}
	for i, review := range set.Texts {
		words := strings.Fields(review)
		phrases := reviews.Opinions(words)
		require.Len(t, phrases, 2)
		negated := slices.IndexFunc(phrases, func(o reviews.Opinion) bool { return o.Words == 2 })
		require.Equal(t, 2*int(set.Labels[i])-1, phrases[negated].Sign)
		require.Equal(t, phrases[0].Sign, phrases[1].Sign, "the word on its own has the sign that the other is turned to")
		for _, word := range words {
			c := counts[word]
			c[set.Labels[i]]++
			counts[word] = c
		}
	}
	for word, c := range counts {
		// four standard deviations of a difference of two Poisson counts
		require.LessOrEqual(t, float64((c[0]-c[1])*(c[0]-c[1])), 16*float64(c[0]+c[1]), word)
	}
}

// No window of five words distinguishes the classes, because none holds words
// of both phrases, or one phrase at an end of the text.
func TestOrderHidesItsClassFromEveryWindow(t *testing.T) {
	const window = reviews.Margin + 1
	set := order(t, 500, 1, 5)
	for i, review := range set.Texts {
		words := strings.Fields(review)
		opening, ending := slices.Index(words, "opening"), slices.Index(words, "ending")
		require.Equal(t, set.Labels[i] == 1, opening < ending)
		first, last := min(opening, ending)-1, max(opening, ending)
		require.GreaterOrEqual(t, last-1-(first+1), window, "a window would see both")
		require.GreaterOrEqual(t, first, reviews.Margin)
		require.GreaterOrEqual(t, len(words)-1-last, reviews.Margin)
	}
	for _, review := range order(t, 20, 1, 0).Texts {
		words := strings.Fields(review)
		distance := slices.Index(words, "opening") - slices.Index(words, "ending")
		require.Equal(t, 4, distance*distance, "no word between the phrases")
	}
	_, err := reviews.Order(1, 1, -1)
	require.ErrorIs(t, err, badinput.Err)
}

func TestUnheardUsesOnlyUnheardSynonyms(t *testing.T) {
	set := reviews.Generate(200, 1)
	heard := strings.Join(set.Texts, " ")
	reworded := reviews.Unheard(set, 1)
	require.Equal(t, set.Labels, reworded.Labels)
	for i, review := range reworded.Texts {
		words := strings.Fields(review)
		require.Equal(t, set.Labels[i], reviews.Truth(words))
		for _, word := range words {
			if reviews.Sign(word) != 0 {
				require.NotContains(t, heard, word)
			}
		}
	}
}

// Every word of a reworded review is there in training, and so is every noun
// behind an opinion; the two together never are.
func TestRewordedUsesHeardWordsInUnheardContexts(t *testing.T) {
	heard, set := map[string]bool{}, reviews.InContext(5000, 1)
	pairs := func(review string, do func(i int, words []string)) {
		words := strings.Fields(review)
		for i, word := range words {
			if heard[word] = true; reviews.Sign(word) != 0 {
				do(i, words)
			}
		}
	}
	for _, review := range set.Texts {
		pairs(review, func(i int, words []string) { heard[words[i]+" "+words[i+1]] = true })
	}
	require.Len(t, slices.DeleteFunc(slices.Collect(maps.Keys(heard)), func(key string) bool { return !strings.Contains(key, " ") }), 24*2)
	known := len(heard)
	test := reviews.InContext(200, 2)
	reworded := reviews.Reworded(test, 1)
	require.Equal(t, test.Labels, reworded.Labels)
	for i, review := range reworded.Texts {
		before := strings.Fields(test.Texts[i])
		pairs(review, func(i int, words []string) {
			require.NotContains(t, heard, words[i]+" "+words[i+1])
			require.Equal(t, before[i+1], words[i+1])
			require.Equal(t, reviews.Sign(before[i]), reviews.Sign(words[i]))
			require.NotEqual(t, before[i], words[i])
		})
	}
	require.Len(t, heard, known, "no new word")
}

func ExampleNegation() {
	set := reviews.Negation(2, 1)
	for i, review := range set.Texts {
		fmt.Println(set.Classes[set.Labels[i]]+":", review)
	}
	// Output:
	// negative: the not good two two director of bad plot war a actor
	// positive: opening in superb about and not bad summer two
}
