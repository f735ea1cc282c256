package params

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/lessontest"
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
		want  claim.Verdict
	}{
		"no weights where none are":           {"q3a.1", func(*Measurements) {}, claim.Supported},
		"a pooling layer with a weight":       {"q3a.1", func(m *Measurements) { m.Lengths.Nets[1].Built.Parameters[2] = 1 }, claim.Refuted},
		"nothing built":                       {"q3a.1", func(m *Measurements) { m.Lengths.Nets = nil }, claim.Inconclusive},
		"the sheet's convolutions":            {"q3a.2", func(*Measurements) {}, claim.Supported},
		"a convolution without its bias":      {"q3a.2", func(m *Measurements) { m.Lengths.Nets[0].Built.Parameters[1] = 336 }, claim.Refuted},
		"another output than derived":         {"q3a.2", func(m *Measurements) { m.Lengths.Nets[0].Built.Outputs[1][0]++ }, claim.Refuted},
		"another net":                         {"q3a.2", func(m *Measurements) { m.Lengths.Net.Features = 8 }, claim.Inconclusive},
		"the sheet's dense layers":            {"q3a.3", func(*Measurements) {}, claim.Supported},
		"a hidden layer with one more":        {"q3a.3", func(m *Measurements) { m.Lengths.Nets[2].Built.Parameters[8]++ }, claim.Refuted},
		"a last layer with one less":          {"q3a.3", func(m *Measurements) { m.Lengths.Nets[2].Built.Parameters[9]-- }, claim.Refuted},
		"dense layers of another net":         {"q3a.3", func(m *Measurements) { m.Lengths.Net.Classes = 2 }, claim.Inconclusive},
		"arguments as predicted":              {"q3a.t", func(*Measurements) {}, claim.Supported},
		"a stride that changes the count":     {"q3a.t", func(m *Measurements) { m.Variants.Variants[1].Built++ }, claim.Refuted},
		"a formula that is not what is built": {"q3a.t", func(m *Measurements) { m.Variants.Variants[1].Row.Parameters++ }, claim.Refuted},
		"no convolutions":                     {"q3a.t", func(m *Measurements) { m.Variants.Variants = nil }, claim.Inconclusive},
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
