package params

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/lessons/lesson"
	"evident/lessons/lessontest"
)

// measured are the measurements of the smoke scale, in pure Go, made anew for
// every case so that it can spoil them.
func measured(t *testing.T) Measurements {
	t.Helper()
	m, err := measure(context.Background(), lessontest.PureGo(t), Smoke())
	require.NoError(t, err)
	return m
}

func TestJudging(t *testing.T) {
	for name, c := range map[string]struct {
		id    string
		spoil func(*Measurements)
		want  lesson.Verdict
	}{
		"no weights where none are":           {"q3a.1", func(*Measurements) {}, lesson.Supported},
		"a pooling layer with a weight":       {"q3a.1", func(m *Measurements) { m.Lengths.Nets[1].Built.Parameters[2] = 1 }, lesson.Refuted},
		"nothing built":                       {"q3a.1", func(m *Measurements) { m.Lengths.Nets = nil }, lesson.Inconclusive},
		"the sheet's convolutions":            {"q3a.2", func(*Measurements) {}, lesson.Supported},
		"a convolution without its bias":      {"q3a.2", func(m *Measurements) { m.Lengths.Nets[0].Built.Parameters[1] = 336 }, lesson.Refuted},
		"another output than derived":         {"q3a.2", func(m *Measurements) { m.Lengths.Nets[0].Built.Outputs[1][0]++ }, lesson.Refuted},
		"another net":                         {"q3a.2", func(m *Measurements) { m.Lengths.Net.Features = 8 }, lesson.Inconclusive},
		"the sheet's dense layers":            {"q3a.3", func(*Measurements) {}, lesson.Supported},
		"a hidden layer with one more":        {"q3a.3", func(m *Measurements) { m.Lengths.Nets[2].Built.Parameters[8]++ }, lesson.Refuted},
		"a last layer with one less":          {"q3a.3", func(m *Measurements) { m.Lengths.Nets[2].Built.Parameters[9]-- }, lesson.Refuted},
		"dense layers of another net":         {"q3a.3", func(m *Measurements) { m.Lengths.Net.Classes = 2 }, lesson.Inconclusive},
		"arguments as predicted":              {"q3a.t", func(*Measurements) {}, lesson.Supported},
		"a stride that changes the count":     {"q3a.t", func(m *Measurements) { m.Variants.Variants[1].Built++ }, lesson.Refuted},
		"a formula that is not what is built": {"q3a.t", func(m *Measurements) { m.Variants.Variants[1].Row.Parameters++ }, lesson.Refuted},
		"no convolutions":                     {"q3a.t", func(m *Measurements) { m.Variants.Variants = nil }, lesson.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			m := measured(t)
			c.spoil(&m)
			require.Equal(t, c.want, lessontest.Judged(t, rules(), c.id, m).Verdict)
		})
	}
}

func TestEvidenceShowsTheDerivations(t *testing.T) {
	m := measured(t)
	require.Contains(t, lessontest.Judged(t, rules(), "q3a.2", m).Evidence, "3·7·16 + 16 = 352, 5·16·32 + 32 = 2592, 5·32·64 + 64 = 10304")
	require.Contains(t, lessontest.Judged(t, rules(), "q3a.3", m).Evidence, "N is 64 to 768")
}
