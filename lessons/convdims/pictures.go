package convdims

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"

	"evident/datasets/clips"
	"evident/datasets/tubes"
	"evident/kit/report"
)

// drawnToShow are how many clips or volumes are drawn to find some of each class
// to show.
const drawnToShow = 32

// ClipsPicture plays a clip of either direction with a short bar, and one of
// either with a tall bar, as the first seed draws them.
func ClipsPicture(c MotionConfig) (report.Picture, error) {
	if err := c.check("Motion"); err != nil {
		return report.Picture{}, err
	}
	set, err := clips.Generate(drawnToShow, c.scene(0, 0), c.Seeds[0])
	if err != nil {
		return report.Picture{}, err
	}
	var panels []panel
	for _, height := range []int32{clips.Short, clips.Tall} {
		for _, direction := range []int32{clips.Right, clips.Left} {
			panels = append(panels, clipPanel(set, height, direction))
		}
	}
	drawn, err := film(c.Frames, panels...)
	return report.Picture{
		ID: "clips", Title: "Short bar to the right, short bar to the left, tall bar to the right, tall bar to the left (plays in a loop)",
		Alt: "Four noisy clips side by side. A bright bar moves by a pixel a frame and comes back on the other side.", PNG: drawn,
	}, err
}

// clipPanel plays the first clip with the labels.
func clipPanel(set clips.Clips, height, direction int32) panel {
	clip := 0
	for i := range set.Len() {
		if set.Height[i] == height && set.Direction[i] == direction {
			clip = i
			break
		}
	}
	side := set.Scene.Side
	return panel{side, func(t, row, column int) color.NRGBA { return grey(set.Frame(clip, t)[row*side+column]) }}
}

// TubesPicture goes through the slices of connected and of cut tubes, as the
// first seed draws them.
func TubesPicture(c VolumeConfig) (report.Picture, error) {
	if err := c.check("Tubes"); err != nil {
		return report.Picture{}, err
	}
	set, err := tubes.GeneratePairs(drawnToShow, c.scene(0), c.Seeds[0])
	if err != nil {
		return report.Picture{}, err
	}
	var panels []panel
	for _, label := range []int32{tubes.Connected, tubes.Cut} {
		shown := 0
		for i := 0; i < set.Len() && shown < 2; i++ {
			if set.Labels[i] == label {
				panels = append(panels, volumePanel(set.Volumes, i))
				shown++
			}
		}
	}
	drawn, err := film(c.Depth, panels...)
	return report.Picture{
		ID: "tubes", Title: "Slice by slice through two connected tubes, and through two that are cut (plays in a loop)",
		Alt: "Four noisy volumes, one slice after the other. In the first two a bright square moves steadily to one side; in the last two it jumps once.",
		PNG: drawn,
	}, err
}

func volumePanel(set tubes.Volumes, i int) panel {
	side := set.Scene.Side
	return panel{side, func(slice, row, column int) color.NRGBA { return grey(set.Volume(i)[(slice*side+row)*side+column]) }}
}

// The colours of what is marked in a volume (Okabe and Ito 2008).
var (
	vesselTone = color.NRGBA{0x00, 0x9E, 0x73, 255}
	spotTone   = color.NRGBA{0xD5, 0x5E, 0x00, 255}
)

// VesselsPicture goes through the slices of a volume, beside the truth and what
// either net found.
func (f VesselFacts) VesselsPicture() (report.Picture, error) {
	v := f.Sample
	plain := volumePanel(v.Volumes, 0)
	marked := func(vessel, spot []uint8) panel {
		return panel{plain.side, func(slice, row, column int) color.NRGBA {
			shade, at := plain.colour(slice, row, column), (slice*plain.side+row)*plain.side+column
			switch {
			case vessel[at] == 1:
				return tinted(shade, vesselTone)
			case spot != nil && spot[at] == 1:
				return tinted(shade, spotTone)
			}
			return shade
		}}
	}
	panels := []panel{plain, marked(v.Vessel, v.Spot)}
	for _, l := range []layer{perFrame, throughTime} {
		panels = append(panels, marked(f.Found[f.Nets.of(l)], nil))
	}
	drawn, err := film(v.Scene.Depth, panels...)
	return report.Picture{
		ID: "vessels", Title: "A volume; the truth (vessel green, spots orange); what Conv2D marks slice by slice; what Conv3D marks (plays in a loop)",
		Alt: "Slices of a volume. Two equal squares are in each. Conv2D marks both or neither; Conv3D marks the one that goes on from slice to slice.",
		PNG: drawn,
	}, err
}

// KernelsPicture shows the filters that speak most for a direction, weight by
// weight: three for "right" in the left half, three for "left" in the right.
func (f MotionFacts) KernelsPicture() (report.Picture, error) {
	const most, square = 3, 60
	kernels := slices.SortedFunc(slices.Values(f.Kernels), func(a, b Kernel) int { return cmp.Compare(a.Left, b.Left) })
	shown := min(most, len(kernels)/2)
	side := f.Kernels[0].Side
	cell := square / side
	width := side*(side*cell+between) - between
	canvas := image.NewNRGBA(image.Rect(0, 0, 2*width+5*between, max(shown, 1)*(side*cell+between)-between))
	fill(canvas, canvas.Rect, paper)
	largest := float32(1e-9)
	for _, k := range kernels {
		largest = max(largest, slices.Max(k.Values), -slices.Min(k.Values))
	}
	for row := range shown {
		for half, k := range []Kernel{kernels[row], kernels[len(kernels)-1-row]} {
			for i, weight := range k.Values {
				at := place(i, []int{side, side, side})
				left := half*(width+5*between) + at[0]*(side*cell+between) + at[2]*cell
				top := row*(side*cell+between) + at[1]*cell
				fill(canvas, image.Rect(left, top, left+cell-1, top+cell-1), signed(weight/largest))
			}
		}
	}
	var buffer bytes.Buffer
	if err := png.Encode(&buffer, canvas); err != nil {
		return report.Picture{}, fmt.Errorf("drawing the kernels: %w", err)
	}
	return report.Picture{
		ID: "kernels", Title: fmt.Sprintf("Trained kernels of Conv3D, their %d frames side by side (orange above 0, blue below): those that speak most for right, and for left", side),
		Alt: "Rows of small squares of weights, one square a frame. In the left half, a column of orange moves to the right from frame to frame; in the right half, to the left.",
		PNG: buffer.Bytes(),
	}, nil
}

// signed goes from blue at −1 over white to orange at 1.
func signed(share float32) color.NRGBA {
	end := spotTone
	if share < 0 {
		share, end = -share, color.NRGBA{0x00, 0x72, 0xB2, 255}
	}
	mix := func(full uint8) uint8 { return uint8(240 + share*(float32(full)-240)) }
	return color.NRGBA{mix(end.R), mix(end.G), mix(end.B), 255}
}
