// Package claim decides claims from measurements. An [Estimate] over seeds leads to a [Decision], and a [Rule]
// turns measurements into a judged [Claim]. The package neither measures nor renders.
package claim
