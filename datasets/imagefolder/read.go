package imagefolder

import (
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

	"evident/datasets"
)

// maxPixels is the largest picture that is read: it takes 256 MB while it is
// scaled.
const maxPixels = 64_000_000

// read reads the files on all processors, in their order. It returns the
// pictures, where each came from, and the files that were left out.
func read(root *os.Root, classes []string, files []file, o Options) (all datasets.Images, paths []string, skipped []Skipped) {
	pixels, reasons := make([][]uint8, len(files)), make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		group.Go(func() error {
			pixels[i], reasons[i] = readPicture(root, f.path, o)
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
func readPicture(root *os.Root, name string, o Options) (pixels []uint8, err error) {
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
	defer func() { // a decoder that breaks on a broken file costs that file alone
		if broken := recover(); broken != nil {
			err = fmt.Errorf("not a whole picture: %v", broken)
		}
	}()
	return Decode(f, o)
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
	config, _, err := image.DecodeConfig(r)
	if err != nil {
		return nil, fmt.Errorf("not a picture: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, fmt.Errorf("it has %d×%d pixels, and %d million are the most", config.Width, config.Height, maxPixels/1_000_000)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("not a whole picture: %w", err)
	}
	return Scale(picture, o), nil
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
