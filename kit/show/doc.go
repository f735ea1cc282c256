// Package show holds the calls that the cells of a notebook make. A cell is one
// line:
//
//	show.Run(inception.MainNet, cfg.TrainKnobs())
//
// and so is the training of a net of one's own, see package fit:
//
//	history := show.Train(net, data, fit.Training{Epochs: 20})
//
// A value outlives its cell with [Keep].
//
// No other package uses GoNB's user interface. Package render produces the
// output. Outside a notebook, the same calls print text to standard output. Like
// notebooks, the calls panic on an error.
package show
