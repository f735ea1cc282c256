// Package forecast keeps what a reader predicts about claims, and scores it against
// their verdicts.
package forecast

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"

	"evident/internal/files"
	"evident/kit/claim"
)

// Prediction is the probability that the verdict on a claim, or on a part of one, is
// supported.
type Prediction struct {
	ID    string  `json:"id"`
	P     float64 `json:"p"`
	After bool    `json:"after,omitempty"` // made after the verdict had been shown: it is not scored
}

// String returns the prediction as in "70 %", or "70 %, after the verdict".
func (p Prediction) String() string {
	text := fmt.Sprintf("%.3g %%", 100*p.P)
	if p.After {
		text += ", after the verdict"
	}
	return text
}

// Predictions hold at most one for each id.
type Predictions []Prediction

// Of returns the prediction with an id.
func (ps Predictions) Of(id string) (Prediction, bool) {
	if i := ps.index(id); i >= 0 {
		return ps[i], true
	}
	return Prediction{}, false
}

func (ps Predictions) index(id string) int {
	return slices.IndexFunc(ps, func(p Prediction) bool { return p.ID == id })
}

// None reports whether nothing was predicted: 50 % says nothing.
func (ps Predictions) None() bool {
	return !slices.ContainsFunc(ps, func(p Prediction) bool { return p.P != 0.5 })
}

// Shown is a verdict that the reader has seen.
type Shown struct {
	Verdict   claim.Verdict `json:"verdict"`
	Statement string        `json:"statement"`
}

// Book holds what a reader has predicted and seen in one session.
type Book struct {
	Predictions Predictions      `json:"predictions"`
	Shown       map[string]Shown `json:"shown"` // by claim or part
}

// Predict notes a prediction and returns it. Before its verdict is shown, a new one
// replaces the old one. Afterwards the old one stays, and is returned.
func (b *Book) Predict(id string, probability float64) Prediction {
	p := Prediction{ID: id, P: probability}
	_, p.After = b.Shown[id]
	i := b.Predictions.index(id)
	switch {
	case i < 0:
		b.Predictions = append(b.Predictions, p)
	case p.After && !b.Predictions[i].After:
		return b.Predictions[i]
	default:
		b.Predictions[i] = p
	}
	return p
}

// Show notes the verdicts on claims and their parts. The first one that supports or
// does not support a claim stays: it is the one that was predicted.
func (b *Book) Show(claims []claim.Claim) {
	if b.Shown == nil {
		b.Shown = map[string]Shown{}
	}
	claim.Each(claims, func(c *claim.Claim) {
		if !scored(b.Shown[c.ID].Verdict) {
			b.Shown[c.ID] = Shown{c.Verdict, c.Statement}
		}
	})
}

// Session is a book in a file, which the programs of a session share. Without a path the
// book lives as long as the process.
type Session struct {
	path string
	mu   sync.Mutex
	book Book // of a process
}

// At is the session whose book is a file, or of this process if the path is empty.
func At(path string) *Session { return &Session{path: path} }

// Update reads the book, lets the function read and change it, and writes it.
func (s *Session) Update(change func(*Book)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" {
		change(&s.book)
		return nil
	}
	var book Book
	content, err := os.ReadFile(s.path)
	if err == nil {
		err = json.Unmarshal(content, &book)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		change(&book)
		content, err = json.Marshal(book)
	}
	if err == nil {
		err = files.Replace(s.path, 0o600, content)
	}
	if err != nil {
		return fmt.Errorf("predictions: %w", err)
	}
	return nil
}
