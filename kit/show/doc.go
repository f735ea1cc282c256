// Package show is what the cells of a notebook call. A cell is one line:
//
//	show.Run(inception.MainNet, cfg.TrainKnobs())
//
// and so is the training of a net of one's own, see package fit:
//
//	history := show.Train(net, data, fit.Training{Epochs: 20})
//
// It is the only package that knows GoNB's user interface. Package render makes
// what it shows. Outside a notebook the same calls print text to standard output.
// As notebooks do, the calls panic on an error.
package show
