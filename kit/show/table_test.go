package show

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/report"
)

func TestTextTablePutsNumbersToTheRightAndLetsLinesStandAlone(t *testing.T) {
	var text strings.Builder
	require.NoError(t, TextTable(&text, report.Table{
		Title: `Model: "net"`, Columns: []string{"Layer", "Param #", "Shape"},
		Rows: [][]string{
			{"conv", "1,216", "(None, 26)"},
			{"flatten", "0", "?"},
			{"Total params: 1,216 (4.75 KB)", "", ""},
		},
	}))
	require.Equal(t, strings.Join([]string{
		`Model: "net"`,
		"  Layer    Param #  Shape",
		"  conv       1,216  (None, 26)",
		"  flatten        0  ?",
		"  Total params: 1,216 (4.75 KB)", "",
	}, "\n"), text.String())
}
