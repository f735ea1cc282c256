package show

import (
	"context"
	"fmt"
	"html"

	"github.com/gomlx/compute"
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/must"

	"evident/kit/backend"
)

// Backend is the backend that package fit chooses, for use in a notebook cell:
// it says so in one line when lessons will be slow on it, and panics, as
// notebooks do, when there is none.
func Backend() compute.Backend {
	selected := must.M1(backend.Select(context.Background()))
	if selected.Slow {
		notice(selected.Why)
	}
	return selected.Backend
}

// notice prints one line for the reader.
func notice(line string) {
	if gonbui.IsNotebook {
		display(bundle{Data: forms{"text/html": `<p class="evident-notice">` + html.EscapeString(line) + "</p>", "text/plain": line}})
		gonbui.Sync()
		return
	}
	fmt.Println(line)
}
