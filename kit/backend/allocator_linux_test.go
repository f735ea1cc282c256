package backend

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSettingsOfTheUserStay(t *testing.T) {
	got := withSettings([]string{"HOME=/home/ada", "MALLOC_TOP_PAD_=1"})
	require.Contains(t, got, "MALLOC_TOP_PAD_=1")
	require.NotContains(t, got, "MALLOC_TOP_PAD_=268435456")
	require.Contains(t, got, "GLIBC_TUNABLES=glibc.malloc.hugetlb=1")
	require.Len(t, got, 1+len(allocatorSettings))
}

// The Makefile and the kernel read the same settings from a file.
func TestSettingsAreThoseOfTheKernel(t *testing.T) {
	file, err := os.ReadFile("../../kernel/malloc.env")
	require.NoError(t, err)
	var settings []string
	for _, line := range strings.Split(string(file), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			settings = append(settings, line)
		}
	}
	require.ElementsMatch(t, allocatorSettings, settings)
}
