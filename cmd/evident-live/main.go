//go:build js && wasm

// Evident-live runs the lessons in a browser's worker. It adds two functions to the worker, which speak of what package
// live says, in JSON.
//
//	evidentRun(request, post)
//
// runs a request, calls post with each message, and returns when the last is sent.
//
//	evidentTrain(lesson, post)
//
// starts the training of a lesson and returns a function for its frames: it takes a steering, and calls post with one
// message. After an error there is no function, and post has the message.
package main

import (
	"context"
	"encoding/json"
	"syscall/js"

	"github.com/gomlx/compute"

	"evident/internal/live"
	"evident/kit/backend"
)

func main() {
	js.Global().Set("evidentRun", js.FuncOf(func(_ js.Value, arguments []js.Value) any {
		post := poster(arguments[1])
		var request live.Request
		if backend := start(arguments[0], &request, post); backend != nil {
			live.Run(context.Background(), backend, request, post)
		}
		return nil
	}))
	js.Global().Set("evidentTrain", js.FuncOf(func(_ js.Value, arguments []js.Value) any {
		post := poster(arguments[1])
		var lesson string
		backend := start(arguments[0], &lesson, post)
		if backend == nil {
			return nil
		}
		training, err := live.OpenTraining(context.Background(), backend, lesson)
		if err != nil {
			post(live.Message{Error: err.Error()})
			return nil
		}
		return js.FuncOf(func(_ js.Value, arguments []js.Value) any {
			var steering live.Steering
			if err := json.Unmarshal([]byte(arguments[0].String()), &steering); err != nil {
				post(live.Message{Error: err.Error()})
				return nil
			}
			post(training.Next(context.Background(), steering))
			return nil
		})
	}))
	select {} // the functions live as long as the worker
}

// poster sends messages to a function of the page.
func poster(function js.Value) func(live.Message) {
	return func(m live.Message) {
		encoded, err := json.Marshal(m)
		if err != nil {
			encoded, _ = json.Marshal(live.Message{Error: err.Error()})
		}
		function.Invoke(string(encoded))
	}
}

// start reads what is asked for, and starts a backend. It returns nil after it has sent an error.
func start(asked js.Value, into any, post func(live.Message)) compute.Backend {
	err := json.Unmarshal([]byte(asked.String()), into)
	selected, failed := backend.Select(context.Background())
	switch {
	case err != nil:
		post(live.Message{Error: err.Error()})
	case failed != nil:
		post(live.Message{Error: failed.Error()})
	default:
		return selected.Backend
	}
	return nil
}
