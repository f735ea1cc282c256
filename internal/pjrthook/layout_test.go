package pjrthook

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The header that go-xla is built with is the oracle for pjrt.h.
func TestLayoutIsThatOfPJRT(t *testing.T) {
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	require.NoError(t, err)
	official := read(t, filepath.Join(strings.TrimSpace(string(folder)), "pjrt", "pjrt_c_api.h"))
	ours := read(t, "pjrt.h")

	functions := regexp.MustCompile(`_PJRT_API_STRUCT_FIELD\((\w+)\);`).FindAllStringSubmatch(official, -1)
	places := regexp.MustCompile(`(PJRT_\w+) = (\d+),`).FindAllStringSubmatch(ours, -1)
	require.Len(t, places, 7)
	for _, place := range places {
		at, err := strconv.Atoi(place[2])
		require.NoError(t, err)
		require.Equal(t, functions[at][1], place[1])
	}
	kinds := regexp.MustCompile(`PJRT_NamedValue_k\w+`).FindAllString(official, -1)
	require.Equal(t, "PJRT_NamedValue_kInt64", kinds[1])
	require.Contains(t, ours, kinds[1]+" = 1 ")
	for name, theirs := range map[string]string{
		"pjrt_named_value":        "PJRT_NamedValue",
		"pjrt_error_destroy":      "PJRT_Error_Destroy_Args",
		"pjrt_program":            "PJRT_Program",
		"pjrt_compile":            "PJRT_Client_Compile_Args",
		"pjrt_executable_destroy": "PJRT_Executable_Destroy_Args",
		"pjrt_serialize":          "PJRT_Executable_Serialize_Args",
		"pjrt_get_executable":     "PJRT_LoadedExecutable_GetExecutable_Args",
		"pjrt_deserialize":        "PJRT_Executable_DeserializeAndLoad_Args",
	} {
		own := fields(t, ours, `typedef struct \{([^{}]*)\} `+name+`;`)
		require.Equal(t, fields(t, official, `struct `+theirs+` \{([^{}]*)\};`), own, name)
	}
	first := fields(t, ours, `typedef struct \{([^{}]*)\} pjrt_create;`)
	require.Equal(t, fields(t, official, `struct PJRT_Client_Create_Args \{([^{}]*)\};`)[:len(first)], first)
}

var (
	comment = regexp.MustCompile(`//[^\n]*`)
	union   = regexp.MustCompile(`union \{([^{}]*)\}[^;]*;`)
)

// fields returns the kinds of a struct's fields, with those of a union one after
// the other. All pointers have the same kind.
func fields(t *testing.T, header, pattern string) []string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(union.ReplaceAllString(header, "$1"))
	require.NotNil(t, found, pattern)
	var kinds []string
	for field := range strings.SplitSeq(comment.ReplaceAllString(found[1], ""), ";") {
		switch field = strings.TrimSpace(field); {
		case field == "":
		case strings.Contains(field, "*"):
			kinds = append(kinds, "pointer")
		default:
			kinds = append(kinds, strings.Fields(field)[0])
		}
	}
	return kinds
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}
