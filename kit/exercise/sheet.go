package exercise

import (
	"bytes"
	"compress/gzip"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"

	"evident/internal/badinput"
)

// Sheet is a sealed set of questions: it judges answers without containing them.
type Sheet struct {
	Lesson string `json:"lesson"`
	Code   string `json:"code"`
	Rounds int    `json:"rounds"` // rounds of hashing for every seal
	Items  []Item `json:"items"`
}

// Item is a sealed question.
type Item struct {
	ID       string   `json:"id"`
	Points   int      `json:"points"`
	Form     Form     `json:"form"`
	Right    string   `json:"right,omitempty"`    // seal
	Mistakes []Sealed `json:"mistakes,omitempty"` // seals of common mistakes
	Cases    []Case   `json:"cases,omitempty"`    // for Code: examples on which to try a function
}

// Sealed is a sealed common mistake.
type Sealed struct {
	Seal string `json:"seal"`
	Hint string `json:"hint"`
}

// examples is the number of example calls that a sheet shows.
const examples = 2

// Seal makes a sheet from a set.
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

// coded seals a coding question with its examples.
func (q Question) coded(code string) (item Item, err error) {
	item = Item{ID: q.ID, Points: q.Points, Form: q.Form}
	item.Form.Signature = signature(q.Function.Reference)
	item.Form.Types = q.types(q.Function.Inputs(Random(code, q.ID)))
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

// rounds makes one guess take about a hundredth of a second, which a student does
// not notice but which slows down millions of guesses. A sheet whose questions need
// more than mostRounds in all is rejected as damaged, because it would keep the
// reader busy for hours.
const rounds, mostRounds = 30_000, 1_000_000

func (s Sheet) seal(id, way string) (string, error) {
	const length = 9 // bytes: enough that no two answers of a question collide
	key, err := pbkdf2.Key(sha256.New, way, []byte(s.Code+"\x00"+id), s.Rounds, length)
	return base64.RawStdEncoding.EncodeToString(key), err
}

// Random returns a stream of random numbers that is different for every purpose.
func Random(purpose ...string) *rand.Rand {
	hash := fnv.New128a()
	for _, part := range purpose {
		_, _ = hash.Write([]byte(part + "\x00")) // never fails
	}
	sum := hash.Sum(nil)
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])))
}

// Encode writes the sheet as one word, which [Open] reads.
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

// mostBytes limits the unpacked size of a sheet.
const mostBytes = 1 << 20

// Open reads the result of [Sheet.Encode]. The error is a [badinput.Err].
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
