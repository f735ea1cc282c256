package inception

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/nn"
	"evident/kit/probe"
	"evident/kit/report"
)

// ScalesConfig trains one module on a task with a fine and a coarse feature.
type ScalesConfig struct {
	Seeds        []int64 `role:"averaged" help:"of initial weights and order"`
	Train        int     `role:"fixed" range:"[1, inf)" help:"training pictures"`
	Test         int     `role:"fixed" range:"[1, inf)" help:"test pictures"`
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"passes over the training pictures"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"pictures of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam"`
}

// Validate checks that there is a batch of pictures.
func (c ScalesConfig) Validate() error {
	if c.Train < c.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", c.Train, c.BatchSize)
	}
	return nil
}

// ScalesMeasurement says how well one module reads a fine and a coarse feature of the
// same picture, whole and with each tower switched off.
type ScalesMeasurement struct {
	Towers []string    // "none" first: nothing is switched off
	Fine   [][]float64 // [tower][seed]: fraction of right answers on the fine feature
	Coarse [][]float64 // [tower][seed]: … and on the coarse one
	Fields []int       // receptive field of each tower, in pixels along an axis
}

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

// towerNames are the parts of a module, in the order of its output channels.
var towerNames = []string{"1×1", "1×1 → 3×3", "1×1 → 5×5", "3×3 pool → 1×1"}

// measureScales trains the module on the task from every seed, then switches
// its towers off one by one.
func measureScales(ctx context.Context, backend compute.Backend, c ScalesConfig) (ScalesMeasurement, error) {
	facts := ScalesMeasurement{Towers: append([]string{"none"}, towerNames...)}
	facts.Fine, facts.Coarse = make([][]float64, len(facts.Towers)), make([][]float64, len(facts.Towers))
	var err error
	if facts.Fields, err = receptiveFields(backend); err != nil {
		return facts, err
	}
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

// bitAccuracies is the fraction of right answers on each bit of the label, by the
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

// receptiveFields measures, for each of the four towers, the side of the
// square of input pixels that one output depends on.
func receptiveFields(backend compute.Backend) ([]int, error) {
	const side = 9 // wider than any tower sees
	probes := make([]probe.Probe, len(towerNames))
	for tower := range probes {
		probes[tower] = probe.Probe{Input: arch.Shape{side, side, 1}, Graph: func(scope *model.Scope, x *Node) *Node {
			module := nn.Inception(scope, x, 1, 1, 1, 1, 1, 1) // one channel a tower
			return SliceAxis(module, -1, AxisElem(tower))
		}}
	}
	influences, err := probe.Measure(backend, probes...)
	if err != nil {
		return nil, err
	}
	fields := make([]int, len(probes))
	for tower, influence := range influences {
		fields[tower] = influence.ReceptiveField(side/2, side/2).Size(1)
	}
	return fields, nil
}

const (
	readWell     = 0.9 // fraction of right answers that counts as reading a feature
	towerMatters = 0.1 // accuracy that a tower's feature loses without it
)

func judgeScales(s ScalesMeasurement) claim.Finding {
	fine, coarse := claim.EstimateMean(s.Fine[0]), claim.EstimateMean(s.Coarse[0])
	// Towers[2] is the 3×3 and Towers[3] the 5×5.
	coarseLoss := claim.EstimateDifference(s.Coarse[0], s.Coarse[3])
	fineLoss := claim.EstimateDifference(s.Fine[0], s.Fine[3])
	more := claim.EstimateDifference(s.Fine[3], s.Coarse[3]) // both begin above readWell
	fields := fmt.Sprint(s.Fields) == "[1 3 5 3]"
	return claim.Finding{
		Decision: claim.All(claim.Holds(fields), fine.Above(readWell), coarse.Above(readWell), coarseLoss.Above(towerMatters), more.Above(towerMatters)),
		Evidence: fmt.Sprintf("The towers see %s pixels; one module reads the fine feature at %s and the coarse one at %s; without the 5×5 tower the coarse one loses %s and the fine one %s. Without the 3×3 tower the fine one loses %s.",
			strings.Trim(fmt.Sprint(s.Fields), "[]"), fine, coarse, coarseLoss, fineLoss, claim.EstimateDifference(s.Fine[0], s.Fine[2])),
		Samples: fine.N,
	}
}

func scalesRules() []claim.Rule[ScalesMeasurement] {
	return []claim.Rule[ScalesMeasurement]{
		claim.SampledRule("q7a.2", "Q7 (a) 2",
			"1×1, 3×3 and 5×5 kernels on one input see several scales at once.",
			fmt.Sprintf("the towers see 1, 3, 5 and 3 pixels; one module reads a fine and a coarse feature above %[1]g; without the 5×5 tower the coarse one loses over %[2]g, and over %[2]g more than the fine one (95 %% intervals)", readWell, towerMatters),
			claim.Supported, judgeScales),
	}
}

// chart shows what each tower is worth to each of the two features.
func (s ScalesMeasurement) chart() report.Chart {
	drawn := report.Chart{
		ID: "towers", Title: "Two scales, one module: accuracy with one tower switched off", Mark: report.Bars, XLabel: "tower switched off", YLabel: "accuracy",
		Categories: s.Towers, Rules: []report.Reference{{Name: "chance", Y: 0.5}},
		Alt: "Accuracy on the fine and on the coarse feature, with no tower off and with each of the four: the lower a bar, the more the feature needs that tower; a rule marks chance.",
	}
	fine, coarse := report.Curve{Name: "fine feature (dots that touch)"}, report.Curve{Name: "coarse feature (dots with a gap)"}
	for i := range s.Towers {
		fine.AddEstimate(float64(i), s.Fine[i])
		coarse.AddEstimate(float64(i), s.Coarse[i])
	}
	drawn.Curves = []report.Curve{fine, coarse}
	return drawn
}

// TwoScales is the experiment.
var TwoScales = experiment.Experiment[ScalesConfig, ScalesMeasurement]{
	Name: "Scales", Title: "Two scales, one module",
	Measure: measureScales, Rules: scalesRules(),
	Figures: func(_ ScalesConfig, s ScalesMeasurement) (report.Figures, error) {
		return report.Figures{Charts: []report.Chart{s.chart()}}, nil
	},
}
