package fetch

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const portal = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Please log in to the campus network</body></html>"

// sends returns a handler that answers with a status, a type and a body.
func sends(code int, kind, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// The error names in one line what a server, a proxy or a network sent instead of
// an archive, and says what to do.
func TestWhatCameInPlaceOfTheFileIsNamed(t *testing.T) {
	good := pack(t, entry{name: "set/a.bin", data: content[:100_000]})
	tests := map[string]struct {
		handle func(http.ResponseWriter, *http.Request, int)
		says   []string
	}{
		"a portal's page":                        {sends(200, "text/html", portal), []string{"a web page came", fmt.Sprintf("(%d bytes)", len(portal)), "Welcome Please log in to the campus network", "in a browser"}},
		"a page that says that it is an archive": {sends(200, "application/gzip", "\ufeff\n  <HTML><BODY>log in"), []string{"a web page came"}},
		"a page that is packed":                  {sends(200, "application/gzip", string(zipped(t, []byte(portal)))), []string{"a web page came"}},
		"a script that leads elsewhere":          {sends(200, "text/html", `<script>location="/login"</script>`), []string{"a web page came"}},
		"a message":                              {sends(200, "application/json", `{"error": "quota"}`), []string{"a JSON message came", `quota`, "URL of the file itself"}},
		"a message in XML":                       {sends(200, "application/xml", `<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>`), []string{"an XML message came", "NoSuchKey"}},
		"a text":                                 {sends(200, "text/plain", "moved"), []string{`a text came in place of the file (5 bytes), "moved"`}},
		"a pointer":                              {sends(200, "text/plain", "version https://git-lfs.github.com/spec/v1\n"), []string{"a Git LFS pointer"}},
		"nothing":                                {sends(200, "application/gzip", ""), []string{"an empty file came", "(0 bytes)"}},
		"the archive, unpacked by a proxy":       {sends(200, "application/gzip", string(unzipped(t, good))), []string{"an unpacked archive (tar) came", "another network"}},
		"the archive, packed once more":          {sends(200, "application/gzip", string(zipped(t, good))), []string{"packed with gzip once more"}},
		"a zip archive":                          {sends(200, "application/zip", "PK\x03\x04rest"), []string{"a zip archive came"}},
		"another archive":                        {sends(200, "application/gzip", string(pack(t, entry{name: "x"}))), []string{"SHA-256", sumOf(good)}},
		"an archive that ends early":             {sends(200, "application/gzip", string(good[:5000])), []string{"has 5000 bytes", "ends early"}},
		"a redirect to a login": {func(w http.ResponseWriter, r *http.Request, n int) {
			if r.URL.Path != "/login" {
				http.Redirect(w, r, "/login", http.StatusFound)
				return
			}
			sends(200, "text/html", portal)(w, r, n)
		}, []string{"a web page came", "/login, "}},
		"a redirect without an end": {func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, []string{"10 redirects", "check the URL"}},
		"a redirect to nowhere":     {func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusFound) }, []string{"302 Found"}},
		"401":                       {sends(401, "text/html", portal), []string{"401 Unauthorized", "login"}},
		"403":                       {sends(403, "text/html", portal), []string{"403 Forbidden", "browser"}},
		"404":                       {sends(404, "text/html", portal), []string{"404 Not Found", "check the URL"}},
		"407":                       {sends(407, "text/html", portal), []string{"407 Proxy", "HTTPS_PROXY"}},
		"429":                       {sends(429, "text/html", portal), []string{"429 Too Many Requests (3 tries)", "later"}},
		"500":                       {sends(500, "text/html", portal), []string{"500 Internal Server Error (3 tries)", "later"}},
		"502":                       {sends(502, "text/html", portal), []string{"502 Bad Gateway (3 tries)", "later"}},
		"503":                       {sends(503, "text/html", portal), []string{"503 Service Unavailable (3 tries)", "later"}},
		"511":                       {sends(511, "text/html", portal), []string{"511 Network Authentication Required: log in"}},
	}
	for name, test := range tests {
		for _, unchecked := range []bool{false, true} {
			if unchecked && (name == "another archive" || name == "an archive that ends early") {
				continue // the unpacking reports it
			}
			t.Run(fmt.Sprintf("%s, unchecked=%v", name, unchecked), func(t *testing.T) {
				t.Parallel()
				url, _ := serve(t, test.handle)
				r := Request{URL: url, SHA256: sumOf(good), Unchecked: unchecked, Dest: filepath.Join(t.TempDir(), "set.tar.gz")}
				requireBadInput(t, r, quick.File(t.Context(), r), append(test.says, "/set.bin")...)
				require.NoFileExists(t, r.Dest+".part")
			})
		}
	}
}

// Each server sends only half of the file.
func TestCutTransfersTellBytesOfHowMany(t *testing.T) {
	whole := len(content)
	amount := fmt.Sprintf("%d of %d bytes", whole/2, whole)
	ranged := func(w http.ResponseWriter) {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", whole/2-1, whole))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(content[:whole/2])
	}
	for name, test := range map[string]struct {
		handle func(http.ResponseWriter, *http.Request, int)
		says   []string
	}{
		"a length, and Range ignored": {func(w http.ResponseWriter, _ *http.Request, _ int) { half(w, 0) }, []string{"the transfer was cut at " + amount}},
		"chunks": {func(w http.ResponseWriter, _ *http.Request, _ int) {
			_, _ = w.Write(content[:whole/2])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, []string{fmt.Sprintf("the transfer was cut after %d bytes", whole/2)}},
		"a stall": {func(w http.ResponseWriter, r *http.Request, _ int) {
			w.Header().Set("Content-Length", fmt.Sprint(whole))
			_, _ = w.Write(content[:whole/2])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, []string{"stalled", amount}},
		"a part of what was asked for": {func(w http.ResponseWriter, r *http.Request, _ int) {
			if r.Header.Get("Range") != "" {
				half(w, 0)
			}
			ranged(w)
		}, []string{"the transfer was cut at " + amount}},
		"then nobody": {func(w http.ResponseWriter, r *http.Request, _ int) {
			if r.Header.Get("Range") == "" {
				half(w, 0)
			}
			w.WriteHeader(http.StatusServiceUnavailable)
		}, []string{"503", fmt.Sprintf("%d bytes are kept", whole/2)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := serve(t, test.handle)
			r := request(t, url)
			requireBadInput(t, r, quick.File(t.Context(), r), append(test.says, "(3 tries; ", "bytes are kept")...)
			assert.FileExists(t, r.Dest+".part")
		})
	}
}

// A login that expires half way does not destroy what is already downloaded.
func TestAPageDoesNotReplaceWhatIsHere(t *testing.T) {
	for name, body := range map[string]string{"a page": portal, "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
				switch number {
				case 1:
					half(w, 0)
				case 2:
					sends(200, "text/html", body)(w, r, number)
				default:
					whole(w, r)
				}
			})
			r := request(t, url)
			requireBadInput(t, r, quick.File(t.Context(), r), "came in place of the file")
			info, err := os.Stat(r.Dest + ".part")
			require.NoError(t, err)
			require.EqualValues(t, len(content)/2, info.Size())
			require.NoError(t, quick.File(t.Context(), r))
			requireFetched(t, r)
		})
	}
}

// The server replaces the file by another version between two tries.
func TestAFileThatChangesBetweenTriesIsFetchedAnew(t *testing.T) {
	older := bytes.Repeat([]byte{7}, len(content))
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
		if number == 1 {
			w.Header().Set("ETag", `"older"`)
			w.Header().Set("Content-Length", fmt.Sprint(len(older)))
			_, _ = w.Write(older[:len(older)/2])
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("ETag", `"newer"`)
		whole(w, r)
	})
	r := request(t, url)
	require.NoError(t, quick.File(t.Context(), r))
	requireFetched(t, r)
}

// If the announced length is too large, the server's next answer reveals that there
// is no more.
func TestALengthThatIsTooLargeDoesNotHideTheWholeFile(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, number int) {
		if number == 1 {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)+5))
			_, _ = w.Write(content)
			panic(http.ErrAbortHandler)
		}
		whole(w, r)
	})
	r := request(t, url)
	require.NoError(t, quick.File(t.Context(), r))
	requireFetched(t, r)
}

func TestConnectionsThatCannotBeTellWhatToDo(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	secure.Config.ErrorLog = nil
	plain, _ := serve(t, sends(200, "text/html", portal))
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts connections and never answers
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	for name, c := range map[string]struct{ url, says, todo string }{
		"a certificate of somebody else": {secure.URL + "/set.bin", "certificate", "log in to it with a browser"},
		"http in place of https":         {"https" + plain[len("http"):], "HTTP response to HTTPS client", "http://"},
		"a name that nobody has":         {"http://nobody.invalid/set.bin", "nobody.invalid", "name of the host"},
		"silence":                        {"http://" + silent.Addr().String() + "/set.bin", "stalled", "check the network"},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, c.url)
			requireBadInput(t, r, quick.File(t.Context(), r), c.url, c.says, c.todo)
		})
	}
}

// net/http reads the variables once, so each proxy needs its own process.
func TestProxiesThatDoNotLeadOn(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	wantsLogin, _ := serve(t, sends(407, "text/html", portal))
	page, _ := serve(t, sends(200, "text/html", portal))
	for name, c := range map[string]struct{ proxy, url, says string }{
		"nobody listens":          {closed.URL, "http://example.invalid/set.bin", "unset it"},
		"nobody listens, https":   {closed.URL, "https://example.invalid/set.bin", "unset it"},
		"it wants a login":        {wantsLogin, "http://example.invalid/set.bin", "the proxy wants a login"},
		"it wants a login, https": {wantsLogin, "https://example.invalid/set.bin", "the proxy wants a login"},
		"it shows a page":         {page, "http://example.invalid/set.bin", "a web page came"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request(t, c.url)
			other := elsewhere(r)
			other.Stdout, other.Stderr = nil, nil
			other.Env = append(other.Env, "HTTP_PROXY="+c.proxy, "HTTPS_PROXY="+c.proxy, "NO_PROXY=", "no_proxy=")
			said, err := other.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(said), c.says)
			require.NoFileExists(t, r.Dest)
		})
	}
}
