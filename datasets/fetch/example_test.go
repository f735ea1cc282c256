package fetch_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"evident/datasets/fetch"
)

func ExampleClient_File() {
	const text = "ten thousand pictures"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(text))
	}))
	defer server.Close()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	request := fetch.Request{
		URL:    server.URL + "/set.bin",
		SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(text))),
		Dest:   filepath.Join(dir, "set.bin"),
	}
	fmt.Println(fetch.Client{}.File(context.Background(), request))

	request.SHA256 = strings.Repeat("0", 64)
	request.Dest = filepath.Join(dir, "other.bin")
	fmt.Println(fetch.Client{}.File(context.Background(), request) != nil)
	// Output:
	// <nil>
	// true
}
