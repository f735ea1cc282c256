package textcnn

import (
	"context"

	"github.com/dustin/go-humanize"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/report"
)

// Lesson is the lesson on question 5.
var Lesson = experiment.Lesson[Config]{
	Name: "textcnn", Title: "A CNN for text", Question: "Q5", Notebook: "08-text-cnn.ipynb",
	Smoke: Smoke, Default: Default, Full: Full,
	Accepts: "the sentence polarity set, a table of texts and their labels, or a folder with one folder of texts for each class",
	Adapt: func(c Config, o experiment.Options) Config {
		if o.Data != "" {
			c.Data = OwnTexts(o.Data)
		}
		return c
	},
	// What own texts do not allow is said here, before the first measurement.
	Data: func(ctx context.Context, c Config) (name, hash string, err error) {
		texts, err := c.Data.load(ctx)
		if err != nil {
			return "", "", err
		}
		if err := texts.rehearse(ctx, c); err != nil {
			return "", "", err
		}
		hash, err = texts.hash(c.Classify)
		return texts.name(), hash, err
	},
	Experiments: []experiment.Part[Config]{
		experiment.Of(NgramFilters, func(c Config) NgramsConfig { return c.Ngrams }),
		experiment.Of(MovedPhrases, func(c Config) ShiftConfig { return c.Shift }),
		experiment.Of(FeatureMaps, func(c Config) MapsKnobs { return MapsKnobs{c.Maps, c.Data} }),
		experiment.Of(Robustness, func(c Config) RobustKnobs { return RobustKnobs{c.Robust, c.Shift} }),
		experiment.Of(PhraseOrder, func(c Config) OrderConfig { return c.Order }),
		experiment.Of(ShuffledColumns, func(c Config) TabularConfig { return c.Tabular }),
		experiment.Of(Computation, func(c Config) CostConfig { return c.Cost }),
		experiment.Of(LearningCurves, func(c Config) CurveKnobs { return CurveKnobs{c.Curve, c.Data} }),
		experiment.Of(NamedWindows, func(c Config) FaithfulKnobs { return FaithfulKnobs{c.Faithful, c.Data} }),
		experiment.Of(Pipeline, func(c Config) ClassifyKnobs { return ClassifyKnobs{c.Classify, c.Data} }),
	},
}

// Config holds the knobs of the lesson.
type Config struct {
	Data     DataConfig
	Classify ClassifyConfig
	Ngrams   NgramsConfig
	Shift    ShiftConfig
	Maps     MapsConfig
	Robust   RobustConfig
	Order    OrderConfig
	Tabular  TabularConfig
	Cost     CostConfig
	Curve    CurveConfig
	Faithful FaithfulConfig
}

// kim is the net of Kim (2014, section 3.1).
func kim() Net { return Net{Width: 300, Windows: []int{3, 4, 5}, Maps: 100, Dropout: 0.5} }

// Default fits a laptop's CPU in under two minutes, on generated texts.
func Default() Config {
	small := Net{Width: 16, Windows: []int{3, 4, 5}, Maps: 16, Dropout: 0.5}
	undropped := small
	undropped.Dropout = 0
	training := Training{Train: 1024, Test: 1024, Epochs: 10, BatchSize: 32, LearningRate: 5e-3}
	more := training
	more.Train = 2048
	swaps := training
	swaps.Test = 2048
	order, tabular := training, more
	order.Epochs, tabular.Epochs = 4, 6
	pipeline := more
	pipeline.Test, pipeline.Epochs = 1000, 12
	return Config{
		Data:     DataConfig{Words: 100, Length: 24},
		Classify: ClassifyConfig{Net: small, Seed: 1, Training: pipeline, ValidationFraction: 0.1},
		Ngrams:   NgramsConfig{Net: Net{Width: 16, Windows: []int{2, 3}, Maps: 16}, Seeds: knob.Seeds(8), Training: training},
		Shift:    ShiftConfig{Net: small, Length: 24, Phrases: 20, Seeds: knob.Seeds(5)},
		Maps:     MapsConfig{Counts: []int{1, 4, 16}, Width: 16, Windows: []int{3}, Seeds: knob.Seeds(8), Training: training},
		Robust:   RobustConfig{Net: undropped, Seeds: knob.Seeds(64), Training: swaps},
		Order:    OrderConfig{Net: undropped, Gap: 5, Units: 24, Seeds: knob.Seeds(8), Training: order},
		Tabular:  TabularConfig{Filters: 16, Hidden: 32, Seeds: knob.Seeds(16), Training: tabular},
		Cost: CostConfig{
			Published: CostNet{Net: kim(), Length: 56, Words: 18_758, Units: 300},
			Timed:     CostNet{Net: Net{Width: 32, Windows: []int{3, 4, 5}, Maps: 32}, Length: 32, Words: 1000, Units: 96},
			Rounds:    6, Texts: 128,
		},
		Curve: CurveConfig{
			Sizes: []int{32, 128, 512, 2048}, Net: small, Seeds: knob.Seeds(24), Test: 1024, Steps: 300, BatchSize: 32, LearningRate: 5e-3,
		},
		Faithful: FaithfulConfig{Net: small, Seeds: knob.Seeds(8), Training: training},
	}
}

// Smoke runs the same code in seconds; sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	tiny := Net{Width: 4, Windows: []int{2, 3}, Maps: 2, Dropout: 0.5}
	short := Training{Train: 64, Test: 32, Epochs: 1, BatchSize: 16, LearningRate: 5e-3}
	two := knob.Seeds(2)
	c.Classify = ClassifyConfig{Net: tiny, Seed: 1, Training: short, ValidationFraction: c.Classify.ValidationFraction}
	c.Ngrams = NgramsConfig{tiny, two, short}
	c.Shift = ShiftConfig{Net: tiny, Length: 12, Phrases: 3, Seeds: two}
	c.Maps = MapsConfig{Counts: []int{1, 3}, Width: tiny.Width, Windows: tiny.Windows, Dropout: tiny.Dropout, Seeds: two, Training: short}
	c.Robust = RobustConfig{tiny, two, short}
	c.Order = OrderConfig{Net: tiny, Gap: c.Order.Gap, Units: 3, Seeds: two, Training: short}
	c.Tabular = TabularConfig{Filters: 4, Hidden: 4, Seeds: two, Training: short}
	c.Cost.Timed = CostNet{Net: tiny, Length: 8, Words: 50, Units: 4}
	c.Cost.Rounds, c.Cost.Texts = 2, 16
	c.Curve = CurveConfig{Sizes: []int{16, 64}, Net: tiny, Seeds: two, Test: short.Test, Steps: 4, BatchSize: short.BatchSize, LearningRate: short.LearningRate}
	c.Faithful = FaithfulConfig{tiny, two, short}
	return c
}

// Full is Kim's model on the sentence polarity set, in ten-fold
// cross-validation; what the pipeline's data decides is measured on that set
// too, with a smaller net.
func Full() Config {
	c := Default()
	c.Data = DataConfig{Polarity: true, Words: 20_000, Length: 60}
	c.Classify = ClassifyConfig{
		Net: kim(), Seed: 1, Folds: 10, ValidationFraction: 0.1,
		Training: Training{Train: 50, Test: 1, Epochs: 5, BatchSize: 50, LearningRate: 1e-3}, // the folds decide how many texts
	}
	net, five := Net{Width: 64, Windows: []int{3, 4, 5}, Maps: 32, Dropout: 0.5}, knob.Seeds(5)
	training := Training{Train: 4096, Test: 2000, Epochs: 4, BatchSize: 32, LearningRate: 1e-3}
	c.Maps = MapsConfig{Counts: c.Maps.Counts, Width: net.Width, Windows: []int{3}, Dropout: net.Dropout, Seeds: five, Training: training}
	c.Curve = CurveConfig{Sizes: []int{128, 1024, 8192}, Net: net, Seeds: five, Test: training.Test, Steps: 600, BatchSize: training.BatchSize, LearningRate: training.LearningRate}
	c.Faithful = FaithfulConfig{net, five, training}
	return c
}

// Claims compare accuracies between 0 and 1.
const (
	chance     = 0.5  // of a guess between two classes as frequent as each other
	nearChance = 0.05 // accuracy above chance that nobody would use: 9 of 10 errors of a guess stay
	solved     = 0.9  // accuracy of a net that can do a task of two classes: 4 of 5 errors of a guess are gone
)

// Days on which rules got their form.
const (
	firstRules = "2026-11-24"
	revised    = "2026-11-30"
)

// byChance is the line of such a guess in a chart.
func byChance() []report.Reference { return []report.Reference{{Name: "chance", Y: chance}} }

// bar is one bar of a chart: a value a seed.
type bar struct {
	name   string
	values []float64
}

// bars draws means with their intervals.
func bars(id, title, alt, label string, rules []report.Reference, all ...bar) report.Chart {
	curve := report.Curve{Name: label}
	chart := report.Chart{ID: id, Title: title, Alt: alt, Mark: report.Bars, YLabel: label, Rules: rules}
	for i, b := range all {
		curve.AddEstimate(float64(i), b.values)
		chart.Categories = append(chart.Categories, b.name)
	}
	chart.Curves = []report.Curve{curve}
	return chart
}

func estimate(values []float64) string { return claim.EstimateMean(values).String() }

func mean(values []float64) float64 { return claim.EstimateMean(values).Mean }

func comma(n int) string { return humanize.Comma(int64(n)) }
