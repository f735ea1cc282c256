package exercise

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLongTextsAreCutBehindAWholeLetter(t *testing.T) {
	long := strings.Repeat("é", 200)
	require.Equal(t, long, shortened(json.RawMessage(long)))
	require.Equal(t, long+"…", shortened(json.RawMessage(long+"é")))
}
