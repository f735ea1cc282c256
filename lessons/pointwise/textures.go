package pointwise

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/datasets"
	"evident/datasets/texture"
	"evident/internal/badinput"
	"evident/kit/arch"
	"evident/kit/fit"
	"evident/kit/nn"
)

// textureClasses is the number of classes of package texture. The last of them
// has no pattern to detect.
const textureClasses = 6

const forTestPictures = 1_000_000 // seeds of test pictures lie far from those counted up from 1

// TextureTraining is how a net is trained on pictures of edges and textures.
type TextureTraining struct {
	Train        int     `role:"fixed" range:"[6, inf)" help:"training pictures"`
	Test         int     `role:"fixed" range:"[6, inf)" help:"test pictures"`
	Epochs       int     `role:"fixed" range:"[1, inf)" help:"passes over the training pictures"`
	BatchSize    int     `role:"fixed" range:"[1, inf)" help:"pictures of a batch"`
	LearningRate float64 `role:"fixed" range:"(0, inf)" help:"of Adam"`
}

// Validate checks that the pictures fill a batch.
func (t TextureTraining) Validate() error {
	if t.Train < t.BatchSize {
		return badinput.Errorf("Train is %d: it must be at least BatchSize, %d", t.Train, t.BatchSize)
	}
	return nil
}

// pictures are those of one seed.
type pictures struct{ train, test datasets.Images }

// draw makes the pictures of a seed.
func (t TextureTraining) draw(seed int64) (p pictures, err error) {
	if p.train, err = texture.Generate(t.Train, seed); err != nil {
		return p, err
	}
	p.test, err = texture.Generate(t.Test, seed+forTestPictures)
	return p, err
}

// classifier puts a dense layer behind the net m. The pictures have the shape of
// those that it will be trained on.
func (t TextureTraining) classifier(backend compute.Backend, m arch.Model) (*fit.Classifier, error) {
	shapes, err := texture.Generate(t.BatchSize, 0)
	if err != nil {
		return nil, err
	}
	return fit.NewClassifier(backend, classifier(features(m), textureClasses), fit.ImageData(shapes), t.BatchSize, optimizer.Adam().LearningRate(t.LearningRate).Done())
}

// compiled is the classifier with its training step and its answers compiled, so
// that the next one finds both in the cache.
func (t TextureTraining) compiled(ctx context.Context, backend compute.Backend, m arch.Model) (*fit.Classifier, error) {
	net, err := t.classifier(backend, m)
	if err != nil {
		return net, err
	}
	some, err := texture.Generate(t.BatchSize, 0)
	if err == nil {
		_, err = net.Evaluate(ctx, fit.ImageData(some))
	}
	return net, err
}

// run trains the net from a seed, on the pictures of the seed.
func (t TextureTraining) run(ctx context.Context, net *fit.Classifier, task string, seed int64) (pictures, error) {
	drawn, err := t.draw(seed)
	if err != nil {
		return drawn, err
	}
	_, err = net.Train(ctx, fit.ImageData(drawn.train), fit.Training{Task: fmt.Sprintf("%s, seed %d", task, seed), Seed: seed, Epochs: t.Epochs})
	return drawn, err
}

// features feeds pictures of bytes to a net, as numbers from −½ to ½.
func features(m arch.Model) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		x = AddScalar(MulScalar(ConvertDType(x, dtypes.Float32), 1.0/255), -0.5)
		return m.Graph(scope, x)[0]
	}
}

// classifier puts a dense layer behind the features.
func classifier(features fit.Network, classes int) fit.Network {
	return func(scope *model.Scope, x *Node) *Node {
		return nn.Dense(scope.In("logits"), features(scope, x), classes)
	}
}

// upTo is the net that ends with the node.
func upTo(m arch.Model, node int) arch.Model {
	m.Outputs = []arch.Ref{{Node: node}}
	return m
}
