//go:build js && wasm

// Evident-live runs the lessons in a browser's worker. It adds one function to the worker, evidentRun(request, post),
// which takes a request of package live in JSON and calls post with each message in JSON. It returns when the last
// message is sent.
package main

import (
	"context"
	"encoding/json"
	"syscall/js"

	"evident/internal/live"
	"evident/kit/backend"
)

func main() {
	js.Global().Set("evidentRun", js.FuncOf(func(_ js.Value, arguments []js.Value) any {
		post := func(m live.Message) {
			encoded, err := json.Marshal(m)
			if err != nil {
				encoded, _ = json.Marshal(live.Message{Error: err.Error()})
			}
			arguments[1].Invoke(string(encoded))
		}
		var request live.Request
		err := json.Unmarshal([]byte(arguments[0].String()), &request)
		selected, failed := backend.Select(context.Background())
		switch {
		case err != nil:
			post(live.Message{Error: err.Error()})
		case failed != nil:
			post(live.Message{Error: failed.Error()})
		default:
			live.Run(context.Background(), selected.Backend, request, post)
		}
		return nil
	}))
	select {} // the function lives as long as the worker
}
