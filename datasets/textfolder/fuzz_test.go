package textfolder_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"evident/datasets/text"
	"evident/datasets/textfolder"
	"evident/internal/readertest"
)

// FuzzTable reads arbitrary bytes as a table with each ending. Either the result
// survives writing and reading it again, or the error takes one line.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{
		"", "a,b\nc,d\n", "text;label\nfine;yes\ndull, too long;no\n", "\ufefflabel\ttext\nyes\tfine\nno\tdull\n",
		"\"two\nlines \"\"quoted\"\" 😀\",a\nטוב,b\n", "fine,film,yes\n", "\"fine,yes\n", "it\x92s,yes\n", "\xff\xfea\x00,\x00", "a,\x1b[2J\nb,\u2028c\n",
		"lABel\t0\n00\t0", "sep=;\ra;b\rc;d\r", "__label__a b\n__label__b c", "\"a\nb,c\nd\"\",e\n",
	} {
		f.Add([]byte(seed), 0)
	}
	f.Fuzz(func(t *testing.T, content []byte, ending int) {
		endings := []string{".csv", ".tsv", ".txt"}
		path := filepath.Join(t.TempDir(), "table"+endings[uint(ending)%3])
		set, err := loaded(t, path, content)
		if err != nil {
			readertest.BadInput(t, err)
			return
		}
		requireWellFormed(t, set)
		again, err := loaded(t, filepath.Join(t.TempDir(), "table.csv"), asCSV(t, set))
		require.NoError(t, err)
		require.Equal(t, set, again)
	})
}

func loaded(t *testing.T, path string, content []byte) (set text.Set, err error) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, content, 0o644))
	var texts textfolder.Texts
	readertest.Within(t, 4*readertest.MiB+4000*uint64(len(content)), func() {
		texts, err = textfolder.Load(path)
		set = texts.Set
	})
	if err == nil {
		for _, line := range texts.Lines() {
			readertest.Line(t, line)
		}
	}
	set.Name = ""
	return set, err
}

func requireWellFormed(t *testing.T, set text.Set) {
	t.Helper()
	require.True(t, slices.IsSorted(set.Classes))
	require.GreaterOrEqual(t, len(set.Classes), 2)
	require.Len(t, set.Labels, set.Len())
	for i, label := range set.Labels {
		require.Less(t, int(label), len(set.Classes))
		require.Equal(t, strings.TrimSpace(set.Texts[i]), set.Texts[i])
	}
}

// asCSV writes the set with a header, so that no text can be taken for one.
func asCSV(t *testing.T, set text.Set) []byte {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	require.NoError(t, w.Write([]string{"text", "label"}))
	for i, line := range set.Texts {
		require.NoError(t, w.Write([]string{line, set.Classes[set.Labels[i]]}))
	}
	w.Flush()
	require.NoError(t, w.Error())
	return out.Bytes()
}

// FuzzFolder reads arbitrary bytes as a text in a folder. Either the text is
// read unchanged, or the error names the file in one line.
func FuzzFolder(f *testing.F) {
	for _, seed := range []string{"", "see you", "\ufeffx", "caf\xe9", "\x00", "a\x00b\x00", "\x1b[31m\u0085"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		folder := t.TempDir()
		for name, content := range map[string][]byte{"fine/a.txt": []byte("hello"), "spam/b.txt": content} {
			file := filepath.Join(folder, name)
			require.NoError(t, os.Mkdir(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, content, 0o644))
		}
		var set textfolder.Texts
		var err error
		readertest.Within(t, 4*readertest.MiB+4000*uint64(len(content)), func() { set, err = textfolder.Load(folder) })
		if err != nil {
			readertest.BadInput(t, err)
			if !strings.Contains(err.Error(), "one class") { // b.txt is empty
				require.ErrorContains(t, err, filepath.Join("spam", "b.txt"))
			}
			return
		}
		require.Len(t, set.Texts, 2)
		if utf8.Valid(content) && !bytes.Contains(content, []byte{0}) {
			require.Equal(t, strings.TrimSpace(strings.TrimPrefix(string(content), "\ufeff")), set.Texts[1])
		}
		require.Equal(t, []string{"fine", "spam"}, set.Classes)
	})
}
