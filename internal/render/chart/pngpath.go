package chart

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"evident/internal/lines"
	"evident/internal/render/look"
	"evident/kit/report"
)

// addPaths draws whole paths, each from a ring to a filled symbol, with a
// light edge that sets it off from the heatmap. All starts and ends are drawn
// above all lines. A path that ends outside of the picture gets no end
// symbol.
func addPaths(p *plot.Plot, legend *plot.Legend, chart report.Chart) error {
	all := routes(chart)
	for i, pieces := range all {
		line, err := addPieces(p, pieces, styleOf(i))
		if err != nil {
			return fmt.Errorf("path %q: %w", chart.Curves[i].Name, err)
		}
		if !crowded(pieces) {
			if err := addStops(p, uncutStops(pieces), stepGlyph(styleOf(i))); err != nil {
				return err
			}
		}
		legend.Add(lines.Shorten(chart.Curves[i].Name, legendWidth), line, &plotter.Scatter{GlyphStyle: endGlyph(styleOf(i))})
	}
	for i, pieces := range all {
		if err := addEnds(p, pieces, styleOf(i)); err != nil {
			return err
		}
	}
	return nil
}

// addPieces draws the lines of one path, and returns one for the legend.
func addPieces(p *plot.Plot, pieces []piece, style curveStyle) (*plotter.Line, error) {
	line := &plotter.Line{LineStyle: draw.LineStyle{Color: style.colour, Width: vg.Points(1.4)}}
	edge := draw.LineStyle{Color: withAlpha(look.White, 0xB0), Width: vg.Points(3.2)}
	for _, drawn := range []draw.LineStyle{edge, line.LineStyle} {
		for _, stops := range pieces {
			stretch, err := plotter.NewLine(pointsOf(stops))
			if err != nil {
				return nil, err
			}
			stretch.LineStyle = drawn
			p.Add(stretch)
		}
	}
	return line, nil
}

// addEnds marks the start and the end of a path.
func addEnds(p *plot.Plot, pieces []piece, style curveStyle) error {
	if len(pieces) == 0 {
		return nil
	}
	var starts, ends piece
	if first := pieces[0][0]; first.step == 0 {
		starts = piece{first}
	}
	final := pieces[len(pieces)-1]
	if last := final[len(final)-1]; !last.cut {
		ends = piece{last}
	}
	// Draw a thicker ring than gonum/plot's.
	for _, disc := range []draw.GlyphStyle{
		{Color: style.colour, Radius: vg.Points(3.6), Shape: draw.CircleGlyph{}},
		{Color: look.White, Radius: vg.Points(2.2), Shape: draw.CircleGlyph{}},
	} {
		if err := addStops(p, starts, disc); err != nil {
			return err
		}
	}
	return addStops(p, ends, endGlyph(style))
}

func addStops(p *plot.Plot, stops piece, style draw.GlyphStyle) error {
	if len(stops) == 0 {
		return nil
	}
	symbols, err := plotter.NewScatter(pointsOf(stops))
	if err != nil {
		return err
	}
	symbols.GlyphStyle = style
	p.Add(symbols)
	return nil
}

func endGlyph(s curveStyle) draw.GlyphStyle {
	return draw.GlyphStyle{Color: s.colour, Radius: vg.Points(4), Shape: outlined{s.glyph}}
}

func stepGlyph(s curveStyle) draw.GlyphStyle {
	return draw.GlyphStyle{Color: s.colour, Radius: vg.Points(1.8), Shape: s.glyph}
}

func pointsOf(stops piece) plotter.XYs {
	xys := make(plotter.XYs, len(stops))
	for i, s := range stops {
		xys[i] = plotter.XY{X: s.x, Y: s.y}
	}
	return xys
}
