package layer

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// connection is Jupyter's connection file.
type connection struct {
	Scheme    string `json:"signature_scheme"`
	Transport string `json:"transport"`
	IP        string `json:"ip"`
	Key       string `json:"key"`
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	Stdin     int    `json:"stdin_port"`
	IOPub     int    `json:"iopub_port"`
	Heartbeat int    `json:"hb_port"`
}

func readConnection(file string) (connection, error) {
	var c connection
	text, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("the connection file %s: %w", file, err)
	}
	return c, nil
}

func (c connection) address(port int) string {
	if c.Transport == "ipc" {
		return fmt.Sprintf("ipc://%s-%d", c.IP, port)
	}
	return fmt.Sprintf("tcp://%s:%d", c.IP, port)
}

// header is of a message as Jupyter's messaging protocol has it, version 5.
type header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
}

const protocolVersion = "5.4"

// message is one message. The parts that are not looked at stay as they came.
type message struct {
	identities [][]byte
	header     header
	parent     json.RawMessage
	metadata   json.RawMessage
	content    json.RawMessage
	buffers    [][]byte
}

var delimiter = []byte("<IDS|MSG>")

// read takes apart the frames of a message, and checks its signature.
func (s signer) read(frames [][]byte) (message, error) {
	at := 0
	for at < len(frames) && !bytes.Equal(frames[at], delimiter) {
		at++
	}
	if len(frames) < at+6 {
		return message{}, errors.New("a message with too few frames")
	}
	m := message{identities: frames[:at], parent: frames[at+3], metadata: frames[at+4], content: frames[at+5], buffers: frames[at+6:]}
	if len(s.key) > 0 && !hmac.Equal(frames[at+1], s.sign(frames[at+2:at+6])) {
		return message{}, errors.New("a message with a wrong signature")
	}
	if err := json.Unmarshal(frames[at+2], &m.header); err != nil {
		return message{}, fmt.Errorf("the header of a message: %w", err)
	}
	return m, nil
}

// write is the opposite of read.
func (s signer) write(m message) [][]byte {
	head, _ := json.Marshal(m.header)
	parts := [][]byte{head, orEmpty(m.parent), orEmpty(m.metadata), orEmpty(m.content)}
	frames := append(append([][]byte{}, m.identities...), delimiter, s.sign(parts))
	return append(append(frames, parts...), m.buffers...)
}

func orEmpty(part json.RawMessage) []byte {
	if len(part) == 0 {
		return []byte("{}")
	}
	return part
}

type signer struct{ key []byte }

func (s signer) sign(parts [][]byte) []byte {
	if len(s.key) == 0 {
		return []byte{}
	}
	mac := hmac.New(sha256.New, s.key)
	for _, part := range parts {
		mac.Write(part)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// answer is a message of the kernel's own that belongs to a request.
func (m message) answer(kind string, content any) message {
	parent, _ := json.Marshal(m.header)
	text, err := json.Marshal(content)
	if err != nil {
		text = []byte("{}")
	}
	return message{
		identities: m.identities,
		header: header{
			ID: rand.Text(), Session: m.header.Session, Username: m.header.Username,
			Date: time.Now().UTC().Format(time.RFC3339Nano), Type: kind, Version: protocolVersion,
		},
		parent:  parent,
		content: text,
	}
}

// parentID is the request that a message of GoNB's belongs to.
func (m message) parentID() string {
	var parent header
	_ = json.Unmarshal(m.parent, &parent)
	return parent.ID
}
