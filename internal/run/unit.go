package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/internal/files"
	"evident/kit/backend"
	"evident/kit/experiment"
	"evident/kit/report"
	"evident/lessons"
)

// unit is the smallest piece of work for a machine: a lesson, or some of its
// experiments, with one shift of its seeds.
type unit struct {
	Lesson string            `json:"lesson"`
	Only   string            `json:"only,omitempty"` // names of the requested experiments, separated by blanks; "" for all
	Scale  experiment.Preset `json:"scale"`
	Seed   int64             `json:"seed"` // shift of all seeds of the lesson
	Data   string            `json:"data,omitempty"`
	// Devices is the number of devices that share the batches; 0 means the
	// lesson's own number.
	Devices int    `json:"devices,omitempty"`
	Knobs   string `json:"knobs"` // digest of the lesson's configuration and of Data
}

// String names the unit in messages, as in "byhand from 100".
func (u unit) String() string {
	return fmt.Sprintf("%s from %d", strings.Join(u.arguments(), " "), u.Seed)
}

// arguments returns the names that select the unit on the command line.
func (u unit) arguments() []string {
	if u.Only == "" {
		return []string{u.Lesson}
	}
	names := strings.Fields(u.Only)
	for i, name := range names {
		names[i] = u.Lesson + "." + name
	}
	return names
}

// file returns the name of the file with the unit's report.
func (u unit) file() string {
	return fmt.Sprintf("%s-%s-%d-%s%s", u.Lesson, u.Scale, u.Seed, u.Knobs, unitEnding)
}

func (u unit) options() experiment.Options {
	return experiment.Options{Preset: u.Scale, Data: u.Data, Seed: u.Seed, Devices: u.Devices}
}

const unitEnding = ".unit.json"

// job is a unit with the lesson that measures it.
type job struct {
	unit
	lesson lessons.Lesson
}

// plan lists the units of a run: lesson by lesson, and for each lesson its
// seeds. All units share the options except the seed.
func plan(chosen []lessons.Lesson, o experiment.Options, seeds []int64) ([]job, error) {
	var jobs []job
	for _, l := range chosen {
		for _, seed := range seeds {
			j := job{unit{Lesson: l.Name, Only: strings.Join(l.Asked, " "), Scale: o.Preset, Seed: seed, Data: o.Data, Devices: o.Devices}, l}
			config, err := json.Marshal(l.Config(j.options()))
			if err != nil {
				return nil, fmt.Errorf("lesson %s: %w", l.Name, err)
			}
			j.Knobs = digest(config, []byte(o.Data), []byte(j.Only))
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

func digest(parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d\n%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}

func unitsOf(jobs []job) []unit {
	units := make([]unit, len(jobs))
	for i, j := range jobs {
		units[i] = j.unit
	}
	return units
}

// shard identifies one of the machines that share a plan; the zero shard takes
// the whole plan.
type shard struct{ i, n int }

var shardForm = regexp.MustCompile(`^(\d{1,9})/(\d{1,9})$`)

// parseShard reads "2/5", the second of five; "" means the zero shard.
func parseShard(text string) (shard, error) {
	if text == "" {
		return shard{}, nil
	}
	var s shard
	if parts := shardForm.FindStringSubmatch(text); parts != nil {
		s.i, _ = strconv.Atoi(parts[1])
		s.n, _ = strconv.Atoi(parts[2])
	}
	if s.i < 1 || s.i > s.n {
		return shard{}, badinput.Errorf("--shard %q: give I/N with I from 1 to N, as in 2/5", text)
	}
	return s, nil
}

// String formats the shard as [parseShard] reads it.
func (s shard) String() string { return fmt.Sprintf("%d/%d", s.i, s.n) }

// share returns the shard's part of a plan: every n-th unit. The seeds of a
// lesson follow one another and take equally long, so they go to different
// machines. The sizes of the parts differ by at most one.
func share[T any](s shard, all []T) []T {
	if s.n == 0 {
		return all
	}
	var own []T
	for k := s.i - 1; k < len(all); k += s.n {
		own = append(own, all[k])
	}
	return own
}

// finished is a unit with its report, which is the content of its file.
type finished struct {
	Unit    unit          `json:"unit"`
	Plan    []unit        `json:"plan"`              // all units of the sweep, in order
	Program string        `json:"program"`           // sha256 of the program that measured it
	Setting string        `json:"setting,omitempty"` // value of $GOMLX_BACKEND
	Report  report.Report `json:"report"`
}

// readUnit reads the file of a unit.
func readUnit(path string) (finished, error) {
	content, err := files.Read(path)
	if err != nil {
		return finished{}, err
	}
	var f finished
	if err = json.Unmarshal(content, &f); err == nil {
		err = f.Report.Validate()
	}
	if err == nil && (f.Unit.Lesson == "" || f.Report.Lesson != f.Unit.Lesson) {
		err = fmt.Errorf("it holds the lesson %q for %q", f.Report.Lesson, f.Unit.Lesson)
	}
	if err != nil {
		return finished{}, badinput.Errorf("%s is no finished unit: %w: delete it and repeat its shard", path, err)
	}
	return f, nil
}

// store saves a shard's units as they finish, so that a killed shard can
// resume. A nil store saves nothing.
type store struct {
	dir     string
	plan    []unit
	program string
	setting string
	backend string
	found   int // units that were already finished
}

// openStore returns nil for the zero shard.
func openStore(s shard, dir string, jobs []job, backend compute.Backend) (*store, error) {
	if s.n == 0 {
		return nil, nil
	}
	program, err := programDigest()
	if err != nil {
		return nil, err
	}
	return &store{dir: dir, plan: unitsOf(jobs), program: program, setting: backendSetting(), backend: experiment.ProvenanceOf(backend).Backend}, nil
}

// load finds a unit that was already finished. It ignores a unit that is
// unreadable, or that another program or backend measured, so that it is
// measured again.
func (s *store) load(u unit) (finished, bool) {
	if s == nil {
		return finished{}, false
	}
	f, err := readUnit(filepath.Join(s.dir, u.file()))
	if err != nil || f.Unit != u || f.Program != s.program || f.backend() != backend.KindOf(s.backend) {
		return finished{}, false
	}
	s.found++
	return f, true
}

// save writes the file of a unit atomically.
func (s *store) save(u unit, report report.Report) error {
	if s == nil {
		return nil
	}
	content, err := json.Marshal(finished{Unit: u, Plan: s.plan, Program: s.program, Setting: s.setting, Report: report})
	if err != nil {
		return err
	}
	return files.Save(filepath.Join(s.dir, u.file()), append(content, '\n'))
}

// programDigest distinguishes programs even where git does not: in a container
// without .git, and between uncommitted changes.
func programDigest() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
