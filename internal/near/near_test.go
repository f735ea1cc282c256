package near

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHintNamesWhatWasMeant(t *testing.T) {
	known := []string{"learningrate", "saddle", "minibatch", "params", "inception", "words", "new", "run"}
	for typed, want := range map[string]string{
		"inceptoin":    " (did you mean inception?)", // two letters changed places
		"Inception":    " (did you mean inception?)",
		"incep":        " (did you mean inception?)", // its beginning
		"learningrat":  " (did you mean learningrate?)",
		"learning":     " (did you mean learningrate?)",
		"mini-batches": " (did you mean minibatch?)", // three letters more, of nine
		"rum":          " (did you mean run?)",
		"wrods":        " (did you mean words?)",
		"worker":       "", // three letters more
		"nope":         "",
		"r":            "",
		"":             "",
	} {
		require.Equal(t, want, Hint(typed, known), typed)
	}
	require.Empty(t, Hint("run", nil))
}
