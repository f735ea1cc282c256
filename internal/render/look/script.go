package look

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

var (
	exponent  = regexp.MustCompile(`\b(\d+(?:\.\d+)?)e([+-]?\d{1,3})\b`)
	subscript = regexp.MustCompile(`(^|[^\pL\pN_])(\pL)_(max|min|[aehijklmnoprstuvx0-9])($|[^\pL\pN_])`)
)

// Typeset writes numbers and symbols as in a paper: 1e-06 as 10⁻⁶, 1e+02 as 100, λ_max as λₘₐₓ.
func Typeset(words string) string {
	words = exponent.ReplaceAllStringFunc(words, func(number string) string {
		parts := exponent.FindStringSubmatch(number)
		if value, err := strconv.ParseFloat(number, 64); err == nil && value >= 1e-3 && value < 1e5 {
			return strconv.FormatFloat(value, 'f', -1, 64)
		}
		power, _ := strconv.Atoi(parts[2])
		if parts[1] == "1" {
			return Power(power)
		}
		return parts[1] + "×" + Power(power)
	})
	return subscript.ReplaceAllStringFunc(words, func(symbol string) string {
		parts := subscript.FindStringSubmatch(symbol)
		return parts[1] + parts[2] + mapped(parts[3], subscripts) + parts[4]
	})
}

// Power returns a power of ten, as in 10⁻⁶.
func Power(of int) string {
	return "10" + mapped(strings.Replace(fmt.Sprint(of), "-", "−", 1), superscripts)
}

// mapped replaces each letter by the raised or lowered one.
func mapped(letters string, signs map[rune]rune) string {
	return strings.Map(func(letter rune) rune {
		for sign, plain := range signs {
			if plain == letter {
				return sign
			}
		}
		return letter
	}, letters)
}

// The letters that Unicode has raised and lowered. Our font lacks most of them.
var (
	superscripts = signs("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+−n")
	subscripts   = signs("₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+−aehijklmnoprstuvx")
)

func signs(from, to string) map[rune]rune {
	table, plain := map[rune]rune{}, []rune(to)
	for i, sign := range []rune(from) {
		table[sign] = plain[i]
	}
	return table
}

// scripted draws raised and lowered letters smaller, instead of the font's.
type scripted struct{ text.Plain }

// run is a stretch of a line in one size. Its shift is in units of the font's size.
type run struct {
	letters     string
	size, shift float64
}

func runsOf(line string) []run {
	var runs []run
	var letters []rune // of the last run
	for _, letter := range line {
		next := run{size: 1}
		if plain, raised := superscripts[letter]; raised {
			letter, next = plain, run{size: 0.7, shift: 0.36}
		} else if plain, lowered := subscripts[letter]; lowered {
			letter, next = plain, run{size: 0.7, shift: -0.16}
		}
		if last := len(runs) - 1; last < 0 || runs[last].shift != next.shift {
			if last >= 0 {
				runs[last].letters = string(letters)
			}
			runs, letters = append(runs, next), nil
		}
		letters = append(letters, letter)
	}
	if last := len(runs) - 1; last >= 0 {
		runs[last].letters = string(letters)
	}
	return runs
}

func (s scripted) face(of font.Font, r run) font.Face {
	of.Size *= vg.Length(r.size)
	return s.Fonts.Lookup(of, of.Size)
}

// Box implements [text.Handler].
func (s scripted) Box(line string, of font.Font) (width, height, depth vg.Length) {
	_, height, depth = s.Plain.Box("", of)
	for _, r := range runsOf(line) {
		face := s.face(of, r)
		width += face.Width(r.letters)
	}
	return width, height, depth
}

// Draw implements [text.Handler] like [text.Plain], with first lines at equal heights.
func (s scripted) Draw(c vg.Canvas, words string, style text.Style, at vg.Point) {
	if words = strings.TrimRight(words, "\n"); words == "" {
		return
	}
	c.Push()
	defer c.Pop()
	c.SetColor(style.Color)
	c.Rotate(style.Rotation)
	sin, cos := math.Sincos(style.Rotation)
	at = vg.Point{X: at.Y*vg.Length(sin) + at.X*vg.Length(cos), Y: at.Y*vg.Length(cos) - at.X*vg.Length(sin)}
	lines := s.Lines(words)
	height := style.Height(lines[0]) + vg.Length(len(lines)-1)*style.Font.Size
	at.Y += height*vg.Length(style.YAlign) - s.Extents(style.Font).Ascent
	for i, line := range lines {
		width, _, _ := s.Box(line, style.Font)
		x, y := at.X+vg.Length(style.XAlign)*width, at.Y+vg.Length(len(lines)-i)*style.Font.Size
		for _, r := range runsOf(line) {
			face := s.face(style.Font, r)
			c.FillString(face, vg.Point{X: x, Y: y + vg.Length(r.shift)*style.Font.Size}, r.letters)
			x += face.Width(r.letters)
		}
	}
}
