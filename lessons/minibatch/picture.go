package minibatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/kit/sweep"
)

// PictureConfig trains nets whose loss curves a classifier has to tell apart.
type PictureConfig struct {
	Learn      CurveSet // the classifier learns its threshold on these curves
	Unseen     CurveSet // and is tried on these
	HighRate   float64  `role:"fixed" range:"(0, inf)" help:"rate of full batches that are shown, and not judged"`
	NearlyFull int      `role:"fixed" range:"[1, inf)" help:"batch size, below Examples, that is shown, and not judged"`
	Examples   int      `role:"fixed" range:"[2, inf)" help:"training examples"`
	Hidden     int      `role:"fixed" range:"[1, inf)" help:"hidden units"`
	Steps      int      `role:"fixed" range:"[2, inf)" help:"of each training"`
	Own        Own      `json:",omitzero" role:"compared" help:"a net, a loss or an optimizer of your own, whose curves are told apart too"`
}

// Validate checks the batch sizes, that the classifier does not know the curves
// it is tried on, and that the trainings fit into memory.
func (c PictureConfig) Validate() error {
	most := c.Examples - 1
	err := cmp.Or(
		checkSizes("Learn.BatchSizes", c.Learn.BatchSizes, most), checkSizes("Unseen.BatchSizes", c.Unseen.BatchSizes, most),
		checkSizes("NearlyFull", []int{c.NearlyFull}, most),
		c.fits("Learn", c.Learn), c.fits("Unseen", c.Unseen),
	)
	if err != nil {
		return err
	}
	for _, seed := range c.Unseen.Seeds {
		if slices.Contains(c.Learn.Seeds, seed) {
			return badinput.Errorf("Unseen.Seeds has %d, as has Learn.Seeds: the classifier must not know the curves it is tried on", seed)
		}
	}
	return nil
}

func (c PictureConfig) fits(name string, s CurveSet) error {
	return checkFits(name+".Rates × Seeds", len(s.Rates)*len(s.Seeds), c.Own, c.Hidden, c.Examples)
}

// CurveSet is one training for every rate, seed and batch size, and for every
// rate and seed with full batches.
type CurveSet struct {
	Task       Task      `role:"fixed" help:"quadrants or spirals"`
	Rates      []float64 `role:"averaged" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
	BatchSizes []int     `role:"averaged" range:"[1, inf)" list:"1 rising" help:"below the number of examples"`
	Seeds      []int64   `role:"averaged" help:"of examples, initial weights and order"`
}

// Validate checks the task.
func (s CurveSet) Validate() error {
	if s.Task != Quadrants && s.Task != Spirals {
		return badinput.Errorf("Task is %q: use %s or %s", s.Task, Quadrants, Spirals)
	}
	return nil
}

// PictureMeasurement are a classifier of loss curves and the curves that it was tried
// on.
type PictureMeasurement struct {
	Classifier Classifier
	Learned    []Picture           // the curves of which its threshold was learned
	Unseen     []Picture           // other seeds, another task, other rates and batch sizes
	Oscillates []Picture           // full batches at a rate that is too high
	NearlyFull []Picture           // batches of nearly all examples
	Name       string              // of what is the reader's
	Yours      *PictureMeasurement // with it, by the same classifier; nil without
}

// Picture is a loss curve and what it is of.
type Picture struct {
	Mini  bool // whether the batches were smaller than all examples
	Size  int  // of the batches
	Rate  float64
	Seed  int64
	Marks [2]float64 // in the order of markNames: fraction of rising steps, wander
}

// marks are the two features of a loss curve that the classifier sees.
func marks(losses []float64) [2]float64 { return [2]float64{RisingFraction(losses), Wander(losses)} }

// markNames are those of [Picture].Marks.
var markNames = [2]string{"fraction of rising steps", "wander"}

// Classifier calls a curve mini-batch when one of its marks is above a
// threshold.
type Classifier struct {
	Mark      int // index of the mark
	Threshold float64
}

func (c Classifier) callsMini(marks [2]float64) bool { return marks[c.Mark] > c.Threshold }

// name of the mark that it looks at.
func (c Classifier) name() string { return markNames[c.Mark] }

// learn takes the mark and the threshold with the highest balanced accuracy on
// the pictures. A threshold lies in the middle between two neighbouring values;
// of equals the widest gap, relative to the range, wins.
func learn(pictures []Picture) Classifier {
	var best Classifier
	bestAccuracy, bestGap := -1.0, 0.0
	for mark := range markNames {
		values := make([]float64, len(pictures))
		for i, p := range pictures {
			values[i] = p.Marks[mark]
		}
		slices.Sort(values)
		span := values[len(values)-1] - values[0]
		for i := 1; i < len(values); i++ {
			tried := Classifier{Mark: mark, Threshold: (values[i-1] + values[i]) / 2}
			accuracy, gap := tried.accuracy(pictures), (values[i]-values[i-1])/span
			if accuracy > bestAccuracy || accuracy == bestAccuracy && gap > bestGap {
				best, bestAccuracy, bestGap = tried, accuracy, gap
			}
		}
	}
	return best
}

// accuracy is the mean of two fractions of right answers, that among mini-batches
// and that among full batches: guessing reaches ½.
func (c Classifier) accuracy(pictures []Picture) float64 {
	var right, all [2]float64
	for _, p := range pictures {
		kind := 0
		if p.Mini {
			kind = 1
		}
		all[kind]++
		if c.callsMini(p.Marks) == p.Mini {
			right[kind]++
		}
	}
	return (right[0]/max(all[0], 1) + right[1]/max(all[1], 1)) / 2
}

// calledMini is the fraction of the pictures that the classifier calls mini-batch.
func (c Classifier) calledMini(pictures []Picture) float64 {
	called := 0.0
	for _, p := range pictures {
		if c.callsMini(p.Marks) {
			called += 1 / float64(len(pictures))
		}
	}
	return called
}

// accuracies are, for every seed, the balanced accuracy on its unseen curves.
func (f PictureMeasurement) accuracies() []float64 {
	var seeds []int64
	bySeed := map[int64][]Picture{}
	for _, p := range f.Unseen {
		if bySeed[p.Seed] == nil {
			seeds = append(seeds, p.Seed)
		}
		bySeed[p.Seed] = append(bySeed[p.Seed], p)
	}
	accuracies := make([]float64, len(seeds))
	for i, seed := range seeds {
		accuracies[i] = f.Classifier.accuracy(bySeed[seed])
	}
	return accuracies
}

// measurePictures trains both sets of curves, learns from the one and leaves the
// other to be judged.
func measurePictures(ctx context.Context, backend compute.Backend, c PictureConfig) (facts PictureMeasurement, err error) {
	if facts.Learned, _, err = c.pictures(ctx, backend, c.Learn, Own{}); err != nil {
		return facts, err
	}
	facts.Classifier = learn(facts.Learned)
	if err = facts.see(ctx, backend, c, Own{}); err != nil || !c.Own.isSet() {
		return facts, err
	}
	facts.Yours = &PictureMeasurement{Classifier: facts.Classifier, Learned: facts.Learned, Name: c.Own.name()}
	return facts, facts.Yours.see(ctx, backend, c, c.Own)
}

// see trains the curves that are unseen and those that are not judged.
func (f *PictureMeasurement) see(ctx context.Context, backend compute.Backend, c PictureConfig, own Own) (err error) {
	if f.Unseen, f.Oscillates, err = c.pictures(ctx, backend, c.Unseen, own); err != nil {
		return err
	}
	t := c.training("nearly full batches", c.Unseen.Task, own)
	f.NearlyFull, err = t.pictures(ctx, backend, c.NearlyFull, sweep.Grid(c.Unseen.Rates, c.Unseen.Seeds))
	return err
}

func (c PictureConfig) training(name string, task Task, own Own) training {
	return training{name: by(name, own.name()), task: task, examples: c.Examples, hidden: c.Hidden, steps: c.Steps, own: own}
}

// pictures are the curves of a set, full batches last, and apart from them those
// of full batches at the rate that is too high.
func (c PictureConfig) pictures(ctx context.Context, backend compute.Backend, set CurveSet, own Own) (all, high []Picture, err error) {
	t := c.training("curves on "+string(set.Task), set.Task, own)
	for _, size := range set.BatchSizes {
		mini, err := t.pictures(ctx, backend, size, sweep.Grid(set.Rates, set.Seeds))
		if err != nil {
			return nil, nil, err
		}
		all = append(all, mini...)
	}
	rates := append(slices.Clone(set.Rates), c.HighRate)
	full, err := t.pictures(ctx, backend, c.Examples, sweep.Grid(rates, set.Seeds))
	if err != nil {
		return nil, nil, err
	}
	judged := len(full) - len(set.Seeds) // the high rate is the last
	return append(all, full[:judged]...), full[judged:], nil
}

func (t training) pictures(ctx context.Context, backend compute.Backend, size int, replicas []sweep.Replica) ([]Picture, error) {
	losses, err := t.curves(ctx, backend, size, replicas)
	if err != nil {
		return nil, err
	}
	pictures := make([]Picture, len(replicas))
	for i, r := range replicas {
		pictures[i] = Picture{Mini: size < t.examples, Size: size, Rate: r.Rate, Seed: r.Seed, Marks: marks(losses[i])}
	}
	return pictures, nil
}

const tellsApart = 0.9 // balanced accuracy that tells the pictures apart

func judgePictures(p PictureMeasurement) claim.Finding {
	accuracies := p.accuracies()
	accuracy := claim.EstimateFraction(accuracies, max(len(p.Unseen)/max(len(accuracies), 1), 1))
	return claim.Finding{
		Decision: accuracy.Above(tellsApart),
		Evidence: fmt.Sprintf("A curve is called mini-batch when its %s is above %.3g, learned on %d curves. On %d unseen ones the balanced accuracy is %s. It calls %.0f %% of the full batches at too high a rate mini-batch, and %.0f %% of the batches of %d examples.",
			p.Classifier.name(), p.Classifier.Threshold, len(p.Learned), len(p.Unseen), accuracy,
			100*p.Classifier.calledMini(p.Oscillates), 100*p.Classifier.calledMini(p.NearlyFull), p.nearlyFull()),
		Samples: accuracy.N,
	}
}

func pictureRules() []claim.Rule[PictureMeasurement] {
	return []claim.Rule[PictureMeasurement]{
		claim.SampledRule("q1d.4", "Q1 (d) 4",
			"The picture on the right, which fluctuates, is of mini-batches; the smooth one on the left is of full batches.",
			fmt.Sprintf("a classifier by one mark of the loss curve, with a threshold learned on other seeds, another task, other rates and batch sizes, tells the two apart with a balanced accuracy above %g (95 %% interval), at rates that are not too high", tellsApart),
			claim.Supported, judgePictures).Revised(revised, "each seed draws the examples now, and the interval stays below 1"),
	}
}

// nearlyFull is the size of the batches of nearly all examples.
func (f PictureMeasurement) nearlyFull() int {
	if len(f.NearlyFull) == 0 {
		return 0
	}
	return f.NearlyFull[0].Size
}

// chart shows the mark of every curve that the classifier looks at, one point a
// curve: the curves of a kind stand side by side, the lowest first.
func (f PictureMeasurement) chart() report.Chart {
	name := f.Classifier.name()
	drawn := report.Chart{
		ID: "marks", Title: "Every curve by its " + name, Mark: report.Points, XLabel: "curve, in the order of the table", YLabel: name,
		Alt:   "One point a curve: the mark that the classifier looks at, and a line at its threshold, above which a curve is called mini-batch. The kinds of curves stand side by side: mini-batches of each size, full batches, and two kinds that are not judged.",
		Rules: []report.Reference{{Name: "called mini-batch above", Y: f.Classifier.Threshold}},
	}
	at := 0
	for _, kind := range f.kinds() {
		marks := make([]float64, len(kind.pictures))
		for i, p := range kind.pictures {
			marks[i] = p.Marks[f.Classifier.Mark]
		}
		slices.Sort(marks)
		curve := report.Curve{Name: kind.name}
		for _, mark := range marks {
			curve.Add(float64(at), mark)
			at++
		}
		drawn.Curves = append(drawn.Curves, curve)
	}
	return drawn
}

// kind is the curves of one size of batches.
type kind struct {
	name     string
	pictures []Picture
}

// kinds are the unseen curves by the size of their batches, then those that are
// not judged.
func (f PictureMeasurement) kinds() []kind {
	var kinds []kind
	at := map[int]int{}
	for _, p := range f.Unseen {
		i, known := at[p.Size]
		if !known {
			i = len(kinds)
			at[p.Size] = i
			kinds = append(kinds, kind{name: fmt.Sprintf("mini-batches of %d", p.Size)})
			if !p.Mini {
				kinds[i].name = "full batches"
			}
		}
		kinds[i].pictures = append(kinds[i].pictures, p)
	}
	kinds = append(kinds,
		kind{fmt.Sprintf("nearly full batches of %d", f.nearlyFull()), f.NearlyFull},
		kind{"full batches, rate too high", f.Oscillates})
	for i := range kinds {
		kinds[i].name = by(kinds[i].name, f.Name)
	}
	if f.Yours != nil {
		kinds = append(kinds, f.Yours.kinds()...)
	}
	return kinds
}

// table says what the classifier calls the curves.
func (f PictureMeasurement) table() report.Table {
	rows := report.Table{
		ID: "pictures", Title: fmt.Sprintf("What the classifier says (%s above %.3g)", f.Classifier.name(), f.Classifier.Threshold),
		Columns: []string{"the curve is of", "curves", "called full batch", "called mini-batch"},
	}
	for _, k := range f.kinds() {
		mini := 0
		for _, p := range k.pictures {
			if f.Classifier.callsMini(p.Marks) {
				mini++
			}
		}
		n := len(k.pictures)
		rows.Rows = append(rows.Rows, []string{k.name, fmt.Sprint(n), fmt.Sprint(n - mini), fmt.Sprint(mini)})
	}
	return rows
}

// TwoPictures is the experiment.
var TwoPictures = experiment.Experiment[PictureConfig, PictureMeasurement]{
	Name: "Picture", Title: "Which picture is which",
	Measure: measurePictures, Rules: pictureRules(),
	Figures: func(_ PictureConfig, f PictureMeasurement) (report.Figures, error) {
		figures := report.Figures{Tables: []report.Table{f.table()}, Charts: []report.Chart{f.chart()}}
		if f.Yours != nil {
			figures.Tables = append(figures.Tables, experiment.Yours(f.Yours.Name, pictureRules(), f, *f.Yours))
		}
		return figures, nil
	},
}
