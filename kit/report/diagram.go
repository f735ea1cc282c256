package report

import "fmt"

// Diagram is boxes and the arrows between them, as in the layers of a net.
// Arrows go from a box to one further down the list.
type Diagram struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Alt    string  `json:"alt"` // what the diagram shows, for those who cannot see it
	Boxes  []Box   `json:"boxes"`
	Arrows []Arrow `json:"arrows"`
}

// Box is one part of a [Diagram].
type Box struct {
	Label  string `json:"label"`
	Detail string `json:"detail,omitempty"` // a second line, in small
	Strong bool   `json:"strong,omitempty"` // stands out, as a layer with weights does
}

// Arrow goes from one box to another; both count from 0.
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
