package experiment

import (
	"testing"
	"time"

	"evident/kit/backend"

	"github.com/stretchr/testify/require"
)

func TestProvenanceIsFilled(t *testing.T) {
	pure, err := backend.PureGo()
	require.NoError(t, err)
	p := ProvenanceOf(pure)
	require.NotEmpty(t, p.Backend)
	require.Contains(t, p.Machine, "processors")
	require.WithinDuration(t, time.Now(), p.Started, time.Minute)
}
