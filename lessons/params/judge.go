package params

import (
	"fmt"
	"slices"
	"strings"

	"evident/kit/claim"
)

func judgeWithout(m Measurements) claim.Finding {
	layers, with := 0, 0
	for _, net := range m.Lengths.Nets {
		for _, class := range []string{"InputLayer", "MaxPooling1D", "Flatten"} {
			for _, built := range net.of(class) {
				layers++
				if built != 0 {
					with++
				}
			}
		}
	}
	if layers == 0 {
		return open("no net was built")
	}
	return claim.Finding{
		Decision: claim.Holds(with == 0), Samples: 1,
		Evidence: fmt.Sprintf("In %d nets, %d of %d input, pooling and flatten layers have a trained value.", len(m.Lengths.Nets), with, layers),
	}
}

func judgeConvolutions(m Measurements) claim.Finding {
	if !m.Lengths.Net.isSheets() || len(m.Lengths.Nets) == 0 {
		return open("the net is not the sheet's, whose three counts are judged")
	}
	wrong := 0
	for _, net := range m.Lengths.Nets {
		if !net.Agree() || !slices.Equal(net.of("Conv1D"), sheetConvolutions) {
			wrong++
		}
	}
	return claim.Finding{
		Decision: claim.Holds(wrong == 0), Samples: 1,
		Evidence: fmt.Sprintf("GoMLX created %s values in the convolutions; %d of %d nets differ from formula or sheet.",
			strings.Join(derivations(m.Lengths.Nets[0], "Conv1D"), ", "), wrong, len(m.Lengths.Nets)),
	}
}

// derivations are the formulas of a class with what GoMLX created, as in
// "3·7·16 + 16 = 352".
func derivations(net NetFacts, class string) []string {
	var texts []string
	for i, row := range net.Summary.Rows {
		if row.Class == class {
			texts = append(texts, fmt.Sprintf("%s = %d", row.Formula, net.Built.Parameters[i]))
		}
	}
	return texts
}

func judgeDense(m Measurements) claim.Finding {
	if !m.Lengths.Net.isSheets() || len(m.Lengths.Nets) == 0 {
		return open("the net is not the sheet's, whose counts are judged")
	}
	wrong := 0
	smallest, largest := m.Lengths.Nets[0], m.Lengths.Nets[0]
	for _, net := range m.Lengths.Nets {
		if !m.Lengths.Net.denseIsRight(net) {
			wrong++
		}
		if net.Flat() < smallest.Flat() {
			smallest = net
		}
		if net.Flat() > largest.Flat() {
			largest = net
		}
	}
	return claim.Finding{
		Decision: claim.Holds(wrong == 0), Samples: 1,
		Evidence: fmt.Sprintf("N is %d to %d, Dense(128) has %d to %d values and Dense(5) %d, all nets together %d to %d; %d of %d nets differ from the formula.",
			smallest.Flat(), largest.Flat(), smallest.of("Dense")[0], largest.of("Dense")[0], smallest.of("Dense")[1],
			smallest.Built.Total(), largest.Built.Total(), wrong, len(m.Lengths.Nets)),
	}
}

// denseIsRight holds the two dense layers, and the sum of all layers, against
// the formula.
func (n Net) denseIsRight(net NetFacts) bool {
	dense := net.of("Dense")
	total := dense[0] + dense[1]
	for _, built := range net.of("Conv1D") {
		total += built
	}
	return net.Agree() && dense[0] == n.Units*net.Flat()+n.Units && dense[1] == sheetLast && net.Built.Total() == total
}

func judgeVariants(m Measurements) claim.Finding {
	if len(m.Variants.Variants) == 0 {
		return open("no convolution was built")
	}
	same, differ := 0, 0
	var wrong []string
	for _, v := range m.Variants.Variants {
		plain := m.Variants.plainFor(v.Axes)
		if v.Built != plain.Built {
			differ++
		} else {
			same++
		}
		if v.Built != v.expected(plain) || v.Built != v.Row.Parameters {
			wrong = append(wrong, fmt.Sprintf("%s %s", v.Argument, v.Value))
		}
	}
	evidence := fmt.Sprintf("Of %d changed convolutions, %d have the count of the plain one and %d another; ", len(m.Variants.Variants), same, differ)
	if len(wrong) == 0 {
		evidence += "each is as predicted."
	} else {
		evidence += "not as predicted: " + strings.Join(wrong, ", ") + "."
	}
	return claim.Finding{Decision: claim.Holds(len(wrong) == 0), Samples: 1, Evidence: evidence}
}

// expected is the count that the claim predicts, from the plain convolution's
// count alone: kernel weights w = count − filters.
func (v Variant) expected(plain Variant) int {
	filters := plain.Output.Channels()
	weights := plain.Built - filters
	switch v.Argument {
	case "bias":
		return weights
	case "groups":
		return weights/v.Groups + filters
	case "depthwise":
		channels := v.Output.Channels()
		return weights/filters + channels
	}
	return plain.Built
}

// open is the finding where the claim's net was not built.
func open(why string) claim.Finding {
	return claim.Finding{Decision: claim.Open(), Evidence: "Not judged: " + why + ".", Samples: 1}
}
