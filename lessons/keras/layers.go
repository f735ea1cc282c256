package keras

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"evident/lessons/arch"
)

// read reads a layer. The shapes are those of its outputs, where the layers
// behind it have written them down.
func (r *reader) read(d described, place string, depth int, written []arch.Shape) (part, error) {
	if isModel(d) {
		return r.model(d, place, depth+1)
	}
	args := argumentsOf(d.Config)
	if args.err != nil {
		return part{}, args.err
	}
	p := part{frozen: !args.bool("trainable", true), bytes: args.bytesOf(), calls: 1}
	for _, key := range []string{"quantization_config", "lora_rank"} {
		if args.has(key) {
			return part{}, fmt.Errorf("it has a %s, whose weights are not counted", key)
		}
	}
	switch makeLayer, ok := classes[d.Class]; {
	case isOperation(d):
		p.layer = operation(d, written)
	case d.Class == "TimeDistributed":
		return r.distributed(args, p, place, depth)
	case d.Class == "Lambda":
		p.layer = lambda(args, written)
	case ok:
		p.layer = makeLayer(args)
	default:
		return part{}, unknownClass(d)
	}
	if args.err == nil && args.oneOf("data_format", "channels_last", "channels_first") == "channels_first" && d.Class != "Flatten" {
		p.layer = arch.ChannelsFirst{Layer: p.layer}
	}
	return p, args.err
}

func unknownClass(d described) error {
	if d.Class == "" {
		return errors.New("it has no class_name")
	}
	return errors.New("evident cannot count layers of this class: `evident summary --help` lists those that it can")
}

// Classes are the names of the layers that can be counted, in order.
func Classes() []string {
	return slices.Sorted(maps.Keys(classes))
}

// maker makes a layer of its arguments.
type maker func(a *arguments) arch.Layer

// classes are the layers that can be counted, by the names of Keras.
var classes = merged(
	perAxes("Conv%dD", 3, convolution), perAxes("Conv%dDTranspose", 3, transposed),
	perAxes("DepthwiseConv%dD", 2, depthwise), perAxes("SeparableConv%dD", 2, separable),
	perAxes("MaxPooling%dD", 3, pool(arch.Max)), perAxes("AveragePooling%dD", 3, pool(arch.Average)),
	perAxes("GlobalMaxPooling%dD", 3, globalPool(arch.Max)), perAxes("GlobalAveragePooling%dD", 3, globalPool(arch.Average)),
	perAxes("AdaptiveMaxPooling%dD", 3, adaptivePool(arch.Max)), perAxes("AdaptiveAveragePooling%dD", 3, adaptivePool(arch.Average)),
	perAxes("ZeroPadding%dD", 3, zeroPad), perAxes("Cropping%dD", 3, crop), perAxes("UpSampling%dD", 3, upSample),
	elementwise("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "GaussianNoise", "AlphaDropout",
		"ActivityRegularization", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax", "Rescaling", "Masking", "Identity",
		"UnitNormalization", "StochasticDepth", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation",
		"RandomContrast", "RandomBrightness"),
	joining("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"),
	recurrences(recurrent...),
	map[string]maker{
		"InputLayer": input, "Dense": dense, "Flatten": flatten, "Reshape": reshape, "Permute": permute, "RepeatVector": repeatVector,
		"Activation": activation, "PReLU": prelu, "Embedding": embedding, "Concatenate": concatenate,
		"BatchNormalization": batchNormalization, "LayerNormalization": layerNormalization,
		"GroupNormalization": groupNormalization, "RMSNormalization": rmsNormalization, "Normalization": normalization,
		"Bidirectional": bidirectional, "MultiHeadAttention": multiHeadAttention, "Attention": attention, "AdditiveAttention": additiveAttention, "Resizing": resizing("Resizing"), "CenterCrop": resizing("CenterCrop"),
		"RandomCrop": resizing("RandomCrop"), "LayerScale": layerScale, "CustomScaleLayer": customScale,
		// These two are read apart, for they need more than their arguments.
		"TimeDistributed": nil, "Lambda": nil,
	},
)

func merged(all ...map[string]maker) map[string]maker {
	classes := map[string]maker{}
	for _, some := range all {
		maps.Copy(classes, some)
	}
	return classes
}

// perAxes are the layers of a family, for 1 spatial axis and more.
func perAxes(format string, most int, family func(axes int, a *arguments) arch.Layer) map[string]maker {
	makers := map[string]maker{}
	for axes := 1; axes <= most; axes++ {
		makers[fmt.Sprintf(format, axes)] = func(a *arguments) arch.Layer { return family(axes, a) }
	}
	return makers
}

func elementwise(names ...string) map[string]maker {
	family := map[string]maker{}
	for _, name := range names {
		family[name] = func(*arguments) arch.Layer { return arch.Elementwise{Name: name} }
	}
	return family
}

func joining(names ...string) map[string]maker {
	family := map[string]maker{}
	for _, name := range names {
		family[name] = func(*arguments) arch.Layer { return arch.Merge{Operation: name} }
	}
	return family
}

func recurrences(names ...string) map[string]maker {
	family := map[string]maker{}
	for _, name := range names {
		family[name] = func(a *arguments) arch.Layer { return recurrence(name, a) }
	}
	return family
}

// distributed reads a layer that is applied to every step.
func (r *reader) distributed(args *arguments, p part, place string, depth int) (part, error) {
	d := args.nested("layer")
	if args.err != nil {
		return part{}, args.err
	}
	if depth++; depth > maxDepth {
		return part{}, fmt.Errorf("layers lie more than %d deep in one another", maxDepth)
	}
	inner, err := r.read(d, place+".config.layer", depth, nil)
	if err != nil {
		return part{}, fmt.Errorf("its layer (%s): %w", d.Class, err)
	}
	inner.frozen = inner.frozen || p.frozen
	inner.layer = arch.TimeDistributed{Layer: inner.layer}
	return inner, nil
}
