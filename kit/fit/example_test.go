package fit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"evident/kit/backend"
	"evident/kit/fit"
	"evident/kit/nn"
)

// pureGo is the backend that needs no library. In a notebook, show.Backend() is
// the fastest there is.
func pureGo() compute.Backend {
	b, err := backend.PureGo()
	if err != nil {
		panic(err)
	}
	return b
}

// rings are points of the plane: those near the middle have the label 0, and those
// around them 1.
func rings(n int, seed uint64) fit.Data {
	random := rand.New(rand.NewPCG(seed, 0))
	var points []float64
	var labels []int32
	for range n {
		x, y := 2*random.Float64()-1, 2*random.Float64()-1
		points = append(points, x, y)
		label := int32(0)
		if math.Hypot(x, y) > 0.7 {
			label = 1
		}
		labels = append(labels, label)
	}
	return fit.NewData(points, []int{2}, labels)
}

// twoLayers is a network for them: [batch, 2] → [batch, 16] → logits [batch, 2].
func twoLayers(scope *model.Scope, x *Node) *Node {
	hidden := nn.ReLU(nn.Dense(scope.In("hidden"), x, 16))
	return nn.Dense(scope.In("out"), hidden, 2)
}

// Classification from arrays of one's own.
func ExampleNewClassifier() {
	train, validation := rings(512, 1), rings(256, 2)
	net, err := fit.NewClassifier(pureGo(), twoLayers, train, 32, optimizer.Adam().LearningRate(0.02).Done())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer net.Finalize()
	history, err := net.Train(context.Background(), train, fit.Training{Seed: 1, Epochs: 20, Validation: &validation})
	if err != nil {
		fmt.Println(err)
	}
	last := history.Epochs[len(history.Epochs)-1]
	fmt.Println("over 90 % right:", last.Validation.Accuracy > 0.9)

	logits, err := net.Logits(context.Background(), fit.NewData([]float64{0, 0, 0.9, 0.9}, []int{2}, nil))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println("the middle is", fit.Argmax(logits[0]), "and the corner", fit.Argmax(logits[1]))
	// Output:
	// over 90 % right: true
	// the middle is 0 and the corner 1
}

// line is a network of one number to one number, y = wx + b.
func line(scope *model.Scope, x *Node) *Node { return nn.Dense(scope, x, 1) }

// points lie on y = 2x + 1, but for the last.
var points = fit.NewTargetData([]float64{0, 0.25, 0.5, 0.75, 1}, []int{1}, []float32{1, 1.5, 2, 2.5, 8}, []int{1})

// train is a whole training, for the examples of what can be trained.
func train(net *fit.Model, data fit.Data, t fit.Training) fit.History {
	history, err := net.Train(context.Background(), data, t)
	if err != nil {
		fmt.Println(err)
	}
	return history
}

// predict is the output for one number.
func predict(net *fit.Model, x float64) float32 {
	outputs, err := net.Predict(context.Background(), fit.NewData([]float64{x}, []int{1}, nil))
	if err != nil {
		fmt.Println(err)
	}
	return outputs[0][0]
}

// Regression: one output, by the mean squared error. The line of least squares
// through the points is y = 6x.
func ExampleNewRegressor() {
	net, err := fit.NewRegressor(pureGo(), line, points, 5, nn.SGD().GoMLX(0.5))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer net.Finalize()
	history := train(net, points, fit.Training{Epochs: 300})
	fmt.Printf("%.2f at 0.5, %.2f at 1, loss %.2f\n", predict(net, 0.5), predict(net, 1), history.Epochs[299].Loss)
	// Output: 3.00 at 0.5, 6.00 at 1, loss 2.00
}

// A loss of one's own: the absolute error, which one outlier does not move.
func ExampleNewModel() {
	absolute := func(targets, outputs *Node) *Node { return Abs(Sub(targets, outputs)) }
	net, err := fit.NewModel(pureGo(), line, points, 5, nn.SGD().GoMLX(0.1), absolute)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer net.Finalize()
	train(net, points, fit.Training{Epochs: 500, LearningRate: fit.CosineDecay(0.1)})
	fmt.Printf("%.1f at 0.5, %.1f at 1\n", predict(net, 0.5), predict(net, 1))
	// Output: 2.0 at 0.5, 3.0 at 1
}

// A metric of one's own: the largest error.
func ExampleMetric() {
	net, err := fit.NewRegressor(pureGo(), line, points, 5, nn.SGD().GoMLX(0.5))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer net.Finalize()
	net.Metric = func(outputs [][]float32, data fit.Data) float64 {
		largest := 0.0
		for i, target := range data.Targets() {
			largest = max(largest, math.Abs(float64(outputs[i][0]-target)))
		}
		return largest
	}
	train(net, points, fit.Training{Epochs: 300})
	score, err := net.Evaluate(context.Background(), points)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Printf("loss %.2f, largest error %.2f\n", score.Loss, score.Metric)
	// Output: loss 2.00, largest error 2.00
}

// A callback is called after every epoch. It may end the training.
func ExampleTraining() {
	net, err := fit.NewRegressor(pureGo(), line, points, 5, nn.SGD().GoMLX(0.5))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer net.Finalize()
	history := train(net, points, fit.Training{Epochs: 300, AfterEpoch: func(h fit.History) error {
		if last := h.Epochs[len(h.Epochs)-1]; last.Loss < 2.5 {
			fmt.Println("good enough")
			return fit.ErrStop
		}
		return nil
	}})
	fmt.Println("before the last epoch:", len(history.Epochs) < 300)
	// Output:
	// good enough
	// before the last epoch: true
}

// The training ends when the validation loss has not fallen for 5 epochs, and the
// network has the weights of the best epoch. For the accuracy in place of the loss:
//
//	Monitor: func(s fit.Score) float64 { return -s.Accuracy }
func ExampleEarlyStopping() {
	few, validation := rings(32, 1), rings(256, 2) // so few are soon learned by heart
	net, err := fit.NewClassifier(pureGo(), twoLayers, few, 32, optimizer.Adam().LearningRate(0.05).Done())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer net.Finalize()
	history := train(net.Model, few, fit.Training{
		Seed: 1, Epochs: 500, Validation: &validation, EarlyStopping: fit.EarlyStopping{Patience: 5},
	})
	best := history.Epochs[history.BestEpoch-1].Validation
	score, err := net.Evaluate(context.Background(), validation)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println("epochs after the best:", len(history.Epochs)-history.BestEpoch)
	fmt.Println("the network is that of the best:", score == best)
	// Output:
	// epochs after the best: 5
	// the network is that of the best: true
}

// The rates of ten steps.
func ExampleSchedule() {
	own := func(step, _ int) float64 { return 0.1 / float64(1+step) }
	for _, schedule := range []fit.Schedule{
		fit.Constant(0.1),
		fit.StepDecay(0.1, 0.5, 4),
		fit.CosineDecay(0.1),
		fit.WarmUp(4, fit.CosineDecay(0.1)),
		own,
	} {
		var rates []float64
		for step := range 10 {
			rates = append(rates, schedule(step, 10))
		}
		fmt.Printf("%.3f\n", rates)
	}
	// Output:
	// [0.100 0.100 0.100 0.100 0.100 0.100 0.100 0.100 0.100 0.100]
	// [0.100 0.100 0.100 0.100 0.050 0.050 0.050 0.050 0.025 0.025]
	// [0.100 0.098 0.090 0.079 0.065 0.050 0.035 0.021 0.010 0.002]
	// [0.020 0.040 0.060 0.080 0.100 0.093 0.075 0.050 0.025 0.007]
	// [0.100 0.050 0.033 0.025 0.020 0.017 0.014 0.013 0.011 0.010]
}

// A training that is interrupted returns the history so far, beside the error.
func ExampleModel_Train() {
	net, err := fit.NewRegressor(pureGo(), line, points, 5, nn.SGD().GoMLX(0.5))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer net.Finalize()
	ctx, interrupt := context.WithCancel(context.Background())
	history, err := net.Train(ctx, points, fit.Training{Epochs: 1000, AfterEpoch: func(h fit.History) error {
		if len(h.Epochs) == 3 {
			interrupt()
		}
		return nil
	}})
	fmt.Println(errors.Is(err, context.Canceled), len(history.Epochs), "epochs")
	// Output: true 3 epochs
}

// What was saved answers in another process as it did in this one. Beside the
// weights stands what else is needed to use them, as the names of the classes.
func ExampleModel_Save() {
	data := rings(512, 1)
	net, err := fit.NewClassifier(pureGo(), twoLayers, data, 32, optimizer.Adam().LearningRate(0.02).Done())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer net.Finalize()
	train(net.Model, data, fit.Training{Seed: 1, Epochs: 10})

	parent, err := os.MkdirTemp("", "models")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(parent) }()
	folder := filepath.Join(parent, "rings")
	if err := net.Save(folder, []string{"middle", "around"}); err != nil {
		fmt.Println(err)
	}

	var classes []string
	if err := fit.ReadAbout(folder, &classes); err != nil {
		fmt.Println(err)
	}
	point := fit.NewData([]float64{0.9, -0.9}, []int{2}, nil)
	restored, err := fit.Restore(pureGo(), folder, twoLayers, point)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer restored.Finalize()
	logits, err := restored.Predict(context.Background(), point)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println("the corner is", classes[fit.Argmax(logits[0])])
	// Output: the corner is around
}
