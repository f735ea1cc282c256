package imageclass

import (
	"context"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/datasets"
	"evident/datasets/phantom"
	"evident/kit/fit"
)

// saliency is, for every pixel, how strongly it moves the net's answer: the
// gradient of the difference of the logits with respect to the pixel, as an
// absolute value, the largest of its channels (Simonyan et al. 2014,
// section 3). It is a graph from pictures to [batch, height, width, 1].
func (n Net) saliency(r recipe) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		x = r.input(scope, x)
		logits := n.logits(scope, x, r)
		difference := Sub(SliceAxis(logits, 1, AxisElem(1)), SliceAxis(logits, 1, AxisElem(0)))
		gradient := Gradient(ReduceAllSum(difference), x)[0]
		return ReduceAndKeep(Abs(gradient), ReduceMax, -1)
	}
}

// SaliencyMap is the saliency of one picture.
type SaliencyMap struct {
	Height, Width int
	Values        []float32 // [height, width], 0 or above
}

// saliencyMaps are those of all pictures of the set, smoothed: single pixels of
// a gradient jump.
func saliencyMaps(ctx context.Context, saliency *fit.Program, set datasets.Images) ([]SaliencyMap, error) {
	values, err := saliency.Run(ctx, fit.ImageData(set))
	if err != nil {
		return nil, err
	}
	return smoothed(values, set), nil
}

// smoothed are the values of all pictures as smooth maps.
func smoothed(values [][]float32, set datasets.Images) []SaliencyMap {
	maps := make([]SaliencyMap, len(values))
	for i := range maps {
		maps[i] = SaliencyMap{set.Height, set.Width, values[i]}.smooth()
	}
	return maps
}

// reach is how many pixels to each side are averaged over.
const reach = 2

// smooth averages every pixel over its neighbourhood, as far as it lies in the
// picture.
func (s SaliencyMap) smooth() SaliencyMap {
	smoothed := SaliencyMap{s.Height, s.Width, make([]float32, len(s.Values))}
	for y := range s.Height {
		for x := range s.Width {
			sum, n := float32(0), 0
			for v := max(y-reach, 0); v <= min(y+reach, s.Height-1); v++ {
				for u := max(x-reach, 0); u <= min(x+reach, s.Width-1); u++ {
					sum += s.Values[v*s.Width+u]
					n++
				}
			}
			smoothed.Values[y*s.Width+x] = sum / float32(n)
		}
	}
	return smoothed
}

// Pointing says how often the most salient pixel lies in the lesion: the
// pointing game (Zhang et al. 2016, section 4.2), over the lesions that the net
// finds. Chance is the fraction of the picture that the lesions take, on average.
type Pointing struct {
	Hits, Lesions int
	Chance        float64
}

// Fraction of hits; 0 where no lesion was found.
func (p Pointing) Fraction() float64 { return float64(p.Hits) / float64(max(p.Lesions, 1)) }

func pointing(maps []SaliencyMap, lesions []phantom.Lesion, o Outcome) Pointing {
	var p Pointing
	for i, l := range lesions {
		if l.Mask == nil || !o.right(i) {
			continue
		}
		p.Lesions++
		p.Chance += float64(l.Area()) / float64(len(l.Mask))
		if l.Mask[fit.Argmax(maps[i].Values)] {
			p.Hits++
		}
	}
	p.Chance /= float64(max(p.Lesions, 1))
	return p
}
