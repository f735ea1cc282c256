"""Random graphs of Keras's layers, each made of a seed alone: the further oracle of package kit/keras.

graph(seed) is a model of random layers with random arguments: functional graphs and Sequential ones, models
inside models, shared layers and models, wrappers, and frozen parts. A layer that does not fit what it would read
is left out, so that every seed gives a model.
"""

import random

import keras
from keras import Input, Model, Sequential, layers, ops

LARGEST = 20_000  # values of one example, beyond which layers are left out


class Grower:
    """Adds random layers to tensors."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.deep = 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def number(self, low, high):
        return self.random.randint(low, high)

    def flag(self, chance=0.5):
        return self.random.random() < chance

    def common(self):
        """Arguments that every layer has."""
        more = {"dtype": self.pick("float64", "float16", "mixed_bfloat16")} if self.flag(0.06) else {}
        return more | ({"trainable": False} if self.flag(0.06) else {})

    def sizes(self, axes, high):
        return self.number(1, high) if self.flag() else tuple(self.number(1, high) for _ in range(axes))

    def window(self, axes, strides="strides"):
        chosen = {"padding": self.pick("valid", "same")}
        if self.flag(0.3):
            chosen[strides] = self.number(1, 3) if self.flag() else tuple([self.number(1, 3)] * axes)
        return chosen

    def convolution(self, x):
        axes = len(x.shape) - 2
        kind = self.pick("Conv", "Conv", "Transpose", "Depthwise", "Separable")
        chosen = self.window(axes) | {"use_bias": self.flag(0.7)} | self.common()
        if kind in ("Conv", "Transpose") and "strides" not in chosen and self.flag(0.2):
            chosen["dilation_rate"] = 2
        if kind == "Conv":
            groups = self.pick(1, 1, 1, 2)
            return getattr(layers, f"Conv{axes}D")(groups * self.number(1, 6), self.sizes(axes, 4), groups=groups, **chosen)
        if kind == "Transpose":
            return getattr(layers, f"Conv{axes}DTranspose")(self.number(1, 6), self.sizes(axes, 4), **chosen)
        axes = min(axes, 2)
        if kind == "Depthwise":
            return getattr(layers, f"DepthwiseConv{axes}D")(self.number(1, 3), depth_multiplier=self.number(1, 3), **chosen)
        return getattr(layers, f"SeparableConv{axes}D")(self.number(1, 6), self.number(1, 3), depth_multiplier=self.number(1, 2), **chosen)

    def spatial(self, x):
        axes = len(x.shape) - 2
        kind = self.pick("pool", "global", "adaptive", "pad", "crop", "up", "dropout")
        if kind == "pool":
            return getattr(layers, f"{self.pick('Max', 'Average')}Pooling{axes}D")(self.sizes(axes, 3), **self.window(axes))
        if kind == "global":
            return getattr(layers, f"Global{self.pick('Max', 'Average')}Pooling{axes}D")(keepdims=self.flag())
        if kind == "adaptive":
            return getattr(layers, f"Adaptive{self.pick('Max', 'Average')}Pooling{axes}D")(self.sizes(axes, 4))
        if kind == "pad":
            return getattr(layers, f"ZeroPadding{axes}D")(self.sizes(axes, 2) if axes > 1 else self.number(1, 2))
        if kind == "crop":
            return getattr(layers, f"Cropping{axes}D")(1)
        if kind == "up":
            return getattr(layers, f"UpSampling{axes}D")(self.sizes(axes, 2) if axes > 1 else self.number(1, 2))
        return getattr(layers, f"SpatialDropout{axes}D")(0.1)

    def cell(self):
        make = self.pick(layers.SimpleRNNCell, layers.LSTMCell, layers.GRUCell)
        more = {"reset_after": False} if make is layers.GRUCell and self.flag() else {}
        return make(self.number(1, 6), use_bias=self.flag(0.8), **more, **({"trainable": False} if self.flag(0.1) else {}))

    def recurrent(self, sequences=None):
        sequences = self.flag() if sequences is None else sequences
        if self.flag(0.3):
            cell = layers.StackedRNNCells([self.cell() for _ in range(self.number(1, 3))]) if self.flag() else self.cell()
            return layers.RNN(cell, return_sequences=sequences)
        make = self.pick(layers.SimpleRNN, layers.LSTM, layers.GRU)
        more = {"reset_after": False} if make is layers.GRU and self.flag(0.3) else {}
        return make(self.number(1, 6), use_bias=self.flag(0.8), return_sequences=sequences, **more, **self.common())

    def sequence(self, x):
        """A layer of [steps, channels]."""
        kind = self.pick("recurrent", "recurrent", "both", "steps", "einsum", "conv", "stft")
        if kind == "recurrent":
            return self.recurrent()
        if kind == "both":
            one = self.pick(layers.LSTM, layers.GRU, layers.SimpleRNN)(self.number(1, 5), return_sequences=self.flag())
            return layers.Bidirectional(one, merge_mode=self.pick("concat", "sum", "mul", "ave"), **({"trainable": False} if self.flag(0.1) else {}))
        if kind == "steps":
            return layers.TimeDistributed(layers.Dense(self.number(1, 6), **self.common()))
        if kind == "stft":
            return layers.STFTSpectrogram(self.pick("log", "real", "stft"), frame_length=self.number(2, 4), expand_dims=self.flag(), padding=self.pick("valid", "same"))
        if kind == "einsum":
            n = self.number(1, 6)
            return self.pick(
                lambda: layers.EinsumDense("abc,cd->abd", (None, n), bias_axes="d"),
                lambda: layers.EinsumDense("...x,xy->...y", n),
                lambda: layers.EinsumDense("abc,cde->abde", (None, n, 2), bias_axes="de"),
                lambda: layers.EinsumDense("abc,bd->adc", (n, None), bias_axes="dc"),
                lambda: layers.EinsumDense("abc,bcd->ad", n),
                lambda: layers.EinsumDense("ab...,bd->ad...", n, bias_axes="d"),
            )()
        return self.convolution(x)

    def frames(self, x):
        """A layer of [steps, spatial..., channels]."""
        axes = len(x.shape) - 3
        if self.flag():
            make = getattr(layers, f"ConvLSTM{axes}D")
            return make(self.number(1, 3), self.sizes(axes, 3), padding=self.pick("valid", "same"), return_sequences=self.flag(), use_bias=self.flag(0.8))
        return layers.TimeDistributed(getattr(layers, f"Conv{axes}D")(self.number(1, 4), 2, padding="same", **self.common()))

    def plain(self, x):
        """A layer of anything."""
        channels = x.shape[-1]
        return self.pick(
            lambda: layers.Dense(self.number(1, 9), use_bias=self.flag(0.8), **self.common()),
            lambda: layers.Dense(self.number(1, 9), activation="relu"),
            lambda: layers.SpectralNormalization(layers.Dense(self.number(1, 5), **self.common())),
            lambda: layers.BatchNormalization(scale=self.flag(0.8), center=self.flag(0.8), **self.common()),
            lambda: layers.LayerNormalization(axis=self.pick(-1, -1, 1)),
            lambda: layers.RMSNormalization(),
            lambda: layers.GroupNormalization(self.pick(1, channels, -1)),
            lambda: layers.Normalization(),
            lambda: layers.UnitNormalization(),
            lambda: layers.PReLU(**self.common()),
            lambda: layers.Activation(self.pick("relu", "gelu", "softmax", keras.activations.silu)),
            lambda: self.pick(layers.ReLU, layers.LeakyReLU, layers.ELU, layers.Softmax, layers.Identity)(),
            lambda: layers.Dropout(0.3),
            lambda: layers.GaussianNoise(0.1),
            lambda: layers.Rescaling(0.5),
            lambda: layers.Flatten(),
            lambda: layers.Reshape((-1,) if self.flag() else (1, -1)),
            lambda: layers.Permute(self.random.sample(range(1, len(x.shape)), len(x.shape) - 1)),
        )()

    def layer(self, x):
        """A random layer that x may fit."""
        rank = len(x.shape) - 1
        makers = [self.plain, self.plain]
        if rank == 1:
            makers += [lambda x: layers.RepeatVector(self.number(1, 5)), lambda x: layers.EinsumDense("ab,bc->ac", self.number(1, 5), bias_axes="c")]
        if 2 <= rank <= 4:
            makers += [self.convolution, self.convolution, self.spatial]
        if rank == 2:
            makers += [self.sequence, self.sequence, self.sequence]
        if 3 <= rank <= 4:
            makers += [self.frames]
        if self.deep < 2 and rank <= 3 and None not in x.shape[1:]:
            makers += [self.inside]
        return self.pick(*makers)(x)

    def inside(self, x):
        """A model as a layer."""
        self.deep += 1
        steps = self.deep == 1 and len(x.shape) == 4 and self.flag(0.4)
        start = Input(x.shape[2 if steps else 1 :])
        if self.flag():
            inner = Sequential([start])
            y = start
            for _ in range(self.number(1, 3)):
                y = self.grow(y, inner.add)
        else:
            y = start
            for _ in range(self.number(1, 4)):
                y = self.step([y])
            inner = Model(start, y)
        if inner.layers and self.flag(0.3):
            inner.trainable = False
            if self.flag():
                self.random.choice(inner.layers).trainable = True
        self.deep -= 1
        return layers.TimeDistributed(inner) if steps else inner

    def grow(self, x, add=None):
        """What a random layer makes of x; x when none was found that fits."""
        for _ in range(8):
            try:
                layer = self.layer(x)
                out = layer(x)
            except (ValueError, TypeError, ZeroDivisionError, AttributeError, RuntimeError, NotImplementedError, IndexError):
                continue
            if not isinstance(out, keras.KerasTensor) or size(out) > LARGEST or 0 in out.shape or len(out.shape) < 2:
                continue
            if add is not None:
                add(layer)
            self.last, self.read = layer, x
            return out
        return x

    def join(self, tensors):
        """A layer of several inputs, or an operation."""
        x = self.random.choice(tensors)
        alike = [t for t in tensors if t.shape == x.shape]
        y = self.random.choice(alike)
        rank = len(x.shape) - 1
        makers = [
            lambda: self.pick(layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)()([x, y]),
            lambda: layers.Concatenate(axis=self.pick(-1, 1))([x, y]),
            lambda: self.pick(lambda: x * 0.5 + y, lambda: ops.relu(x - y), lambda: ops.maximum(x, y), lambda: ops.tanh(x))(),
            lambda: ops.mean(x, axis=-1, keepdims=True),
            lambda: ops.concatenate([x, y], axis=-1),
        ]
        if rank == 2:
            a, v = layers.Attention(use_scale=self.flag()), {"value_dim": self.number(1, 4)} if self.flag() else {}
            more = {"output_shape": self.number(1, 6)} if self.flag(0.3) else {}
            heads = layers.MultiHeadAttention(self.number(1, 3), self.number(1, 4), use_bias=self.flag(0.8), use_gate=self.flag(0.2), **v, **more)
            groups = self.number(1, 2)
            grouped = layers.GroupQueryAttention(self.number(1, 4), 2 * groups, groups, use_bias=self.flag(0.8))
            makers += [
                lambda: a([x, y]),
                lambda: layers.AdditiveAttention()([x, y]),
                lambda: heads(x, y),
                lambda: heads(x, y, return_attention_scores=True)[self.number(0, 1)],
                lambda: grouped(x, y),
                lambda: layers.Dot(axes=self.pick(1, 2, -1), normalize=self.flag())([x, y]),
                lambda: ops.transpose(x, (0, 2, 1)),
                lambda: ops.expand_dims(x, self.pick(1, 2, 3)),
                lambda: ops.split(x, [1], axis=1)[self.number(0, 1)],
                lambda: x[:, :1],
            ]
        if rank == 1:
            makers += [lambda: layers.Dot(axes=1)([x, y]), lambda: ops.split(x, 2, axis=1)[1]]
        return self.pick(*makers)()

    def step(self, tensors):
        """A further tensor."""
        self.last = None
        if self.flag(0.3):
            try:
                out = self.join(tensors)
                if size(out) <= LARGEST and len(out.shape) > 1:
                    return out
            except (ValueError, TypeError, ZeroDivisionError, IndexError):
                pass
        return self.grow(self.random.choice(tensors))

    def start(self):
        rank = self.pick(1, 1, 2, 2, 2, 3, 3, 4)
        shape = [self.number(2, 9) for _ in range(rank)]
        if rank in (2, 3) and self.flag(0.15):
            shape[0] = None
        return Input(shape)

    def functional(self):
        inputs = [self.start() for _ in range(self.pick(1, 1, 1, 2))]
        if self.flag(0.15):
            words = Input((self.number(2, 6),), dtype="int32")
            inputs.append(words)
        tensors = [layers.Embedding(self.number(2, 30), self.number(1, 6), **self.common())(t) if t.dtype == "int32" else t for t in inputs]
        for _ in range(self.number(2, 9)):
            out = self.step(tensors)
            tensors.append(out)
            twin = self.last is not None and [t for t in tensors[:-1] if t.shape == self.read.shape]
            if twin and self.flag(0.3):  # the same layer once more
                try:
                    tensors.append(self.last(twin[-1]))
                except (ValueError, TypeError, AttributeError, RuntimeError):
                    pass
        outputs = [tensors[-1]]
        if self.flag(0.3):
            outputs.append(self.random.choice(tensors[len(inputs):]))
        needed = [t for t in inputs if reaches(outputs, t)]
        return Model(needed or inputs, outputs)

    def sequential(self):
        x = self.start()
        model = Sequential([x])
        for _ in range(self.number(1, 7)):
            x = self.grow(x, model.add)
        return model

    def freeze(self, model):
        if self.flag(0.3):
            chosen = [layer for layer in model.layers if self.flag(0.4)]
            for layer in chosen:
                layer.trainable = False
        if self.flag(0.04):
            model.trainable = False
        return model


def size(tensor):
    n = 1
    for axis in tensor.shape[1:]:
        n *= axis or 1
    return n


def reaches(outputs, tensor):
    """Whether the outputs depend on the tensor."""
    seen, stack = set(), list(outputs)
    while stack:
        t = stack.pop()
        if t is tensor:
            return True
        if id(t) in seen:
            continue
        seen.add(id(t))
        operation, node = t._keras_history[:2]
        stack += operation._inbound_nodes[node].input_tensors
    return False


def graph(seed):
    grower = Grower(seed)
    keras.backend.clear_session()
    for _ in range(50):
        try:
            model = grower.functional() if grower.flag(0.7) else grower.sequential()
        except (ValueError, TypeError, AttributeError):  # an input that no output depends on, or no layer
            continue
        if len(model.layers) > 1:
            return grower.freeze(model)
    raise RuntimeError(f"seed {seed} has no model")
