package imageclass

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/imagefolder"
	"evident/datasets/phantom"
	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/progress"
	"evident/kit/report"
)

// once names what a run makes once.
type once string

// DataConfig says which pictures the lesson uses.
type DataConfig struct {
	Folder     string  `json:"-" role:"fixed" help:"the reader's own pictures, a folder for each of two classes; empty draws head phantoms"`
	Train      int     `role:"fixed" range:"[2, inf)" help:"training heads that are drawn for every seed"`
	Validation int     `role:"fixed" range:"[2, inf)" help:"validation heads of every seed"`
	Test       int     `role:"fixed" range:"[2, inf)" help:"heads of the test set of every seed, which no choice was made on"`
	Side       int     `role:"fixed" range:"[1, inf)" help:"height and width that own pictures are scaled to"`
	Colour     bool    `role:"fixed" help:"whether own pictures have three channels though all of them are grey; where one has colour, they always do"`
	Fraction   float64 `role:"fixed" range:"(0, 1)" help:"of own pictures, kept for validation"`
	Seed       int64   `role:"fixed" help:"of the split of own pictures"`
}

// OwnData is true for the reader's own pictures.
func (c DataConfig) OwnData() bool { return c.Folder != "" }

// checkDrawn returns an error when drawn heads do not fill a batch, or are too
// small for the poolings of the net with the given name. How many own pictures
// there are, and of what size, turns out when they are read.
func (c DataConfig) checkDrawn(batch int, name string, n Net) error {
	if c.Folder != "" {
		return nil
	}
	if c.Train < batch {
		return badinput.Errorf("Data.Train is %d: it must be at least Train.BatchSize, %d", c.Train, batch)
	}
	return n.checkRoom(name, phantomSize())
}

// farAway is added to a seed for the validation pictures, and once more for the
// test set: far from every seed that is counted up from 1.
const farAway = 1_000_000

// Pictures are what a net is trained on and scored with.
type Pictures struct {
	Train, Validation datasets.Images
	// Lesions belong to the validation pictures; nil for own pictures, where
	// nobody knows what the lesion is.
	Lesions []phantom.Lesion
	// Folder says what became of the files; nil for drawn heads.
	Folder *imagefolder.Report
}

// open gives the pictures of a seed, and checks that the reader's own are enough
// and large enough for the lesson's net. Then it tells the context's listener what
// was read and what was left out.
func (c DataConfig) open(ctx context.Context, t TrainConfig, seed int64) (Pictures, error) {
	p, err := c.of(ctx, seed)
	if err != nil || c.Folder == "" {
		return p, err
	}
	if err := cmp.Or(c.checkEnough(p, t.BatchSize), t.Net.checkRoom("Train.Net", p.Train)); err != nil {
		return p, err
	}
	return experiment.Once(ctx, once("told of the folder"), func() (Pictures, error) {
		for _, line := range p.notices() {
			progress.Notify(ctx, "%s", line)
		}
		return p, nil
	})
}

// of are the pictures of a seed: heads are drawn anew for each, so that the
// intervals over the seeds hold for heads in general; of the reader's own
// pictures there is but one set, split once. Several experiments use the same.
func (c DataConfig) of(ctx context.Context, seed int64) (Pictures, error) {
	if c.Folder != "" {
		return experiment.Once(ctx, once("own pictures"), func() (Pictures, error) { return c.read(ctx) })
	}
	return experiment.Once(ctx, once(fmt.Sprintf("heads: %d, %d, seed %d", c.Train, c.Validation, seed)), func() (Pictures, error) {
		train, err := phantom.Generate(c.Train, seed)
		if err != nil {
			return Pictures{}, err
		}
		validation, lesions, err := phantom.GenerateMarked(c.Validation, seed+farAway)
		return Pictures{Train: train, Validation: validation, Lesions: lesions}, err
	})
}

// halved are the pictures at half their height and width, for what compares many nets:
// a training step takes a fifth of the time.
func (p Pictures) halved() Pictures {
	return Pictures{Train: halved(p.Train), Validation: halved(p.Validation), Folder: p.Folder}
}

// halved has the means of 2×2 pixels, rounded.
func halved(set datasets.Images) datasets.Images {
	return set.Shrunk(set.Height/2, set.Width/2, 2)
}

// read reads the reader's own pictures.
func (c DataConfig) read(ctx context.Context) (Pictures, error) {
	load := imagefolder.Load
	if files := experiment.Files(ctx); files != nil {
		load = func(folder string, o imagefolder.Options) (imagefolder.Set, error) {
			return imagefolder.LoadFS(files, folder, o)
		}
	}
	set, err := load(c.Folder, imagefolder.Options{Classes: classes, Height: c.Side, Width: c.Side, Colour: c.Colour, Validation: c.Fraction, Seed: c.Seed})
	if err != nil {
		return Pictures{}, err
	}
	return Pictures{Train: set.Train, Validation: set.Validation, Folder: &set.Report}, nil
}

// some are so many training pictures of a seed: heads drawn for it alone, or the first
// of the reader's own.
func (c DataConfig) some(ctx context.Context, n int, seed int64) (datasets.Images, error) {
	if !c.OwnData() {
		return phantom.Generate(n, seed)
	}
	p, err := c.of(ctx, seed)
	return p.Train.Take(n), err
}

// test draws the test set of the seed, in the place of the validation pictures:
// so many heads that a net's rare mistakes can be counted. There is none of the
// reader's own pictures.
func (c DataConfig) test(seed int64) (p Pictures, err error) {
	if c.Folder != "" {
		return p, nil
	}
	p.Validation, p.Lesions, err = phantom.GenerateMarked(c.Test, seed+2*farAway)
	return p, err
}

// Load reads or draws the pictures of the first seed.
func Load(c Config) (Pictures, error) {
	if err := knob.Check("", c); err != nil {
		return Pictures{}, err
	}
	return c.load(context.Background())
}

// load is Load for knobs in their ranges.
func (c Config) load(ctx context.Context) (Pictures, error) {
	return c.Data.open(ctx, c.Train, c.Train.Seeds[0])
}

// checkEnough returns an error when the reader's own pictures do not fill a batch.
func (c DataConfig) checkEnough(p Pictures, batch int) error {
	found := p.Train.Len()
	if found >= batch {
		return nil
	}
	more := func(batch int) string {
		if p.Folder.Given {
			return fmt.Sprintf("%d more to train on", batch-found)
		}
		// A fraction of all is kept for validation, rounded for each class.
		all := int(math.Ceil(float64(batch) / (1 - c.Fraction)))
		return fmt.Sprintf("about %d more", max(all-found-p.Validation.Len(), batch-found))
	}
	remedy := "put " + more(batch) + " there"
	switch smoke := Smoke().Train.BatchSize; {
	case found >= smoke:
		remedy += ", or use --scale smoke, for which they are enough"
	case batch > smoke:
		remedy += ", or " + more(smoke) + " and use --scale smoke"
	}
	if left := p.Folder.Skipped; len(left) > 0 {
		remedy += "; " + leftOut(left)[0]
	}
	return badinput.Errorf("%s: %d to train on and %d to validate with, and the lesson trains on batches of %d: %s", p.name(), found, p.Validation.Len(), batch, remedy)
}

// phantomSize is an empty set of heads, for their size.
func phantomSize() datasets.Images {
	return datasets.Images{Classes: phantom.Classes(), Height: phantom.Side, Width: phantom.Side, Channels: 1}
}

// name of the pictures, for reports.
func (p Pictures) name() string {
	if p.Folder != nil {
		return p.Train.Name
	}
	return "head phantoms"
}

// look is how the pictures were read.
func (p Pictures) look() string {
	colours := "in grey"
	if p.Train.Channels == 3 {
		colours = "in colour"
	}
	return fmt.Sprintf("read %s, %d×%d", colours, p.Train.Height, p.Train.Width)
}

// Table says what was read from the reader's folder, what was left out and what
// was found twice; for drawn heads, what was drawn.
func (p Pictures) Table() report.Table {
	const listed = 10
	table := report.Table{ID: "data", Title: "The data: " + p.name(), Columns: []string{"what", "number", "which"}}
	add := func(what string, number int, which string) {
		table.Rows = append(table.Rows, []string{what, fmt.Sprint(number), which})
	}
	for class, name := range p.Train.Classes {
		add("pictures of class "+name, count(p.Train, class)+count(p.Validation, class), fmt.Sprintf("%d to train on, %d to validate with", count(p.Train, class), count(p.Validation, class)))
	}
	exact, near := audit.Crossing(p.Train, p.Validation)
	add("validation pictures with an exact twin among the training pictures", exact, "")
	add("validation pictures with a near twin there", near, "")
	if p.Folder == nil {
		return table
	}
	table.Rows = append(table.Rows, []string{"channels", fmt.Sprint(p.Train.Channels), p.look()})
	split := "kept on one side of the split"
	if p.Folder.Given {
		split = p.Folder.Layout
	}
	add("found twice, exactly", p.Folder.Duplicates.Exact, split)
	add("found twice, nearly", p.Folder.Duplicates.Near, split)
	add("copies in different classes", len(p.Folder.Disputed), disputed(p.Folder.Disputed, wrongLabel))
	add("near twins in different classes", len(p.Folder.DisputedNear), disputed(p.Folder.DisputedNear, doubtfulLabel))
	add("files left out", len(p.Folder.Skipped), "")
	for i, skipped := range p.Folder.Skipped {
		if i == listed {
			add("… and more", len(p.Folder.Skipped)-listed, "")
			break
		}
		add("left out", 1, skipped.Path+": "+skipped.Reason)
	}
	add("files that are no pictures", len(p.Folder.Others), asIn(p.Folder.Others))
	add("files and folders of systems and programs", len(p.Folder.System), asIn(p.Folder.System))
	return table
}

// few is a number of validation pictures below which a score says little: with
// it, an accuracy of .9 has an interval of ±.1 or so.
const few = 40

// notices say in a few lines what was read from the reader's folder, how it was
// split, and what was left out.
func (p Pictures) notices() []string {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	var read []string
	for class, name := range p.Train.Classes {
		train, validation := count(p.Train, class), count(p.Validation, class)
		read = append(read, fmt.Sprintf("%d of class %s (%d to train on, %d to validate with)", train+validation, name, train, validation))
	}
	say("%s, %s: %s", p.name(), p.look(), strings.Join(read, ", "))
	if p.Folder.Layout != "" {
		say("%s", p.Folder.Layout)
	}
	if twins := p.Folder.Duplicates; twins.Exact+twins.Near > 0 {
		where := ""
		if p.Folder.Crossing == 0 {
			where = ": kept on one side of the split"
		}
		say("found twice: %d exactly, %d nearly, %s%s", twins.Exact, twins.Near, firstOf(p.Folder.Twins), where)
	}
	switch n := p.Folder.Crossing; {
	case n == 1:
		say("1 of the pictures to validate with has a twin to train on, so every score is too good")
	case n > 1:
		say("%d of the pictures to validate with have a twin to train on, so every score is too good", n)
	}
	if n := len(p.Folder.Disputed); n > 0 {
		say("copies in different classes: %d, %s", n, disputed(p.Folder.Disputed, wrongLabel))
	}
	if n := len(p.Folder.DisputedNear); n > 0 {
		say("near twins in different classes: %d, %s", n, disputed(p.Folder.DisputedNear, doubtfulLabel))
	}
	if n := p.Validation.Len(); n < few {
		say("only %d pictures to validate with: each moves the accuracy by %.2f, so no score here says much; give hundreds", n, 1/float64(n))
	}
	lines = append(lines, leftOut(p.Folder.Skipped)...)
	if n := len(p.Folder.Others); n > 0 {
		say("passed over, since they are no pictures: %d, %s", n, asIn(p.Folder.Others))
	}
	if n := len(p.Folder.System); n > 0 {
		say("passed over, since systems and programs left them there: %d, %s", n, asIn(p.Folder.System))
	}
	return lines
}

// leftOut counts files by reason, the most frequent first, in a few lines.
func leftOut(skipped []imagefolder.Skipped) []string {
	const most = 6
	byReason, byFormat := map[string][]string{}, map[string]int{}
	for _, s := range skipped {
		if s.Format != "" {
			byFormat[s.Format]++
		}
	}
	for _, s := range skipped {
		reason := s.Reason
		if s.Format != "" && len(byFormat) > 1 {
			reason = formatsNotRead(byFormat)
		}
		byReason[reason] = append(byReason[reason], s.Path)
	}
	reasons := slices.SortedFunc(maps.Keys(byReason), func(a, b string) int {
		return cmp.Or(len(byReason[b])-len(byReason[a]), cmp.Compare(a, b))
	})
	var lines []string
	told := 0
	for i, reason := range reasons {
		paths := byReason[reason]
		if i == most {
			lines = append(lines, fmt.Sprintf("left out for other reasons: %d; the report lists the first", len(skipped)-told))
			break
		}
		told += len(paths)
		lines = append(lines, fmt.Sprintf("left out: %d, %s: %s", len(paths), asIn(paths), reason))
	}
	return lines
}

// formatsNotRead is one reason for files in several formats.
func formatsNotRead(files map[string]int) string {
	formats := slices.SortedFunc(maps.Keys(files), func(a, b string) int { return cmp.Or(files[b]-files[a], cmp.Compare(a, b)) })
	for i, format := range formats {
		formats[i] = fmt.Sprintf("%d %s", files[format], format)
	}
	return fmt.Sprintf("formats that are not read (%s): convert them to JPEG or PNG", strings.Join(formats, ", "))
}

// asIn names one of several paths.
func asIn(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return "as " + paths[0]
}

// firstOf shows one of several groups of twins.
func firstOf(groups [][]string) string {
	if len(groups) == 0 {
		return ""
	}
	const shown = 4
	group, more := groups[0], ""
	if len(group) > shown {
		group, more = group[:shown], fmt.Sprintf(" and %d more", len(group)-shown)
	}
	return fmt.Sprintf("as in %v%s", group, more)
}

// What twins in different classes say of their labels.
const (
	wrongLabel    = "at least one label is wrong"
	doubtfulLabel = "look at their labels"
)

// disputed shows one of several groups of twins with different labels.
func disputed(groups [][]string, remark string) string {
	if len(groups) == 0 {
		return ""
	}
	return firstOf(groups) + ": " + remark
}

func count(set datasets.Images, class int) int {
	n := 0
	for _, label := range set.Labels {
		if int(label) == class {
			n++
		}
	}
	return n
}

// positives say whether a picture is of the second class.
func positives(set datasets.Images) []bool {
	all := make([]bool, set.Len())
	for i, label := range set.Labels {
		all[i] = label == 1
	}
	return all
}
