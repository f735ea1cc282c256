package byhand

import (
	"fmt"
	"math"

	"evident/kit/claim"
)

// The thresholds of the claims, fixed before the measurements.
const (
	// sameNumber is the difference up to which two numbers are the same: some
	// thousand roundings of float64 at 1, and far below a slip of the pen.
	sameNumber = 1e-12
	// nearlyLinear is how far the change of the loss at a hundredth of the rate
	// may be from −η‖g‖², as a share of it.
	nearlyLinear = 0.01
)

type rule = claim.Rule[Measurements]

// rules declares the claims of question 2. The sheet's answer to it is lost, so
// all of them are the lesson's own.
func rules() []rule {
	const source = "Q2, added"
	same := fmt.Sprintf("of every problem differ by at most %g from GoMLX's", sameNumber)
	step := fmt.Sprintf("%s after one step of its SGD; the loss falls in every problem; and at a hundredth of the rate it falls by η‖g‖², within %.0f %%", same, 100*nearlyLinear)
	return []rule{
		claim.ExactRule("q2.1", source,
			"The output and the loss of a 2-2-1 net can be worked out on paper: weighted sums, each bent by its unit's function.",
			"all numbers of the forward pass "+same, claim.Supported, judgeNetForward),
		claim.ExactRule("q2.2", source,
			"The chain rule, applied line by line from the loss backwards, gives the gradient that automatic differentiation gives.",
			"all slopes of the loss, by inner results and by parameters, "+same, claim.Supported, judgeNetBackward),
		claim.ExactRule("q2.3", source,
			"One step of gradient descent moves each parameter by −η times its slope, and the loss falls, by nearly η‖g‖² when the rate is small.",
			"all moved parameters and the new loss "+step, claim.Supported, judgeNetStep),
		claim.ExactRule("q2.4", source,
			"A convolution is a sum of products at each place; with ReLU, max pooling and a dense unit the whole forward pass can be worked out on paper.",
			"all numbers of the forward pass "+same, claim.Supported, judgeImageForward),
		claim.ExactRule("q2.5", source,
			"Max pooling sends the slope to the largest number alone, ReLU lets it pass only where the sum was above 0, and the kernel's gradient is the correlation of the image with the slopes that are left.",
			"all slopes "+same+"; in every pooling window GoMLX's slope reaches the largest sum alone, or none where ReLU is shut; and with all windows shut, no number of the convolution has a slope",
			claim.Supported, judgeImageBackward),
		claim.ExactRule("q2.6", source,
			"The same step of gradient descent trains kernel, bias and dense unit together, and the loss falls, by nearly η‖g‖² when the rate is small.",
			"all moved parameters and the new loss "+step, claim.Supported, judgeImageStep),
	}
}

// Claims lists the lesson's claims, not yet judged.
func Claims() []claim.Claim { return claim.Declared(rules()) }

func judgeNetForward(m Measurements) claim.Finding {
	return judgeAgreement(m.Nets, func(c CaseFacts) Agreement { return c.Forward })
}

func judgeNetBackward(m Measurements) claim.Finding {
	return judgeAgreement(m.Nets, func(c CaseFacts) Agreement { return c.Backward })
}

func judgeNetStep(m Measurements) claim.Finding { return judgeStep(m.Nets) }

func judgeImageForward(m Measurements) claim.Finding {
	return judgeAgreement(m.Images, func(c CaseFacts) Agreement { return c.Forward })
}

func judgeImageStep(m Measurements) claim.Finding { return judgeStep(m.Images) }

// judgeAgreement holds the numbers by hand against GoMLX's.
func judgeAgreement(cases []CaseFacts, step func(CaseFacts) Agreement) claim.Finding {
	all := overall(cases, step)
	return claim.Finding{
		Decision: same(all),
		Evidence: fmt.Sprintf("In %s, %d numbers by hand differ from GoMLX's by at most %.2g.", listed(cases), all.Numbers, all.Largest),
		Samples:  1,
	}
}

// same is open where nothing was compared.
func same(a Agreement) claim.Decision {
	if a.Numbers == 0 {
		return claim.Open()
	}
	return claim.Holds(a.Largest <= sameNumber)
}

func judgeStep(cases []CaseFacts) claim.Finding {
	finding := judgeAgreement(cases, func(c CaseFacts) Agreement { return c.Update })
	falls, problems, farthest := 0, 0, 0.0
	var shares []float64
	for _, c := range cases {
		problems += len(c.Steps)
		for _, s := range c.Steps {
			if s.Change < 0 {
				falls++
			}
			farthest = max(farthest, math.Abs(s.SmallRatio-1))
			shares = append(shares, s.Change/s.Promise)
		}
	}
	finding.Decision = claim.All(finding.Decision, claim.Holds(falls == problems), claim.Holds(farthest <= nearlyLinear))
	finding.Evidence += fmt.Sprintf(" The loss falls in %d of %d problems, by %.2f of η‖g‖² on average; at a hundredth of the rate, by η‖g‖² within %.2g %%.",
		falls, problems, claim.EstimateMean(shares).Mean, 100*farthest)
	return finding
}

func judgeImageBackward(m Measurements) claim.Finding {
	finding := judgeAgreement(m.Images, func(c CaseFacts) Agreement { return c.Backward })
	var all RoutingFact
	for _, c := range m.Images {
		all.Windows += c.Routing.Windows
		all.Open += c.Routing.Open
		all.Routed += c.Routing.Routed
		all.Closed = max(all.Closed, c.Routing.Closed)
	}
	finding.Decision = claim.All(finding.Decision, claim.Holds(all.Routed == all.Windows), claim.Holds(all.Closed == 0))
	finding.Evidence += fmt.Sprintf(" In %d of %d pooling windows (%d of them open) GoMLX's slope goes where the rule says. With every window shut, the largest slope of the convolution is %g.",
		all.Routed, all.Windows, all.Open, all.Closed)
	return finding
}

// listed counts the problems, as in "100 sigmoid and 100 tanh problems".
func listed(cases []CaseFacts) string {
	text := ""
	for i, c := range cases {
		if i > 0 {
			text += " and "
		}
		text += fmt.Sprintf("%d %s", c.Problems, c.Name)
	}
	return text + " problems"
}
