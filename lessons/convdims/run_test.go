package convdims

import (
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/lessontest"
	"evident/kit/report"
)

func TestLesson(t *testing.T) {
	lessontest.Test(t, lessontest.Lesson[Config]{
		Claims: Claims(), For: For, Run: Run,
		Seeds: func(c *Config) []*[]int64 {
			return []*[]int64{&c.Order.Seeds, &c.Motion.Seeds, &c.Tubes.Seeds, &c.Vessels.Seeds}
		},
	})
}

// The ids of the curriculum's question 3 (b), in its order.
func TestEveryClaimIsDeclared(t *testing.T) {
	require.Equal(t, []string{"q3b.1", "q3b.2", "q3b.3", "q3b.4", "q3b.t"}, lessontest.IDs(Claims()))
}

func TestProvenanceNamesTheData(t *testing.T) {
	var report report.Report
	require.NoError(t, illustrate(&report, Smoke(), whole(t)))
	require.Contains(t, report.Provenance.DataSet, "clips of 8 frames of 12×12")
	require.Contains(t, report.Provenance.DataSet, "vessels, volumes of 8 slices of 16×16")
}
