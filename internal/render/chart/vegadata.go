package chart

import (
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// inlineData returns rows of one chart as comma-separated values. JSON objects
// would repeat the names, and a notebook, which has a line for each number,
// would be several times as large.
func inlineData(rows []any) object {
	types := columnTypes(rows)
	columns := slices.Sorted(maps.Keys(types))
	var text strings.Builder
	writer := csv.NewWriter(&text)
	lines := [][]string{columns}
	for _, row := range rows {
		line := make([]string, len(columns))
		for i, column := range columns {
			if value, known := row.(object)[column]; known {
				line[i] = fmt.Sprint(value)
			}
		}
		lines = append(lines, line)
	}
	_ = writer.WriteAll(lines) // writing to a strings.Builder cannot fail
	return object{"values": text.String(), "format": object{"type": "csv", "parse": types}}
}

// columnTypes returns the columns that occur in some row, with the types that
// Vega-Lite reads them as.
func columnTypes(rows []any) object {
	types := object{}
	for _, row := range rows {
		for column, value := range row.(object) {
			switch value.(type) {
			case string:
				types[column] = "string"
			case bool:
				types[column] = "boolean"
			default:
				types[column] = "number"
			}
		}
	}
	return types
}
