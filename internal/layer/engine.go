package layer

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
)

// engine is GoNB: a process with sockets of its own, in the kernel's folder.
type engine struct {
	signer
	command *exec.Cmd
	shell   zmq4.Socket
	control zmq4.Socket
	stdin   zmq4.Socket
	iopub   zmq4.Socket
	ended   chan struct{} // closed when the process has ended
}

// startEngine starts GoNB with a connection file of its own, and waits until it listens.
// The file has the name of Jupyter's: GoNB takes the kernel's id from it.
func startEngine(file string, command []string, key string, environment []string) (*engine, error) {
	folder := filepath.Dir(file)
	ours := connection{Scheme: "hmac-sha256", Transport: "ipc", IP: filepath.Join(folder, "gonb"), Key: key, Shell: 1, Control: 2, Stdin: 3, IOPub: 4, Heartbeat: 5}
	text, err := json.Marshal(ours)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	e := &engine{signer: signer{[]byte(key)}, ended: make(chan struct{})}
	e.command = exec.Command(command[0], append(command[1:], "--kernel", file)...)
	e.command.Env = environment
	e.command.Stdout, e.command.Stderr = os.Stdout, os.Stderr
	// In a group of its own, it gets the signals that the layer sends, and no others.
	e.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := e.command.Start(); err != nil {
		return nil, fmt.Errorf("cannot start GoNB: %w: run `make lab`, which installs it", err)
	}
	go func() {
		_ = e.command.Wait()
		close(e.ended)
	}()
	return e, e.connect(ours)
}

func (e *engine) connect(to connection) error {
	// GoNB asks for input at the identity that the cell came from, so all three have the same.
	id := zmq4.WithID(zmq4.SocketIdentity(rand.Text()))
	options := []zmq4.Option{id, zmq4.WithDialerRetry(5 * time.Millisecond), zmq4.WithDialerMaxRetries(-1), silent}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-e.ended
		cancel()
	}()
	e.shell, e.control, e.stdin = zmq4.NewDealer(ctx, options...), zmq4.NewDealer(ctx, options...), zmq4.NewDealer(ctx, options...)
	e.iopub = zmq4.NewSub(ctx, options[1:]...)
	for _, s := range []struct {
		socket zmq4.Socket
		port   int
	}{{e.shell, to.Shell}, {e.control, to.Control}, {e.stdin, to.Stdin}, {e.iopub, to.IOPub}} {
		if err := s.socket.Dial(to.address(s.port)); err != nil {
			return fmt.Errorf("GoNB does not answer: %w", err)
		}
	}
	return e.iopub.SetOption(zmq4.OptionSubscribe, "")
}

var silent = zmq4.WithLogger(log.New(io.Discard, "", 0))

func (e *engine) send(socket zmq4.Socket, m message) error {
	return socket.SendMulti(zmq4.NewMsgFrom(e.write(m)...))
}

// receive calls do with each message of a socket, as long as GoNB lives.
func (e *engine) receive(socket zmq4.Socket, do func(message)) {
	for {
		wire, err := socket.Recv()
		if err != nil {
			return
		}
		if m, err := e.read(wire.Frames); err == nil {
			do(m)
		}
	}
}

// interrupt interrupts what GoNB has started, but not those that pass its output on. GoNB
// itself would kill the cell after 5 s, so it is interrupted only where it has started nothing.
func (e *engine) interrupt() {
	alone := true
	for _, p := range e.programs() {
		passesOn := p.parent == e.command.Process.Pid && p.name != "go" && p.name != "goimports"
		if !passesOn && p.name != "gopls" {
			_ = syscall.Kill(p.id, syscall.SIGINT)
		}
		alone = false
	}
	if alone {
		_ = e.command.Process.Signal(syscall.SIGINT)
	}
}

func (e *engine) killCell() {
	for _, p := range e.programs() {
		_ = syscall.Kill(p.id, syscall.SIGKILL)
	}
}

// programs are what GoNB has started.
func (e *engine) programs() []process {
	return descendants(e.command.Process.Pid, func(p process) bool { return p.name == "gopls" })
}
