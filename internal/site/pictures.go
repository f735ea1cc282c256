package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"image/png"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// picture is a file of the site with its description.
type picture struct {
	File, Alt     string
	Width, Height int // on the page, in CSS pixels
}

const inline = "data:image/png;base64,"

// takePictures moves pictures from inside the page into files beside it, which load
// when they become visible. It returns the first chart that is as wide as a card, if
// there is one.
func (b builder) takePictures(root *html.Node) (cover picture, err error) {
	for _, node := range all(root, isKind(atom.Img)) {
		taken, err := b.takePicture(node)
		if err != nil {
			return picture{}, err
		}
		if cover.File == "" && hasClass("chart")(node) && 2*taken.Width > 3*taken.Height {
			cover = taken
		}
	}
	return cover, nil
}

func (b builder) takePicture(node *html.Node) (picture, error) {
	encoded, isInline := strings.CutPrefix(get(node, "src"), inline)
	if !isInline {
		return picture{}, fmt.Errorf("picture %.60q is not in the notebook: the site works without a network", get(node, "src"))
	}
	content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return picture{}, fmt.Errorf("picture %q: %w", get(node, "alt"), err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return picture{}, fmt.Errorf("picture %q: %w", get(node, "alt"), err)
	}
	sum := sha256.Sum256(content)
	taken := picture{File: fmt.Sprintf("pictures/%x.png", sum[:8]), Alt: get(node, "alt"), Width: size.Width, Height: size.Height}
	b.site[taken.File] = content
	kind := "picture"
	if width, err := strconv.Atoi(get(node, "width")); err == nil {
		// A chart or a diagram has twice the pixels, for dense screens.
		kind = "chart"
		taken.Height = taken.Height * width / taken.Width
		taken.Width = width
	}
	node.Attr = nil
	for _, attribute := range [][2]string{
		{"src", "../" + taken.File}, {"alt", taken.Alt}, {"class", kind}, {"loading", "lazy"},
		{"width", strconv.Itoa(taken.Width)}, {"height", strconv.Itoa(taken.Height)},
	} {
		set(node, attribute[0], attribute[1])
	}
	return taken, nil
}
