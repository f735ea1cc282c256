// Package fit trains networks of GoMLX: those of the lessons, and a reader's own.
// What follows is in the order of use. The examples run on the pure-Go backend, each
// within a second.
//
// # Data, network, training
//
// [NewData] takes the inputs of all examples in one slice, the shape of one, and a
// label for each; [NewTargetData] takes targets, numbers, in place of labels. A
// [Network] is a function that builds a graph out of the layers of package nn, or of
// GoMLX's own. [NewClassifier] compiles it, and [Model.Train] trains it:
//
//	data := fit.NewData(values, []int{2}, labels)
//	network := func(scope *model.Scope, x *Node) *Node {
//		hidden := nn.ReLU(nn.Dense(scope.In("hidden"), x, 16))
//		return nn.Dense(scope.In("out"), hidden, 2)
//	}
//	net, err := fit.NewClassifier(backend, network, data, 32, optimizer.Adam().Done())
//	…
//	history, err := net.Train(ctx, data, fit.Training{Seed: 1, Epochs: 20, Validation: &validation})
//
// See [NewClassifier]'s example. Who knows Keras finds its fit here as Train, evaluate
// as Evaluate, predict as Predict, History as [History], and its callbacks as fields of
// [Training].
//
// The inputs of a network should be numbers around 0 to 1. Pictures ([ImageData]) come
// as pixels from 0 to 255, and the network scales them first:
//
//	x = DivScalar(ConvertDType(x, dtypes.Float32), 255)
//
// The seed decides the initial weights and the order
// of the data, so that a training can be repeated. Each training starts afresh.
//
// # In a notebook
//
// A cell trains with show.Train(net, data, fit.Training{…}), which draws a progress
// bar. The button that interrupts the kernel ends the training, and show.Train still
// returns the [History] so far. Where a cell calls [Model.Train] itself, the history
// comes beside the error, too. Check the error afterwards; must.M1 would throw the
// history away:
//
//	history, err := net.Train(show.Context(), data, fit.Training{Epochs: 20})
//	show.Check(err) // after an interrupt: one line, no panic
//	show.History(history)
//
// A cell's values end with it. show.Keep keeps a history and the weights of its net for later cells.
//
// # Regression, losses and metrics
//
// [NewRegressor] trains by the mean squared error. [NewModel] takes any [Loss], a
// graph that gives one value per example. A model's Metric measures in Go what is to
// be known beside the loss, on all outputs at once. See the examples of
// [NewRegressor], [NewModel] and [Metric].
//
// # While it trains
//
// [Training] holds what happens beside the steps: a [Schedule] of the learning rate
// ([Constant], [StepDecay], [CosineDecay], [WarmUp], or any function), AfterEpoch for
// callbacks, [EarlyStopping], which leaves the best weights, and a [Checkpoint], from
// which a training that was cut off goes on. See the examples of [Schedule],
// [EarlyStopping] and [Training].
//
// # Use
//
// [Model.Evaluate] scores the model on other data, and [Model.Predict] returns its
// outputs: a classifier's are logits, of which [Argmax] makes a class and
// [Probabilities] shares. [Model.Save] writes the weights into a folder, and
// [Restore] reads them, in another process too. See [Model.Save]'s example. Finalize
// frees what was compiled.
//
// # Beside a lesson's net
//
// Experiments of the lessons take a net of yours as [Own], a network with a name. It is trained as theirs are, stands in
// their tables and charts, and is judged by their rules.
//
// # What is refused
//
// What cannot be trained, or would be trained to nonsense, is an error of one line
// that says what to do: one logit for two classes, a label that the network has no
// logit for, data that are too short, ragged, or not finite, unscaled pixels, and
// outputs or losses of a wrong shape. An error while the network or the loss is built
// ends with the lines of your code that led there, as in (main.go:14, called from
// main.go:31). A loss that is no longer finite is no error but an outcome:
// [History].DivergedAt.
//
// Package fit prints nothing.
package fit
