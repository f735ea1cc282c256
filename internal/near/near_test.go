package near

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHintNamesWhatWasMeant(t *testing.T) {
	known := []string{"learningrate", "saddle", "minibatch", "params", "inception", "words", "new", "run"}
	for typed, want := range map[string]string{
		"inceptoin":    " (did you mean inception?)", // two letters swapped
		"Inception":    " (did you mean inception?)",
		"incep":        " (did you mean inception?)", // a prefix
		"learningrat":  " (did you mean learningrate?)",
		"learning":     " (did you mean learningrate?)",
		"mini-batches": " (did you mean minibatch?)", // three extra letters among nine
		"rum":          " (did you mean run?)",
		"wrods":        " (did you mean words?)",
		"worker":       "", // three extra letters
		"nope":         "",
		"r":            "",
		"":             "",
	} {
		require.Equal(t, want, Hint(typed, known), typed)
	}
	require.Empty(t, Hint("run", nil))
}
