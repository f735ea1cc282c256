package textcnn

import (
	"evident/kit/experiment"
	"evident/kit/knob"
)

// Config holds the knobs of the lesson.
type Config struct {
	Data     DataConfig
	Classify ClassifyConfig
	Ngrams   Training
	Shift    ShiftConfig
	Maps     MapsConfig
	Robust   Training
	Order    OrderConfig
	Tabular  TabularConfig
	Cost     CostConfig
	Curve    CurveConfig
	Faithful Training
}

// DataConfig says which labelled texts the pipeline, the number of maps (q5.p3),
// the learning curve (q5.c4) and the explanations (q5.c5) use; the other tasks
// are always generated. Fixed: a caveat of every sampled verdict.
type DataConfig struct {
	Polarity bool   // the sentence polarity set of the cache; otherwise generated reviews
	Own      string `json:"-"` // in place of both: a table or a folder of the user's own texts, or that of the polarity set
	Words    int    // the most frequent ones are the vocabulary
	Length   int    // tokens of a text that are read
}

// Net is the model of Kim (2014): word vectors of Width values, Maps filters for
// each size of window, the largest value of each over time, dropout, and a dense
// layer. Fixed.
type Net struct {
	Width   int
	Windows []int `json:",omitempty"`
	Maps    int
	Dropout float64 // share of the pooled features that is left out in training
}

// Training is how a net is trained, and from which seeds.
type Training struct {
	Net          Net
	Seeds        []int64 // averaged over; each draws texts of its own
	Train, Test  int     // texts; fixed
	Epochs       int     // fixed
	BatchSize    int     // fixed
	LearningRate float64 // fixed
}

// ClassifyConfig trains the lesson's classifier of texts.
type ClassifyConfig struct {
	Training
	// Folds is the number of parts of a cross-validation; 0 for a single split,
	// from the first of the seeds.
	Folds int
	// Held is the share of the training texts that chooses the epoch.
	Held float64
}

// ShiftConfig moves phrases about in a text.
type ShiftConfig struct {
	Net     Net     // fixed
	Length  int     // words; fixed
	Phrases int     // fixed
	Seeds   []int64 // of weights and phrases
}

// MapsConfig varies the number of maps.
type MapsConfig struct {
	Training
	Counts []int // maps of each window; compared
}

// OrderConfig asks which of two phrases comes first.
type OrderConfig struct {
	Training
	Gap   int // words between the phrases, at least; fixed
	Units int // of the recurrent rival; fixed
}

// TabularConfig is a task on a row of numbers.
type TabularConfig struct {
	Training     // its Net is not used
	Filters  int // of the CNN; fixed
	Hidden   int // units of the dense rival; fixed
}

// CostConfig says of which nets the work is counted and timed.
type CostConfig struct {
	Published, Timed CostNet // counted at Kim's sizes, timed at smaller ones
	Rounds           int     // of timing, in which all nets take turns
	Texts            int     // of each round
}

// CostNet is a net with the length of the texts, and the units of the GRU that
// it is compared with.
type CostNet struct {
	Net    Net
	Length int
	Words  int
	Units  int
}

// CurveConfig varies the number of labelled texts.
type CurveConfig struct {
	Training       // its Train and Epochs are not used
	Sizes    []int // labelled texts; compared
	Steps    int   // of training, for all sizes; fixed
}

// kim is the net of Kim (2014, section 3.1).
func kim() Net { return Net{Width: 300, Windows: []int{3, 4, 5}, Maps: 100, Dropout: 0.5} }

// Default fits a laptop's CPU in under two minutes, on generated texts.
func Default() Config {
	small := Net{Width: 16, Windows: []int{3, 4, 5}, Maps: 16, Dropout: 0.5}
	bigrams := Net{Width: 16, Windows: []int{2, 3}, Maps: 16}
	task := Training{Net: small, Seeds: knob.Seeds(8), Train: 1024, Test: 1024, Epochs: 10, BatchSize: 32, LearningRate: 5e-3}
	with := func(change func(*Training)) Training { t := task; change(&t); return t }
	return Config{
		Data: DataConfig{Words: 100, Length: 24},
		Classify: ClassifyConfig{Training: with(func(t *Training) {
			t.Train, t.Test, t.Epochs, t.Seeds = 2048, 1000, 12, knob.Seeds(1)
		}), Held: 0.1},
		Ngrams: with(func(t *Training) { t.Net = bigrams }),
		Shift:  ShiftConfig{Net: small, Length: 24, Phrases: 20, Seeds: knob.Seeds(5)},
		Maps: MapsConfig{Training: with(func(t *Training) {
			t.Net = Net{Width: 16, Windows: []int{3}}
		}), Counts: []int{1, 2, 4, 8, 16}},
		Robust: with(func(t *Training) { t.Net.Dropout = 0 }),
		Order:  OrderConfig{Training: with(func(t *Training) { t.Net.Dropout = 0 }), Gap: 5, Units: 24},
		Tabular: TabularConfig{Training: with(func(t *Training) {
			t.Net, t.Train, t.Seeds = Net{}, 2048, knob.Seeds(12)
		}), Filters: 16, Hidden: 32},
		Cost: CostConfig{
			Published: CostNet{Net: kim(), Length: 56, Words: 18_758, Units: 300},
			Timed:     CostNet{Net: Net{Width: 32, Windows: []int{3, 4, 5}, Maps: 32}, Length: 32, Words: 1000, Units: 96},
			Rounds:    10, Texts: 256,
		},
		Curve:    CurveConfig{Training: task, Sizes: []int{32, 128, 512, 2048}, Steps: 300},
		Faithful: task,
	}
}

// Smoke runs the same code in seconds; sampled claims stay inconclusive.
func Smoke() Config {
	c := Default()
	tiny := Net{Width: 4, Windows: []int{2, 3}, Maps: 2, Dropout: 0.5}
	for _, t := range c.trainings() {
		*t = Training{Net: tiny, Seeds: knob.Seeds(2), Train: 64, Test: 32, Epochs: 1, BatchSize: 16, LearningRate: t.LearningRate}
	}
	c.Classify.Seeds = knob.Seeds(1)
	c.Shift = ShiftConfig{Net: tiny, Length: 12, Phrases: 3, Seeds: knob.Seeds(2)}
	c.Maps.Counts = []int{1, 3}
	c.Order.Units, c.Tabular.Filters, c.Tabular.Hidden = 3, 4, 4
	c.Cost.Timed = CostNet{Net: tiny, Length: 8, Words: 50, Units: 4}
	c.Cost.Rounds, c.Cost.Texts = 2, 16
	c.Curve.Sizes, c.Curve.Steps = []int{16, 64}, 4
	return c
}

// Full is Kim's model on the sentence polarity set, in ten-fold
// cross-validation; what the pipeline's data decides is measured on that set
// too, with a smaller net.
func Full() Config {
	c := Default()
	c.Data = DataConfig{Polarity: true, Words: 20_000, Length: 60}
	c.Classify = ClassifyConfig{Training: Training{
		Net: kim(), Seeds: knob.Seeds(1), Epochs: 5, BatchSize: 50, LearningRate: 1e-3,
	}, Folds: 10, Held: 0.1}
	c.Classify.Train, c.Classify.Test = 50, 1 // the folds decide
	sentences := Training{
		Net:   Net{Width: 64, Windows: []int{3, 4, 5}, Maps: 32, Dropout: 0.5},
		Seeds: knob.Seeds(5), Train: 4096, Test: 2000, Epochs: 4, BatchSize: 32, LearningRate: 1e-3,
	}
	c.Maps.Training, c.Faithful, c.Curve.Training = sentences, sentences, sentences
	c.Maps.Net.Windows, c.Maps.Counts = []int{3}, []int{1, 4, 16}
	c.Curve.Sizes, c.Curve.Steps = []int{128, 1024, 8192}, 600
	return c
}

// trainings are those of all parts.
func (c *Config) trainings() []*Training {
	return []*Training{
		&c.Classify.Training, &c.Ngrams, &c.Maps.Training, &c.Robust, &c.Order.Training, &c.Tabular.Training, &c.Curve.Training, &c.Faithful,
	}
}

// For is the configuration of a scale with the caller's options. Data is as in
// [OwnTexts].
func For(o experiment.Options) Config {
	c := experiment.At(o.Preset, Smoke, Default, Full)
	if o.Data != "" {
		c.Data = OwnTexts(o.Data)
	}
	lists := []*[]int64{&c.Shift.Seeds}
	for _, t := range c.trainings() {
		lists = append(lists, &t.Seeds)
	}
	knob.ShiftSeeds(o.Seed, lists...)
	return c
}
