package datasets

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// six returns six pictures of 1×2 pixels with one channel.
func six() Images {
	return Images{
		Name: "six", Classes: []string{"a", "b"},
		Height: 1, Width: 2, Channels: 1,
		Pixels: []uint8{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
		Labels: []uint8{0, 1, 0, 1, 0, 1},
	}
}

func TestTake(t *testing.T) {
	tests := map[string]struct{ n, want int }{
		"none": {0, 0},
		"some": {2, 2},
		"all":  {6, 6},
		"more": {7, 6},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			taken := six().Take(test.n)
			assert.Equal(t, test.want, taken.Len())
			assert.Len(t, taken.Pixels, test.want*2)
		})
	}
}

func TestHashSeesContentOrderAndSize(t *testing.T) {
	changes := map[string]func(*Images){
		"a pixel":   func(s *Images) { s.Pixels[3]++ },
		"a label":   func(s *Images) { s.Labels[3]++ },
		"the order": func(s *Images) { s.Labels[0], s.Labels[1] = s.Labels[1], s.Labels[0] },
		"the shape": func(s *Images) { s.Height, s.Width = 2, 1 },
		"the size":  func(s *Images) { *s = s.Take(5) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			changed := six()
			change(&changed)
			assert.NotEqual(t, six().Hash(), changed.Hash())
		})
	}
	renamed := six()
	renamed.Name = "half a dozen"
	assert.Equal(t, six().Hash(), renamed.Hash(), "names do not count")
}
