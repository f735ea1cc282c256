package keras

import (
	"errors"
	"fmt"
	"slices"

	"evident/lessons/arch"
)

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

// positive reads a number that is 1 when it is absent.
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

// resizing makes pictures of one size.
func resizing(name string) maker {
	return func(a *arguments) arch.Layer {
		return arch.Resize{Name: name, To: []int{a.int("height"), a.int("width")}}
	}
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
	mean := a.bool("rms_scaling", false) // then it scales alone
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
		l.Groups = 0 // a group for each channel
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
		Sequences: a.bool("return_sequences", false), State: a.bool("return_state", false), Frozen: !a.bool("trainable", true),
	}
}

// inner reads a recurrent layer that is an argument.
func (a *arguments) inner(key string) arch.Recurrent {
	d := a.nested(key)
	if a.err != nil {
		return arch.Recurrent{}
	}
	if !slices.Contains(recurrent, d.Class) {
		a.refuse(key, "a SimpleRNN, LSTM or GRU: others are not counted here")
		return arch.Recurrent{}
	}
	args := argumentsOf(d.Config)
	l := recurrence(d.Class, args)
	if args.err != nil {
		a.err = fmt.Errorf("%s (%s): %w", key, d.Class, args.err)
	}
	return l
}

// recurrent are the layers that [arch.Recurrent] stands for.
var recurrent = []string{"SimpleRNN", "LSTM", "GRU"}

func bidirectional(a *arguments) arch.Layer {
	l := arch.Bidirectional{Forward: a.inner("layer")}
	l.Backward = l.Forward
	if a.has("backward_layer") {
		l.Backward = a.inner("backward_layer")
	}
	if _, written := a.values["merge_mode"]; a.has("merge_mode") || !written {
		l.Merge = a.oneOf("merge_mode", "concat", "sum", "mul", "ave")
	}
	return l
}

func multiHeadAttention(a *arguments) arch.Layer {
	if a.has("output_shape") || a.bool("use_gate", false) {
		a.err = errors.New("output_shape and use_gate are not counted here")
	}
	return arch.MultiHeadAttention{
		Heads: a.int("num_heads"), KeyWidth: a.int("key_dim"), ValueWidth: a.intOr("value_dim", 0), NoBias: !a.bool("use_bias", true),
	}
}

func attention(a *arguments) arch.Layer {
	concat := a.oneOf("score_mode", "dot", "concat") == "concat"
	return arch.Attention{Scale: a.bool("use_scale", false), Concat: concat}
}

func additiveAttention(a *arguments) arch.Layer {
	return arch.Attention{Additive: true, Scale: a.bool("use_scale", true)}
}

func layerScale(a *arguments) arch.Layer {
	return arch.Scale{Name: "LayerScale", Channels: a.int("projection_dim")}
}

// customScale is a layer of InceptionResNetV2: its first input and a part of
// its second.
func customScale(*arguments) arch.Layer { return arch.Merge{Operation: "CustomScaleLayer"} }
