package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/internal/files"
	"evident/internal/lines"
	"evident/internal/render"
	"evident/kit/arch"
	"evident/kit/keras"
)

const summaryHelp = `Summarise a Keras model: every layer's output shape, its parameters with their
formula, its FLOPs and its receptive field. It reads the files of Keras 3's
model.save("model.keras") and model.to_json(), and of Keras 2's to_json(). It does
not need Python to run:

  with open("model.json", "w") as file:
      file.write(model.to_json())

None in a shape is a size that is not fixed yet. The first size is the batch: the
number of examples that the model gets at once. A shape is ? if only Python can
compute it, as after a Lambda.
Trainable parameters are those that Keras 3 trains. It respects the flag
"trainable" of every layer and of the whole model, but not of nested models and
wrappers. A layer with LoRA trains its two small matrices instead of its kernel.
Notes on standard error say what the file leaves open.

FLOPs count two operations for each multiplication by a weight and its addition,
for one example; "?" means that a size is unknown. The receptive field is the box
of the model's input that one output depends on; "all" means the whole input, and
"–" unknown.

--markdown prints a table in GitHub's form, with the totals as a list below.

--json prints {"name", "class", "total", "trainable", "non_trainable", "bytes",
"flops", "notes" (if there are any), "layers": [{"name", "class", "output_shape",
"params", "trainable", "non_trainable", "formula", "flops", "receptive_field",
"inputs"}]}. output_shape has the form [null, 28, 28, 64], or is a list of such
shapes for several outputs. receptive_field has the form [7, 7], or is "all" or
null. flops is null if unknown.

It can count these layers, and nested models and shared layers made of them:
`

func (a app) summaryCommand() *cobra.Command {
	var asJSON, asMarkdown bool
	cmd := &cobra.Command{
		Use:     "summary FILE",
		Short:   "Summarise a Keras model from its JSON or .keras file; - reads standard input",
		Long:    summaryHelp + "  " + strings.Join(lines.Wrap(strings.Join(keras.Classes(), ", "), 78), "\n  "),
		Example: "  evident summary model.json\n  python make_model.py | evident summary --json -",
		Args: func(_ *cobra.Command, args []string) error {
			switch len(args) {
			case 0:
				return badinput.Errorf("`evident summary` takes one file, or - for standard input, but got none")
			case 1:
				return nil
			}
			return badinput.Errorf("`evident summary` takes one file, or - for standard input, but got %d", len(args))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON && asMarkdown {
				return badinput.Errorf("--json and --markdown are two forms of one output: give one of them")
			}
			write := func(s arch.Summary) error { return render.Table(s.LongTable("summary")).Text(a.stdout) }
			switch {
			case asJSON:
				write = func(s arch.Summary) error { return files.WriteJSON(a.stdout, s) }
			case asMarkdown:
				write = func(s arch.Summary) error { return render.Table(s.LongTable("summary")).Markdown(a.stdout) }
			}
			return a.summarize(cmd.InOrStdin(), args[0], write)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print a table in Markdown")
	return cmd
}

func (a app) summarize(stdin io.Reader, name string, write func(arch.Summary) error) error {
	summary, err := summaryOf(stdin, name)
	if err != nil {
		return err
	}
	for _, note := range summary.Notes {
		a.tell().Complain("%s: %s", name, note)
	}
	return write(summary)
}

func summaryOf(stdin io.Reader, name string) (arch.Summary, error) {
	if name == "-" {
		summary, err := keras.Summarize(stdin)
		return summary, named("standard input", err)
	}
	file, err := os.Open(name)
	if err != nil {
		return arch.Summary{}, badinput.Errorf("cannot read %s: %w", name, datasets.WithoutPath(err))
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return arch.Summary{}, badinput.Errorf("%s is a folder: name a file that model.save(\"model.keras\") or model.to_json() wrote", name)
	}
	summary, err := keras.Summarize(file)
	return summary, named(name, err)
}

// named prefixes an error with the name of the file.
func named(file string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", file, err)
}
