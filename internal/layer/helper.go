package layer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf16"
)

// helper completes and explains code. It is a gopls of the layer's own, beside GoNB's folder:
// a cell never waits for it, and it answers while a cell runs.
type helper struct {
	asking  chan struct{} // holds one while a question is asked
	cmd     *exec.Cmd
	in      io.Writer
	folder  string
	file    string
	version int
	stamps  map[string]time.Time
	ready   chan struct{} // closed when the packages are loaded
	failed  error

	mu      sync.Mutex
	next    int
	waiting map[int]chan rpcMessage // nil once gopls has ended
}

type rpcMessage struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

type rpcError struct {
	Message string `json:"message"`
}

// Seconds that a question may take, and the first one, which waits until all packages are loaded.
const (
	untilHelp  = 5 * time.Second
	untilReady = 60 * time.Second
)

// startHelper starts gopls in GoNB's folder and has it load what cells import. It returns at
// once.
func startHelper(program, folder string, environment []string) *helper {
	h := &helper{folder: folder, file: filepath.Join(folder, "main.go"), ready: make(chan struct{}), asking: make(chan struct{}, 1), waiting: map[int]chan rpcMessage{}, stamps: map[string]time.Time{}}
	h.cmd = exec.Command(program)
	h.cmd.Dir, h.cmd.Env = folder, environment
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	go func() {
		defer close(h.ready)
		h.failed = h.begin()
	}()
	return h
}

// begin asks for a first completion: what it loads, the next one has.
func (h *helper) begin() error {
	in, err := h.cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := h.cmd.Start(); err != nil {
		return err
	}
	// Cells come first.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, h.cmd.Process.Pid, 5)
	h.in = in
	go h.listen(out)
	go func() { _ = h.cmd.Wait() }()
	root := "file://" + h.folder
	_, err = h.call("initialize", untilReady, dict{
		"processId": os.Getpid(), "rootUri": root,
		"workspaceFolders":      []dict{{"uri": root, "name": "cells"}},
		"initializationOptions": dict{"usePlaceholders": false, "completeUnimported": true, "hoverKind": "FullDocumentation", "linksInHover": false},
		"capabilities": dict{
			"textDocument": dict{
				"completion": dict{"completionItem": dict{"snippetSupport": false}},
				"hover":      dict{"contentFormat": []string{"markdown"}},
			},
			"workspace": dict{"configuration": false},
		},
	})
	if err != nil {
		return err
	}
	if err := h.notify("initialized", dict{}); err != nil {
		return err
	}
	// What the lessons import: loaded once, it is there when a cell imports it.
	const first = "package main; import \"evident/kit/show\"; import \"github.com/gomlx/gomlx/core/graph\"; import \"fmt\"\n\n\n\nfunc main() { fmt.Pr }\n"
	if err := h.show(first); err != nil {
		return err
	}
	// On a busy machine that may take longer, and it goes on while the first question waits.
	_, _ = h.call("textDocument/completion", untilReady, h.at(4, len("func main() { fmt.Pr")))
	return nil
}

func (h *helper) at(line, character int) dict {
	return dict{"textDocument": dict{"uri": "file://" + h.file}, "position": dict{"line": line, "character": character}}
}

// show gives gopls a text instead of the file that GoNB writes, and tells it which files have changed.
func (h *helper) show(text string) error {
	h.version++
	if h.version == 1 {
		return h.notify("textDocument/didOpen", dict{"textDocument": dict{"uri": "file://" + h.file, "languageId": "go", "version": h.version, "text": text}})
	}
	var changed []dict
	for _, name := range []string{"go.mod", "go.sum", "go.work", "methods.go"} {
		file := filepath.Join(h.folder, name)
		var stamp time.Time
		if info, err := os.Stat(file); err == nil {
			stamp = info.ModTime()
		}
		if before := h.stamps[name]; !before.Equal(stamp) {
			h.stamps[name] = stamp
			kind := 2 // changed
			if before.IsZero() {
				kind = 1 // created
			} else if stamp.IsZero() {
				kind = 3 // deleted
			}
			changed = append(changed, dict{"uri": "file://" + file, "type": kind})
		}
	}
	if len(changed) > 0 {
		if err := h.notify("workspace/didChangeWatchedFiles", dict{"changes": changed}); err != nil {
			return err
		}
	}
	return h.notify("textDocument/didChange", dict{
		"textDocument": dict{"uri": "file://" + h.file, "version": h.version}, "contentChanges": []dict{{"text": text}},
	})
}

func (h *helper) notify(method string, params any) error {
	return h.write(rpcMessage{Version: "2.0", Method: method, Params: params})
}

func (h *helper) write(m rpcMessage) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err = fmt.Fprintf(h.in, "Content-Length: %d\r\n\r\n%s", len(text), text)
	return err
}

func (h *helper) call(method string, patience time.Duration, params any) (json.RawMessage, error) {
	h.mu.Lock()
	h.next++
	id := h.next
	answer := make(chan rpcMessage, 1)
	if h.waiting == nil {
		h.mu.Unlock()
		return nil, errEnded
	}
	h.waiting[id] = answer
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.waiting, id)
		h.mu.Unlock()
	}()
	if err := h.write(rpcMessage{Version: "2.0", ID: json.RawMessage(strconv.Itoa(id)), Method: method, Params: params}); err != nil {
		return nil, err
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return nil, errors.New(m.Error.Message)
		}
		return m.Result, nil
	case <-time.After(patience):
		_ = h.notify("$/cancelRequest", dict{"id": id})
		return nil, fmt.Errorf("gopls does not answer %s within %v", method, patience)
	}
}

var errEnded = errors.New("gopls has ended")

func (h *helper) ended() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.waiting == nil
}

func (h *helper) listen(out io.Reader) {
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, answer := range h.waiting {
			answer <- rpcMessage{Error: &rpcError{errEnded.Error()}}
		}
		h.waiting = nil
	}()
	reader := bufio.NewReader(out)
	for {
		head, err := textproto.NewReader(reader).ReadMIMEHeader()
		if err != nil {
			return
		}
		size, err := strconv.Atoi(head.Get("Content-Length"))
		if err != nil {
			return
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(reader, text); err != nil {
			return
		}
		var m rpcMessage
		if json.Unmarshal(text, &m) != nil {
			continue
		}
		if m.Method != "" {
			if len(m.ID) > 0 {
				// It asks for settings and the like: there are none.
				_ = h.write(rpcMessage{Version: "2.0", ID: m.ID, Result: json.RawMessage("null")})
			}
			continue
		}
		id, _ := strconv.Atoi(string(m.ID))
		h.mu.Lock()
		answer := h.waiting[id]
		h.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	}
}

// help answers a complete_request or an inspect_request.
func (k *Kernel) help(m message) {
	var asked struct {
		Code   string `json:"code"`
		Cursor int    `json:"cursor_pos"`
	}
	_ = json.Unmarshal(m.content, &asked)
	runes := []rune(asked.Code)
	cursor := min(max(0, asked.Cursor), len(runes))
	if m.header.Type == "complete_request" {
		c := k.complete(runes, cursor)
		k.send(k.shell, m.answer("complete_reply", dict{"status": "ok", "matches": c.matches, "cursor_start": c.start, "cursor_end": c.end, "metadata": dict{}}))
		return
	}
	data := dict{}
	if text := k.livingHelper().inspect(k.notes, runes, cursor); text != "" {
		data["text/markdown"], data["text/plain"] = text, text
	}
	k.send(k.shell, m.answer("inspect_reply", dict{"status": "ok", "found": len(data) > 0, "data": data, "metadata": dict{}}))
}

// livingHelper waits until gopls was started, and starts another where it has ended.
func (k *Kernel) livingHelper() *helper {
	<-k.helped
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.helper != nil && k.helper.ended() {
		k.helper = startHelper(k.helper.cmd.Path, k.helper.folder, k.helper.cmd.Env)
	}
	return k.helper
}

// readyHelper is nil where gopls cannot be asked yet.
func (k *Kernel) readyHelper() *helper {
	select {
	case <-k.helped:
	default:
		return nil
	}
	h := k.livingHelper()
	if h == nil {
		return nil
	}
	select {
	case <-h.ready:
	default:
		return nil
	}
	if h.failed != nil {
		return nil
	}
	return h
}

// complete is false where gopls is busy, or has no answer. What it loads for an answer that
// comes too late, the next one has.
func (h *helper) complete(n *notebook, code []rune, cursor int) (c completion, ok bool) {
	c = completion{[]string{}, cursor, cursor}
	text, line, ok := n.compose(code, cursor)
	if !ok {
		return c, true
	}
	select {
	case h.asking <- struct{}{}:
	case <-time.After(untilQuick):
		return c, false
	}
	defer func() { <-h.asking }()
	column := utf16Length(lineBefore(code, cursor))
	if h.show(text) != nil {
		return c, false
	}
	result, err := h.call("textDocument/completion", untilHelp, h.at(line, column))
	if err != nil {
		return c, false
	}
	var list struct {
		Items []struct {
			TextEdit *struct {
				NewText string
				Range   struct{ Start, End struct{ Line, Character int } }
			}
			AdditionalTextEdits []json.RawMessage
		}
	}
	if json.Unmarshal(result, &list) != nil {
		return c, false
	}
	length := -1
	for _, item := range list.Items {
		if item.TextEdit == nil {
			continue
		}
		r := item.TextEdit.Range
		if r.Start.Line != line || r.End.Line != line || r.Start.Character > column {
			continue
		}
		// Jupyter replaces the same part by each word.
		its := column - r.Start.Character
		if length < 0 {
			length = its
			before := utf16.Encode(lineBefore(code, cursor))
			c.start = cursor - len(utf16.Decode(before[len(before)-its:]))
		}
		if its == length {
			c.matches = append(c.matches, item.TextEdit.NewText)
		}
	}
	c.matches = beginning(c.matches, string(code[c.start:cursor]))
	return c, true
}

// beginning are the words that begin as what was typed does; where none does, all: gopls
// finds names by letters in between too.
func beginning(words []string, typed string) []string {
	found := slices.DeleteFunc(slices.Clone(words), func(word string) bool {
		return !strings.HasPrefix(strings.ToLower(word), strings.ToLower(typed))
	})
	if len(found) == 0 {
		return words
	}
	return found
}

// inspect explains the name at a cursor; inside of a call's parentheses, the function that is called.
func (h *helper) inspect(n *notebook, code []rune, cursor int) string {
	if h == nil {
		return ""
	}
	if <-h.ready; h.failed != nil {
		return ""
	}
	h.asking <- struct{}{}
	defer func() { <-h.asking }()
	for _, at := range candidates(code, cursor) {
		text, line, ok := n.compose(code, at)
		if !ok {
			continue
		}
		if h.show(text) != nil {
			return ""
		}
		result, err := h.call("textDocument/hover", untilHelp, h.at(line, utf16Length(lineBefore(code, at))))
		if err != nil {
			continue
		}
		var hover struct{ Contents struct{ Value string } }
		if json.Unmarshal(result, &hover) == nil && hover.Contents.Value != "" {
			return hover.Contents.Value
		}
	}
	return ""
}

func lineBefore(code []rune, cursor int) []rune {
	start := cursor
	for start > 0 && code[start-1] != '\n' {
		start--
	}
	return code[start:cursor]
}

func utf16Length(text []rune) int { return len(utf16.Encode(text)) }

// candidates are the places of names that an explanation at a cursor may mean: the name that
// it touches, and then those before the parentheses that are open there.
func candidates(code []rune, cursor int) []int {
	inName := func(i int) bool { return i >= 0 && i < len(code) && isNameRune(code[i]) }
	var found []int
	switch {
	case inName(cursor):
		found = append(found, cursor)
	case inName(cursor - 1):
		found = append(found, cursor-1)
	}
	depth := 0
	for i := cursor - 1; i >= 0; i-- {
		switch code[i] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			depth--
			if depth < 0 {
				if code[i] == '(' && inName(i-1) {
					found = append(found, i-1)
				}
				depth = 0
			}
		}
	}
	return found
}

func isNameRune(r rune) bool { return r == '_' || strings.ContainsRune("0123456789", r) || isLetter(r) }
