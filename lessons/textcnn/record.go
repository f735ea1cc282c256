package textcnn

import (
	"fmt"

	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/report"
)

// Where the repository keeps its runs at full scale: Kim's model, and the claims that
// depend on the texts.
const (
	kimRecord       = "bench/results/textcnn-full/verdicts.json"
	sentencesRecord = "bench/results/textcnn-sentences/verdicts.json"
)

// FullRun is what the repository keeps of the full scale, on the sentence polarity
// set: Kim's model, the learning curves, and the verdicts on the claims that depend
// on the texts.
func FullRun() (figures report.Figures, err error) {
	kim, err := experiment.Recorded(kimRecord, "textcnn")
	if err != nil {
		return figures, err
	}
	last, err := experiment.Recorded(sentencesRecord, "textcnn.maps textcnn.curve textcnn.faithful")
	if err != nil {
		return figures, err
	}
	figures = kim.Only("classified")
	verdicts := report.Table{
		ID: "sentences", Title: fmt.Sprintf("On the sentence polarity set: %s, commit %.7s", last.Provenance.Started.Format("2 January 2006"), last.Provenance.Commit),
		Columns: []string{"claim", "the sheet says", "on generated reviews", "on real sentences", "measured"},
	}
	recorded := map[string]claim.Verdict{}
	all := Lesson.Claims()
	claim.Each(all, func(c *claim.Claim) { recorded[c.ID] = c.Recorded })
	add := func(c claim.Claim, statement string) {
		verdicts.Rows = append(verdicts.Rows, []string{c.ID, statement, string(recorded[c.ID]), string(c.Verdict), c.Evidence})
	}
	for _, c := range last.Claims {
		if len(c.Parts) == 0 {
			add(c, c.Statement)
		}
		for _, part := range c.Parts {
			if part.ID != "q5.c4b" { // whose texts are generated
				add(part, c.Statement+" "+part.Statement)
			}
		}
	}
	figures.Tables = append(figures.Tables, verdicts)
	figures.Charts = last.Only("curve-1").Charts
	return figures, nil
}
