package layer

import (
	"encoding/json"
	"errors"
	"net"
	"os"
)

// Variables that tell the tools where the layer is.
const (
	variableSocket = "EVIDENT_KERNEL"      // of the layer
	variablePath   = "EVIDENT_KERNEL_PATH" // the PATH without the layer's own folder
)

// call is what a tool, or a cell's program, asks the layer.
type call struct {
	Build   *buildCall
	Begin   *beginCall
	End     *endCall
	Ending  *endingCall
	Program int // its process
}

type buildCall struct {
	Arguments, Environment []string
	Folder                 string
}

type beginCall struct{}

// endingCall: the cell has heard the interrupt, and ends by itself.
type endingCall struct{}

type endCall struct {
	Line    int // of the cell, for a command; 0 for the cell's program
	Status  int
	Signal  string // that has ended it
	Trace   string // of a panic
	Spilled []spilled
}

type callReply struct {
	Status int
	Output string
	// Refused: something before has failed.
	Refused bool
	// All text is shown, or captured.
	All bool
}

// ask is a call of the layer. Outside of a kernel it fails.
func ask(c call) (callReply, error) {
	var reply callReply
	socket := os.Getenv(variableSocket)
	if socket == "" {
		return reply, errors.New("no kernel")
	}
	connection, err := net.Dial("unix", socket)
	if err != nil {
		return reply, err
	}
	defer connection.Close()
	if err := json.NewEncoder(connection).Encode(c); err != nil {
		return reply, err
	}
	return reply, json.NewDecoder(connection).Decode(&reply)
}

// serve answers calls.
func (k *Kernel) serve(socket string) error {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				var c call
				if json.NewDecoder(connection).Decode(&c) == nil {
					_ = json.NewEncoder(connection).Encode(k.onCall(c))
				}
			}()
		}
	}()
	return nil
}

// mostFiles with text that was not shown are kept, the newest.
const mostFiles = 5

func (k *Kernel) keepSpilled(files []spilled) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range files {
		k.files = append(k.files, s.File)
	}
	for len(k.files) > mostFiles {
		_ = os.Remove(k.files[0])
		k.files = k.files[1:]
	}
}

func (k *Kernel) onCall(c call) callReply {
	k.mu.Lock()
	r := k.current
	k.mu.Unlock()
	if r == nil || r.cell == nil {
		if c.Build != nil {
			return runGo(k.tools.goTool, *c.Build, nil)
		}
		return callReply{}
	}
	switch {
	case c.Build != nil:
		if r.failed() || r.interrupted.Load() {
			return callReply{Status: 1}
		}
		return k.build(r, *c.Build)
	case c.Begin != nil:
		return callReply{Refused: r.failed() || r.interrupted.Load(), All: r.cell.capture}
	case c.Ending != nil:
		r.ending.Store(true)
	case c.End != nil:
		r.mu.Lock()
		r.spilled = append(r.spilled, c.End.Spilled...)
		r.mu.Unlock()
		k.keepSpilled(c.End.Spilled)
		if f := k.notes.endFault(r.cell, *c.End); f != nil {
			r.fail(f)
		}
	}
	return callReply{}
}
