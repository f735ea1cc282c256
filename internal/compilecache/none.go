//go:build !linux || !cgo

package compilecache

import "errors"

// Enable keeps nothing here: plugins are loaded in another way.
func Enable(plugin, folder, settings string) error {
	return errors.New("compiled programs are kept on Linux alone")
}
