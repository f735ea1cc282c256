package keras

import (
	"encoding/json"
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
	named(elementwise, "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "GaussianNoise", "AlphaDropout",
		"ActivityRegularization", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax", "Rescaling", "Masking", "Identity",
		"UnitNormalization", "StochasticDepth", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation",
		"RandomContrast", "RandomBrightness", "AugMix", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix",
		"Equalization", "MaxNumBoundingBoxes", "MixUp", "RandAugment", "RandomColorDegeneration", "RandomColorJitter", "RandomElasticTransform",
		"RandomErasing", "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective",
		"RandomPosterization", "RandomSaturation", "RandomSharpness", "RandomShear", "Solarization"),
	named(joining, "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"),
	named(recurrentLayer, recurrent...), perAxes("ConvLSTM%dD", 3, convLSTM),
	named(resizing, "Resizing", "CenterCrop", "RandomCrop"), named(lookup, "StringLookup", "IntegerLookup"),
	map[string]maker{
		"InputLayer": input, "Dense": dense, "Flatten": flatten, "Reshape": reshape, "Permute": permute, "RepeatVector": repeatVector,
		"Activation": activation, "PReLU": prelu, "Embedding": embedding, "Concatenate": concatenate,
		"BatchNormalization": batchNormalization, "LayerNormalization": layerNormalization,
		"GroupNormalization": groupNormalization, "RMSNormalization": rmsNormalization, "Normalization": normalization,
		"MultiHeadAttention": multiHeadAttention, "GroupQueryAttention": groupedQueryAttention, "GroupedQueryAttention": groupedQueryAttention, "Attention": attention,
		"AdditiveAttention": additiveAttention, "Dot": dot, "EinsumDense": einsumDense, "ReversibleEmbedding": reversibleEmbedding,
		"LayerScale": layerScale, "CustomScaleLayer": customScale, "STFTSpectrogram": stftSpectrogram, "MelSpectrogram": melSpectrogram,
		"CategoryEncoding": categoryEncoding, "Hashing": hashing, "HashedCrossing": hashedCrossing, "Discretization": discretization,
		"TextVectorization": textVectorization,
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

// named returns the layers of a family that differ in their names.
func named(family func(name string, a *arguments) arch.Layer, names ...string) map[string]maker {
	makers := map[string]maker{}
	for _, name := range names {
		makers[name] = func(a *arguments) arch.Layer { return family(name, a) }
	}
	return makers
}

func elementwise(name string, _ *arguments) arch.Layer { return arch.Elementwise{Name: name} }

func joining(name string, _ *arguments) arch.Layer { return arch.Merge{Operation: name} }

func recurrentLayer(cell string, a *arguments) arch.Layer { return recurrence(cell, a) }

func input(a *arguments) arch.Layer {
	key := "batch_shape"
	if !a.has(key) && a.has("batch_input_shape") {
		key = "batch_input_shape" // Keras 2
	}
	_, shape := a.batchShape(key)
	return arch.Input{Shape: shape}
}

func dense(a *arguments) arch.Layer {
	return arch.Dense{Units: a.int("units"), NoBias: !a.bool("use_bias", true), Activation: a.activation()}
}

func convolution(axes int, a *arguments) arch.Layer {
	return arch.Conv{
		Filters: a.int("filters"), Kernel: a.window("kernel_size", axes), Strides: a.sizes("strides", axes),
		Dilation: a.sizes("dilation_rate", axes), Padding: a.padding(), Groups: a.positive("groups"),
		NoBias: !a.bool("use_bias", true), Activation: a.activation(),
	}
}

func transposed(axes int, a *arguments) arch.Layer {
	return arch.ConvTranspose{
		Filters: a.int("filters"), Kernel: a.window("kernel_size", axes), Strides: a.sizes("strides", axes),
		Dilation: a.sizes("dilation_rate", axes), Padding: a.padding(), OutputPadding: a.sizes("output_padding", axes),
		NoBias: !a.bool("use_bias", true), Activation: a.activation(),
	}
}

func depthwise(axes int, a *arguments) arch.Layer {
	return arch.DepthwiseConv{
		Multiplier: a.positive("depth_multiplier"), Kernel: a.window("kernel_size", axes), Strides: a.sizes("strides", axes),
		Dilation: a.sizes("dilation_rate", axes), Padding: a.padding(), NoBias: !a.bool("use_bias", true), Activation: a.activation(),
	}
}

func separable(axes int, a *arguments) arch.Layer {
	return arch.SeparableConv{
		Filters: a.int("filters"), Multiplier: a.positive("depth_multiplier"), Kernel: a.window("kernel_size", axes),
		Strides: a.sizes("strides", axes), Dilation: a.sizes("dilation_rate", axes), Padding: a.padding(),
		NoBias: !a.bool("use_bias", true), Activation: a.activation(),
	}
}

// positive reads a number whose default is 1.
func (a *arguments) positive(key string) int {
	n := a.intOr(key, 1)
	if n < 1 {
		a.refuse(key, "1 or more")
	}
	return n
}

func pool(pooling arch.Pooling) func(int, *arguments) arch.Layer {
	return func(axes int, a *arguments) arch.Layer {
		return arch.Pool{Pooling: pooling, Size: a.window("pool_size", axes), Strides: a.sizes("strides", axes), Padding: a.padding()}
	}
}

func globalPool(pooling arch.Pooling) func(int, *arguments) arch.Layer {
	return func(axes int, a *arguments) arch.Layer {
		return arch.GlobalPool{Pooling: pooling, Axes: axes, KeepAxes: a.bool("keepdims", false)}
	}
}

func adaptivePool(pooling arch.Pooling) func(int, *arguments) arch.Layer {
	return func(axes int, a *arguments) arch.Layer {
		return arch.Resize{Name: fmt.Sprintf("Adaptive%sPooling%dD", pooling, axes), To: a.window("output_size", axes)}
	}
}

// resizing scales pictures to one size.
func resizing(name string, a *arguments) arch.Layer {
	return arch.Resize{Name: name, To: []int{a.int("height"), a.int("width")}}
}

func zeroPad(axes int, a *arguments) arch.Layer {
	return arch.ZeroPad{Cells: a.margins("padding", axes)}
}

func crop(axes int, a *arguments) arch.Layer { return arch.Crop{Cells: a.margins("cropping", axes)} }

func upSample(axes int, a *arguments) arch.Layer {
	return arch.UpSample{Times: a.window("size", axes)}
}

func flatten(*arguments) arch.Layer { return arch.Flatten{} }

func reshape(a *arguments) arch.Layer {
	target := a.numbers("target_shape")
	if target == nil {
		a.refuse("target_shape", "a list of sizes")
	}
	return arch.Reshape{Target: target}
}

func permute(a *arguments) arch.Layer { return arch.Permute{Order: a.numbers("dims")} }

func repeatVector(a *arguments) arch.Layer { return arch.RepeatVector{Times: a.int("n")} }

func activation(a *arguments) arch.Layer { return arch.Activation{Function: a.activation()} }

func prelu(a *arguments) arch.Layer { return arch.PReLU{Shared: a.numbers("shared_axes")} }

func embedding(a *arguments) arch.Layer {
	return arch.Embedding{Words: a.int("input_dim"), Width: a.int("output_dim")}
}

func concatenate(a *arguments) arch.Layer { return arch.Concatenate{Axis: a.axis("axis", -1)} }

func batchNormalization(a *arguments) arch.Layer {
	return arch.BatchNormalization{
		Axis: a.axis("axis", -1), NoScale: !a.bool("scale", true), NoCenter: !a.bool("center", true), Renorm: a.bool("renorm", false),
	}
}

func layerNormalization(a *arguments) arch.Layer {
	mean := a.bool("rms_scaling", false) // then it only scales
	return arch.LayerNormalization{
		Axes: a.axes("axis", -1), NoScale: !a.bool("scale", true) && !mean, NoCenter: !a.bool("center", true) || mean,
	}
}

func groupNormalization(a *arguments) arch.Layer {
	l := arch.LayerNormalization{
		Name: "GroupNormalization", Axes: []int{a.axis("axis", -1)}, Groups: a.intOr("groups", 32),
		NoScale: !a.bool("scale", true), NoCenter: !a.bool("center", true),
	}
	if l.Groups == -1 {
		l.Groups = 0 // one group per channel
	}
	return l
}

func rmsNormalization(a *arguments) arch.Layer {
	return arch.LayerNormalization{Name: "RMSNormalization", Axes: a.axes("axis", -1), NoCenter: true}
}

func normalization(a *arguments) arch.Layer {
	l := arch.Normalization{Given: a.has("mean")}
	if _, written := a.values["axis"]; a.has("axis") || !written {
		l.Axes = a.axes("axis", -1)
	}
	return l
}

func recurrence(cell string, a *arguments) arch.Recurrent {
	return arch.Recurrent{
		Cell: cell, Units: a.int("units"), NoBias: !a.bool("use_bias", true), ResetBefore: cell == "GRU" && !a.bool("reset_after", true),
		Sequences: a.bool("return_sequences", false), State: a.bool("return_state", false),
	}
}

// recurrent lists the layers that [arch.Recurrent] describes.
var recurrent = []string{"SimpleRNN", "LSTM", "GRU"}

func convLSTM(axes int, a *arguments) arch.Layer {
	return arch.ConvLSTM{
		Filters: a.int("filters"), Kernel: a.window("kernel_size", axes), Strides: a.sizes("strides", axes),
		Dilation: a.sizes("dilation_rate", axes), Padding: a.padding(), NoBias: !a.bool("use_bias", true),
		Sequences: a.bool("return_sequences", false), State: a.bool("return_state", false),
	}
}

func multiHeadAttention(a *arguments) arch.Layer {
	return arch.MultiHeadAttention{
		Heads: a.int("num_heads"), KeyWidth: a.int("key_dim"), ValueWidth: a.intOr("value_dim", 0), NoBias: !a.bool("use_bias", true),
		To: a.numbers("output_shape"), Gate: a.bool("use_gate", false),
	}
}

func groupedQueryAttention(a *arguments) arch.Layer {
	return arch.GroupedQueryAttention{
		Heads: a.int("num_query_heads"), Groups: a.int("num_key_value_heads"), Width: a.int("head_dim"),
		NoBias: !a.bool("use_bias", true), Gate: a.bool("use_gate", false),
	}
}

func attention(a *arguments) arch.Layer {
	concat := a.oneOf("score_mode", "dot", "concat") == "concat"
	return arch.Attention{Scale: a.bool("use_scale", false), Concat: concat}
}

func additiveAttention(a *arguments) arch.Layer {
	return arch.Attention{Additive: true, Scale: a.bool("use_scale", true)}
}

func dot(a *arguments) arch.Layer {
	axes := a.axes("axes", -1)
	if len(axes) == 1 {
		axes = append(axes, axes[0])
	}
	if len(axes) != 2 || !a.has("axes") {
		a.refuse("axes", "one axis or two")
		return arch.Dot{}
	}
	return arch.Dot{Axes: [2]int(axes)}
}

func einsumDense(a *arguments) arch.Layer {
	to, ok := shape(a.values["output_shape"])
	if n, one := integer(a.values["output_shape"]); one {
		to, ok = arch.Shape{n}, true
	}
	if !ok {
		a.refuse("output_shape", "a size or a list of them, each a whole number or null")
	}
	return arch.EinsumDense{Equation: a.text("equation", ""), To: to, Bias: a.text("bias_axes", "")}
}

func reversibleEmbedding(a *arguments) arch.Layer {
	return arch.ReversibleEmbedding{
		Embedding: arch.Embedding{Words: a.int("input_dim"), Width: a.int("output_dim")}, Untied: !a.bool("tie_weights", true),
	}
}

func stftSpectrogram(a *arguments) arch.Layer {
	frame := a.int("frame_length")
	fft := 1
	for fft < frame {
		fft *= 2
	}
	return arch.STFTSpectrogram{
		Mode: a.text("mode", "log"), Frame: frame, Step: a.intOr("frame_step", frame/2), FFT: a.intOr("fft_length", fft),
		Padding: a.padding(), Expand: a.bool("expand_dims", false), First: a.channelsFirst(),
	}
}

func melSpectrogram(a *arguments) arch.Layer {
	return arch.MelSpectrogram{Bands: a.int("num_mel_bins"), Step: a.int("sequence_stride")}
}

// encoding returns what an output_mode makes of the last axis.
func (a *arguments) encoding(otherwise string) arch.Encoding {
	switch a.text("output_mode", otherwise) {
	case "int":
		return arch.Numbers
	case "one_hot":
		return arch.OneHot
	case "multi_hot", "count", "tf_idf", "tf-idf", "binary":
		return arch.Together
	}
	a.refuse("output_mode", "int, one_hot, multi_hot, count or tf_idf")
	return arch.Numbers
}

func categoryEncoding(a *arguments) arch.Layer {
	return arch.Encode{Name: "CategoryEncoding", Mode: a.encoding("multi_hot"), Bins: a.int("num_tokens")}
}

func hashing(a *arguments) arch.Layer {
	mode := a.encoding("int")
	if mode != arch.Numbers { // in Keras, one_hot has the same shape
		mode = arch.Together
	}
	return arch.Encode{Name: "Hashing", Mode: mode, Bins: a.int("num_bins")}
}

func hashedCrossing(a *arguments) arch.Layer {
	return arch.Encode{Name: "HashedCrossing", Mode: a.encoding("int"), Bins: a.int("num_bins")}
}

func discretization(a *arguments) arch.Layer {
	l := arch.Encode{Name: "Discretization", Mode: a.encoding("int"), Bins: a.intOr("num_bins", arch.Unknown), First: true}
	var boundaries []json.RawMessage
	if a.has("bin_boundaries") && json.Unmarshal(a.values["bin_boundaries"], &boundaries) == nil {
		l.Bins = len(boundaries) + 1
	}
	return l
}

// lookup is a layer that looks up words or numbers in a vocabulary.
func lookup(name string, a *arguments) arch.Layer {
	return arch.Encode{Name: name, Mode: a.encoding("int"), Bins: a.vocabulary()}
}

// vocabulary returns the number of vocabulary entries in a layer's output.
func (a *arguments) vocabulary() int {
	if a.bool("pad_to_max_tokens", false) {
		return a.int("max_tokens")
	}
	return a.intOr("vocabulary_size", arch.Unknown)
}

func textVectorization(a *arguments) arch.Layer {
	if a.encoding("int") == arch.Numbers {
		return arch.TextVectorization{Length: a.intOr("output_sequence_length", arch.Unknown)}
	}
	return arch.TextVectorization{Words: a.vocabulary(), Whole: !a.has("split")}
}

func layerScale(a *arguments) arch.Layer {
	return arch.Scale{Name: "LayerScale", Channels: a.int("projection_dim")}
}

// customScale is a layer of InceptionResNetV2 that adds a fraction of its
// second input to its first.
func customScale(*arguments) arch.Layer { return arch.Merge{Operation: "CustomScaleLayer"} }
