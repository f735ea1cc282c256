package recognise_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/datasets/recognise"
)

func packed(t *testing.T, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func inUTF16(text string) []byte {
	out := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}

func TestContentIsNamedByItsFirstBytes(t *testing.T) {
	for _, c := range []struct {
		head []byte
		want string
	}{
		{nil, recognise.Empty},
		{[]byte("<!DOCTYPE html><p>x"), recognise.WebPage},
		{[]byte("\r\n <HtMl lang=de>"), recognise.WebPage},
		{[]byte("\ufeff<html>"), recognise.WebPage},
		{inUTF16("<html><body>é"), recognise.WebPage},
		{[]byte("<script>location='/login'</script>"), recognise.WebPage},
		{[]byte(`<?xml version="1.0"?><!DOCTYPE x><html>`), recognise.WebPage},
		{packed(t, []byte("<html>log in")), recognise.WebPage},
		{[]byte(`<?xml version="1.0"?><Error/>`), recognise.XML},
		{[]byte(` {"error": 1}`), recognise.JSON},
		{[]byte("[]"), recognise.JSON},
		{[]byte("[\n {"), recognise.JSON},
		{[]byte("{'text': 'as Python writes it'}"), recognise.JSON},
		{[]byte("[laughs] no,neg"), recognise.Text},
		{[]byte("moved, caf\xe9"), recognise.Text},
		{packed(t, []byte("anything")), recognise.Gzip},
		{packed(t, packed(t, []byte("anything"))), recognise.Twice},
		{[]byte("\x1f\x8b"), recognise.Gzip},
		{append(make([]byte, 257), "ustar\x0000"...), recognise.Tar},
		{[]byte("\x00\x01\x02"), recognise.Binary},
		{[]byte("PK\x03\x04"), recognise.Zip},
		{[]byte("PK\x05\x06\x00\x00"), recognise.Zip},
		{[]byte("\x89HDF\r\n\x1a\n\x00"), recognise.HDF5},
		{[]byte("\x80\x04\x95"), recognise.Pickle},
	} {
		assert.Equal(t, c.want, recognise.Content(c.head), "%q", c.head)
	}
}

func TestTextOfMoreThanOneByteALetterIsTold(t *testing.T) {
	for head, want := range map[string]string{
		"\xff\xfe{\x00": "UTF-16", "\xfe\xff\x00{": "UTF-16", "{\x00\"\x00": "UTF-16", "\x00{\x00\"": "UTF-16",
		"\xff\xfe\x00\x00": "UTF-32", "\x00\x00\xfe\xff": "UTF-32",
		"": "", "{": "", `{"a": 1}`: "", "\ufeff{": "", "\x00\x01": "", "\x00\x00\x00\x00": "",
	} {
		assert.Equal(t, want, recognise.Wide([]byte(head)), "%q", head)
	}
}

func TestWordsAreWhatAReaderSees(t *testing.T) {
	page := "<html><head><style>p {x: y}</style><script>if (a < b) {}</script></head>\n<!-- no --><body><p class=a>Log in,\n\n<b>please</b>"
	assert.Equal(t, "Log in, please", recognise.Words([]byte(page)))
	long := recognise.Words(bytes.Repeat([]byte("é "), 500))
	assert.Len(t, []rune(long), 70)
	assert.Empty(t, recognise.Words(packed(t, []byte("x"))))
}

// The folder holds these files, which are empty because only their names
// count.
func TestFoldersAreNamedWithWhatToDo(t *testing.T) {
	whole := []string{"data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"}
	below := func(folder string, names ...string) (paths []string) {
		for _, name := range names {
			paths = append(paths, folder+"/"+name)
		}
		return paths
	}
	for name, c := range map[string]struct {
		files []string
		at    string // path below the folder
		what  string
		todo  string
	}{
		"nothing":                 {nil, "", "is empty", ""},
		"nowhere":                 {nil, "no", "does not exist", ""},
		"Python":                  {[]string{"data_batch_1", "test_batch"}, "", "holds the Python version of CIFAR-10", "evident fetch cifar10"},
		"Python, below":           {[]string{"cifar-10-batches-py/data_batch_1"}, "", "the Python version of CIFAR-10 in ", "evident fetch cifar10"},
		"MATLAB":                  {[]string{"data_batch_1.mat"}, "", "holds the MATLAB version of CIFAR-10", "evident fetch cifar10"},
		"CIFAR-100":               {[]string{"train.bin", "test.bin"}, "", "holds the binary version of CIFAR-100", "reads CIFAR-10"},
		"CIFAR-100, Python":       {[]string{"cifar-100-python/train", "cifar-100-python/test", "cifar-100-python/meta"}, "", "the Python version of CIFAR-100", "reads CIFAR-10"},
		"CIFAR-100, MATLAB":       {[]string{"train.mat", "test.mat"}, "", "holds the MATLAB version of CIFAR-100", "reads CIFAR-10"},
		"packed":                  {[]string{"readme", "cifar-10-binary.tar.gz"}, "", "holds the packed archive cifar-10-binary.tar.gz", "`tar -xf cifar-10-binary.tar.gz`"},
		"packed, bzip2":           {[]string{"x.tar.bz2"}, "", "holds the packed archive", "`tar -xf x.tar.bz2`"},
		"packed, zip":             {[]string{"x.ZIP"}, "", "holds the packed archive", "`unzip x.ZIP`"},
		"packed, each for itself": {[]string{"data_batch_1.bin.gz"}, "", "holds the packed archive", "gunzip"},
		"packed, another version": {[]string{"cifar-10-python.tar.gz"}, "", "holds the packed archive", "evident fetch cifar10"},
		"an archive":              {[]string{"x.tgz"}, "x.tgz", "is a packed archive", "`tar -xf x.tgz`"},
		"one of the files":        {whole, "test_batch.bin", "is one file of the binary version of CIFAR-10", "name its folder"},
		"two levels above":        {below("a/b", whole...), "", "/a/b", "--data "},
		"another name":            {below("mine", whole...), "", "/mine", "/mine`"},
		"a level below":           {append(whole, "x/y"), "x", "which holds the binary version of CIFAR-10", "--data "},
		"polarity":                {[]string{"rt-polarity.pos", "rt-polarity.neg"}, "", "holds the sentence polarity set", "textcnn"},
		"pictures":                {[]string{"cat/1.PNG", "dog/1.jpg"}, "", "holds pictures in folders", "imageclass"},
		"something else":          {[]string{"a.parquet", "b.parquet", "c", "d"}, "", `holds other files ("a.parquet", "b.parquet", "c", …)`, ""},
		"signs of a pattern":      {below("[x]*", "a"), "[x]*", `holds other files ("a")`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "given")
			require.NoError(t, os.Mkdir(folder, 0o755))
			for _, file := range c.files {
				path := filepath.Join(folder, filepath.FromSlash(file))
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, nil, 0o644))
			}
			what, todo := recognise.Path(filepath.Join(folder, c.at))
			assert.Contains(t, what, c.what)
			assert.Contains(t, todo, c.todo)
			if c.todo == "" {
				assert.Empty(t, todo)
			}
			assert.NotContains(t, what+todo, "\n")
		})
	}
}

func TestArchivesWithoutTheirEndingsAreNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "download")
	for content, want := range map[string]string{
		string(packed(t, []byte("x"))):          "is a gzip archive",
		"PK\x03\x04":                            "is a zip archive",
		string(make([]byte, 257)) + "ustar\x00": "is an unpacked archive (tar)",
	} {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
		what, todo := recognise.Path(file)
		assert.Equal(t, want, what)
		assert.Contains(t, todo, "unpack it")
	}
}

func TestWhatMayNotBeReadIsToldSo(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	folder := filepath.Join(t.TempDir(), "closed")
	require.NoError(t, os.Mkdir(folder, 0))
	what, todo := recognise.Path(folder)
	assert.Contains(t, what, "cannot be read (permission denied)")
	assert.Contains(t, todo, "chmod")
}
