package experiment

import (
	"evident/kit/claim"
	"evident/kit/report"
)

// Yours is a table of the verdicts that the rules give to the reader's own net or optimizer, beside those on ours.
func Yours[M any](name string, rules []claim.Rule[M], ours, yours M) report.Table {
	table := report.Table{
		ID: "yours", Title: "By the same rules: " + name, Columns: []string{"claim", "verdict on ours", "verdict on " + name, "measured of " + name},
	}
	var verdicts []string
	claims := claim.Judge(rules, ours)
	claim.Each(claims, func(c *claim.Claim) { verdicts = append(verdicts, string(c.Verdict)) })
	claims, i := claim.Judge(rules, yours), 0
	claim.Each(claims, func(c *claim.Claim) {
		if len(c.Parts) == 0 {
			table.Rows = append(table.Rows, []string{c.ID, verdicts[i], string(c.Verdict), c.Evidence})
		}
		i++
	})
	return table
}
