// Package clips generates small grey videos of a bright bar that moves to the
// right or to the left. They are made so that time alone tells the direction.
//
// A clip that moves to the left is one that moves to the right, played
// backwards. So the frames of the two directions are the same pictures, as a
// set: what does not look at their order cannot tell them apart. And a bar that
// leaves on one side comes back on the other, so a single frame says nothing even
// where its number is known: the bar is as likely in one column as in another.
//
// What a frame does show is the height of the bar, short or tall. It is the
// label of a control task.
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

// heights are those of the two bars, in pixels. Both are one pixel wide.
var heights = [...]int{Short: 2, Tall: 5}

// Scene says what the clips are of.
type Scene struct {
	Frames int     // in a clip
	Side   int     // height and width of a frame, in pixels
	Speed  int     // of the bar, in pixels a frame
	Noise  float64 // standard deviation of the noise on every pixel; the bar has 1, the ground 0
	// From and To are the frames that show the bar, From to To−1; the others
	// show the ground. To 0 stands for all frames.
	From, To int
}

// String is what reports call clips of the scene.
func (s Scene) String() string {
	return fmt.Sprintf("clips of %d frames of %d×%d, speed %d, noise %g", s.Frames, s.Side, s.Side, s.Speed, s.Noise)
}

// Check returns an error that names the first value out of its range.
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

// Len is the number of clips.
func (c Clips) Len() int { return len(c.Direction) }

// Shape is that of one clip: frames, height, width and one channel.
func (c Clips) Shape() []int { return []int{c.Scene.Frames, c.Scene.Side, c.Scene.Side, 1} }

// frameSize is the number of pixels of a frame.
func (c Clips) frameSize() int { return c.Scene.Side * c.Scene.Side }

// Frame is frame number t of clip number i, row by row. It shares memory with
// the clip.
func (c Clips) Frame(i, t int) []float32 {
	start := (i*c.Scene.Frames + t) * c.frameSize()
	return c.Values[start : start+c.frameSize()]
}

// MaxClips bounds what Generate makes at once.
const MaxClips = 100_000

// Generate draws n clips. The same seed draws the same clips everywhere.
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

// draw moves a bar to the right through clip i, and plays the clip backwards
// where the direction says so.
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

// reverse turns the order of frames from to to−1 of clip i around.
func (c Clips) reverse(i, from, to int) {
	for a, b := from, to-1; a < b; a, b = a+1, b-1 {
		first, last := c.Frame(i, a), c.Frame(i, b)
		for j := range first {
			first[j], last[j] = last[j], first[j]
		}
	}
}

// Reversed are the clips played backwards: what moved to the right moves to the
// left.
func (c Clips) Reversed() Clips {
	c.Values, c.Direction = slices.Clone(c.Values), slices.Clone(c.Direction)
	for i := range c.Direction {
		c.reverse(i, 0, c.Scene.Frames)
		c.Direction[i] = Right + Left - c.Direction[i]
	}
	return c
}
