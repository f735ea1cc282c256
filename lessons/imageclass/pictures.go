package imageclass

import (
	"fmt"
	"sync"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/imagefolder"
	"evident/datasets/phantom"
	"evident/lessons/lesson"
)

// farAway is added to a seed for the validation pictures, and once more for the
// further ones: far from every seed that is counted up from 1.
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

// source gives the pictures of a seed: heads are drawn anew for each, so that
// the intervals over the seeds hold for heads in general; of the reader's own
// pictures there is but one set, split once.
type source struct {
	config DataConfig
	own    *Pictures
	drawn  sync.Map // Pictures by seed, since several trainings use the same
}

// newSource reads the reader's own pictures, if the lesson is to use them, and
// checks that a net can be trained on them.
func newSource(c Config) (*source, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	s := &source{config: c.Data}
	if c.Data.Folder == "" {
		return s, nil
	}
	own, err := readFolder(c.Data)
	if err != nil {
		return s, err
	}
	s.own = &own
	if own.Train.Len() < c.Train.BatchSize {
		return s, lesson.BadInputf("%s leaves %d pictures to train on, which do not fill a batch of %d: give more pictures, or a smaller Train.BatchSize",
			own.Train.Name, own.Train.Len(), c.Train.BatchSize)
	}
	return s, c.checkRoom(own.Train)
}

func readFolder(c DataConfig) (Pictures, error) {
	set, err := imagefolder.Load(c.Folder, imagefolder.Options{Height: c.Side, Width: c.Side, Colour: c.Colour, Validation: c.Share, Seed: c.Seed})
	if err != nil {
		return Pictures{}, err
	}
	if found := len(set.Train.Classes); found != classes {
		return Pictures{}, lesson.BadInputf("%s holds %d classes, %v: this lesson tells two apart", set.Train.Name, found, set.Train.Classes)
	}
	return Pictures{Train: set.Train, Validation: set.Validation, Folder: &set.Report}, nil
}

// of are the pictures of the seed.
func (s *source) of(seed int64) (Pictures, error) {
	if s.own != nil {
		return *s.own, nil
	}
	if drawn, found := s.drawn.Load(seed); found {
		return drawn.(Pictures), nil
	}
	train, err := phantom.Generate(s.config.Train, seed)
	if err != nil {
		return Pictures{}, err
	}
	validation, lesions, err := phantom.GenerateMarked(s.config.Validation, seed+farAway)
	drawn := Pictures{Train: train, Validation: validation, Lesions: lesions}
	s.drawn.Store(seed, drawn)
	return drawn, err
}

// further draws more heads of the seed to score a net on, in the place of the
// validation pictures: so many that its rare mistakes can be counted. There are
// none of the reader's own pictures.
func (s *source) further(seed int64) (p Pictures, err error) {
	if s.own != nil {
		return p, nil
	}
	p.Validation, p.Lesions, err = phantom.GenerateMarked(s.config.Further, seed+2*farAway)
	return p, err
}

// Load reads or draws the pictures of the first seed.
func Load(c Config) (Pictures, error) {
	from, err := newSource(c)
	if err != nil {
		return Pictures{}, err
	}
	return from.of(c.Train.Seeds[0])
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

// Table says what was read from the reader's folder, what was left out and what
// was found twice; for drawn heads, what was drawn.
func (p Pictures) Table() lesson.Table {
	const listed = 10
	table := lesson.Table{ID: "data", Title: "The data: " + p.name(), Columns: []string{"what", "number", "which"}}
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
	add("found twice, exactly", p.Folder.Duplicates.Exact, "kept on one side of the split")
	add("found twice, nearly", p.Folder.Duplicates.Near, "kept on one side of the split")
	add("twins in different classes", len(p.Folder.Disputed), firstOf(p.Folder.Disputed))
	add("files left out", len(p.Folder.Skipped), "")
	for i, skipped := range p.Folder.Skipped {
		if i == listed {
			add("… and more", len(p.Folder.Skipped)-listed, "")
			break
		}
		add("left out", 1, skipped.Path+": "+skipped.Reason)
	}
	return table
}

// firstOf shows one of several groups of twins.
func firstOf(groups [][]string) string {
	if len(groups) == 0 {
		return ""
	}
	return fmt.Sprintf("as in %v: at least one label is wrong", groups[0])
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
