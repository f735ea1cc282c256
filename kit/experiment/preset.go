package experiment

import "evident/internal/badinput"

// Preset is the size at which a lesson runs.
type Preset string

// The presets. Smoke runs the whole code path in seconds, Live answers within ten seconds for each
// experiment in a browser, Default takes two minutes on a laptop's CPU, and Full has the size of the
// original homework.
const (
	Smoke   Preset = "smoke"
	Live    Preset = "live"
	Default Preset = "default"
	Full    Preset = "full"
	// Own marks a report whose knobs match no preset. It cannot be requested.
	Own Preset = "own"
)

// ParsePreset reads a preset by name.
func ParsePreset(name string) (Preset, error) {
	switch preset := Preset(name); preset {
	case Smoke, Live, Default, Full:
		return preset, nil
	}
	return "", badinput.Errorf("unknown scale %q: use smoke, live, default or full", name)
}

// Options are the settings that the caller of any lesson can choose. A lesson's own Config holds all
// its knobs.
type Options struct {
	Preset Preset
	Data   string // folder with the lesson's real data set; "" for the generated one or the cache
	Seed   int64  // shifts every seed of the lesson; 0 keeps the lesson's own
	// Devices is the number of devices that share a lesson's batches; 0 keeps the lesson's own
	// number.
	Devices int
}
