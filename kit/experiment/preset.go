package experiment

import "evident/internal/badinput"

// Preset is the size at which a lesson runs.
type Preset string

// The presets: Smoke runs the whole code path in seconds, Default fits a laptop's CPU in two minutes,
// and Full is the size of the original homework.
const (
	Smoke   Preset = "smoke"
	Default Preset = "default"
	Full    Preset = "full"
	// Own is that of a report whose knobs are the reader's own. No lesson can be asked for it.
	Own Preset = "own"
)

// ParsePreset reads a preset by name.
func ParsePreset(name string) (Preset, error) {
	switch preset := Preset(name); preset {
	case Smoke, Default, Full:
		return preset, nil
	}
	return "", badinput.Errorf("unknown scale %q: use smoke, default or full", name)
}

// Options are what a caller can set in every lesson; a lesson's own Config has all its knobs.
type Options struct {
	Preset Preset
	Data   string // folder with the lesson's real data set; "" for the generated one or the cache
	Seed   int64  // shifts every seed of the lesson; 0 keeps the lesson's own
	// Devices share the batches of a lesson that can be trained on several; 0
	// keeps the lesson's own number.
	Devices int
}

// At makes the configuration of a preset; that of [Default] where none is named.
func At[C any](preset Preset, smoke, standard, full func() C) C {
	switch preset {
	case Smoke:
		return smoke()
	case Full:
		return full()
	}
	return standard()
}
