package run

import (
	"path/filepath"
	"slices"
	"strings"

	"evident/internal/badinput"
	"evident/internal/exit"
	"evident/internal/files"
	"evident/kit/backend"
)

// Merge joins the units that shards wrote into the folders, and writes their reports
// to out. If out is "", it writes to the first folder.
func (r Runner) Merge(dirs []string, out string, asJSON bool) error {
	if out == "" {
		out = dirs[0]
	}
	kept, err := readUnits(dirs)
	if err != nil {
		return err
	}
	results, missing, err := join(kept)
	if err != nil {
		return err
	}
	if err := files.WantFolder(out); err != nil {
		return err
	}
	e := errand{out: out, json: asJSON}
	if e.recipe, err = r.recipeOf(planOf(kept)); err != nil {
		return err
	}
	e.recipe.setting = kept[0].Setting
	status := r.deliver(results, e)
	return exit.Status(max(status, r.Tell.Status(incomplete(missing, len(results)))))
}

// incomplete returns the error for an unfinished sweep.
func incomplete(missing []unit, present int) error {
	if len(missing) == 0 {
		return nil
	}
	names := make([]string, len(missing))
	for i, u := range missing {
		names[i] = u.String()
	}
	return badinput.Errorf("%d of %d units are missing: %s: repeat their shards, which measure only these",
		len(missing), len(missing)+present, strings.Join(names, ", "))
}

// keptUnit is a unit that was read from a file.
type keptUnit struct {
	finished
	path string
}

// readUnits reads all units of the folders. Finding none is an error.
func readUnits(dirs []string) ([]keptUnit, error) {
	var all []keptUnit
	for _, dir := range dirs {
		paths, err := filepath.Glob(filepath.Join(escaped(dir), "*"+unitEnding))
		if err != nil {
			return nil, err
		}
		if len(paths) == 0 {
			return nil, badinput.Errorf("%s holds no units: name a folder that `evident run --shard` wrote to with --out", dir)
		}
		for _, path := range paths {
			f, err := readUnit(path)
			if err != nil {
				return nil, err
			}
			all = append(all, keptUnit{f, path})
		}
	}
	return all, nil
}

// escaped escapes a folder's name for a pattern.
func escaped(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// planOf returns the units that should be there, in order. It combines all plans,
// because a sweep may have grown.
func planOf(kept []keptUnit) []unit {
	var all []unit
	for _, k := range kept {
		for _, u := range append(k.Plan, k.Unit) {
			if !slices.Contains(all, u) {
				all = append(all, u)
			}
		}
	}
	return all
}

// join puts the units into the order of the plan, each once, and lists the missing
// ones.
func join(kept []keptUnit) (present []finished, missing []unit, err error) {
	byUnit := map[unit]keptUnit{}
	for _, k := range kept {
		if err := joinable(kept[0], k); err != nil {
			return nil, nil, err
		}
		twin, twice := byUnit[k.Unit]
		if !twice {
			byUnit[k.Unit] = k
		} else if err := sameOutcome(twin, k); err != nil {
			return nil, nil, err
		}
	}
	planned := planOf(kept)
	if err := oneOfEach(planned); err != nil {
		return nil, nil, err
	}
	for _, u := range planned {
		if k, done := byUnit[u]; done {
			present = append(present, k.finished)
		} else {
			missing = append(missing, u)
		}
	}
	return present, missing, nil
}

// joinable returns an error if the units cannot belong to one sweep.
func joinable(a, b keptUnit) error {
	for _, part := range []struct {
		what, a, b string
		alike      bool
	}{
		{"scales", string(a.Unit.Scale), string(b.Unit.Scale), a.Unit.Scale == b.Unit.Scale},
		{"programs", a.code(), b.code(), a.Program == b.Program},
		{"backends", a.backend(), b.backend(), a.backend() == b.backend()},
	} {
		if !part.alike {
			return badinput.Errorf("%s and %s come from different %s, %s and %s: join folders of one sweep, or repeat the shard that differs", a.path, b.path, part.what, part.a, part.b)
		}
	}
	return nil
}

func (f finished) backend() string { return backend.KindOf(f.Report.Provenance.Backend) }

// code identifies the program that measured a unit.
func (f finished) code() string {
	name := "sha256 " + f.Program[:min(12, len(f.Program))]
	if commit := f.Report.Provenance.Commit; commit != "" {
		return "commit " + commit + " (" + name + ")"
	}
	return name
}

// sameOutcome returns an error if a repetition found something else. It compares
// verdicts and data only, because measured times differ, and so do the last digits
// between processors of different kinds.
func sameOutcome(a, b keptUnit) error {
	if x, y := a.Report.Provenance.DataHash, b.Report.Provenance.DataHash; x != y {
		return badinput.Errorf("%s and %s measured different data (sha256 %s and %s): delete the wrong one", a.path, b.path, x, y)
	}
	for i, c := range a.Report.Claims {
		if i >= len(b.Report.Claims) || b.Report.Claims[i].ID != c.ID || b.Report.Claims[i].Verdict != c.Verdict {
			return badinput.Errorf("%s and %s measured the same and differ on %s: run %s once more, and delete the wrong one", a.path, b.path, c.ID, a.Unit)
		}
	}
	return nil
}

// oneOfEach returns an error if a lesson is planned twice with one seed but with
// different knobs or data.
func oneOfEach(planned []unit) error {
	type place struct {
		lesson string
		seed   int64
	}
	seen := map[place]unit{}
	for _, u := range planned {
		at := place{u.Lesson, u.Seed}
		if other, twice := seen[at]; twice {
			return badinput.Errorf("%s is planned with different knobs or data (%s and %s): join folders of one sweep", u, other.file(), u.file())
		}
		seen[at] = u
	}
	return nil
}
