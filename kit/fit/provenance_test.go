package fit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProvenanceNamesPluginsWithoutTheirFolders(t *testing.T) {
	require.Equal(t, "xla:xla_cpu_pjrt.so - PJRT plugin (xla_cpu_pjrt.so) v0.81 [StableHLO]",
		withoutFolders("xla:/home/ada/.venv/lib/xla_cpu_pjrt.so - PJRT plugin (/home/ada/.venv/lib/xla_cpu_pjrt.so) v0.81 [StableHLO]"))
}

func TestProvenanceIsFilled(t *testing.T) {
	backend, err := PureGo()
	require.NoError(t, err)
	p := Provenance(backend)
	require.NotEmpty(t, p.Backend)
	require.Contains(t, p.Machine, "processors")
	require.WithinDuration(t, time.Now(), p.Started, time.Minute)
}
