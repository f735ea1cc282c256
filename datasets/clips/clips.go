// Package clips generates small grey videos of a bright bar that moves to the
// right or to the left. Only the order of the frames reveals the direction.
//
// A clip that moves to the left is a clip that moves to the right, played
// backwards. The frames of both directions are therefore the same set of
// pictures, and a model that ignores their order cannot tell them apart. A bar
// that leaves on one side comes back on the other, and it is equally likely to be
// in any column. A single frame therefore reveals nothing, even if its number is
// known.
//
// Each frame does show whether the bar is short or tall. This is the label of a
// control task.
package clips

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"evident/internal/badinput"
)

// The labels of the direction.
const (
	Right = 0
	Left  = 1
)

// The labels of the height.
const (
	Short = 0
	Tall  = 1
)

// heights are the heights of the two bars in pixels. Both bars are one pixel
// wide.
var heights = [...]int{Short: 2, Tall: 5}

// Scene describes the clips.
type Scene struct {
	Frames int     // per clip
	Side   int     // height and width of a frame, in pixels
	Speed  int     // of the bar, in pixels per frame
	Noise  float64 // standard deviation of the noise on every pixel; the bar is 1, the background 0
	// The frames From to To−1 show the bar; the others show only the background.
	// To = 0 means all frames.
	From, To int
}

// String returns the name of the scene's clips in reports.
func (s Scene) String() string {
	return fmt.Sprintf("clips of %d frames of %d×%d, speed %d, noise %g", s.Frames, s.Side, s.Side, s.Speed, s.Noise)
}

// Check returns an error that names the first value out of range.
func (s Scene) Check() error {
	switch {
	case s.Frames < 2:
		return badinput.Errorf("Frames is %d: a clip needs at least 2", s.Frames)
	case s.Side <= heights[Tall]:
		return badinput.Errorf("Side is %d pixels: it must be above the %d of the tall bar", s.Side, heights[Tall])
	case s.Speed < 1 || s.Speed >= s.Side:
		return badinput.Errorf("Speed is %d pixels a frame: use 1 to %d", s.Speed, s.Side-1)
	case !(s.Noise >= 0 && s.Noise < 100):
		return badinput.Errorf("Noise is %g: use 0 to 100", s.Noise)
	case s.From < 0 || s.To > s.Frames || s.To != 0 && s.From >= s.To || s.From >= s.Frames:
		return badinput.Errorf("From is %d and To is %d: frames %d to %d can show the bar", s.From, s.To, 0, s.Frames)
	}
	return nil
}

// Clips is a labelled set of clips.
type Clips struct {
	Scene     Scene
	Values    []float32 // [n, Frames, Side, Side]
	Direction []int32   // [n], Right or Left
	Height    []int32   // [n], Short or Tall
}

// Len returns the number of clips.
func (c Clips) Len() int { return len(c.Direction) }

// Shape returns the shape of one clip: frames, height, width and one channel.
func (c Clips) Shape() []int { return []int{c.Scene.Frames, c.Scene.Side, c.Scene.Side, 1} }

// frameSize returns the number of pixels in a frame.
func (c Clips) frameSize() int { return c.Scene.Side * c.Scene.Side }

// Frame returns frame t of clip i, row by row. It shares memory with the clip.
func (c Clips) Frame(i, t int) []float32 {
	start := (i*c.Scene.Frames + t) * c.frameSize()
	return c.Values[start : start+c.frameSize()]
}

// MaxClips limits the number of clips that Generate makes at once.
const MaxClips = 100_000

// Generate draws n clips. The same seed draws the same clips on every platform.
func Generate(n int, s Scene, seed int64) (Clips, error) {
	if err := s.Check(); err != nil {
		return Clips{}, err
	}
	if n < 1 || n > MaxClips {
		return Clips{}, badinput.Errorf("cannot generate %d clips: ask for 1 to %d", n, MaxClips)
	}
	if s.To == 0 {
		s.To = s.Frames
	}
	set := Clips{
		Scene: s, Values: make([]float32, n*s.Frames*s.Side*s.Side), Direction: make([]int32, n), Height: make([]int32, n),
	}
	random := rand.New(rand.NewPCG(uint64(seed), 0x636C697073)) // "clips"
	for i := range n {
		set.Direction[i], set.Height[i] = int32(random.IntN(2)), int32(random.IntN(2))
		set.draw(i, random)
	}
	return set, nil
}

// draw moves a bar to the right through clip i, and reverses the clip if the
// direction is left.
func (c Clips) draw(i int, random *rand.Rand) {
	s, height := c.Scene, heights[c.Height[i]]
	left, top := random.IntN(s.Side), random.IntN(s.Side-height+1)
	for t := range s.Frames {
		frame := c.Frame(i, t)
		for j := range frame {
			frame[j] = float32(s.Noise * random.NormFloat64())
		}
		if t < s.From || t >= s.To {
			continue
		}
		for row := top; row < top+height; row++ {
			frame[row*s.Side+left]++
		}
		left = (left + s.Speed) % s.Side
	}
	if c.Direction[i] == Left {
		c.reverse(i, s.From, s.To)
	}
}

// reverse reverses the order of frames from to to−1 of clip i.
func (c Clips) reverse(i, from, to int) {
	for a, b := from, to-1; a < b; a, b = a+1, b-1 {
		first, last := c.Frame(i, a), c.Frame(i, b)
		for j := range first {
			first[j], last[j] = last[j], first[j]
		}
	}
}

// Reversed returns the clips played backwards, which swaps the directions.
func (c Clips) Reversed() Clips {
	c.Values, c.Direction = slices.Clone(c.Values), slices.Clone(c.Direction)
	for i := range c.Direction {
		c.reverse(i, 0, c.Scene.Frames)
		c.Direction[i] = Right + Left - c.Direction[i]
	}
	return c
}
