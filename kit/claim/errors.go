package claim

import (
	"fmt"
	"slices"
	"strings"
)

// tested returns the claims and parts that a sign test decided.
func tested(claims []Claim) []Claim {
	var all []Claim
	Each(claims, func(c *Claim) {
		if c.PValue != nil && (c.Verdict == Supported || c.Verdict == Refuted) {
			all = append(all, *c)
		}
	})
	return all
}

// Adjusted returns the p-value of each decided claim, by its id, after the
// correction for many tests by Benjamini and Hochberg (1995, section 3). Claims at
// or below 0.05 hold at a false discovery rate of 5 %.
func Adjusted(claims []Claim) map[string]float64 {
	all := tested(claims)
	slices.SortStableFunc(all, func(a, b Claim) int {
		switch {
		case *a.PValue > *b.PValue:
			return -1
		case *a.PValue < *b.PValue:
			return 1
		}
		return 0
	})
	adjusted, least := map[string]float64{}, 1.0
	for i, c := range all { // from the largest p-value, of rank n
		rank := len(all) - i
		least = min(least, *c.PValue*float64(len(all))/float64(rank))
		adjusted[c.ID] = least
	}
	return adjusted
}

// Errors says how many wrong decisions to expect among many, and which ones do
// not survive the correction of [Adjusted]; "" if no sign test decided a claim.
func Errors(claims []Claim) string {
	all := tested(claims)
	if len(all) == 0 {
		return ""
	}
	adjusted := Adjusted(claims)
	var lost []string
	for _, c := range all {
		if adjusted[c.ID] > Significance {
			lost = append(lost, c.ID)
		}
	}
	text := fmt.Sprintf("%d verdicts on claims and parts rest on a sign test at %g: if each true mean lay on its threshold, about %.1f would be decided by chance",
		len(all), Significance, Significance*float64(len(all)))
	if len(lost) == 0 {
		return text + "; all hold after Benjamini and Hochberg's correction."
	}
	return text + "; after Benjamini and Hochberg's correction these do not hold: " + strings.Join(lost, ", ") + "."
}
