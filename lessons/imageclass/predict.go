package imageclass

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"path/filepath"

	"github.com/gomlx/compute"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/imagefolder"
	"evident/internal/badinput"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/report"
)

// format is the version of what is saved beside the weights.
const format = 1

// About is what a saved net needs beside its weights. That pixels are scaled is
// part of the net itself.
type About struct {
	Format   int      `json:"format"`
	Net      Net      `json:"net"`
	Height   int      `json:"height"` // that pictures are brought to
	Width    int      `json:"width"`
	Colour   bool     `json:"colour"`
	Classes  []string `json:"classes"`
	Trained  string   `json:"trained"`  // on which pictures
	Accuracy float64  `json:"accuracy"` // on the validation pictures
}

// channels of the pictures that the net takes.
func (a About) channels() int {
	if a.Colour {
		return 3
	}
	return 1
}

// ModelFolder is where the notebook keeps its net: in the cache folder of the
// user.
func ModelFolder() (string, error) {
	cache, err := datasets.CacheDir()
	return filepath.Join(cache, "models", "imageclass"), err
}

// TrainAndSave trains and scores from the first seed alone, and saves the net in a
// folder, for [Open]. A training that was cut off goes on from its checkpoint
// beside the folder.
func TrainAndSave(ctx context.Context, backend compute.Backend, c TrainKnobs, folder string) (TrainMeasurement, error) {
	first, err := c.open(ctx)
	if err != nil {
		return TrainMeasurement{}, err
	}
	checkpoint := fit.Checkpoint{File: filepath.Clean(folder) + ".training"}
	open := c.compile(plain, first.Train)
	runs, err := fit.BySeed(ctx, backend, c.Seeds[:1], open, func(ctx context.Context, net *fit.Classifier, seed int64) (seedRun, error) {
		run, err := c.train(ctx, net, first, fit.Training{Seed: seed, Checkpoint: checkpoint})
		if err != nil {
			return run, err
		}
		return run, net.Save(folder, c.about(run.shown))
	})
	return c.measurement(first, runs), err
}

// open checks the knobs and gives the pictures of the first seed.
func (c TrainKnobs) open(ctx context.Context) (Pictures, error) {
	if err := knob.Check(SmallNet.Name, c); err != nil {
		return Pictures{}, err
	}
	return c.Data.open(ctx, c.TrainConfig, c.Seeds[0])
}

// about says of a net what its pictures were and what it made of them.
func (c TrainConfig) about(s Shown) About {
	set := s.Pictures.Train
	return About{
		Format: format, Net: c.Net, Height: set.Height, Width: set.Width, Colour: set.Channels == 3, Classes: set.Classes,
		Trained: s.Pictures.name(), Accuracy: s.Outcome.Confusion().Accuracy().Value,
	}
}

// Review scores the net that is saved in a folder on the validation pictures of
// the first seed, and maps what its answers depend on.
func Review(ctx context.Context, backend compute.Backend, c TrainKnobs, folder string) (TrainMeasurement, error) {
	p, err := c.open(ctx)
	if err != nil {
		return TrainMeasurement{}, err
	}
	m, err := Open(backend, folder)
	if err != nil {
		return TrainMeasurement{}, err
	}
	defer m.Finalize()
	data := fit.ImageData(p.Validation)
	logits, err := m.restored.Predict(ctx, data)
	if err != nil {
		return TrainMeasurement{}, err
	}
	// The same weights, in the graph of the saliency.
	salient, err := fit.Restore(backend, folder, m.Net.saliency(plain), data)
	if err != nil {
		return TrainMeasurement{}, err
	}
	defer salient.Finalize()
	values, err := salient.Predict(ctx, data)
	if err != nil {
		return TrainMeasurement{}, err
	}
	run := SeedOutcome{History: fit.History{Seed: c.Seeds[0]}, Outcome: newOutcome(logits, p), Majority: audit.Majority(p.Validation)}
	maps := smoothed(values, p.Validation)
	run.Pointing = pointing(maps, p.Lesions, run.Outcome)
	return TrainMeasurement{
		DataSet: m.Trained, Classes: m.Classes, Train: p.Train.Len(), Runs: []SeedOutcome{run},
		Shown: Shown{p, run.Outcome, maps}, Own: p.Folder != nil,
	}, nil
}

// Model is a saved net, ready for use.
type Model struct {
	About
	restored *fit.Restored
}

// Open reads a net that [TrainAndSave] saved. The error is a [badinput.Err] when
// the folder holds none.
func Open(backend compute.Backend, folder string) (*Model, error) {
	m := &Model{}
	if err := fit.ReadAbout(folder, &m.About); err != nil {
		return nil, err
	}
	if m.Format != format || len(m.Classes) != classes || m.checkSizes() != nil {
		return nil, badinput.Errorf("the model in %s is of another kind or damaged: train and save it again", folder)
	}
	example := m.data(make([]uint8, m.Height*m.Width*m.channels()))
	var err error
	m.restored, err = fit.Restore(backend, folder, m.Net.network(plain), example)
	return m, err
}

func (a About) checkSizes() error {
	size := datasets.Images{Height: a.Height, Width: a.Width}
	return cmp.Or(knob.Check("net", a.Net), a.Net.checkRoom("net", size))
}

// data is one picture as the net takes it.
func (m *Model) data(pixels []uint8) fit.Data {
	return fit.NewData(pixels, []int{m.Height, m.Width, m.channels()}, []int32{0})
}

// options are the size and colour that pictures are brought to.
func (m *Model) options() imagefolder.Options {
	return imagefolder.Options{Height: m.Height, Width: m.Width, Colour: m.Colour}
}

// Prediction is what the net makes of one picture.
type Prediction struct {
	Class         string
	Probabilities []float64 // of the classes, in their order
}

// Predict tells the class of a picture of any size, which is upright.
func (m *Model) Predict(ctx context.Context, picture image.Image) (Prediction, error) {
	return m.predict(ctx, imagefolder.Scale(picture, m.options()))
}

// PredictFile tells the class of the picture in a file of any format that a
// folder of pictures may hold, turned upright as those are.
func (m *Model) PredictFile(ctx context.Context, path string) (Prediction, error) {
	pixels, err := imagefolder.ReadFile(path, m.options())
	if err != nil {
		return Prediction{}, badinput.Errorf("picture %s: %w", path, err)
	}
	return m.predict(ctx, pixels)
}

func (m *Model) predict(ctx context.Context, pixels []uint8) (Prediction, error) {
	logits, err := m.restored.Predict(ctx, m.data(pixels))
	if err != nil {
		return Prediction{}, err
	}
	return Prediction{Class: m.Classes[fit.Argmax(logits[0])], Probabilities: fit.Probabilities(logits[0])}, nil
}

// Table shows the prediction.
func (m *Model) Table(p Prediction) report.Table {
	table := report.Table{ID: "prediction", Title: "The net says: " + p.Class, Columns: []string{"class", "probability"}}
	for i, class := range m.Classes {
		table.Rows = append(table.Rows, []string{class, fmt.Sprintf("%.4f", p.Probabilities[i])})
	}
	return table
}

// Finalize frees the compiled net and its weights.
func (m *Model) Finalize() { m.restored.Finalize() }
