// Package show is what the cells of a notebook call. A cell is one line:
//
//	show.Run(inception.MainNet, cfg.TrainKnobs())
//
// It is the only package that knows GoNB's user interface. Package render makes
// what it shows. Outside a notebook the same calls print text to standard output.
// As notebooks do, the calls panic on an error.
package show
