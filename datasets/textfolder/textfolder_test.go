package textfolder_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"evident/datasets/textfolder"
	"evident/lessons/lesson"
)

// write makes a file below a new folder, and returns the file's path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

func TestTables(t *testing.T) {
	for name, c := range map[string]struct{ file, content string }{
		"text first, no header": {"a.csv", "fine film,yes\n\"dull, too long\",no\n"},
		"header":                {"a.csv", "Text,Label\nfine film,yes\n\"dull, too long\",no\n"},
		"label first by header": {"a.csv", "label,text\nyes,fine film\nno,\"dull, too long\"\n"},
		"semicolons":            {"a.csv", "text;label\nfine film;yes\ndull, too long;no\n"},
		"tabs":                  {"a.tsv", "fine film\tyes\ndull, too long\tno\n"},
		"tabs in .txt":          {"a.txt", "fine film\tyes\ndull, too long\tno\n"},
		"mark of UTF-8":         {"a.csv", "\ufefftext,label\nfine film,yes\n\"dull, too long\",no\n"},
		"lines of Windows":      {"a.csv", "fine film,yes\r\n\"dull, too long\",no\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			require.True(t, textfolder.IsTable(c.file))
			set, err := textfolder.Load(write(t, c.file, c.content))
			require.NoError(t, err)
			require.Equal(t, []string{"no", "yes"}, set.Classes)
			require.Equal(t, []string{"fine film", "dull, too long"}, set.Texts)
			require.Equal(t, []int32{1, 0}, set.Labels)
		})
	}
}

func TestTextOfManyLinesAndScripts(t *testing.T) {
	set, err := textfolder.Load(write(t, "a.csv", "\"two\nlines \"\"quoted\"\" 😀\",a\nטוב,b\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"two\nlines \"quoted\" 😀", "טוב"}, set.Texts)
}

func TestFolderOfClasses(t *testing.T) {
	path := write(t, "mails/spam/1.txt", "buy now\n")
	root := filepath.Dir(filepath.Dir(path))
	for name, content := range map[string]string{"fine/2024/a.txt": "see you", "fine/.hidden.txt": "x", "fine/b.md": "x", "top.txt": "x"} {
		file := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
	}
	require.False(t, textfolder.IsTable(root))
	set, err := textfolder.Load(root)
	require.NoError(t, err)
	require.Equal(t, []string{"fine", "spam"}, set.Classes)
	require.Equal(t, []string{"see you", "buy now"}, set.Texts)
	require.Equal(t, "texts in mails", set.Name)

	outside := write(t, "secret.txt", "secret")
	require.NoError(t, os.Symlink(outside, filepath.Join(root, "fine", "link.txt")))
	_, err = textfolder.Load(root)
	require.ErrorIs(t, err, lesson.ErrBadInput)
	require.ErrorContains(t, err, "link.txt")
}

func inUTF16(s string, mark bool, order func(unit uint16) []byte) string {
	var out []byte
	if mark {
		out = append(out, order(0xFEFF)...)
	}
	for _, unit := range utf16.Encode([]rune(s)) {
		out = append(out, order(unit)...)
	}
	return string(out)
}

func little(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} }
func big(u uint16) []byte    { return []byte{byte(u >> 8), byte(u)} }

func TestOtherEncodingsAreNamed(t *testing.T) {
	const table = "a good film,yes\na bad film,no\n"
	for name, c := range map[string]struct{ content, says, convert string }{
		"UTF-16 with mark":         {inUTF16(table, true, little), "UTF-16 (little", "-f UTF-16LE"},
		"UTF-16 big, with mark":    {inUTF16(table, true, big), "UTF-16 (big", "-f UTF-16BE"},
		"UTF-16 without mark":      {inUTF16(table, false, little), "UTF-16 (little", "-f UTF-16LE"},
		"UTF-16 big, without mark": {inUTF16(table, false, big), "UTF-16 (big", "-f UTF-16BE"},
		"UTF-32":                   {"\xff\xfe\x00\x00a\x00\x00\x00", "UTF-32", "-f UTF-32"},
		"Windows-1252":             {"it\x92s fine,yes\nno,no\n", "Windows-1252", "-f WINDOWS-1252"},
		"Latin-1":                  {"caf\xe9,yes\nno,no\n", "Latin-1", "-f ISO-8859-1"},
		"a picture":                {"\x89PNG\x00\x00\x00\x01\x00", "binary data", "not a text"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := textfolder.Load(write(t, "a.csv", c.content))
			require.ErrorIs(t, err, lesson.ErrBadInput)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, c.convert)
			require.ErrorContains(t, err, "a.csv")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestWhatCannotBeUsedIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ content, says string }{
		"three columns": {"fine,film,yes\n", "line 1 has 3 columns"},
		"one column":    {"a,b\n\nfine\n", "line 3 has 1 columns"},
		"no label":      {"fine,yes\ndull,\n", "line 2 has no label"},
		"one class":     {"fine,yes\ndull,yes\n", "1 classes [\"yes\"]"},
		"empty":         {"", "0 classes"},
		"open quote":    {"\"fine,yes\n", "quote"},
		"many classes":  {strings.Join(manyClasses(300), "\n"), "299 classes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := textfolder.Load(write(t, "a.csv", c.content))
			require.ErrorIs(t, err, lesson.ErrBadInput)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	_, err := textfolder.Load(filepath.Join(t.TempDir(), "absent.csv"))
	require.ErrorIs(t, err, lesson.ErrBadInput)
	require.ErrorContains(t, err, "absent.csv")
	_, err = textfolder.Load(t.TempDir())
	require.ErrorIs(t, err, lesson.ErrBadInput)
	require.ErrorContains(t, err, "no .txt file")
}

func manyClasses(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = "text,label" + strings.Repeat("x", i)
	}
	return lines
}
