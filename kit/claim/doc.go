// Package claim holds the rules of judging: an [Estimate] over seeds leads to a [Decision], and a [Rule] turns
// measurements into a judged [Claim]. It knows nothing of how a measurement is made or how a verdict looks.
package claim
