package jupyter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"evident/internal/badinput"
	"evident/internal/durations"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/internal/nbformat"
	"evident/internal/near"
	"evident/kit/report"
	"evident/lessons"
)

// Request says which notebooks to execute, and how.
type Request struct {
	Paths   []string
	Out     string // folder of the executed notebooks and their pages
	InPlace bool   // also write the outputs into the notebooks themselves
	Jobs    int    // notebooks that run at the same time; 0 for as many as the machine has room for
	Fresh   bool   // nothing that was kept is used, so the last fresh run tells how long this one takes
}

// Run executes notebooks, and returns the reports in their outputs, in the order of the
// paths, with the exit status. Those that take longest begin first. It writes each
// notebook to the folder as soon as it is done, so an interrupt loses only those that run.
func (j Jupyter) Run(ctx context.Context, q Request, tell exit.Teller) ([]report.Report, int) {
	if q.Jobs == 0 {
		q.Jobs = room()
	}
	q.Jobs = min(q.Jobs, len(q.Paths))
	took := durations.Open()
	board, stop := newBoard(q, took, tell)
	defer stop()
	r := runner{j, q, board, took}
	queue := make(chan int, len(q.Paths))
	for _, i := range r.order() {
		queue <- i
	}
	close(queue)
	found := make([][]report.Report, len(q.Paths))
	statuses := make([]int, len(q.Paths))
	var all sync.WaitGroup
	for range q.Jobs {
		all.Go(func() {
			var w *worker
			for i := range queue {
				if ctx.Err() != nil {
					break
				}
				found[i], statuses[i], w = r.run(ctx, w, i)
			}
			if w != nil {
				_ = w.close() // its notebooks are done
			}
		})
	}
	all.Wait()
	reports := append([]report.Report{}, slices.Concat(found...)...)
	if ctx.Err() != nil {
		return reports, r.board.fail(ctx.Err())
	}
	return reports, max(slices.Max(statuses), exit.Differs(reports))
}

// runner executes the notebooks of a request.
type runner struct {
	Jupyter
	Request
	board *board
	took  *durations.Book
}

// order is that of the notebooks that take longest, by their last run, or else by what
// their own outputs say.
func (r runner) order() []int {
	weights := make([]time.Duration, len(r.Paths))
	order := make([]int, len(r.Paths))
	for i, path := range r.Paths {
		order[i] = i
		if weights[i] = r.took.Of(key(path), r.Fresh); weights[i] == 0 {
			weights[i] = recorded(path)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	return order
}

// key names a notebook among the durations.
func key(path string) string { return "notebook " + filepath.Base(path) }

// recorded is the time that the experiments in a notebook's outputs have taken, and a
// second for each cell.
func recorded(path string) time.Duration {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, err := nbformat.Parse(content)
	if err != nil {
		return 0
	}
	reports, _ := n.Reports()
	seconds := float64(len(n.Cells))
	for _, report := range reports {
		for _, e := range report.Experiments {
			seconds += e.Seconds
		}
	}
	return time.Duration(seconds * float64(time.Second))
}

// run executes a notebook by a worker, or by a new one if that is nil. It returns the
// worker for the next notebook.
func (r runner) run(ctx context.Context, w *worker, i int) ([]report.Report, int, *worker) {
	path := r.Paths[i]
	name := filepath.Base(path)
	r.board.begin(i)
	defer r.board.end(i)
	made, err := r.execute(ctx, path, func() (made executed, err error) {
		if w == nil {
			if w, err = r.startWorker(ctx); err != nil {
				return made, err
			}
		}
		made, err = w.execute(path, func(e event) { r.board.update(i, e) })
		if errors.Is(err, errEnded) {
			err = cmp.Or(w.close(), err)
			w = nil
		}
		return made, err
	})
	if ctx.Err() != nil {
		return nil, 0, w
	}
	var reports []report.Report
	if err == nil {
		reports, err = r.save(path, made.executed)
	}
	if err != nil {
		return reports, r.board.fail(fmt.Errorf("%s: %w", name, err)), w
	}
	if made.origin.WasKept {
		r.board.kept(i, made.origin.When(), made.Took)
		return reports, 0, w
	}
	kept, experiments := keptBefore(r.board.began, reports)
	r.took.Note(key(path), made.Took, kept > 0)
	r.board.done(i, made.Took, kept, experiments)
	return reports, 0, w
}

// keptBefore counts the experiments, and those that were measured before a time: what
// one cell of a run has measured, another reads too.
func keptBefore(began time.Time, reports []report.Report) (kept, all int) {
	for _, r := range reports {
		for _, e := range r.Experiments {
			all++
			if e.Kept && e.Measured.Before(began) {
				kept++
			}
		}
	}
	return kept, all
}

// save writes NAME.ipynb and NAME.html, and returns the reports in the notebook's
// outputs. It reports an error in a cell after writing the files, which show where the
// error happened.
func (r runner) save(path string, made executed) ([]report.Report, error) {
	n, err := nbformat.Parse(made.Notebook)
	if err != nil {
		return nil, err
	}
	target := filepath.Join(r.Out, filepath.Base(path))
	if err := files.Save(target, made.Notebook); err != nil {
		return nil, err
	}
	if err := files.Save(pageOf(target), made.Page); err != nil {
		return nil, err
	}
	reports, err := n.Reports()
	if err != nil {
		return nil, err
	}
	if failed := n.Failure(); failed != "" {
		return reports, errors.New(failed)
	}
	if !r.InPlace {
		return reports, nil
	}
	content, err := nbformat.Stamp(made.Notebook)
	if err == nil {
		content, err = nbformat.Fold(content)
	}
	if err != nil {
		return reports, err
	}
	return reports, files.Save(path, content)
}

// Number is the prefix that orders the notebooks. Users may omit it from a name.
var Number = regexp.MustCompile(`^\d+-`)

// Choose returns the paths of the named notebooks, or of all, in the order of the
// course. A name may be a file name, with or without number and ending, the number, or
// the name of a lesson.
func Choose(dir string, catalog []lessons.Lesson, names []string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(dir, "*.ipynb"))
	if err != nil {
		return nil, err
	}
	answers := namesOf(all, catalog)
	wanted := map[string]bool{}
	for _, name := range names {
		stem := strings.TrimSuffix(filepath.Base(name), ".ipynb")
		path, known := answers[stem]
		if !known {
			return nil, badinput.Errorf("unknown notebook %q%s: the notebooks are %s", name, near.Hint(stem, slices.Sorted(maps.Keys(answers))), strings.Join(baseNames(all), ", "))
		}
		wanted[path] = true
	}
	if len(all) == 0 {
		return nil, badinput.Errorf("no notebooks in %s: check the files out again", dir)
	}
	if len(names) == 0 {
		return all, nil
	}
	var chosen []string
	for _, path := range all {
		if wanted[path] {
			chosen = append(chosen, path)
		}
	}
	return chosen, nil
}

// namesOf maps every valid name of a notebook to its path.
func namesOf(paths []string, catalog []lessons.Lesson) map[string]string {
	answers := map[string]string{}
	for _, path := range paths {
		stem := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		answers[stem], answers[Number.ReplaceAllString(stem, "")] = path, path
		if number := Number.FindString(stem); number != "" {
			answers[strings.TrimSuffix(number, "-")] = path
		}
		for _, l := range catalog {
			if l.Notebook == filepath.Base(path) {
				answers[l.Name] = path
			}
		}
	}
	return answers
}

func baseNames(paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
	}
	return names
}
