package textfolder_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/textfolder"
	"evident/internal/badinput"
)

// The files of testdata have 60 texts of each class, counted with Python's csv.
func TestTablesAsPeopleHaveThem(t *testing.T) {
	for file, c := range map[string]struct {
		delimiter   rune
		text, label int
		header      bool
		lineEnds    string
		classes     []string
		first       string
	}{
		"semicolons-one-comma-in-every-text": {';', 0, 1, false, "LF", []string{"neg", "pos"}, "annoying, really"},
		"pipes":                              {'|', 0, 1, true, "LF", []string{"neg", "pos"}, "annoying, I walked out (11)"},
		"excel-sep-line":                     {';', 0, 1, true, "CRLF", []string{"neg", "pos"}, "annoying, I walked out (11)"},
		"classic-mac-cr-only":                {',', 0, 1, true, "CR", []string{"neg", "pos"}, "annoying, I walked out (11)"},
		"header-not-known":                   {',', 0, 1, true, "LF", []string{"neg", "pos"}, "annoying, I walked out (11)"},
		"labels-with-spaces-and-capitals":    {',', 0, 1, true, "LF", []string{"neg", "pos"}, "annoying, I walked out (11)"},
		"sms-spam-as-on-kaggle":              {',', 1, 0, true, "LF", []string{"ham", "spam"}, "annoying, I walked out (11)"},
	} {
		t.Run(file, func(t *testing.T) {
			texts, err := textfolder.Load(filepath.Join("testdata", file+".csv"))
			require.NoError(t, err)
			f := texts.Report.Format
			require.Equal(t, []any{c.delimiter, c.text, c.label, c.header, c.lineEnds}, []any{f.Delimiter, f.Text, f.Label, f.Header != nil, f.LineEnds})
			require.Equal(t, c.classes, texts.Classes)
			require.Equal(t, []int{60, 60}, texts.Counts())
			require.Equal(t, c.first, texts.Texts[0])
		})
	}
}

func TestLabelsTakenForOneAreCounted(t *testing.T) {
	texts, err := textfolder.Load(filepath.Join("testdata", "labels-with-spaces-and-capitals.csv"))
	require.NoError(t, err)
	require.Equal(t, []string{`"neg" 31, "NEG" 16, "neg " 13`, `"pos" 29, "pos " 17, "POS" 14`}, texts.Report.Merged)
}

// sentence returns the n-th of many different sentences.
func sentence(n int) string {
	words := strings.Fields("the film was never quite good or bad but long and slow at night in war with love")
	return fmt.Sprintf("%s %s %s this %s", words[n%7], words[n%11], words[n%17], words[n%13])
}

// lines writes 40 rows, each from its number, a sentence, and neg or pos.
func lines(header string, row func(n int, text, label string) string) string {
	var table strings.Builder
	if header != "" {
		fmt.Fprintln(&table, header)
	}
	for n := range 40 {
		fmt.Fprintln(&table, row(n, sentence(n), []string{"neg", "pos"}[n%2]))
	}
	return table.String()
}

func TestColumnsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		content     string
		text, label int
		first       string
	}{
		"label first":          {lines("", func(_ int, x, l string) string { return l + "," + x }), 1, 0, sentence(0)},
		"index in front":       {lines(",text,label", func(n int, x, l string) string { return fmt.Sprintf("%d,%s,%s", n, x, l) }), 1, 2, sentence(0)},
		"index, no header":     {lines("", func(n int, x, l string) string { return fmt.Sprintf("%d,%s,%s", n, x, l) }), 1, 2, sentence(0)},
		"label in the middle":  {lines("id\tsentiment\treview", func(n int, x, l string) string { return fmt.Sprintf("%d_1\t%s\t%s", n, l, x) }), 2, 1, sentence(0)},
		"dates, links, empty":  {lines("", func(n int, x, l string) string { return fmt.Sprintf("2024-01-%02d,http://a.b/%d,%s,%s,", n%5, n, x, l) }), 2, 3, sentence(0)},
		"names of another day": {lines("nr;meinung;urteil", func(n int, x, l string) string { return fmt.Sprintf("%d;%s;%s", n, x, l) }), 1, 2, sentence(0)},
		"tweets": {lines("", func(n int, x, l string) string {
			return fmt.Sprintf("%q,%q,%q,%q,%q,%q", l, fmt.Sprint(14678+n), fmt.Sprintf("Mon Apr 06 22:19:%02d PDT 2009", n), "NO_QUERY", fmt.Sprint("user", n), x)
		}), 5, 0, sentence(0)},
		"ratings":              {lines("review,rating", func(n int, x, _ string) string { return fmt.Sprintf("%s,%d", x, 1+n%5) }), 0, 1, sentence(0)},
		"−1 and 1":             {lines("", func(n int, x, _ string) string { return fmt.Sprintf("%d|%s", 2*(n%2)-1, x) }), 1, 0, sentence(0)},
		"both label and text":  {lines("text,label,label_text", func(n int, x, l string) string { return fmt.Sprintf("%s,%d,%s", x, n%2, l) }), 0, 1, sentence(0)},
		"words for labels":     {lines("", func(n int, x, _ string) string { return x + "," + []string{"question", "comment"}[n%2] }), 0, 1, sentence(0)},
		"quotes not doubled":   {lines("", func(_ int, x, l string) string { return `he said "` + x + `",` + l }), 0, 1, `he said "` + sentence(0) + `"`},
		"quotes with \\":       {lines("", func(_ int, x, l string) string { return `"so \"` + x + `\", he said",` + l }), 0, 1, `so "` + sentence(0) + `", he said`},
		"blanks before quotes": {lines("", func(_ int, x, l string) string { return l + `, "` + x + `, really"` }), 1, 0, sentence(0) + ", really"},
		"quotes never closed":  {lines("", func(_ int, x, l string) string { return `"` + x + "\t" + l }), 0, 1, `"` + sentence(0)},
		"lines in quotes":      {lines("", func(_ int, x, l string) string { return `"so:` + "\n" + x + `, ""really""",` + l }), 0, 1, "so:\n" + sentence(0) + `, "really"`},
		"commas between tabs":  {lines("", func(_ int, x, l string) string { return x + ", really\t" + l }), 0, 1, sentence(0) + ", really"},
		"sep=, of tabs":        {"\"sep=\t\"\n" + lines("text\tlabel", func(_ int, x, l string) string { return x + "\t" + l }), 0, 1, sentence(0)},
		"fastText":             {lines("", func(_ int, x, l string) string { return "__label__" + l + " " + x }), 1, 0, sentence(0)},
		"tags in front":        {lines("", func(_ int, x, l string) string { return "<br />" + x + "," + l }), 0, 1, "<br />" + sentence(0)},
		"brackets in front":    {lines("", func(_ int, x, l string) string { return "[sighs] " + x + "," + l }), 0, 1, "[sighs] " + sentence(0)},
		"lines of two kinds":   {strings.Replace(lines("", func(_ int, x, l string) string { return x + "," + l }), "\n", "\r", 5), 0, 1, sentence(0)},
	} {
		for _, file := range []string{"a.csv", "a.tsv", "a"} { // the ending does not matter
			t.Run(name+", "+file, func(t *testing.T) {
				texts, err := textfolder.Load(write(t, file, c.content))
				require.NoError(t, err)
				require.Equal(t, []int{c.text, c.label}, []int{texts.Report.Format.Text, texts.Report.Format.Label})
				require.Equal(t, 40, texts.Len())
				require.Equal(t, c.first, texts.Texts[0])
			})
		}
	}
}

// Forms, statistics and pages have several lines above the texts.
func TestLinesAboveTheTexts(t *testing.T) {
	comma := func(_ int, x, l string) string { return x + "," + l }
	barred := func(_ int, x, l string) string { return "| " + x + ` \| really | ` + l + " |" }
	qualtrics := func(n int, x, l string) string {
		return fmt.Sprintf("2024-05-%02d 10:00:00,IP Address,100,True,R_%d,%q,%s", n%28+1, n, x+", really", l)
	}
	for name, c := range map[string]struct {
		content  string
		first    string
		headerAt int
		says     string
	}{
		"a title":                 {lines("Survey of 2024\ntext,label", comma), sentence(0), 2, `left out above the table: line 1, "Survey of 2024"`},
		"a title, filled up":      {lines("Survey of 2024,\nkommentar,urteil", comma), sentence(0), 2, `line 1, "Survey of 2024"`},
		"a title with commas":     {lines("Survey, of May, 2024\ntext,label", comma), sentence(0), 2, `line 1, "Survey, of May, 2024"`},
		"titles, a blank line":    {lines("Survey\nof 2024\n\ntext,label", comma), sentence(0), 4, `lines 1 to 2, the first of which is "Survey"`},
		"a title, no header":      {lines("Survey of 2024", comma), sentence(0), 0, "line 1"},
		"merged cells":            {lines("Student,,Answer,\nid,name,comment,rating", func(n int, x, l string) string { return fmt.Sprintf("%d,Ann,%s,%s", n, x, l) }), sentence(0), 2, `line 1, "Student,,Answer"`},
		"remarks":                 {lines("# made on Monday, by \"me\n#\n# version 2\ntext,label", comma), sentence(0), 4, `left out above the table: "# made on Monday, by \"me"`},
		"a remark, no header":     {lines("# made on Monday, by me", comma), sentence(0), 0, "# made on Monday"},
		"the header is a remark":  {lines("# version 2\n# text,label", comma), sentence(0), 2, "# version 2"},
		"hashtags":                {lines("#metoo is true,pos", comma), "#metoo is true", 0, ""},
		"hashtags and a blank":    {lines("# one is true,pos", func(_ int, x, l string) string { return "# " + x + "," + l }), "# one is true", 0, ""},
		"types below the header":  {lines("text,label\nstring,discrete\nmeta,class", comma), sentence(0), 1, `line 3 is taken for a further header, since "class" is the label of no other line`},
		"questions below":         {lines("Q1,Q2\nWhat did you see?,How was it?", comma), sentence(0), 1, `line 2 is taken for a further header`},
		"Qualtrics":               {lines("StartDate,Status,Progress,Finished,ResponseId,Q1,Q2\nStart Date,Response Type,Progress,Finished,Response ID,\"What did you\nsee?\",How was it?\n\"{\"\"ImportId\"\":\"\"startDate\"\",\"\"timeZone\"\":\"\"Z\"\"}\",\"{\"\"ImportId\"\":\"\"status\"\"}\",\"{\"\"ImportId\"\":\"\"progress\"\"}\",\"{\"\"ImportId\"\":\"\"finished\"\"}\",\"{\"\"ImportId\"\":\"\"_recordId\"\"}\",\"{\"\"ImportId\"\":\"\"QID1_TEXT\"\"}\",\"{\"\"ImportId\"\":\"\"QID2\"\"}\"", qualtrics), sentence(0) + ", really", 1, "left out below the header: lines 2 to 4, as Qualtrics writes them"},
		"Markdown":                {lines("| text | label |\n|------|:-----:|", barred), sentence(0) + " | really", 1, "read as a table that is drawn with bars"},
		"Markdown, below a title": {lines("# Survey\n\n| Kommentar | Urteil |\n|---|---|", barred), sentence(0) + " | really", 3, "left out"},
		"a data base's":           {lines("+------+-----+\n| text | label |\n+------+-----+", barred) + "+------+-----+\n(40 rows)\n", sentence(0) + " | really", 2, `left out beside the table: 1 line, such as "(40 rows)"`},
		"Markdown inside":         {lines("text,label\n\"so: \n| a | b |\n|---|---|\n| 1 | 2 |\",neg", comma), "so: \n| a | b |\n|---|---|\n| 1 | 2 |", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			texts, err := textfolder.Load(write(t, "a.csv", c.content))
			require.NoError(t, err)
			require.Equal(t, []string{"neg", "pos"}, texts.Classes)
			require.Equal(t, c.first, texts.Texts[0])
			require.Equal(t, c.headerAt, texts.Report.Format.HeaderAt)
			require.Contains(t, strings.Join(texts.Report.Notes, "\n"), c.says)
			if c.says == "" {
				require.Empty(t, texts.Report.Notes)
				require.Equal(t, 41, texts.Len())
			} else {
				require.Equal(t, 40, texts.Len())
			}
		})
	}
}

func TestWhatCannotBeDecidedIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ content, says string }{
		"grades and groups":  {lines("id,comment,grade,seminar", func(n int, x, _ string) string { return fmt.Sprintf("%d,%s,%d,s%d", n, x, n%10, n%3) }), "columns 3 and 4 may both be the labels"},
		"two labels":         {lines("", func(n int, x, l string) string { return x + "," + l + "," + []string{"en", "de", "fr"}[n%3] }), "columns 2 and 3 may both be the labels"},
		"commas not quoted":  {lines("", func(_ int, x, l string) string { return x + ", really good," + l }), "cut at their commas"},
		"commas in some":     {lines("", func(n int, x, l string) string { return x + strings.Repeat(", really", n%4/3) + "," + l }), "line 4 has 3 columns"},
		"more and fewer":     {lines("", func(n int, x, l string) string { return strings.Repeat("a,", n%2) + x + "," + l }), "columns between commas where most have"},
		"a title above all":  {lines("Survey; of, 2024, May", func(_ int, x, l string) string { return x + "," + l }), "line 1 has 3 columns between commas where most have 2: put a text with commas or line ends in it in double quotes, or remove the line if it is a title above the header"},
		"a remark below":     {lines("text,label", func(_ int, x, l string) string { return x + "," + l }) + "made on Monday\n", "line 42 has 1 column between commas where most have 2: put a text with commas or line ends in it in double quotes, or remove the line if it is no row"},
		"a bar in Markdown":  {lines("| text | label |\n|---|---|", func(_ int, x, l string) string { return "| " + x + " | really | " + l + " |" }), "line 3 has 3 columns between bars where most have 2: write a bar inside of a text as \\|"},
		"a header, one more": {lines("text,label", func(_ int, x, l string) string { return x + "," + x + "," + l }), "line 1 has 2 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := textfolder.Load(write(t, "a.csv", c.content))
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

const sameText = "the same sentence for all of the rows"

func TestTextsThatAreAllTheSameAreNamedAsThat(t *testing.T) {
	for name, content := range map[string]string{
		"named":            lines("text,label", func(_ int, _, l string) string { return sameText + "," + l }),
		"no names":         lines("", func(_ int, _, l string) string { return sameText + "," + l }),
		"label first":      lines("urteil,kommentar", func(_ int, _, l string) string { return l + "," + sameText }),
		"numbers in front": lines("", func(n int, _, l string) string { return fmt.Sprintf("%d,%s,%s", n, sameText, l) }),
		"but for signs":    lines("text,label", func(n int, _, l string) string { return sameText + strings.Repeat("!", n) + "," + l }),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := textfolder.Load(write(t, "a.csv", content))
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, "all 40 texts are the same")
			require.ErrorContains(t, err, sameText)
			require.ErrorContains(t, err, "look whether")
		})
	}
	_, err := textfolder.Load(filepath.Dir(filepath.Dir(write(t, "a/b/1.txt", "x"))))
	require.ErrorContains(t, err, "of one class alone")
	root := folder(t, "spam/1.txt", "fine/1.txt", "fine/2.txt")
	for _, name := range []string{"spam/1.txt", "fine/1.txt", "fine/2.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(sameText), 0o644))
	}
	_, err = textfolder.Load(root)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "all 3 texts are the same")

	// A question that is the same for all answers is not a text, and neither is a
	// remark.
	texts, err := textfolder.Load(write(t, "a.csv", lines("", func(_ int, x, l string) string { return sameText + "," + x + "," + l })))
	require.NoError(t, err)
	require.Equal(t, sentence(0), texts.Texts[0])
}

// Dates and amounts are not classes. A few different numbers are, and somewhat
// more may be.
func TestNumbersAndDatesAsLabels(t *testing.T) {
	rated := func(header string, label func(n int) string) string {
		return lines(header, func(n int, x, _ string) string { return x + "," + label(n) })
	}
	for name, c := range map[string]struct{ content, says string }{
		"dates":        {rated("review,date", func(n int) string { return fmt.Sprintf("2024-01-%02d", n%9+1) }), `the labels, in column 2 "date", are dates, times or addresses, as in "2024-01-01", "2024-01-02"`},
		"months":       {rated("", func(n int) string { return fmt.Sprintf("2024-%02d", n%9+1) }), `the labels, in column 2, are dates`},
		"names of May": {rated("review,day", func(n int) string { return fmt.Sprintf("%d May 2024", n%9+1) }), `are dates, times or addresses, as in "1 May 2024"`},
		"prices":       {rated("review,price", func(n int) string { return fmt.Sprintf("%d.95", 10*(n%20)+1) }), `the labels, in column 2 "price", are 20 different numbers, as in "1.95", "11.95"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := textfolder.Load(write(t, "a.csv", c.content))
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "a few classes, such as")
		})
	}
	for name, c := range map[string]struct {
		content string
		classes int
		says    string
	}{
		"0 and 1":            {rated("review,score", func(n int) string { return fmt.Sprint(n % 2) }), 2, ""},
		"1 to 5":             {rated("review,stars", func(n int) string { return fmt.Sprint(n%5 + 1) }), 5, ""},
		"1 to 10":            {rated("review,rating", func(n int) string { return fmt.Sprint(n%10 + 1) }), 10, `the labels, in column 2 "rating", are 10 different numbers, as in "1", "2", "3": each is a class of its own, and their order is not used`},
		"half stars":         {rated("review,rating", func(n int) string { return fmt.Sprint(float64(n%9)/2 + 1) }), 9, `are 9 different numbers`},
		"dates called label": {rated("text,label", func(n int) string { return fmt.Sprintf("2024-01-%02d", n%4+1) }), 4, "are dates, times or addresses"},
		"ratings, another":   {lines("review,rating,verdict", func(n int, x, l string) string { return fmt.Sprintf("%s,%d,%s", x, n%10+1, l) }), 10, "are 10 different numbers"},
		"prices, another":    {lines("review,score,verdict", func(n int, x, l string) string { return fmt.Sprintf("%s,%d.95,%s", x, n%12, l) }), 2, ""},
		"below headers":      {rated("text,label\nWhat did you see?,How was it?\n(free),(one)", func(n int) string { return fmt.Sprint(n%5 + 1) }), 5, "line 3 is taken for a further header"},
		"dates, another":     {lines("review,label_date,verdict", func(n int, x, l string) string { return fmt.Sprintf("%s,2024-01-%02d,%s", x, n%4+1, l) }), 2, ""},
		"scores, another":    {lines("review,score,verdict", func(n int, x, l string) string { return fmt.Sprintf("%s,%d.5,%s", x, n, l) }), 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			texts, err := textfolder.Load(write(t, "a.csv", c.content))
			require.NoError(t, err)
			require.Len(t, texts.Classes, c.classes)
			require.Contains(t, strings.Join(texts.Report.Notes, "\n"), c.says)
			if c.says == "" || c.classes == 5 {
				require.NotContains(t, strings.Join(texts.Report.Notes, "\n"), "different numbers")
			}
		})
	}
}

func TestRowsThatAreLeftOutAreCounted(t *testing.T) {
	texts, err := textfolder.Load(write(t, "a.csv", lines("text,label", func(n int, x, l string) string {
		switch n {
		case 3:
			return x + ",NA"
		case 4:
			return x + ","
		case 5:
			return " ," + l
		case 6:
			return ","
		case 7:
			return "text,label"
		}
		return x + "," + l
	})))
	require.NoError(t, err)
	require.Equal(t, 35, texts.Len())
	counts := map[string]int{}
	for _, l := range texts.Report.LeftOut {
		counts[l.Reason()] = l.Count
	}
	require.Equal(t, map[string]int{"text without a label": 2, "label without a text": 1, "empty row": 1, "repeated header": 1}, counts)
}

func TestCopiesHaveOneGroup(t *testing.T) {
	texts, err := textfolder.Load(write(t, "a.csv", lines("text,label", func(n int, x, l string) string {
		return []string{"a fine film for all the children,pos", "A fine film – for all the children!,neg", x + " " + fmt.Sprint(n, " ", n+1) + "," + l}[min(n, 2)]
	})))
	require.NoError(t, err)
	require.Equal(t, 1, texts.Report.Duplicates.Exact)
	require.Equal(t, texts.Groups[0], texts.Groups[1])
	require.Len(t, texts.Report.Disputed, 1)
	require.Contains(t, strings.Join(texts.Lines(), "\n"), "copies with different labels: 1")
}

// folder writes files of two words each below a new folder.
func folder(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for i, name := range names {
		file := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(fmt.Sprint("text ", i)), 0o644))
	}
	return root
}

func TestWhatProgramsLeaveBehindIsNoClass(t *testing.T) {
	root := folder(t, "spam/1.txt", "fine/1.txt", "__MACOSX/spam/1.txt", "@eaDir/1.txt", "$RECYCLE.BIN/1.txt", ".ipynb_checkpoints/1.txt",
		"spam/._1.txt", "spam/@eaDir/1.txt", "spam/1.eml", "readme.txt", "notes/x.md")
	texts, err := textfolder.Load(root)
	require.NoError(t, err)
	require.Equal(t, []string{"fine", "spam"}, texts.Classes)
	require.Equal(t, 2, texts.Len())
	require.Contains(t, texts.Lines()[1], "2 files without the ending .txt, as notes/x.md")
	require.Contains(t, texts.Lines()[1], "1 file in no folder of a class, readme.txt")
	require.Contains(t, texts.Lines()[1], "notes/")
}

func TestPartsOfASplitAreNoClasses(t *testing.T) {
	imdb := folder(t, "train/pos/1.txt", "train/neg/1.txt", "train/unsup/1.txt", "test/pos/1.txt", "test/neg/1.txt")
	for root, says := range map[string]string{
		imdb:                                   "--data " + filepath.Join(imdb, "train"),
		folder(t, "train/1.txt", "test/1.txt"): "the parts of a split (train, test)",
		folder(t, "mails/spam/1.txt", "mails/f/1.txt"): "mails, with folders in it (f, spam)",
	} {
		_, err := textfolder.Load(root)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, says)
	}
	texts, err := textfolder.Load(filepath.Join(imdb, "train"))
	require.NoError(t, err)
	require.Equal(t, []string{"neg", "pos"}, texts.Classes)
	require.Contains(t, texts.Lines()[1], "unsup/")
}

// Joined tables repeat their header in the middle, whatever it says. A text with
// copies is not a header.
func TestAHeaderOfUnknownNamesMayComeAgain(t *testing.T) {
	var rows []string
	for i := range 30 {
		rows = append(rows, fmt.Sprintf("a fine film number %d,gut", i), fmt.Sprintf("a dull film number %d,schlecht", i))
	}
	half := strings.Join(rows, "\n") + "\n"
	set, err := textfolder.Load(write(t, "a.csv", "kommentar,urteil\n"+half+"kommentar,urteil\n"+strings.ReplaceAll(half, "film", "play")))
	require.NoError(t, err)
	require.Equal(t, []string{"gut", "schlecht"}, set.Classes)
	require.Equal(t, []int{60, 60}, set.Counts())
	require.Equal(t, []textfolder.LeftOut{{What: "repeated header", Count: 1, First: "in line 62"}}, set.Report.LeftOut)

	set, err = textfolder.Load(write(t, "b.csv", "a fine film number 0,gut\n"+half))
	require.NoError(t, err)
	require.Nil(t, set.Report.Format.Header)
	require.Equal(t, []int{31, 30}, set.Counts())
}

// A quote that opens in one line and closes in the next takes in rows, and
// possibly all texts of a class.
func TestQuotesThatSwallowAClassAreNamed(t *testing.T) {
	var content strings.Builder
	for i := range 20 {
		fmt.Fprintf(&content, "ham\t\"see you %d\nspam\twin %d\"\nham\ta disk %d\n", i, i, i)
	}
	_, err := textfolder.Load(write(t, "a.tsv", content.String()))
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "line 1: a quote that is not closed takes in further rows")
}

// Forms and mail programs have columns with the names of text columns but no
// texts.
func TestTheWordsOfAColumnCountMoreThanItsName(t *testing.T) {
	for name, c := range map[string]struct{ header, entry string }{
		"addresses under E-Mail":  {"ID,E-Mail,Answer,Rating", "%d,student%d@school.example,the course was clear in week %d,%s"},
		"numbers under Message":   {"Date,Message,Answer,Rating", "2026-11-%02d,m%d,the course was clear in week %d,%s"},
		"addresses under content": {"id,content,answer,rating", "%d,https://school.example/%d,the course was clear in week %d,%s"},
	} {
		t.Run(name, func(t *testing.T) {
			content := c.header + "\n"
			for i := range 24 {
				content += fmt.Sprintf(c.entry, i+1, i, i, []string{"good", "bad"}[i%2]) + "\n"
			}
			set, err := textfolder.Load(write(t, "a.csv", content))
			require.NoError(t, err)
			require.Equal(t, 2, set.Report.Format.Text)
			require.Equal(t, 3, set.Report.Format.Label)
			require.Equal(t, "the course was clear in week 0", set.Texts[0])
		})
	}
}
