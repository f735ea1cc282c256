package exit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

func TestErrorsAreToldOnceWithTheirStatus(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		told   string
	}{
		"none":                                {nil, 0, ""},
		"told before":                         {fmt.Errorf("run: %w", Status(1)), Failed, ""},
		"interrupted":                         {fmt.Errorf("training: %w", context.Canceled), Interrupted, "evident: interrupted\n"},
		"can be fixed":                        {badinput.Errorf("epochs is 0: give 1"), BadInput, "evident: epochs is 0: give 1\n"},
		"several lines":                       {errors.New("the loss has no\n\tgradient"), Failed, "evident: the loss has no gradient\n"},
		"both, of which the interrupt counts": {errors.Join(context.Canceled, badinput.Errorf("x")), Interrupted, "evident: interrupted\n"},
	} {
		var out bytes.Buffer
		require.Equal(t, c.status, Teller{&out}.Status(c.err), name)
		require.Equal(t, c.told, out.String(), name)
	}
}
