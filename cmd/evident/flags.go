package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"evident/internal/badinput"
)

// flagError rewrites pflag's error in our style.
func flagError(cmd *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		flag := invalid.GetFlag()
		value, what := wrongValue(flag.Value.Type(), invalid.GetValue())
		return badinput.Errorf("--%s: %q is %s: `%s --help` lists the flags", flag.Name, value, what, cmd.CommandPath())
	}
	return badinput.Errorf("%w: `%s --help` lists the flags", err, cmd.CommandPath())
}

// wrongValue returns the invalid part of a flag's value, and what is wrong
// with it.
func wrongValue(kind, value string) (part, what string) {
	switch {
	case kind == "bool":
		return value, "neither true nor false"
	case strings.HasPrefix(kind, "int"):
		for _, number := range strings.Split(value, ",") {
			if _, err := strconv.ParseInt(number, 0, 64); errors.Is(err, strconv.ErrRange) {
				return number, "too large a number"
			} else if err != nil {
				return number, "no whole number"
			}
		}
	}
	return value, "no value of this flag"
}
