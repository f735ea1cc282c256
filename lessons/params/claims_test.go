package params

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/lessontest"
)

// measurements are those of both experiments.
type measurements struct {
	Lengths LengthsMeasurement
	Layers  LayersMeasurement
}

// measured are the measurements of the preset smoke, in pure Go, made anew for
// every case so that it can spoil them.
func measured(t *testing.T) (m measurements) {
	t.Helper()
	var err error
	m.Lengths, err = InputLength.Measured(context.Background(), lessontest.PureGo(t), Smoke().Lengths)
	require.NoError(t, err)
	m.Layers, err = LayerArguments.Measured(context.Background(), lessontest.PureGo(t), Smoke().Layers)
	require.NoError(t, err)
	return m
}

// judged is the claim with the id.
func (m measurements) judged(t *testing.T, id string) claim.Claim {
	t.Helper()
	return lessontest.Named(t, append(claim.Judge(lengthsRules(), m.Lengths), claim.Judge(layersRules(), m.Layers)...), id)
}

func TestJudging(t *testing.T) {
	for name, c := range map[string]struct {
		id    string
		spoil func(*measurements)
		want  claim.Verdict
	}{
		"no weights where none are":           {"q3a.1", func(*measurements) {}, claim.Supported},
		"a pooling layer with a weight":       {"q3a.1", func(m *measurements) { m.Lengths.Nets[1].Built.Parameters[2] = 1 }, claim.Refuted},
		"nothing built":                       {"q3a.1", func(m *measurements) { m.Lengths.Nets = nil }, claim.Unmeasured},
		"the sheet's convolutions":            {"q3a.2", func(*measurements) {}, claim.Supported},
		"a convolution without its bias":      {"q3a.2", func(m *measurements) { m.Lengths.Nets[0].Built.Parameters[1] = 336 }, claim.Refuted},
		"another output than derived":         {"q3a.2", func(m *measurements) { m.Lengths.Nets[0].Built.Outputs[1][0]++ }, claim.Refuted},
		"another net":                         {"q3a.2", func(m *measurements) { m.Lengths.Net.Features = 8 }, claim.Unmeasured},
		"the sheet's dense layers":            {"q3a.3", func(*measurements) {}, claim.Supported},
		"a hidden layer with one more":        {"q3a.3", func(m *measurements) { m.Lengths.Nets[2].Built.Parameters[8]++ }, claim.Refuted},
		"a last layer with one less":          {"q3a.3", func(m *measurements) { m.Lengths.Nets[2].Built.Parameters[9]-- }, claim.Refuted},
		"dense layers of another net":         {"q3a.3", func(m *measurements) { m.Lengths.Net.Classes = 2 }, claim.Unmeasured},
		"arguments as predicted":              {"q3a.t", func(*measurements) {}, claim.Supported},
		"a stride that changes the count":     {"q3a.t", func(m *measurements) { m.Layers.Variants[1].Built++ }, claim.Refuted},
		"a formula that is not what is built": {"q3a.t", func(m *measurements) { m.Layers.Variants[1].Row.Parameters++ }, claim.Refuted},
		"no convolutions":                     {"q3a.t", func(m *measurements) { m.Layers.Variants = nil }, claim.Unmeasured},
	} {
		t.Run(name, func(t *testing.T) {
			m := measured(t)
			c.spoil(&m)
			require.Equal(t, c.want, m.judged(t, c.id).Verdict)
		})
	}
}

func TestEvidenceShowsTheDerivations(t *testing.T) {
	m := measured(t)
	require.Contains(t, m.judged(t, "q3a.2").Evidence, "3·7·16 + 16 = 352, 5·16·32 + 32 = 2592, 5·32·64 + 64 = 10304")
	require.Contains(t, m.judged(t, "q3a.3").Evidence, "N is 64 to 768")
}

// A false claim: a kernel of 5 has the parameters of a kernel of 3. A true one:
// so does a kernel of 3. The rule for arguments that change nothing judges both,
// on convolutions that GoMLX built.
func TestPlantedClaims(t *testing.T) {
	for kernel, want := range map[int]claim.Verdict{5: claim.Refuted, 3: claim.Supported} {
		c := Smoke().Layers
		c.Kernel = 3
		own, err := LayerArguments.Measured(context.Background(), lessontest.PureGo(t), c)
		require.NoError(t, err)
		c.Kernel, c.Size = kernel, 32
		other, err := LayerArguments.Measured(context.Background(), lessontest.PureGo(t), c)
		require.NoError(t, err)
		other.Plain = own.Plain
		judged := lessontest.Judged(t, layersRules(), "q3a.t", other)
		require.Equal(t, want, judged.Verdict, judged.Evidence)
	}
}
