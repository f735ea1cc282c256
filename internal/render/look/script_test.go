package look

import (
	"testing"

	"github.com/stretchr/testify/require"
	_ "gonum.org/v1/plot" // has the fonts
	"gonum.org/v1/plot/text"
)

func TestTypeset(t *testing.T) {
	for words, want := range map[string]string{
		"η = 1e-06": "η = 10⁻⁶", "2 layers, η = 1e+02, too high": "2 layers, η = 100, too high", "1.5e-7": "1.5×10⁻⁷", "-2e5": "-2×10⁵",
		"1e-3": "0.001", "1e300": "10³⁰⁰", "1e-05 1e-06": "10⁻⁵ 10⁻⁶",
		"λ_max of the Hessian": "λₘₐₓ of the Hessian", "f(x_k) − f*": "f(xₖ) − f*", "η = 2.1/λ_max": "η = 2.1/λₘₐₓ", "β_2": "β₂",
		// These are names.
		"conv1d_1": "conv1d_1", "commit 80ec2fa": "commit 80ec2fa", "E|g_B|": "E|g_B|", "my_net": "my_net", "3e": "3e", "1e-": "1e-", "": "",
	} {
		require.Equal(t, want, Typeset(words))
		require.Equal(t, want, Typeset(want), "typeset once more")
	}
}

// The font has no ⁻, ⁹ and ₘ: they are drawn as smaller letters.
func TestRaisedAndLoweredLettersAreSmaller(t *testing.T) {
	require.Equal(t, []run{{"10", 1, 0}, {"−96", 0.7, 0.36}, {" λ", 1, 0}, {"max", 0.7, -0.16}}, runsOf("10⁻⁹⁶ λₘₐₓ"))
	style := Sans(text.Style{}, 10)
	require.InDelta(t, float64(style.Width("10"))+0.7*float64(style.Width("−6")), float64(style.Width("10⁻⁶")), 1e-6)
	require.Equal(t, style.Height("10"), style.Height("10⁻⁶"))
}
