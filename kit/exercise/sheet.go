package exercise

import (
	"bytes"
	"compress/gzip"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"

	"evident/internal/badinput"
)

// Sheet is a sealed set: it judges answers without holding them.
type Sheet struct {
	Lesson string `json:"lesson"`
	Code   string `json:"code"`
	Rounds int    `json:"rounds"` // of hashing behind every seal
	Items  []Item `json:"items"`
}

// Item is a sealed question.
type Item struct {
	ID       string   `json:"id"`
	Points   int      `json:"points"`
	Form     Form     `json:"form"`
	Right    string   `json:"right,omitempty"`    // seal
	Mistakes []Sealed `json:"mistakes,omitempty"` // usual ones
	Cases    []Case   `json:"cases,omitempty"`    // of Code, as examples to try a function on
}

// Sealed is a usual mistake.
type Sealed struct {
	Seal string `json:"seal"`
	Hint string `json:"hint"`
}

// examples is how many calls of a function a sheet shows.
const examples = 2

// Seal makes the sheet of a set.
func (s Set) Seal() (Sheet, error) {
	sheet := Sheet{Lesson: s.Lesson, Code: s.Code, Rounds: rounds}
	for _, q := range s.Questions {
		item, err := sheet.item(q)
		if err != nil {
			return sheet, fmt.Errorf("question %s: %w", q.ID, err)
		}
		sheet.Items = append(sheet.Items, item)
	}
	return sheet, nil
}

func (s Sheet) item(q Question) (item Item, err error) {
	item = Item{ID: q.ID, Points: q.Points, Form: q.Form}
	if q.Form.Kind == Code {
		return q.coded(s.Code)
	}
	if item.Right, err = s.sealOf(q, q.Right); err != nil {
		return item, err
	}
	for _, m := range q.Mistakes {
		seal, err := s.sealOf(q, m.Answer)
		if err != nil {
			return item, err
		}
		item.Mistakes = append(item.Mistakes, Sealed{seal, m.Hint})
	}
	return item, nil
}

// coded is a coding question with its examples.
func (q Question) coded(code string) (item Item, err error) {
	item = Item{ID: q.ID, Points: q.Points, Form: q.Form}
	item.Form.Signature = signature(q.Function.Reference)
	item.Cases, err = q.Cases(examples, Random(code, q.ID))
	return item, err
}

func (s Sheet) sealOf(q Question, answer any) (string, error) {
	written, err := json.Marshal(answer)
	if err != nil {
		return "", err
	}
	ways, err := q.Form.ways(written)
	if err != nil {
		return "", err
	}
	return s.seal(q.ID, ways[0])
}

// rounds of hashing make a try take about a hundredth of a second: a student does
// not notice, and whoever tries millions does. A sheet whose questions together ask
// for more than mostRounds is damaged: it would keep its reader busy for hours.
const rounds, mostRounds = 30_000, 1_000_000

func (s Sheet) seal(id, way string) (string, error) {
	const length = 9 // bytes: no two answers of a question will ever collide
	key, err := pbkdf2.Key(sha256.New, way, []byte(s.Code+"\x00"+id), s.Rounds, length)
	return base64.RawStdEncoding.EncodeToString(key), err
}

// Random is a stream of random numbers that is another for every purpose.
func Random(purpose ...string) *rand.Rand {
	hash := fnv.New128a()
	for _, part := range purpose {
		_, _ = hash.Write([]byte(part + "\x00")) // never fails
	}
	sum := hash.Sum(nil)
	return rand.New(rand.NewPCG(be64(sum[:8]), be64(sum[8:])))
}

func be64(b []byte) (n uint64) {
	for _, digit := range b {
		n = n<<8 | uint64(digit)
	}
	return n
}

// Encode writes the sheet as one word, for [Open].
func (s Sheet) Encode() (string, error) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if err := json.NewEncoder(writer).Encode(s); err != nil {
		return "", err
	}
	if err := writer.Close(); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(packed.Bytes()), nil
}

// mostBytes bounds what a sheet unpacks to.
const mostBytes = 1 << 20

// Open reads what [Sheet.Encode] wrote. The error is a [badinput.Err].
func Open(encoded string) (s Sheet, err error) {
	damaged := func(err error) (Sheet, error) {
		return Sheet{}, badinput.Errorf("the sheet of exercises is damaged (%v): take the notebook as it was handed out", err)
	}
	packed, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return damaged(err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return damaged(err)
	}
	content, err := io.ReadAll(io.LimitReader(reader, mostBytes))
	if err != nil {
		return damaged(err)
	}
	if err := json.Unmarshal(content, &s); err != nil {
		return damaged(err)
	}
	if s.Rounds < 1 || s.Rounds > mostRounds/max(len(s.Items), 1) {
		return damaged(fmt.Errorf("%d rounds for each of %d questions", s.Rounds, len(s.Items)))
	}
	return s, nil
}
