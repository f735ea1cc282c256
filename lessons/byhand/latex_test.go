package byhand

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/nn"
	"evident/kit/report"
)

// reader calculates what a formula says, knowing nothing of how it was made.
// It panics at what it cannot read.
type reader struct {
	rest    string
	symbols map[string]float64
	longest []string // the symbols, long ones first
}

func evaluate(latex string, symbols map[string]float64) float64 {
	r := &reader{rest: latex, symbols: symbols}
	for symbol := range symbols {
		r.longest = append(r.longest, symbol)
	}
	slices.SortFunc(r.longest, func(a, b string) int { return len(b) - len(a) })
	value := r.sum()
	if r.skip(); r.rest != "" {
		panic(fmt.Sprintf("%q is left of %q", r.rest, latex))
	}
	return value
}

func (r *reader) skip() { r.rest = strings.TrimLeft(r.rest, " ") }

func (r *reader) eat(text string) bool {
	r.skip()
	if strings.HasPrefix(r.rest, text) {
		r.rest = r.rest[len(text):]
		return true
	}
	return false
}

func (r *reader) must(text string) {
	if !r.eat(text) {
		panic(fmt.Sprintf("no %q before %q", text, r.rest))
	}
}

func (r *reader) sum() float64 {
	total := r.product()
	for {
		switch {
		case r.eat("+"):
			total += r.product()
		case r.eat("-"):
			total -= r.product()
		default:
			return total
		}
	}
}

func (r *reader) product() float64 {
	if r.eat("-") {
		return -r.product()
	}
	total := r.power()
	for r.eat(`\cdot`) || r.eat(`\,`) {
		total *= r.power()
	}
	return total
}

func (r *reader) power() float64 {
	base := r.single()
	if r.eat("^2") {
		return base * base
	}
	return base
}

func (r *reader) single() float64 {
	r.skip()
	for _, symbol := range r.longest {
		if r.eat(symbol) {
			return r.symbols[symbol]
		}
	}
	switch {
	case r.eat("("):
		return r.closed(")")
	case r.eat("["):
		return r.bracket()
	case r.eat(`\frac{`):
		over := r.closed("}")
		r.must("{")
		return over / r.closed("}")
	case r.eat("e^{"):
		return math.Exp(r.closed("}"))
	case r.eat(`\sigma(`):
		return 1 / (1 + math.Exp(-r.closed(")")))
	case r.eat(`\tanh(`):
		return math.Tanh(r.closed(")"))
	case r.eat(`\ln(`):
		return math.Log(r.closed(")"))
	case r.eat(`\max(`):
		return r.maximum()
	}
	return r.number()
}

func (r *reader) closed(by string) float64 {
	value := r.sum()
	r.must(by)
	return value
}

func (r *reader) bracket() float64 {
	a := r.sum()
	equal := r.eat("=")
	if !equal {
		r.must(">")
	}
	b := r.closed("]")
	if (equal && a == b) || (!equal && a > b) {
		return 1
	}
	return 0
}

func (r *reader) maximum() float64 {
	value := r.sum()
	for r.eat(",") {
		value = max(value, r.sum())
	}
	r.must(")")
	return value
}

func (r *reader) number() float64 {
	end := 0
	for end < len(r.rest) && strings.ContainsRune("0123456789.", rune(r.rest[end])) {
		end++
	}
	value, err := strconv.ParseFloat(r.rest[:end], 64)
	if err != nil {
		panic(fmt.Sprintf("no number before %q", r.rest))
	}
	r.rest = r.rest[end:]
	return value
}

func TestReaderReads(t *testing.T) {
	known := map[string]float64{"x": 3, "x_1": 4, `\frac{\partial L}{\partial x}`: 5}
	for latex, want := range map[string]float64{
		"1 + 2 \\cdot (-3)":                  -5,
		"-x^2":                               -9,
		`x \, x_1 - 1`:                       11,
		`\frac{1}{1 + e^{0}}`:                0.5,
		`\frac{\partial L}{\partial x} \, x`: 15,
		`\max(0, -2, x)`:                     3,
		`[x = 3] + [x > 3]`:                  1,
		`-(\ln(1) + \tanh(0) + \sigma(0))`:   -0.5,
		`\frac{1}{2} \, (x - x_1)^2`:         0.5,
	} {
		require.InDelta(t, want, evaluate(latex, known), 1e-15, latex)
	}
	require.Panics(t, func() { evaluate("y + 1", known) })
}

// worked are calculations of every kind, shut ones among them.
func worked(seed int64) map[string]report.Derivation {
	return map[string]report.Derivation{
		"sigmoid":      DrawNet(seed, SigmoidUnits, 0.5).Work(),
		"tanh":         DrawNet(seed, TanhUnits, 0.5).Work(),
		"valid":        DrawImage(seed, nn.Valid, 0.1).Work(),
		"same":         DrawImage(seed, nn.Same, 0.1).Work(),
		"valid, shut":  DrawImage(seed, nn.Valid, 0.1).Closed().Work(),
		"same, closed": DrawImage(seed, nn.Same, 0.1).Closed().Work(),
	}
}

// What the lines say is what they are worth: the formulas, read as text, give
// the values from the values of the lines above, and so do the numbers that
// are put in, but for their rounding.
func TestFormulasSayWhatIsCalculated(t *testing.T) {
	for seed := int64(1); seed <= 20; seed++ {
		for name, derivation := range worked(seed) {
			known := map[string]float64{}
			for _, line := range derivation.Lines() {
				learn(known, line)
				value, isNumber := line.Number()
				if !isNumber || line.Formula == "" {
					continue
				}
				where := fmt.Sprintf("%s, seed %d, %s = %s = %s", name, seed, line.Symbol, line.Formula, line.Filled)
				if !strings.Contains(line.Formula, `\sum`) {
					delete(known, line.Symbol) // no line may lean on itself
					require.InDelta(t, value, evaluate(line.Formula, known), 1e-13*max(1, math.Abs(value)), where)
					known[line.Symbol] = value
				}
				require.InDelta(t, value, evaluate(line.Filled, nil), rounding(line.Filled, value), where)
			}
		}
	}
}

// learn keeps the values of a line under their symbols.
func learn(known map[string]float64, line report.DerivationLine) {
	if value, isNumber := line.Number(); isNumber {
		known[line.Symbol] = value
		return
	}
	for i, row := range line.Values {
		for j, v := range row {
			known[cell(strings.ToLower(line.Symbol), i, j)] = v
		}
	}
}

// rounding is what numbers with four decimals, or three significant digits, may
// be off by: half a per cent a factor, and 0.00005 a term.
func rounding(filled string, value float64) float64 {
	allowed := 1e-9 + 0.02*math.Abs(value)
	if strings.ContainsAny(strings.TrimPrefix(filled, "-"), "+-") {
		allowed += 1e-4 * float64(3+strings.Count(filled, "+"))
	}
	return allowed
}
