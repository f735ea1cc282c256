package datasets_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets"
)

func TestPartsOfASplitAreKnownByTheirNames(t *testing.T) {
	training, held, rest := datasets.SplitParts([]string{"set/Train", "training_set", "train2017", "test", "VAL", "val2017", "dev", "validation", "my-eval", "healthy", "device", "value", "rest"})
	require.Equal(t, []string{"set/Train", "training_set", "train2017"}, training)
	require.Equal(t, []string{"test", "VAL", "val2017", "dev", "validation", "my-eval"}, held)
	require.Equal(t, []string{"healthy", "device", "value", "rest"}, rest)
}

func TestOneIsSingular(t *testing.T) {
	for n, want := range map[int]string{0: "0 copies", 1: "1 copy", 2: "2 copies"} {
		require.Equal(t, want, datasets.Counted(n, "copy"))
	}
	require.Equal(t, "30 empty rows", datasets.Counted(30, "empty row"))
}
