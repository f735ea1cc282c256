package fit

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"

	"evident/internal/badinput"
)

// shards divides batches among devices; nil for one device.
type shards struct{ first, all *distributed.ShardingSpec }

// shardsOf are those for batches of a size on so many devices of the backend.
func shardsOf(backend compute.Backend, devices, batchSize int) (*shards, error) {
	switch {
	case devices < 1 || devices > backend.NumDevices():
		return nil, badinput.Errorf("%d devices: backend %s has 1 to %d", devices, backend.Name(), backend.NumDevices())
	case batchSize%devices != 0:
		return nil, badinput.Errorf("a batch of %d cannot be divided among %d devices: use a multiple", batchSize, devices)
	case devices == 1:
		return nil, nil
	}
	mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{"batch"})
	if err != nil {
		return nil, err
	}
	first, err := distributed.BuildSpec(mesh).S("batch").Done()
	return &shards{first: first, all: distributed.NewReplicatedShardingSpec(mesh)}, err
}

// prepare makes the step one for all devices: inputs divided along the batch,
// variables and outputs the same everywhere.
func (s *shards) prepare(step *model.Exec) {
	if s == nil {
		return
	}
	step.AutoSharding(s.first.Mesh).WithInputShardingSpecs(s.first, s.first).WithOutputShardingSpecs(s.all, s.all)
}

// shapes are those of the inputs, for one device after the other.
func (s *shards) shapes(inputs ...*tensors.Tensor) []shapes.Shape {
	var all []shapes.Shape
	for _, input := range inputs {
		all = append(all, input.Shape())
	}
	if s == nil {
		return all
	}
	for i := range all {
		all[i] = s.first.ShardShape(all[i])
	}
	return slices.Repeat(all, s.first.Mesh.NumDevices())
}

// divide gives every device its part of the inputs.
func (s *shards) divide(inputs ...*tensors.Tensor) ([]any, error) {
	divided := make([]any, len(inputs))
	for i, input := range inputs {
		divided[i] = input
		if s == nil {
			continue
		}
		part, err := dtensor.ShardTensor(s.first, input)
		if err != nil {
			return nil, err
		}
		divided[i] = part
	}
	return divided, nil
}
