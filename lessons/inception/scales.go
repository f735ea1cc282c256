package inception

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/kit/fit"
	"evident/kit/nn"
)

// ScaleFacts say how well one module reads a fine and a coarse feature of the
// same picture, whole and with each tower switched off.
type ScaleFacts struct {
	Towers []string    // "none" first: nothing is switched off
	Fine   [][]float64 // [tower][seed]: share of right answers on the fine feature
	Coarse [][]float64 // [tower][seed]: … and on the coarse one
}

// The task's pictures, in pixels.
const (
	scaleSide      = 24
	fineDistance   = 1 // both dots fit into a 3×3 window
	coarseDistance = 3 // they fit into a 5×5 window, and into no 3×3 window
	clearance      = 3 // to dots of other pairs, so that two pairs do not make up a third
	pairs          = 3 // of each kind in a picture
)

// twoScales draws pictures of dots in pairs: the fine pairs touch, the coarse
// pairs have a gap of two pixels, and each kind lies along the rows or along
// the columns. The label is 2·coarse + fine, a bit for either kind: 0 for rows.
// No single pixel says anything of the label, and no 3×3 window of its coarse
// bit.
func twoScales(n int, seed int64) fit.Data {
	const forPictures = 77
	random := fit.Rand(seed, forPictures)
	values := make([]float32, n*scaleSide*scaleSide)
	labels := make([]int32, n)
	for i := range n {
		fine, coarse := random.IntN(2), random.IntN(2)
		labels[i] = int32(2*coarse + fine)
		picture := values[i*scaleSide*scaleSide : (i+1)*scaleSide*scaleSide]
		for range pairs {
			placePair(picture, random, coarseDistance, coarse)
			placePair(picture, random, fineDistance, fine)
		}
	}
	return fit.NewData(values, []int{scaleSide, scaleSide, 1}, labels)
}

// placePair sets two dots at the distance, along the rows (direction 0) or the
// columns (1), at the first of some random places that is clear.
func placePair(picture []float32, random *rand.Rand, distance, direction int) {
	const tries = 10_000
	for range tries {
		y, x := random.IntN(scaleSide-distance), random.IntN(scaleSide-distance)
		y2, x2 := y, x+distance
		if direction == 1 {
			y2, x2 = y+distance, x
		}
		if isClear(picture, y, x) && isClear(picture, y2, x2) {
			picture[y*scaleSide+x], picture[y2*scaleSide+x2] = 1, 1
			return
		}
	}
}

func isClear(picture []float32, y, x int) bool {
	for row := max(y-clearance, 0); row <= min(y+clearance, scaleSide-1); row++ {
		for column := max(x-clearance, 0); column <= min(x+clearance, scaleSide-1); column++ {
			if picture[row*scaleSide+column] != 0 {
				return false
			}
		}
	}
	return true
}

// scaleModule is the one module of the task's net. Six reduction filters on the
// one channel of dots make it unlikely that all begin negative, and so dead.
var scaleModule = Module{F1x1: 4, F3x3Reduce: 6, F3x3: 12, F5x5Reduce: 6, F5x5: 12, PoolProj: 4}

// scaleNet is one module, the global mean and a dense layer.
func scaleNet(scope *model.Scope, x *Node) *Node {
	return nn.Dense(scope.In("logits"), scaleFeatures(scope, x), scaleClasses)
}

// scaleFeatures is the mean of every channel of the module: [batch, channels].
func scaleFeatures(scope *model.Scope, x *Node) *Node {
	m := scaleModule
	return nn.GlobalMeanPool2D(nn.Inception(scope.In("module"), x, m.F1x1, m.F3x3Reduce, m.F3x3, m.F5x5Reduce, m.F5x5, m.PoolProj))
}

// scaleClasses are the four values of two bits.
const scaleClasses = 4

// knockedOut is the trained net's logits with nothing switched off, and then
// with each tower: [batch, 1 + towers, classes]. The channels of a tower that is
// off carry their mean over the batch, and so nothing about the picture.
func knockedOut(scope *model.Scope, x *Node) *Node {
	features := scaleFeatures(scope, x)
	mean := ReduceAndKeep(features, ReduceMean, 0)
	variants := []*Node{features}
	for tower := range towerNames {
		on := Const(x.Graph(), [][]float32{towerMask(tower)})
		variants = append(variants, Add(Mul(features, on), Mul(mean, OneMinus(on))))
	}
	logits := nn.Dense(scope.In("logits"), Concatenate(variants, 0), scaleClasses)
	return TransposeAllAxes(Reshape(logits, len(variants), -1, scaleClasses), 1, 0, 2)
}

// towerMask is 0 at the channels of the tower and 1 elsewhere.
func towerMask(off int) []float32 {
	var mask []float32
	for tower, channels := range []int{scaleModule.F1x1, scaleModule.F3x3, scaleModule.F5x5, scaleModule.PoolProj} {
		for range channels {
			value := float32(1)
			if tower == off {
				value = 0
			}
			mask = append(mask, value)
		}
	}
	return mask
}

// MeasureScales trains the module on the task from every seed, then switches
// its towers off one by one.
func MeasureScales(ctx context.Context, backend compute.Backend, c ScalesConfig) (ScaleFacts, error) {
	facts := ScaleFacts{Towers: append([]string{"none"}, towerNames...)}
	facts.Fine, facts.Coarse = make([][]float64, len(facts.Towers)), make([][]float64, len(facts.Towers))
	train, test := twoScales(c.Train, 1), twoScales(c.Test, 2)
	net, err := fit.NewClassifier(backend, scaleNet, train, c.BatchSize, optimizer.Adam().LearningRate(c.LearningRate).Done())
	if err != nil {
		return facts, err
	}
	defer net.Finalize()
	program, err := net.Program(knockedOut)
	if err != nil {
		return facts, err
	}
	defer program.Finalize()
	for _, seed := range c.Seeds {
		training := fit.Training{Task: fmt.Sprintf("two scales, seed %d", seed), Seed: seed, Epochs: c.Epochs}
		if _, err := net.Train(ctx, train, training); err != nil {
			return facts, err
		}
		logits, err := program.Run(ctx, test)
		if err != nil {
			return facts, err
		}
		for tower := range facts.Towers {
			fine, coarse := bitAccuracies(logits, tower*scaleClasses, test.Labels())
			facts.Fine[tower] = append(facts.Fine[tower], fine)
			facts.Coarse[tower] = append(facts.Coarse[tower], coarse)
		}
	}
	return facts, nil
}

// bitAccuracies is the share of right answers on each bit of the label, by the
// logits that begin at the given place.
func bitAccuracies(logits [][]float32, start int, labels []int32) (fine, coarse float64) {
	for i, label := range labels {
		wrong := int32(fit.Argmax(logits[i][start:start+scaleClasses])) ^ label
		fine += float64(1 - wrong&1)
		coarse += float64(1 - wrong>>1)
	}
	n := float64(len(labels))
	return fine / n, coarse / n
}
