package textfolder_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	japaneseencoding "golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"evident/datasets/textfolder"
	"evident/internal/badinput"
)

// write creates a file below a new folder, and returns the file's path.
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
	set, err := textfolder.Load(root)
	require.NoError(t, err)
	require.Equal(t, []string{"fine", "spam"}, set.Classes)
	require.Equal(t, []string{"see you", "buy now"}, set.Texts)
	require.Equal(t, "texts in mails", set.Name)

	outside := write(t, "secret.txt", "secret")
	require.NoError(t, os.Symlink(outside, filepath.Join(root, "fine", "link.txt")))
	_, err = textfolder.Load(root)
	require.ErrorIs(t, err, badinput.Err)
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

func TestEncodingsOfTables(t *testing.T) {
	const table = "a good film,yes\na bad film,no\n"
	for name, c := range map[string]struct{ content, encoding string }{
		"UTF-16 with mark":         {inUTF16(table, true, little), "UTF-16 (little endian)"},
		"UTF-16 big, with mark":    {inUTF16(table, true, big), "UTF-16 (big endian)"},
		"UTF-16 without mark":      {inUTF16(table, false, little), "UTF-16 (little endian)"},
		"UTF-16 big, without mark": {inUTF16(table, false, big), "UTF-16 (big endian)"},
	} {
		t.Run(name, func(t *testing.T) {
			texts, err := textfolder.Load(write(t, "a.csv", c.content))
			require.NoError(t, err)
			require.Equal(t, c.encoding, texts.Report.Format.Encoding)
			require.Equal(t, []string{"a good film", "a bad film"}, texts.Texts)
			require.Equal(t, []int32{1, 0}, texts.Labels)
		})
	}
	texts, err := textfolder.Load(write(t, "a.csv", "it\x92s a fine caf\xe9,yes\nno,no\n"))
	require.NoError(t, err)
	require.Equal(t, "it’s a fine café", texts.Texts[0])
	require.Contains(t, texts.Lines()[1], "read as Windows-1252")
}

func TestEncodingsOfEastAsiaAreNamed(t *testing.T) {
	japanese := "この映画はとても面白かったです,良い\n退屈で長すぎる映画だった,悪い\n"
	chinese, taiwanese := "这部电影非常好看，我很喜欢,好\n价格便宜 质量过关 物流速度快,差\n", "這部電影非常好看，我很喜歡,好\n價格便宜 質量過關 物流速度快,差\n"
	for name, c := range map[string]struct {
		encoding encoding.Encoding
		content  string
	}{
		"SHIFT_JIS": {japaneseencoding.ShiftJIS, japanese},
		"EUC-JP":    {japaneseencoding.EUCJP, japanese},
		"EUC-KR":    {korean.EUCKR, "이 영화는 정말 재미있었어요,좋음\n너무 지루하고 길었다,나쁨\n"},
		"GB18030":   {simplifiedchinese.GB18030, chinese},
		"BIG5":      {traditionalchinese.Big5, taiwanese},
	} {
		t.Run(name, func(t *testing.T) {
			content, err := c.encoding.NewEncoder().String(c.content)
			require.NoError(t, err)
			path := write(t, "spam/a.txt", content)
			for _, path := range []string{path, filepath.Dir(filepath.Dir(path))} { // as a table, and in a folder
				_, err = textfolder.Load(path)
				require.ErrorIs(t, err, badinput.Err)
				require.ErrorContains(t, err, fmt.Sprintf("a.txt: not UTF-8 but %s, it seems: convert it, as with `iconv -f %s -t UTF-8`", name, name))
			}
		})
	}
}

// All files of a folder together, and a file's own words, decide whether it is in
// a Western encoding.
func TestOneShortFileOfAnotherEncoding(t *testing.T) {
	folder := func(short string) string {
		root := filepath.Dir(filepath.Dir(write(t, "spam/short.txt", short)))
		for i := range 20 {
			name := filepath.Join(root, []string{"spam", "fine"}[i%2], fmt.Sprint(i, ".txt"))
			require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
			require.NoError(t, os.WriteFile(name, []byte(fmt.Sprintf("une soirée très agréable, numéro %d, où tout le monde est venu", i)), 0o644))
		}
		return root
	}
	texts, err := textfolder.Load(folder("\xe9t\xe9 \xe0 c\xf4t\xe9 tr\xe8s g\xean\xe9"))
	require.NoError(t, err)
	require.Contains(t, texts.Texts, "été à côté très gêné")
	require.Contains(t, strings.Join(texts.Lines(), "\n"), `Windows-1252 in place of UTF-8: 1 file, as spam/short.txt with "été", so look whether the letters are right`)

	_, err = textfolder.Load(folder("\xf5\xee\xf0\xee\xf8\xe8\xe9 \xf4\xe8\xeb\xfc\xec"))
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "short.txt: not UTF-8 (line 1), and in no Western encoding")
}

func TestWhatIsNoTableIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ content, says string }{
		"UTF-32":            {"\xff\xfe\x00\x00a\x00\x00\x00", "iconv -f UTF-32"},
		"a picture":         {"\x89PNG\x00\x00\x00\x01\x00", "binary data, not a text"},
		"a NUL":             {"fine,yes\ndu\x00ll,no\n", "byte 12 is a NUL"},
		"Cyrillic":          {"\xf5\xee\xf0\xee\xf8\xe8\xe9,yes\n\xef\xeb\xee\xf5\xee,no\n", "in no Western encoding"},
		"Greek":             {"\xea\xe1\xeb\xfc,yes\n\xea\xe1\xea\xfc,no\n", "as with `iconv -f ENCODING -t UTF-8`"},
		"MacRoman":          {"tr\x8fs fin,yes\nmauvais,no\n", "not UTF-8 (line 1), nor Windows-1252: convert it to UTF-8 from the encoding of the program that wrote it, as with `iconv -f ENCODING -t UTF-8`"},
		"MacRoman, words":   {strings.Repeat("un caf\x8e,yes\nmauvais,no\n", 9), `nor Windows-1252, as "cafŽ" shows: convert`},
		"DOS":               {strings.Repeat("un caf\x82,yes\nmauvais,no\n", 9), `nor Windows-1252, as "caf‚" shows: convert`},
		"Thai":              {strings.Repeat("\xcb\xb9\xd1\xa7\xe0\xc3\xd7\xe8\xcd\xa7\xb9\xd5\xe9\xb4\xd5\xc1\xd2\xa1,yes\ndull,no\n", 9), "not UTF-8 (line 1), "},
		"half UTF-8":        {"caf\xc3\xa9,yes\ncaf\xe9,no\n", "partly UTF-8, partly not (from line 2)"},
		"Excel":             {"PK\x03\x04\x14\x00", "a zip archive, not a text: unpack it, or save it as CSV UTF-8 if it is a workbook of Excel"},
		"gzip":              {"\x1f\x8b\x08", "gunzip"},
		"Parquet":           {"PAR1\x15\x04", "read_parquet"},
		"a pointer":         {"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer, which only names the file, not a text: fetch the file itself with `git lfs pull`"},
		"JSON lines":        {"{\"text\": \"fine\", \"label\": 1}\n", "JSON"},
		"JSON":              {"[\n {\"text\": \"fine\"}]", "JSON"},
		"a page":            {"<!DOCTYPE html>\n<html>", "a web page"},
		"three columns":     {strings.Repeat("fine one,dull film,yes\nbad one,fine film,no\n", 9), "may both be the texts"},
		"one column":        {"a,b\n\nfine\n", "line 3 has 1 column between"},
		"no columns":        {"fine film\ndull film\n", "no columns in the lines"},
		"no label":          {"fine,yes\ndull,\n", "1 text without a label"},
		"one class":         {"fine,yes\ndull,yes\n", "2 texts of one class alone, \"yes\""},
		"a header alone":    {"text,label\n", "a header alone"},
		"empty":             {"", "empty"},
		"many classes":      {strings.Join(manyClasses(300), "\n"), "do not repeat: 299 different ones"},
		"regression":        {regression(2000), "1000 different numbers, as in"},
		"numbers for texts": {numbers(100), "are numbers"},
		"open quote":        {openQuote(), "a quote that is not closed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := textfolder.Load(write(t, "a.csv", c.content))
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "a.csv")
			require.NotContains(t, err.Error(), "\n")
		})
	}
	_, err := textfolder.Load(filepath.Join(t.TempDir(), "absent.csv"))
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "absent.csv")
	_, err = textfolder.Load(t.TempDir())
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "rt-polarity.neg")
	require.ErrorContains(t, err, "spam/1.txt")
}

func regression(n int) string {
	var table strings.Builder
	table.WriteString("text,score\n")
	for i := range n {
		fmt.Fprintf(&table, "a text number %d,%g\n", i, float64(i%1000)/7)
	}
	return table.String()
}

func numbers(n int) string {
	var table strings.Builder
	for i := range n {
		fmt.Fprintf(&table, "%d.5,%d\n", i, i%2)
	}
	return table.String()
}

// openQuote has a quote in line 3 that closes in line 5.
func openQuote() string {
	lines := strings.Split(strings.Repeat("a fine film,yes\n\"a dull, long film\",no\n", 10), "\n")
	lines[2], lines[4] = "\"a fine film,yes", "another \"fine\",yes"
	return strings.Join(lines, "\n")
}

func manyClasses(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = "text,label" + strings.Repeat("x", i)
	}
	return lines
}
