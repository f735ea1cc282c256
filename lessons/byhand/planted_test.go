package byhand

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/knob"
	"evident/kit/lessontest"
	"evident/kit/nn"
)

// A false claim: the chain rule of tanh works out a net of sigmoid units. A true
// one: that of sigmoid does. The rules of the lesson judge both.
func TestPlantedClaims(t *testing.T) {
	for _, c := range []struct {
		byHand Activation
		want   claim.Verdict
	}{{TanhUnits, claim.Refuted}, {SigmoidUnits, claim.Supported}} {
		m, err := newMachine(lessontest.Backend(t), netLayout(SigmoidUnits), 0.5)
		require.NoError(t, err)
		defer m.finalize()
		facts := Comparison{Name: string(c.byHand)}
		for seed := int64(1); seed <= 5; seed++ {
			p := DrawNet(seed, c.byHand, 0.5)
			_, err = facts.compare(m, p, DrawNet(seed, c.byHand, 0.005))
			require.NoError(t, err)
		}
		for _, id := range []string{"q2.1", "q2.2", "q2.3"} {
			judged := lessontest.Judged(t, netRules(), id, []Comparison{facts})
			require.Equal(t, c.want, judged.Verdict, "%s: %s", id, judged.Evidence)
		}
	}
}

// Ten problems of each kind under 50 base seeds, on both backends: rounding alone
// never refutes an exact claim.
func TestExactUnderFiftyBaseSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var seeds []int64
	for base := range int64(50) {
		seeds = append(seeds, knob.SeedsFrom(1+100*base, 10)...)
	}
	c := Default()
	c.Net.Seeds, c.Image.Seeds = seeds, seeds
	r, err := Lesson.Run(context.Background(), lessontest.Backend(t), c)
	require.NoError(t, err)
	lessontest.RequireSound(t, r)
	r, err = Lesson.Run(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	lessontest.RequireSound(t, r)
}

// The true value of sums and products comes from numbers of 200 bits.
func TestBoundsHoldAndAreTight(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	worst := 0.0
	for range 500 {
		var products []expression
		exact := new(big.Float).SetPrec(200)
		for range 1 + random.IntN(9) {
			a, b := random.NormFloat64(), random.NormFloat64()
			products = append(products, times(constant(a), constant(b)))
			exact.Add(exact, new(big.Float).SetPrec(200).Mul(big.NewFloat(a), big.NewFloat(b)))
		}
		sum := plus(products...)
		apart, _ := new(big.Float).SetPrec(200).Sub(exact, big.NewFloat(sum.value)).Float64()
		require.LessOrEqual(t, math.Abs(apart), sum.bound)
		worst = max(worst, math.Abs(apart)/sum.bound)
	}
	require.Greater(t, worst, 0.2, "a bound far above all errors would let slips pass")

	// Each number of a worksheet has a bound far below a slip in the twelfth digit,
	// but for the loss, which is ln(1 − ŷ) where ŷ may be close to 1.
	for _, seed := range knob.Seeds(50) {
		w := DrawImage(seed, nn.Same, 0.1).work()
		for name, value := range Results(w.paper) {
			if name != "L" && name != "L'" && name != "dL" {
				require.LessOrEqual(t, w.bounds[name], 1e-13*max(1, math.Abs(value)), "%s, seed %d", name, seed)
			}
		}
	}
}
