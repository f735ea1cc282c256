package layer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Kernel is the layer between Jupyter and GoNB.
type Kernel struct {
	signer
	folder  string
	shell   zmq4.Socket
	control zmq4.Socket
	stdin   zmq4.Socket
	iopub   zmq4.Socket
	engine  *engine
	notes   *notebook
	helper  *helper       // nil where there is no gopls
	helped  chan struct{} // closed when it was started
	exports *exports
	tools   tools
	waiting queue

	building sync.Mutex
	recipe   *recipe // of the programs of cells, or nil

	mu      sync.Mutex
	current *run // the cell that runs, or nil
	hidden  *run // what the layer has GoNB do for itself
	files   []string
	done    chan int
}

// Run is the kernel: it ends when Jupyter says so, or when GoNB has ended.
func Run(connectionFile string, gonb []string) (status int, err error) {
	to, err := readConnection(connectionFile)
	if err != nil {
		return 1, err
	}
	folder, err := temporaryFolder()
	if err != nil {
		return 1, err
	}
	k := &Kernel{signer: signer{[]byte(to.Key)}, folder: folder, done: make(chan int, 1), helped: make(chan struct{})}
	k.waiting.more = make(chan struct{}, 1)
	k.notes = newNotebook()
	if k.tools, err = findTools(k.folder); err != nil {
		return 1, err
	}
	k.exports = newExports(k.tools.goTool, os.Getenv("EVIDENT_HOME"))
	if err := k.listen(to); err != nil {
		return 1, err
	}
	go k.start(filepath.Base(connectionFile), gonb, to.Key)
	go k.receive(k.shell, k.onShell)
	go k.receive(k.control, k.onControl)
	go k.receive(k.stdin, func(m message) { k.forward(k.stdinOfEngine, m) })
	k.onSignals()
	go k.onOrphaned(os.Getppid())
	return <-k.done, nil
}

// listen binds the sockets that Jupyter knows.
func (k *Kernel) listen(to connection) error {
	ctx := context.Background()
	k.shell, k.control, k.stdin = zmq4.NewRouter(ctx, silent), zmq4.NewRouter(ctx, silent), zmq4.NewRouter(ctx, silent)
	k.iopub = zmq4.NewPub(ctx, silent)
	heartbeat := zmq4.NewRep(ctx, silent)
	for _, s := range []struct {
		socket zmq4.Socket
		port   int
	}{{heartbeat, to.Heartbeat}, {k.iopub, to.IOPub}, {k.stdin, to.Stdin}, {k.control, to.Control}, {k.shell, to.Shell}} {
		if err := s.socket.Listen(to.address(s.port)); err != nil {
			return err
		}
	}
	go func() {
		for {
			ping, err := heartbeat.Recv()
			if err != nil {
				continue
			}
			_ = heartbeat.Send(ping)
		}
	}()
	return nil
}

// start starts GoNB and lets cells run. It ends when GoNB has ended.
func (k *Kernel) start(connectionFile string, gonb []string, key string) {
	environment, err := k.prepareTools()
	var engine *engine
	if err == nil {
		engine, err = startEngine(filepath.Join(k.folder, connectionFile), gonb, key, append(slices.Clone(environment), "GOTMPDIR="+k.goFolder()))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "evident-kernel:", err)
		k.end(1)
		return
	}
	k.mu.Lock()
	k.engine = engine
	k.mu.Unlock()
	go engine.receive(engine.shell, k.onReply)
	go engine.receive(engine.iopub, k.onOutput)
	go engine.receive(engine.stdin, func(m message) { k.send(k.stdin, m) })
	if err := k.waitForEngine(); err == nil {
		k.runHidden("%noautoget")
		k.startHelper(environment)
		go k.runCells()
	}
	<-engine.ended
	k.end(1)
}

// variableHelp is "off" where nobody asks for completions: gopls takes two seconds of a processor and 200 MB.
const variableHelp = "EVIDENT_HELP"

// startHelper starts gopls in the folder that GoNB has made.
func (k *Kernel) startHelper(environment []string) {
	defer close(k.helped)
	if os.Getenv(variableHelp) == "off" {
		return
	}
	folders, _ := filepath.Glob(filepath.Join(k.folder, "gonb_*", "go.mod"))
	program, err := exec.LookPath("gopls")
	if len(folders) == 1 && err == nil {
		k.mu.Lock()
		k.helper = startHelper(program, filepath.Dir(folders[0]), environment)
		k.mu.Unlock()
	}
}

// waitForEngine asks GoNB until it is heard on the socket of output too.
func (k *Kernel) waitForEngine() error {
	for {
		probe := newRequest("kernel_info_request", struct{}{})
		run := newRun(probe, nil)
		k.mu.Lock()
		k.hidden = run
		k.mu.Unlock()
		if err := k.engine.send(k.engine.shell, probe); err != nil {
			return err
		}
		select {
		case <-run.idle:
			return nil
		case <-k.engine.ended:
			return errors.New("GoNB has ended")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// runHidden has GoNB run a cell that no one sees.
func (k *Kernel) runHidden(code string) {
	request := newRequest("execute_request", executeContent{Code: code, Silent: true})
	run := newRun(request, nil)
	k.mu.Lock()
	k.hidden = run
	k.mu.Unlock()
	if err := k.engine.send(k.engine.shell, request); err == nil {
		run.wait(k.engine.ended)
	}
}

func newRequest(kind string, content any) message {
	m := message{}.answer(kind, content)
	m.parent = nil
	return m
}

func (k *Kernel) end(status int) {
	select {
	case k.done <- status:
	default:
	}
}

func (k *Kernel) onSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for s := range signals {
			if s == syscall.SIGINT {
				k.interrupt()
			} else {
				k.shutDown()
			}
		}
	}()
}

// onOrphaned ends the kernel when Jupyter has ended without a word, as ipykernel does.
func (k *Kernel) onOrphaned(parent int) {
	if os.Getenv("JPY_PARENT_PID") == "" {
		return
	}
	for os.Getppid() == parent {
		time.Sleep(4 * look)
	}
	k.shutDown()
}

func (k *Kernel) receive(socket zmq4.Socket, do func(message)) {
	for {
		wire, err := socket.Recv()
		if err != nil {
			time.Sleep(time.Millisecond)
			continue
		}
		if m, err := k.read(wire.Frames); err == nil {
			do(m)
		}
	}
}

func (k *Kernel) send(socket zmq4.Socket, m message) {
	_ = socket.SendMulti(zmq4.NewMsgFrom(k.write(m)...))
}

// publish sends an answer to all that listen.
func (k *Kernel) publish(m message) {
	m.identities = [][]byte{[]byte("kernel." + m.header.Type)}
	k.send(k.iopub, m)
}

// busy says that the kernel is busy with a request, as long as do runs.
func (k *Kernel) busy(m message, do func()) {
	k.publish(m.answer("status", status{"busy"}))
	defer k.publish(m.answer("status", status{"idle"}))
	do()
}

type status struct {
	State string `json:"execution_state"`
}

type dict map[string]any

// onControl answers what must not wait for a cell.
func (k *Kernel) onControl(m message) {
	switch m.header.Type {
	case "shutdown_request":
		k.onShutdown(k.control, m)
	default:
		k.answer(k.control, m)
	}
}

func (k *Kernel) onShell(m message) {
	switch m.header.Type {
	case "execute_request":
		k.waiting.add(m)
	case "shutdown_request":
		k.onShutdown(k.shell, m)
	case "complete_request", "inspect_request":
		go k.busy(m, func() { k.help(m) })
	case "comm_open", "comm_msg", "comm_close":
		k.forward(k.shellOfEngine, m)
	default:
		k.answer(k.shell, m)
	}
}

// answer answers what the layer knows by itself.
func (k *Kernel) answer(socket zmq4.Socket, m message) {
	reply := func(kind string, content any) {
		k.busy(m, func() { k.send(socket, m.answer(kind, content)) })
	}
	switch m.header.Type {
	case "interrupt_request": // VS Code sends it on the shell's socket
		k.busy(m, func() {
			k.interrupt()
			k.send(socket, m.answer("interrupt_reply", dict{"status": "ok"}))
		})
	case "kernel_info_request":
		reply("kernel_info_reply", kernelInfo())
	case "is_complete_request":
		var asked struct{ Code string }
		_ = json.Unmarshal(m.content, &asked)
		reply("is_complete_reply", isComplete(asked.Code))
	case "history_request":
		reply("history_reply", dict{"status": "ok", "history": []string{}})
	case "comm_info_request":
		reply("comm_info_reply", dict{"status": "ok", "comms": dict{}})
	}
}

func kernelInfo() dict {
	return dict{
		"status": "ok", "protocol_version": protocolVersion,
		"implementation": "evident", "implementation_version": "1",
		"banner": "Go, by GoNB (github.com/janpfeifer/gonb)",
		"language_info": dict{
			"name": "go", "version": runtime.Version(), "mimetype": "text/x-go", "file_extension": ".go",
			// A notebook keeps these.
			"pygments_lexer": "", "codemirror_mode": "", "nbconvert_exporter": "",
		},
		"help_links": []dict{
			{"text": "Go", "url": "https://go.dev/doc/"},
			{"text": "GoNB", "url": "https://github.com/janpfeifer/gonb"},
		},
	}
}

func (k *Kernel) shellOfEngine() zmq4.Socket { return k.engine.shell }
func (k *Kernel) stdinOfEngine() zmq4.Socket { return k.engine.stdin }

// forward passes a message to GoNB, once there is one.
func (k *Kernel) forward(socket func() zmq4.Socket, m message) {
	k.mu.Lock()
	engine := k.engine
	k.mu.Unlock()
	if engine != nil {
		_ = engine.send(socket(), m)
	}
}

// untilKilled is how long an interrupted cell has. With what GoNB needs, it has ended within 2 s.
const untilKilled = time.Second

// interrupt ends the cell that runs, and those that wait. A training that has said that it
// ends by itself gets the time to finish its step, until the next interrupt.
func (k *Kernel) interrupt() {
	k.mu.Lock()
	engine, current := k.engine, k.current
	k.mu.Unlock()
	k.abort(k.waiting.clear())
	if engine == nil || current == nil {
		return
	}
	current.interrupt()
	engine.interrupt()
	go func() {
		select {
		case <-current.finished:
			return
		case <-time.After(untilKilled):
		}
		k.mu.Lock()
		ended := k.current != current
		k.mu.Unlock()
		switch {
		case ended:
		case current.ending.Load():
			current.out.add("stderr", "interrupted: the step that runs is finished first; interrupt again to end the cell at once\n")
		default:
			current.out.add("stderr", "interrupted: the cell does not end by itself, and is killed\n")
			current.fail(interrupted)
			engine.killCell()
		}
	}()
}

func (k *Kernel) onShutdown(socket zmq4.Socket, m message) {
	var asked struct{ Restart bool }
	_ = json.Unmarshal(m.content, &asked)
	answer := m.answer("shutdown_reply", dict{"status": "ok", "restart": asked.Restart})
	k.send(socket, answer)
	k.publish(answer)
	k.shutDown()
}

// shutDown ends GoNB, and with it this process. GoNB cleans up after itself when it is
// asked to end; the rest is cleaned up when this process has ended.
func (k *Kernel) shutDown() {
	k.mu.Lock()
	engine := k.engine
	k.mu.Unlock()
	if engine != nil {
		engine.killCell()
		_ = engine.command.Process.Signal(syscall.SIGTERM)
		select {
		case <-engine.ended:
		case <-time.After(time.Second):
			_ = engine.command.Process.Kill()
		}
	}
	k.end(0)
}

// chooseVectors sets GOEXPERIMENT, as kernel/goexperiment.sh says.
func chooseVectors() {
	script := filepath.Join(os.Getenv("EVIDENT_HOME"), "kernel", "goexperiment.sh")
	if os.Getenv("GOEXPERIMENT") != "" {
		return
	}
	if value, err := exec.Command(script).Output(); err == nil && len(strings.TrimSpace(string(value))) > 0 {
		_ = os.Setenv("GOEXPERIMENT", strings.TrimSpace(string(value)))
	}
}

// goFolder is where go works for cells. What it leaves when it is interrupted goes with the cell.
func (k *Kernel) goFolder() string { return filepath.Join(k.folder, "go") }

func (k *Kernel) clearGoFolder() {
	left, _ := os.ReadDir(k.goFolder())
	for _, entry := range left {
		_ = os.RemoveAll(filepath.Join(k.goFolder(), entry.Name()))
	}
}

// prepareTools makes the folder that comes first on GoNB's PATH.
func (k *Kernel) prepareTools() (environment []string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	chooseVectors()
	bin := filepath.Join(k.folder, "bin")
	for _, folder := range []string{bin, k.goFolder()} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"go", "goimports", "gopls", "evident-kernel"} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			return nil, err
		}
	}
	if err := k.serve(filepath.Join(k.folder, "layer")); err != nil {
		return nil, err
	}
	path := os.Getenv("PATH")
	return append(os.Environ(),
		"PATH="+bin+string(filepath.ListSeparator)+filepath.Dir(k.tools.goTool)+string(filepath.ListSeparator)+path,
		variablePath+"="+filepath.Dir(k.tools.goTool)+string(filepath.ListSeparator)+path,
		variableSocket+"="+filepath.Join(k.folder, "layer")), nil
}
