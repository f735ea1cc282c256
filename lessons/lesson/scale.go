package lesson

// Scale is the size at which a lesson runs.
type Scale string

// The scales: Smoke runs the whole code path in seconds, DefaultScale fits a
// laptop's CPU in two minutes, Full is the scale of the original homework.
const (
	Smoke        Scale = "smoke"
	DefaultScale Scale = "default"
	Full         Scale = "full"
)

// ParseScale reads a scale by name.
func ParseScale(name string) (Scale, error) {
	switch scale := Scale(name); scale {
	case Smoke, DefaultScale, Full:
		return scale, nil
	}
	return "", BadInputf("unknown scale %q: use smoke, default or full", name)
}

// Options are what a caller can set in every lesson; a lesson's own Config
// has all its knobs.
type Options struct {
	Scale Scale
	Data  string // folder with the lesson's real data set; "" for the generated one or the cache
	Seed  int64  // shifts every seed of the lesson; 0 keeps the lesson's own
	// Devices share the batches of a lesson that can be trained on several; 0
	// keeps the lesson's own number.
	Devices int
}

// AtScale makes the configuration of a scale; that of [DefaultScale] where none
// is named.
func AtScale[C any](scale Scale, smoke, standard, full func() C) C {
	switch scale {
	case Smoke:
		return smoke()
	case Full:
		return full()
	}
	return standard()
}
