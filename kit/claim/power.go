package claim

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// power is the probability with which an effect must show to count as one that
// the seeds could have shown (Cohen 1988, section 2.4, recommends 0.8).
const power = 0.8

// mostSeeds bounds the search for a number of seeds that decides.
const mostSeeds = 10_000

// Power says what a number of seeds can show, when they decided nothing. It
// assumes that the values vary as those that were measured.
type Power struct {
	Seeds     int
	Threshold float64
	// Smallest is the distance from the threshold that this many seeds show with
	// a probability of 80 %: (t(0.975) + t(0.8))·s/√n.
	Smallest float64
	Measured float64 // distance of the mean from the threshold
	// Needed is the number of seeds that would decide if the true mean were the
	// measured one; 0 if it is above 10,000.
	Needed int
}

// powerOf describes an estimate by the deviation that its interval stands for; nil
// if it has none.
func powerOf(e Estimate, threshold float64) *Power {
	n, measured := len(e.Values), math.Abs(e.Mean-threshold)
	if n < 2 || e.High == math.MaxFloat64 {
		return nil
	}
	deviation := (e.High - e.Low) / 2 / studentsT(0.975, n) * math.Sqrt(float64(n))
	p := &Power{Seeds: n, Threshold: threshold, Smallest: smallest(deviation, n), Measured: measured}
	// The distance that n seeds show falls with n, so bisect.
	low, high := MinSamples, mostSeeds
	if smallest(deviation, high) > measured {
		return p
	}
	for low < high {
		if middle := (low + high) / 2; smallest(deviation, middle) <= measured {
			high = middle
		} else {
			low = middle + 1
		}
	}
	p.Needed = low
	return p
}

func smallest(deviation float64, n int) float64 {
	return (studentsT(0.975, n) + studentsT(power, n)) * deviation / math.Sqrt(float64(n))
}

// weaker reports whether p needs more seeds than q.
func (p *Power) weaker(q *Power) bool {
	if p == nil || q == nil {
		return p != nil
	}
	return p.needed() > q.needed()
}

func (p *Power) needed() int {
	if p.Needed == 0 {
		return mostSeeds + 1
	}
	return p.Needed
}

// String says what the seeds could have shown, and how many would decide.
func (p *Power) String() string {
	sides := fmt.Sprintf("if %d lie on one side", signNeeds(p.Seeds))
	if signNeeds(p.Seeds) > p.Seeds {
		sides = "but are too few for the sign test"
	}
	needed := "more than 10,000"
	if p.Needed > 0 {
		needed = "about " + humanize.Comma(int64(twoDigits(max(p.Needed, p.Seeds+1))))
	}
	return fmt.Sprintf("%d seeds can show a distance of %.2g from %.3g (power 80 %%), %s; the measured distance of %.2g would take %s.",
		p.Seeds, p.Smallest, p.Threshold, sides, p.Measured, needed)
}

// twoDigits rounds up to two digits, since an estimated deviation gives no more.
func twoDigits(n int) int {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}
