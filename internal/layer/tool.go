package layer

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Tool is the command go as GoNB has it: the layer builds cells, and Go does all else.
func Tool(args []string) (int, error) {
	folder, err := os.Getwd()
	if err == nil && buildsCell(args, folder) {
		if reply, err := ask(call{Build: &buildCall{args, os.Environ(), folder}}); err == nil {
			fmt.Fprint(os.Stdout, reply.Output)
			return reply.Status, nil
		}
	}
	return becomeReal("go", args)
}

// languageServer is gopls as GoNB has it. GoNB starts one of its own, which nothing would
// ask: the layer has another.
func languageServer(args []string) (int, error) {
	if len(args) == 2 && args[0] == "-listen" {
		return 0, nil
	}
	return becomeReal("gopls", args)
}

// becomeReal replaces this process by the real program of a name.
func becomeReal(name string, args []string) (int, error) {
	if path, ok := os.LookupEnv(variablePath); ok {
		if err := os.Setenv("PATH", path); err != nil {
			return 1, err
		}
	}
	program, err := exec.LookPath(name)
	if err != nil {
		return 127, err
	}
	return 1, becomeProgram(append([]string{program}, args...))
}

func becomeProgram(command []string) error { return syscall.Exec(command[0], command, os.Environ()) }

func buildsCell(args []string, folder string) bool {
	return target(args) != "" && filepath.Dir(target(args)) == folder && strings.HasPrefix(filepath.Base(target(args)), "gonb_")
}

// target is the program that a command builds.
func target(args []string) string {
	if len(args) == 0 || args[0] != "build" && args[0] != "test" {
		return ""
	}
	if at := slices.Index(args, "-o"); at > 0 && at+1 < len(args) {
		return args[at+1]
	}
	return ""
}

// Program runs the program of a cell.
func Program(path string, args []string) (int, error) {
	cmd := exec.Command(path)
	cmd.Args = args
	return pump(cmd, 0)
}

// Shell runs a command of a cell:
//
//	shell run COMMAND…            the input is the rest of the cell
//	shell bash LINE BASE64        no input
//	shell asking LINE BASE64      the input is what Jupyter asks for
func Shell(args []string) (int, error) {
	if args[0] == "run" {
		if len(args) < 2 {
			_, _ = ask(call{End: &endCall{Line: 1, Status: 2}})
			return 2, errors.New("%%script names no command")
		}
		cmd := exec.Command(args[1], args[2:]...)
		cmd.Stdin = os.Stdin
		return pump(cmd, 1)
	}
	if len(args) != 3 {
		return 2, errors.New("usage: shell bash LINE BASE64")
	}
	line, err := strconv.Atoi(args[1])
	if err != nil {
		return 2, err
	}
	command, err := base64.StdEncoding.DecodeString(args[2])
	if err != nil {
		return 2, err
	}
	cmd := exec.Command("/bin/bash", "-c", string(command))
	if args[0] == "asking" {
		cmd.Stdin = os.Stdin
	}
	return pump(cmd, line)
}
