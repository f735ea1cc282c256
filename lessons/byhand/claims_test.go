package byhand

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/claim"
	"evident/kit/lessontest"
)

// good are facts that support every claim.
func good(name string) Comparison {
	agree := Agreement{Numbers: 10, Largest: 1e-15, Worst: 0.5}
	return Comparison{
		Name: name, Problems: 2, Forward: agree, Backward: agree, Update: agree,
		Steps:   []StepGain{{Change: -0.9, Promise: -1, SmallRatio: 0.999}, {Change: -0.1, Promise: -0.1, SmallRatio: 1.001}},
		Routing: Routing{Windows: 4, Open: 3, Routed: 4},
	}
}

// judged are the claims of both experiments.
func judged(nets, images []Comparison) []claim.Claim {
	return slices.Concat(claim.Judge(netRules(), nets), claim.Judge(imageRules(), images))
}

func TestJudging(t *testing.T) {
	spoiled := func(change func(*Comparison)) []Comparison {
		facts := good("b")
		facts.Steps = append([]StepGain(nil), facts.Steps...)
		change(&facts)
		return []Comparison{good("a"), facts}
	}
	fine := []Comparison{good("a"), good("b")}
	for name, c := range map[string]struct {
		cases   []Comparison
		refuted []string // parts of the step that the cases refute
	}{
		"all agree":             {fine, nil},
		"forward differs":       {spoiled(func(f *Comparison) { f.Forward.Worst = 1.01 }), []string{"forward"}},
		"backward differs":      {spoiled(func(f *Comparison) { f.Backward.Worst = 1.01 }), []string{"backward"}},
		"update differs":        {spoiled(func(f *Comparison) { f.Update.Worst = 1.01 }), []string{"update"}},
		"the loss rises":        {spoiled(func(f *Comparison) { f.Steps[1].Change = 0.1 }), []string{"update"}},
		"the loss stays":        {spoiled(func(f *Comparison) { f.Steps[1].Change = 0 }), []string{"update"}},
		"not linear when small": {spoiled(func(f *Comparison) { f.Steps[0].SmallRatio = 0.98 }), []string{"update"}},
		"a slope goes astray":   {spoiled(func(f *Comparison) { f.Routing.Routed-- }), []string{"routing"}},
		"a shut window learns":  {spoiled(func(f *Comparison) { f.Routing.Closed = 1e-20 }), []string{"routing"}},
	} {
		t.Run(name, func(t *testing.T) {
			verdict := func(parts ...string) claim.Verdict {
				for _, part := range parts {
					for _, refuted := range c.refuted {
						if part == refuted {
							return claim.Refuted
						}
					}
				}
				return claim.Supported
			}
			claims := judged(c.cases, c.cases)
			for id, want := range map[string]claim.Verdict{
				"q2.1": verdict("forward"), "q2.2": verdict("backward"), "q2.3": verdict("update"),
				"q2.4": verdict("forward"), "q2.5": verdict("backward", "routing"), "q2.6": verdict("update"),
			} {
				require.Equal(t, want, lessontest.Named(t, claims, id).Verdict, id)
			}
		})
	}
}

func TestNothingComparedIsOpen(t *testing.T) {
	for _, judged := range judged(nil, nil) {
		require.Equal(t, claim.Unmeasured, judged.Verdict, judged.ID)
	}
}

func TestEvidenceHoldsTheNumbers(t *testing.T) {
	claims := judged([]Comparison{good("sigmoid"), good("tanh")}, []Comparison{good("valid")})
	require.Equal(t, "In 2 sigmoid and 2 tanh problems, 20 numbers by hand differ from GoMLX's by at most 1e-15, and by at most 0.5 of what rounding allows.",
		lessontest.Named(t, claims, "q2.1").Evidence)
	require.Contains(t, lessontest.Named(t, claims, "q2.3").Evidence,
		"The loss falls in 4 of 4 problems, by 0.95 of η‖g‖² on average; at a hundredth of the rate, by η‖g‖² within 0.1 %.")
	require.Contains(t, lessontest.Named(t, claims, "q2.5").Evidence, "In 4 of 4 pooling windows (3 of them open)")
}

func TestClaimsAreThoseOfTheCurriculum(t *testing.T) {
	require.Equal(t, []string{"q2.1", "q2.2", "q2.3", "q2.4", "q2.5", "q2.6"}, lessontest.IDs(Lesson.Claims()))
}
