package report

import "fmt"

// Diagram shows boxes and the arrows between them, as in the layers of a net.
// An arrow leads from a box to a later one in the list.
type Diagram struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Alt    string  `json:"alt"` // text for readers who cannot see the diagram
	Boxes  []Box   `json:"boxes"`
	Arrows []Arrow `json:"arrows"`
}

// Box is one part of a [Diagram].
type Box struct {
	Label  string `json:"label"`
	Detail string `json:"detail,omitempty"` // a second line, in small type
	Strong bool   `json:"strong,omitempty"` // emphasised, as for a layer with weights
}

// Arrow leads from one box to another. Boxes are counted from 0.
type Arrow struct {
	From int `json:"from"`
	To   int `json:"to"`
}

func (d Diagram) validate() error {
	if len(d.Boxes) == 0 {
		return fmt.Errorf("diagram %q has no boxes", d.ID)
	}
	for _, arrow := range d.Arrows {
		if arrow.From < 0 || arrow.From >= arrow.To || arrow.To >= len(d.Boxes) {
			return fmt.Errorf("diagram %q: an arrow goes from box %d to box %d of %d", d.ID, arrow.From, arrow.To, len(d.Boxes))
		}
	}
	return nil
}
