package text_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/text"
	"evident/internal/badinput"
)

func TestTokensOfOddTexts(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":                   {"", nil},
		"blank":                   {" \t\r\n\u00a0\u3000", nil},
		"invisible":               {"\u200b\u200f\ufeff", nil},
		"one word":                {"Wonderful", []string{"wonderful"}},
		"punctuation":             {"good, not great!", []string{"good", ",", "not", "great", "!"}},
		"negation":                {"it isn't good", []string{"it", "is", "n't", "good"}},
		"typographic apostrophe":  {"It\u2019s", []string{"it", "'s"}},
		"apostrophe alone":        {"'s n't", []string{"'", "s", "n't"}},
		"hyphens":                 {"well-made", []string{"well", "-", "made"}},
		"numbers":                 {"3.5 of 10", []string{"3.5", "of", "10"}},
		"right to left":           {"סרט טוב מאוד!", []string{"סרט", "טוב", "מאוד", "!"}},
		"right to left, Persian":  {"فیلم خوبی بود", []string{"فیلم", "خوبی", "بود"}},
		"directional marks":       {"\u202bטוב\u202c good", []string{"טוב\u202c", "good"}},
		"emoji":                   {"fun 😀👍🏽", []string{"fun", "😀", "👍🏽"}},
		"joined emoji":            {"👩‍👩‍👧 film", []string{"👩‍👩‍👧", "film"}},
		"combining marks":         {"cafe\u0301", []string{"caf\u00e9"}},
		"marks that do not merge": {"q\u0323\u0307", []string{"q\u0323\u0307"}},
		"a mark alone":            {"\u0301", nil},
		"not UTF-8":               {"caf\xe9 good", []string{"caf", "\ufffd", "good"}},
		"German sharp s":          {"GROẞ", []string{"groß"}},
		"a NUL":                   {"a\x00b", []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, text.Tokenize(c.text)) })
	}
}

func TestTenThousandWords(t *testing.T) {
	long := strings.Repeat("very ", 9_999) + "good"
	tokens := text.Tokenize(long)
	require.Len(t, tokens, 10_000)
	e, err := text.NewEncoder([]string{long}, 7, 1, 0)
	require.NoError(t, err)
	require.Equal(t, []int32{2, 2, 2, 2, 2, 2, 2}, e.Encode(long), "cut at its length")
}

func TestEncoderNumbersTheFrequentWordsFirst(t *testing.T) {
	e, err := text.NewEncoder([]string{"b a b", "c b a"}, 4, 1, 0)
	require.NoError(t, err)
	require.Equal(t, []string{"b", "a", "c"}, e.Words)
	require.Equal(t, 5, e.Size())
	require.Equal(t, []int32{2, 4, 1, 0}, e.Encode("B c unheard"))
	require.Equal(t, []int32{0, 0, 0, 0}, e.Encode(""))
	require.Equal(t, []int32{3, 0, 0, 0, 2, 0, 0, 0}, e.EncodeAll([]string{"a", "b"}))
	for number, token := range []string{"", "<unk>", "b", "a", "c", "<unk>"} {
		require.Equal(t, token, e.Token(int32(number)))
	}
	known, kept := e.Covered([]string{"a b x", "a a a a a"})
	require.InDelta(t, 7.0/8, known, 1e-12)
	require.InDelta(t, 7.0/8, kept, 1e-12)
}

func TestEncoderLeavesRareWordsOut(t *testing.T) {
	texts := []string{"a a a b b c"}
	e, err := text.NewEncoder(texts, 3, 2, 0)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, e.Words)
	e, err = text.NewEncoder(texts, 3, 1, 1)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, e.Words)
}

func TestEncoderSurvivesJSON(t *testing.T) {
	e, err := text.NewEncoder([]string{"good 😀 סרט \"quoted\""}, 5, 1, 0)
	require.NoError(t, err)
	encoded, err := json.Marshal(e)
	require.NoError(t, err)
	var again text.Encoder
	require.NoError(t, json.Unmarshal(encoded, &again))
	require.NoError(t, again.Check())
	require.Equal(t, e.Encode("סרט 😀 nothing"), again.Encode("סרט 😀 nothing"))
}

func TestEncoderThatCannotBeUsed(t *testing.T) {
	_, err := text.NewEncoder(nil, 0, 1, 0)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "0 tokens")
	require.ErrorContains(t, (&text.Encoder{Length: 3, Words: []string{"a", "a"}}).Check(), `"a" twice`)
}

// few returns n texts of two classes in turn.
func few(n int) text.Set {
	s := text.Set{Name: "few", Classes: []string{"no", "yes"}}
	for i := range n {
		s.Add(fmt.Sprint("text ", i), int32(i%2))
	}
	return s
}

func TestFoldsHoldEveryTextOnceAndEveryClass(t *testing.T) {
	s := few(53)
	seen := map[int]bool{}
	for _, fold := range s.Folds(10) {
		require.InDelta(t, 5.3, len(fold), 1)
		ones := 0
		for _, i := range fold {
			require.False(t, seen[i])
			seen[i] = true
			ones += int(s.Labels[i])
		}
		require.InDelta(t, float64(len(fold))/2, ones, 1.5)
	}
	require.Len(t, seen, 53)
}

func TestSplitTakesItsShareOfEveryClass(t *testing.T) {
	train, test, err := few(40).SplitEven(0.25)
	require.NoError(t, err)
	require.Equal(t, 30, train.Len())
	require.Equal(t, 10, test.Len())
	require.InDelta(t, 0.5, test.Majority(), 1e-12)
	for _, held := range test.Texts {
		require.NotContains(t, train.Texts, held)
	}
	_, _, err = few(3).SplitEven(0.25)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, `class "yes" has too few different texts`)
	for _, share := range []float64{0, 1, -1} {
		_, _, err = few(40).SplitEven(share)
		require.ErrorIs(t, err, badinput.Err)
	}
}

// Every text is there four times; the first copies of two groups have two classes.
func TestGroupsStayOnOneSide(t *testing.T) {
	s := text.Set{Classes: []string{"no", "yes"}}
	for i := range 120 {
		s.Add(fmt.Sprint("text ", i/4), int32(i/4%2))
		s.Groups = append(s.Groups, int32(i/4))
	}
	s.Labels[1], s.Labels[6] = 1, 0
	s = s.Shuffled(3)
	groups := func(part text.Set) map[int32]bool {
		all := map[int32]bool{}
		for _, group := range part.Groups {
			all[group] = true
		}
		return all
	}
	apart := func(a, b text.Set) {
		require.Equal(t, 120, a.Len()+b.Len())
		for group := range groups(a) {
			require.NotContains(t, groups(b), group)
		}
	}
	for _, share := range []float64{0.01, 0.1, 0.2, 0.5} {
		train, test, err := s.SplitEven(share)
		require.NoError(t, err)
		apart(train, test)
		require.InDelta(t, max(120*share, 8), test.Len(), 4)
	}
	for i, fold := range s.Folds(5) {
		var others []int
		for j, other := range s.Folds(5) {
			if j != i {
				others = append(others, other...)
			}
		}
		apart(s.Pick(others), s.Pick(fold))
		require.Len(t, fold, 24)
	}
	require.Len(t, s.Take(7).Groups, 7)
}

func TestAClassOfCopiesCannotBeSplit(t *testing.T) {
	s := text.Set{Classes: []string{"no", "yes"}}
	for i := range 20 {
		s.Add("text", int32(i%2))
		s.Groups = append(s.Groups, int32(i%2))
	}
	_, _, err := s.SplitEven(0.2)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, `class "no" has too few different texts`)
}

// A class with three different texts has one for testing, one for validation and
// one for training, wherever its copies and shared texts occur.
func TestThreeDifferentTextsOfAClassCanBeSplitTwice(t *testing.T) {
	s := text.Set{Classes: []string{"no", "yes"}}
	add := func(group int32, label int32, copies int) {
		for range copies {
			s.Add(fmt.Sprint("text ", group), label)
			s.Groups = append(s.Groups, group)
		}
	}
	for group := range int32(30) {
		add(group, 0, 1)
	}
	for group := range int32(5) { // shared by both classes
		add(100+group, 1, 2)
		add(100+group, 0, 2)
	}
	for group := range int32(3) {
		add(200+group, 1, 1)
	}
	require.Equal(t, []int{30, 3}, s.Different())
	for seed := range int64(50) {
		train, test, err := s.Shuffled(seed).SplitEven(0.2)
		require.NoError(t, err)
		require.Positive(t, test.Counts()[1])
		cut := train.Shuffled(seed).TakeOfEach(12, 2)
		require.Equal(t, 12, cut.Len())
		require.GreaterOrEqual(t, cut.Different()[1], 2)
		_, _, err = cut.SplitEven(0.1)
		require.NoError(t, err)
	}
}

func TestTakeOfEachKeepsRareClassesAndTheOrder(t *testing.T) {
	s := text.Set{Classes: []string{"rare", "usual"}}
	for i := range 40 {
		label := int32(1)
		if i >= 37 {
			label = 0
		}
		s.Add(fmt.Sprint("text ", i), label)
	}
	require.Equal(t, []string{"text 0", "text 1", "text 37", "text 38"}, s.TakeOfEach(4, 2).Texts)
	require.Equal(t, s.Take(10), s.TakeOfEach(10, 0))
	require.Equal(t, s, s.TakeOfEach(40, 2))
}

func TestShuffledKeepsTextsWithTheirLabels(t *testing.T) {
	s := few(30)
	shuffled := s.Shuffled(1)
	require.NotEqual(t, s.Texts, shuffled.Texts)
	require.Equal(t, shuffled, s.Shuffled(1))
	require.ElementsMatch(t, s.Texts, shuffled.Texts)
	for i, sentence := range shuffled.Texts {
		var number int32
		_, err := fmt.Sscanf(sentence, "text %d", &number)
		require.NoError(t, err)
		require.Equal(t, number%2, shuffled.Labels[i])
	}
	require.NotEqual(t, s.Hash(), shuffled.Hash())
	require.Equal(t, 5, s.Take(5).Len())
	require.Equal(t, 30, s.Take(99).Len())
}
