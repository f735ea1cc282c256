package homework

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/arch"

	"evident/internal/homework/solution"
)

func TestCountIsThatOfTheLesson(t *testing.T) {
	for _, groups := range []int{1, 2, 3} {
		for _, bias := range []bool{true, false} {
			want := conv1D(6, arch.Conv{Filters: 12, Kernel: []int{5}, Groups: groups, NoBias: !bias})
			require.Equal(t, want, solution.Conv1DParameters(5, 6, 12, groups, bias))
		}
	}
}
