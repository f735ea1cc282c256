package inception

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

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
	Seeds        []int64 `role:"averaged" help:"of pictures, initial weights and order"`
	Train        int     `role:"fixed" range:"[1, inf)" help:"training pictures"`
	Test         int     `role:"fixed" range:"[1, inf)" help:"test pictures"`
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"passes over the training pictures"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"pictures of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam"`
}

// Validate checks that there is a batch of pictures.
func (c ScalesConfig) Validate() error {
	return checkTrain(c.Train, c.BatchSize)
}

// ScalesMeasurement says how well one module reads a fine and a coarse feature of the
// same picture, trained whole and without its 5×5 tower.
type ScalesMeasurement struct {
	Without []string    // tower that the module lacks; "none" first
	Fine    [][]float64 // [tower][seed]: fraction of right answers on the fine feature
	Coarse  [][]float64 // [tower][seed]: … and on the coarse one
	Test    int         // pictures behind each fraction
	Fields  []int       // receptive field of each tower, in pixels along an axis
}

const (
	scaleSide      = 16
	fineDistance   = 1 // both dots fit into a 3×3 window
	coarseDistance = 3 // they fit into a 5×5 window, and into no 3×3 window
	clearance      = 3 // to dots of other pairs, so that two pairs do not make up a third
	pairs          = 2 // of each kind in a picture
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

// scaleModule is the one module of the task's net. Eight reduction filters on the
// one channel of dots make it unlikely that all begin negative, and so dead.
var scaleModule = Module{F1x1: 4, F3x3Reduce: 8, F3x3: 12, F5x5Reduce: 8, F5x5: 12, PoolProj: 4}

// scaleNet is one module, the global mean and a dense layer.
func scaleNet(scope *model.Scope, x *Node) *Node {
	m := scaleModule
	return readOut(scope, nn.Inception(scope.In("module"), x, m.F1x1, m.F3x3Reduce, m.F3x3, m.F5x5Reduce, m.F5x5, m.PoolProj))
}

// scaleNetWithout5x5 is the same without the 5×5 tower.
func scaleNetWithout5x5(scope *model.Scope, x *Node) *Node {
	m := scaleModule
	return readOut(scope, towers(
		conv(scope, "1x1", x, 1, m.F1x1),
		conv(scope, "3x3", conv(scope, "3x3_reduce", x, 1, m.F3x3Reduce), 3, m.F3x3),
		conv(scope, "pool_proj", nn.MaxPool2DSame(x, 3), 1, m.PoolProj)))
}

func readOut(scope *model.Scope, features *Node) *Node {
	return nn.Dense(scope.In("logits"), nn.GlobalMeanPool2D(features), scaleClasses)
}

// scaleClasses are the four values of two bits.
const scaleClasses = 4

// towerNames are the parts of a module, in the order of its output channels.
var towerNames = []string{"1×1", "1×1 → 3×3", "1×1 → 5×5", "3×3 pool → 1×1"}

// measureScales trains the module on the task from every seed, whole and without
// the tower that alone sees a coarse pair.
func measureScales(ctx context.Context, backend compute.Backend, c ScalesConfig) (ScalesMeasurement, error) {
	networks := []fit.Network{scaleNet, scaleNetWithout5x5}
	facts := ScalesMeasurement{Test: c.Test, Without: []string{"none", towerNames[2]}, Fine: make([][]float64, len(networks)), Coarse: make([][]float64, len(networks))}
	var err error
	if facts.Fields, err = receptiveFields(); err != nil {
		return facts, err
	}
	open := compiling(networks, twoScales(c.BatchSize, 1), c.BatchSize, c.LearningRate)
	type bits struct{ fine, coarse float64 }
	runs, err := fit.BySeed(ctx, backend, c.Seeds, open, func(ctx context.Context, nets rivals, seed int64) ([]bits, error) {
		train, test := twoScales(c.Train, seed), twoScales(c.Test, seed+testSeeds)
		read := make([]bits, len(nets))
		for i, net := range nets {
			task := fmt.Sprintf("two scales, without tower: %s, seed %d", facts.Without[i], seed)
			if _, err := net.Train(ctx, train, fit.Training{Task: task, Seed: seed, Epochs: c.Epochs}); err != nil {
				return nil, err
			}
			logits, err := net.Logits(ctx, test)
			if err != nil {
				return nil, err
			}
			read[i].fine, read[i].coarse = bitAccuracies(logits, test.Labels())
		}
		return read, nil
	})
	for _, read := range runs {
		for i := range read {
			facts.Fine[i], facts.Coarse[i] = append(facts.Fine[i], read[i].fine), append(facts.Coarse[i], read[i].coarse)
		}
	}
	return facts, err
}

// bitAccuracies is the fraction of right answers on each bit of the label.
func bitAccuracies(logits [][]float32, labels []int32) (fine, coarse float64) {
	for i, label := range labels {
		wrong := int32(fit.Argmax(logits[i])) ^ label
		fine += float64(1 - wrong&1)
		coarse += float64(1 - wrong>>1)
	}
	n := float64(len(labels))
	return fine / n, coarse / n
}

// receptiveFields measures, for each of the four towers, the side of the
// square of input pixels that one output depends on.
func receptiveFields() ([]int, error) {
	backend, err := counting()
	if err != nil {
		return nil, err
	}
	defer backend.Finalize()
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
	readWell     = 0.9 // fraction of right answers that counts as reading a feature; a guess has 0.5
	towerMatters = 0.1 // accuracy that a feature loses without its tower: a quarter of what reading is above a guess
)

func judgeTowerFields(s ScalesMeasurement) claim.Finding {
	fields := strings.Trim(fmt.Sprint(s.Fields), "[]")
	return claim.Finding{Decision: claim.Holds(fields == "1 3 5 3"), Evidence: fmt.Sprintf("The towers see %s pixels along an axis.", fields), Samples: 1}
}

func judgeBothScales(s ScalesMeasurement) claim.Finding {
	fine, coarse := claim.EstimateFraction(s.Fine[0], s.Test), claim.EstimateFraction(s.Coarse[0], s.Test)
	return claim.Finding{
		Decision: claim.All(fine.Above(readWell), coarse.Above(readWell)),
		Evidence: fmt.Sprintf("One module reads the fine feature at %s and the coarse one at %s.", fine, coarse),
		Samples:  fine.N,
	}
}

func judgeWide(s ScalesMeasurement) claim.Finding {
	coarse := claim.EstimateDifference(s.Coarse[0], s.Coarse[1])
	more := claim.EstimateDifference(s.Fine[1], s.Coarse[1])
	return claim.Finding{
		Decision: claim.All(coarse.Above(towerMatters), more.Above(towerMatters)),
		Evidence: fmt.Sprintf("Trained without the 5×5 tower, the module reads the coarse feature at %s and the fine one at %s.",
			claim.EstimateFraction(s.Coarse[1], s.Test), claim.EstimateFraction(s.Fine[1], s.Test)),
		Samples: coarse.N,
	}
}

func scalesRules() []claim.Rule[ScalesMeasurement] {
	return []claim.Rule[ScalesMeasurement]{
		claim.Whole("q7a.2", "Q7 (a) 2",
			"1×1, 3×3 and 5×5 kernels on one input see several scales at once.",
			claim.ExactRule("q7a.2a", "Q7 (a) 2", "The towers see windows of different sizes.",
				"the towers see 1, 3, 5 and 3 pixels along an axis", claim.Supported, judgeTowerFields).From("2026-11-23"),
			claim.SampledRule("q7a.2b", "Q7 (a) 2", "One module reads features of two scales.",
				fmt.Sprintf("one module reads a fine and a coarse feature of the same pictures above %g each (95 %% intervals)", readWell),
				claim.Supported, judgeBothScales).From("2026-11-23"),
			claim.SampledRule("q7a.2c", "Q7 (a) 2", "The wide kernel is what reads the coarse scale.",
				fmt.Sprintf("trained without the 5×5 tower, the module reads the coarse feature worse by over %[1]g than with it, and by over %[1]g than the fine one (95 %% intervals)", towerMatters),
				claim.Supported, judgeWide).Revised("2026-12-01", "towers were switched off after the training, which shows what one net uses and not what it needs; eleven seeds, for of six none may fail to learn")),
	}
}

// chart shows what the 5×5 tower is worth to each of the two features.
func (s ScalesMeasurement) chart() report.Chart {
	drawn := report.Chart{
		ID: "towers", Title: "Two scales, one module: accuracy with and without the 5×5 tower", Mark: report.Bars, XLabel: "trained without", YLabel: "accuracy",
		Categories: s.Without, Rules: []report.Reference{{Name: "chance", Y: 0.5}},
		Alt: "Accuracy on the fine and on the coarse feature, of a whole module and of one without the 5×5 tower: the lower a bar, the more the feature needs that tower; a rule marks chance.",
	}
	fine, coarse := report.Curve{Name: "fine feature (dots that touch)"}, report.Curve{Name: "coarse feature (dots with a gap)"}
	for i := range s.Without {
		fine.AddFraction(float64(i), s.Fine[i], s.Test)
		coarse.AddFraction(float64(i), s.Coarse[i], s.Test)
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
