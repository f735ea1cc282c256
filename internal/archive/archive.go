// Package archive lists the data sets that can be downloaded.
package archive

import (
	"context"
	"maps"
	"slices"

	"evident/datasets/cifar10"
	"evident/datasets/fetch"
	"evident/datasets/polarity"
)

// Source says where to fetch a data set from. Empty fields mean the data set's own
// address and checksum.
type Source = fetch.Source

// DataSet is a data set that can be downloaded.
type DataSet struct {
	Find  func(folder string) (dir string, found bool, err error)
	Fetch func(ctx context.Context, from Source) (dir string, err error)
}

// DataSets returns the data sets that can be downloaded, by name.
func DataSets() map[string]DataSet {
	return map[string]DataSet{"cifar10": {cifar10.Find, cifar10.Fetch}, "polarity": {polarity.Find, polarity.Fetch}}
}

// Names returns the names of all data sets, in order.
func Names() []string { return slices.Sorted(maps.Keys(DataSets())) }

// Cached reports whether a data set is in the cache.
func Cached(name string) bool {
	_, found, err := DataSets()[name].Find("")
	return found && err == nil
}
