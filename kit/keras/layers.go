package keras

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"evident/kit/arch"
)

// read reads a layer. The shapes are those of its outputs, if later layers have
// recorded them.
func (r *reader) read(d described, place string, depth int, written []arch.Shape) (part, error) {
	if isModel(d) {
		return r.model(d, place, depth+1, written)
	}
	if foreign := d.foreign(); foreign != "" {
		return part{}, errForeign(foreign)
	}
	args := argumentsOf(d.Config)
	if args.err != nil {
		return part{}, args.err
	}
	p := part{frozen: !args.bool("trainable", true), bytes: args.bytesOf(), shared: r.shared(d), calls: 1}
	if args.has("quantization_config") {
		return part{}, errors.New("it has a quantization_config, whose weights are not counted: write the model with model.to_json() before model.quantize(…), or count it in Keras")
	}
	makeLayer, ok := classes[d.Class]
	wrap := wrapper(d.Class)
	switch {
	case isOperation(d):
		p.layer = operation(d, written)
	case wrap != nil:
		n := &nest{reader: r, arguments: args, place: place + ".config", depth: depth + 1, calls: 1}
		p.layer, p.calls, p.frozen = wrap(n), n.calls, false // Keras respects only the flags of the nested layers
	case d.Class == "Lambda":
		p.layer = lambda(args, written)
	case ok:
		p.layer = makeLayer(args)
	default:
		return part{}, unknownClass(d)
	}
	if rank := args.intOr("lora_rank", 0); rank != 0 && args.err == nil {
		p.layer = arch.LoRA{Layer: p.layer, Rank: rank}
	}
	if p.frozen && slices.Contains(ofParts, d.Class) {
		r.unsure = append(r.unsure, d.Name)
	}
	if args.err == nil && !isOperation(d) && args.oneOf("data_format", "channels_last", "channels_first") == "channels_first" && !slices.Contains(anyFormat, d.Class) {
		first := arch.ChannelsFirst{Layer: p.layer}
		if l, ok := p.layer.(arch.ConvLSTM); ok {
			first.Axes = len(l.Kernel)
		}
		p.layer = first
	}
	return p, args.err
}

// anyFormat lists layers with a data_format that does not affect their shapes,
// or that they handle themselves.
var anyFormat = []string{"Flatten", "STFTSpectrogram"}

// ofParts lists composite layers. Their parts have flags of their own for
// training, which the file does not contain.
var ofParts = []string{"MultiHeadAttention", "GroupQueryAttention", "GroupedQueryAttention", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}

func unknownClass(d described) error {
	switch args := argumentsOf(d.Config); {
	case d.Class == "":
		return errors.New("it has no class_name")
	case args.has("nb_filter"), args.has("border_mode"):
		return errKeras1
	}
	return errors.New("evident cannot count layers of this class: `evident summary --help` lists those that it can")
}

// Classes returns the names of the supported layers, in order.
func Classes() []string {
	return slices.Sorted(maps.Keys(classes))
}

// maker makes a layer from its arguments.
type maker func(a *arguments) arch.Layer

// classes maps Keras's names to the supported layers.
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
		"RandomContrast", "RandomBrightness", "AugMix", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix",
		"Equalization", "MaxNumBoundingBoxes", "MixUp", "RandAugment", "RandomColorDegeneration", "RandomColorJitter", "RandomElasticTransform",
		"RandomErasing", "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective",
		"RandomPosterization", "RandomSaturation", "RandomSharpness", "RandomShear", "Solarization"),
	joining("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"),
	recurrences(recurrent...), perAxes("ConvLSTM%dD", 3, convLSTM),
	map[string]maker{
		"InputLayer": input, "Dense": dense, "Flatten": flatten, "Reshape": reshape, "Permute": permute, "RepeatVector": repeatVector,
		"Activation": activation, "PReLU": prelu, "Embedding": embedding, "Concatenate": concatenate,
		"BatchNormalization": batchNormalization, "LayerNormalization": layerNormalization,
		"GroupNormalization": groupNormalization, "RMSNormalization": rmsNormalization, "Normalization": normalization,
		"MultiHeadAttention": multiHeadAttention, "GroupQueryAttention": groupedQueryAttention, "GroupedQueryAttention": groupedQueryAttention, "Attention": attention,
		"AdditiveAttention": additiveAttention, "Dot": dot, "EinsumDense": einsumDense, "ReversibleEmbedding": reversibleEmbedding,
		"Resizing": resizing("Resizing"), "CenterCrop": resizing("CenterCrop"), "RandomCrop": resizing("RandomCrop"),
		"LayerScale": layerScale, "CustomScaleLayer": customScale, "STFTSpectrogram": stftSpectrogram, "MelSpectrogram": melSpectrogram,
		"CategoryEncoding": categoryEncoding, "Hashing": hashing, "HashedCrossing": hashedCrossing, "Discretization": discretization,
		"StringLookup": lookup("StringLookup"), "IntegerLookup": lookup("IntegerLookup"), "TextVectorization": textVectorization,
		// The reader handles these separately, because they need more than their
		// arguments.
		"TimeDistributed": nil, "Bidirectional": nil, "RNN": nil, "SpectralNormalization": nil, "Pipeline": nil, "Lambda": nil,
	},
)

func merged(all ...map[string]maker) map[string]maker {
	classes := map[string]maker{}
	for _, some := range all {
		maps.Copy(classes, some)
	}
	return classes
}

// perAxes returns the layers of a family, for 1 spatial axis and more.
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
