package show

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInlineDataKeepsEveryValue(t *testing.T) {
	data := inlineData([]any{
		object{"curve": "a, with \"marks\"", "x": 1e-7, "y": -2.5},
		object{"curve": "two\nlines", "x": 3.0, "cut": true},
	})
	assert.Equal(t, object{"type": "csv", "parse": object{"curve": "string", "x": "number", "y": "number", "cut": "boolean"}}, data["format"])
	lines, err := csv.NewReader(strings.NewReader(data["values"].(string))).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, [][]string{
		{"curve", "cut", "x", "y"},
		{"a, with \"marks\"", "", "1e-07", "-2.5"},
		{"two\nlines", "true", "3", ""},
	}, lines)
}
