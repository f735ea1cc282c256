// Package show puts a [lesson.Report] on screen: in a notebook, on a terminal,
// and as a page of HTML. It is the only package that prints, and the only one
// that knows GoNB's user interface.
//
// In a notebook a cell is one line:
//
//	show.Run(inception.MainNet, cfg.TrainKnobs())
//
// Every chart has one description ([lesson.Chart]) and two renderings in one
// display: Vega-Lite, which JupyterLab draws with tooltips, and a PNG for
// viewers that do not (GitHub, nbconvert, VS Code). The paths of a descent grow
// and shrink there with a slider; a PNG shows them whole. A calculation
// ([lesson.Derivation]) is LaTeX in a notebook and MathML on the page. Nothing
// is loaded from a network. Colour never carries a meaning alone: curves differ
// in dash and symbol too, and a verdict is a word and a sign.
//
// Outside a notebook the same calls print their terminal form to standard
// output.
package show
