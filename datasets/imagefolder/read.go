package imagefolder

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // a format that can be read
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"io"
	"io/fs"
	"os"
	"runtime"

	_ "golang.org/x/image/bmp" // likewise
	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff" // likewise
	_ "golang.org/x/image/webp" // likewise
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"evident/datasets"
)

// limits bound what a picture may say of its size, before memory is taken for it.
type limits struct {
	pixels int // of one picture
	side   int // its longest: scaling keeps a row of the result for every row of the picture
}

// most is what is read. By the types that the decoders use, a picture of 64 million
// pixels takes 64 MB (grey) to about 1 GB (a progressive JPEG) while it is decoded;
// scaling 32 bytes for each of its rows and each column of the result, 215 MB at 224 columns.
func most() limits { return limits{pixels: 64_000_000, side: 30_000} }

// read reads the files on all processors, in their order. It returns the
// pictures, where each came from, and the files that were left out.
func read(root *os.Root, classes []string, files []file, o Options) (all datasets.Images, paths []string, skipped []Skipped) {
	pixels, reasons := make([][]uint8, len(files)), make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	// All processors together decode as many pixels as the largest picture has.
	room := semaphore.NewWeighted(int64(most().pixels))
	for i, f := range files {
		group.Go(func() error {
			pixels[i], reasons[i] = readPicture(root, f.path, o, room)
			return nil
		})
	}
	_ = group.Wait() // a file's error is kept beside it
	all = datasets.Images{Classes: classes, Height: o.Height, Width: o.Width, Channels: o.channels()}
	for i, f := range files {
		if reasons[i] != nil {
			skipped = append(skipped, Skipped{f.path, reasons[i].Error()})
			continue
		}
		all.Pixels = append(all.Pixels, pixels[i]...)
		all.Labels = append(all.Labels, uint8(f.class))
		paths = append(paths, f.path)
	}
	return all, paths, skipped
}

func (o Options) channels() int {
	if o.Colour {
		return 3
	}
	return 1
}

// readPicture reads and scales one picture: [Height, Width, channels]. The error
// is the reason, without the path.
func readPicture(root *os.Root, name string, o Options, room *semaphore.Weighted) (pixels []uint8, err error) {
	about, err := root.Stat(name)
	if err != nil {
		return nil, openReason(err)
	}
	if !about.Mode().IsRegular() {
		return nil, errors.New("not a file") // a pipe would be waited for
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, openReason(err)
	}
	defer f.Close()
	count, err := most().measure(f)
	if err != nil {
		return nil, err
	}
	if err := room.Acquire(context.Background(), count); err != nil {
		return nil, err
	}
	defer room.Release(count)
	return decode(f, o)
}

func openReason(err error) error {
	var inner *fs.PathError
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// Decode reads one picture and scales it: [Height, Width, channels].
func Decode(r io.ReadSeeker, o Options) ([]uint8, error) {
	if _, err := most().measure(r); err != nil {
		return nil, err
	}
	return decode(r, o)
}

// measure is the number of pixels that a picture says it has. The error is that
// of one which is too large, or no picture. It reads from the beginning, and
// leaves r there.
func (l limits) measure(r io.ReadSeeker) (pixels int64, err error) {
	defer mend(&err, "not a picture")
	config, format, err := image.DecodeConfig(r)
	if err != nil {
		return 0, fmt.Errorf("not a picture: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > l.pixels/config.Height {
		return 0, fmt.Errorf("it has %d×%d pixels, and %d million are the most", config.Width, config.Height, l.pixels/1_000_000)
	}
	if max(config.Width, config.Height) > l.side {
		return 0, fmt.Errorf("it has %d×%d pixels, and %d are the most at a side", config.Width, config.Height, l.side)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	if format == "webp" {
		if err := checkFrame(r, config.Width, config.Height); err != nil {
			return 0, fmt.Errorf("not a picture: %w", err)
		}
	}
	_, err = r.Seek(0, io.SeekStart)
	return int64(config.Width) * int64(config.Height), err
}

// decode reads a picture that was measured.
func decode(r io.Reader, o Options) (pixels []uint8, err error) {
	defer mend(&err, "not a whole picture")
	picture, _, err := image.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("not a whole picture: %w", err)
	}
	return Scale(picture, o), nil
}

// mend makes an error of a panic: a decoder that breaks on a broken file costs
// that file alone.
func mend(err *error, what string) {
	if broken := recover(); broken != nil {
		*err = fmt.Errorf("%s: %v", what, broken)
	}
}

// Scale makes a picture of the options' size from any other:
// [Height, Width, channels], 0–255.
func Scale(picture image.Image, o Options) []uint8 {
	scaled := image.NewRGBA(image.Rect(0, 0, o.Width, o.Height))
	draw.Draw(scaled, scaled.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), picture, picture.Bounds(), draw.Over, nil)
	pixels := make([]uint8, 0, o.Height*o.Width*o.channels())
	for i := 0; i < len(scaled.Pix); i += 4 {
		rgb := scaled.Pix[i : i+3]
		if o.Colour {
			pixels = append(pixels, rgb...)
			continue
		}
		grey := color.GrayModel.Convert(color.RGBA{R: rgb[0], G: rgb[1], B: rgb[2], A: 0xFF}).(color.Gray)
		pixels = append(pixels, grey.Y)
	}
	return pixels
}
