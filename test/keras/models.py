"""Small models that have every layer and option that package kit/keras reads."""

import keras
from keras import Input, Model, Sequential, layers, ops

ALL = {}


def model(make):
    ALL[make.__name__] = make
    return make


@model
def mlp():
    return Sequential(
        [
            Input((20,)),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(32, use_bias=False, activation=keras.activations.gelu),
            layers.Dense(10, activation="softmax"),
        ],
        name="mlp",
    )


@model
def mnist_cnn():
    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


@model
def convolutions_1d():
    return Sequential(
        [
            Input((64, 6)),
            layers.Conv1D(8, 5, padding="causal", dilation_rate=2),
            layers.Conv1D(8, 3, strides=2, padding="same", groups=2),
            layers.DepthwiseConv1D(3, depth_multiplier=2),
            layers.SeparableConv1D(12, 3, padding="same", depth_multiplier=2),
            layers.Conv1DTranspose(7, 4, strides=3, padding="same"),
            layers.MaxPooling1D(2),
            layers.AveragePooling1D(3, strides=2, padding="same"),
            layers.ZeroPadding1D((1, 2)),
            layers.Cropping1D((2, 1)),
            layers.UpSampling1D(3),
            layers.SpatialDropout1D(0.1),
            layers.GlobalMaxPooling1D(keepdims=True),
            layers.GlobalAveragePooling1D(),
        ]
    )


@model
def convolutions_2d():
    return Sequential(
        [
            Input((33, 40, 4)),
            layers.Conv2D(8, (3, 5), strides=(2, 1), padding="same", use_bias=False),
            layers.Conv2D(12, 3, dilation_rate=(2, 3), groups=4),
            layers.DepthwiseConv2D((3, 2), strides=(2, 2), depth_multiplier=3, padding="same", use_bias=False),
            layers.SeparableConv2D(10, (3, 1), depth_multiplier=2),
            layers.SeparableConv2D(10, 3, strides=2, padding="same", use_bias=False),
            layers.Conv2DTranspose(6, (3, 4), strides=(2, 1)),
            layers.Conv2DTranspose(5, 3, strides=2, padding="same", output_padding=1),
            layers.Conv2DTranspose(4, 2, strides=3, padding="valid", use_bias=False),
            layers.Conv2DTranspose(4, 3, dilation_rate=2),
            layers.AveragePooling2D((2, 3), strides=(1, 2), padding="same"),
            layers.ZeroPadding2D(((1, 0), (2, 3))),
            layers.Cropping2D((1, 2)),
            layers.UpSampling2D((2, 1), interpolation="bilinear"),
            layers.SpatialDropout2D(0.1),
            layers.GlobalAveragePooling2D(keepdims=True),
            layers.Conv2D(3, 1),
            layers.GlobalMaxPooling2D(),
        ]
    )


@model
def convolutions_3d():
    return Sequential(
        [
            Input((12, 14, 16, 2)),
            layers.Conv3D(4, (1, 2, 3), strides=(1, 2, 1)),
            layers.Conv3D(8, 3, padding="same", groups=2, use_bias=False),
            layers.Conv3DTranspose(3, 2, strides=2),
            layers.MaxPooling3D((2, 1, 2)),
            layers.AveragePooling3D(2, padding="same"),
            layers.ZeroPadding3D((1, 0, 2)),
            layers.Cropping3D(((0, 1), (1, 0), (1, 1))),
            layers.UpSampling3D((1, 2, 2)),
            layers.SpatialDropout3D(0.1),
            layers.GlobalAveragePooling3D(keepdims=True),
            layers.GlobalMaxPooling3D(),
            layers.Dense(3),
        ]
    )


@model
def channels_first():
    x = inputs = Input((3, 20, 24))
    first = {"data_format": "channels_first"}
    x = layers.Conv2D(8, 3, strides=2, padding="same", **first)(x)
    x = layers.BatchNormalization(axis=1)(x)
    x = layers.DepthwiseConv2D(3, **first)(x)
    x = layers.SeparableConv2D(6, 3, **first)(x)
    x = layers.Conv2DTranspose(4, 2, strides=2, **first)(x)
    x = layers.ZeroPadding2D((1, 2), **first)(x)
    x = layers.UpSampling2D((2, 3), **first)(x)
    x = layers.MaxPooling2D((3, 2), **first)(x)
    y = layers.GlobalAveragePooling2D(keepdims=True, **first)(x)
    z = layers.GlobalMaxPooling2D(**first)(x)
    x = layers.Concatenate(axis=1)([x, layers.Conv2D(5, 1, **first)(x)])
    return Model(inputs, [y, z, layers.Dense(2)(layers.Flatten(**first)(x))])


@model
def normalizations():
    x = inputs = Input((8, 10, 6))
    x = layers.Normalization()(x)
    x = layers.Normalization(axis=None)(x)
    x = layers.Normalization(axis=(1, -1))(x)
    x = layers.Normalization(mean=0.5, variance=2.0)(x)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.BatchNormalization()(x)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.BatchNormalization(center=False, axis=2)(x)
    x = layers.BatchNormalization(center=False, scale=False)(x)
    x = layers.BatchNormalization(renorm=True)(x)
    x = layers.LayerNormalization()(x)
    x = layers.LayerNormalization(axis=[-1, 1], center=False)(x)
    x = layers.LayerNormalization(scale=False, center=False)(x)
    x = layers.GroupNormalization(3)(x)
    x = layers.GroupNormalization(-1, axis=2, scale=False)(x)
    x = layers.RMSNormalization()(x)
    x = layers.UnitNormalization()(x)
    return Model(inputs, x)


@model
def activations():
    x = inputs = Input((6, 7, 4))
    for layer in (
        layers.ReLU(max_value=6.0),
        layers.LeakyReLU(),
        layers.ELU(),
        layers.PReLU(),
        layers.PReLU(shared_axes=[1, 2]),
        layers.Softmax(),
        layers.Activation("swish"),
        layers.Activation(keras.activations.relu6),
        layers.GaussianNoise(0.1),
        layers.GaussianDropout(0.1),
        layers.AlphaDropout(0.1),
        layers.ActivityRegularization(l2=0.1),
        layers.Identity(),
    ):
        x = layer(x)
    return Model(inputs, x)


@model
def text_lstm():
    return Sequential(
        [
            Input((None,), dtype="int32"),
            layers.Embedding(5000, 32, mask_zero=True),
            layers.Bidirectional(layers.LSTM(24, return_sequences=True)),
            layers.LSTM(16),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@model
def text_cnn():
    inputs = Input((100,), dtype="int64")
    x = layers.Embedding(2000, 50)(inputs)
    towers = [layers.GlobalMaxPooling1D()(layers.Conv1D(30, width, activation="relu")(x)) for width in (3, 4, 5)]
    x = layers.Dropout(0.5)(layers.Concatenate()(towers))
    return Model(inputs, layers.Dense(2, activation="softmax")(x))


@model
def recurrent():
    x = inputs = Input((15, 7))
    x = layers.Masking()(x)
    x = layers.SimpleRNN(9, return_sequences=True)(x)
    x = layers.SimpleRNN(8, use_bias=False, return_sequences=True)(x)
    x = layers.GRU(7, return_sequences=True)(x)
    x = layers.GRU(6, reset_after=False, return_sequences=True)(x)
    x = layers.GRU(6, use_bias=False, return_sequences=True, go_backwards=True)(x)
    x = layers.LSTM(5, use_bias=False, return_sequences=True)(x)
    a = layers.Bidirectional(layers.GRU(4), merge_mode="sum")(x)
    b = layers.Bidirectional(layers.SimpleRNN(4, return_sequences=True), merge_mode="ave")(x)
    c, d = layers.Bidirectional(layers.LSTM(3), merge_mode=None)(x)
    backward = layers.GRU(3, return_sequences=True, go_backwards=True)
    e = layers.Bidirectional(layers.LSTM(3, return_sequences=True), backward_layer=backward)(x)
    return Model(inputs, [a, b, c, d, e])


@model
def encoder_decoder():
    source, target = Input((None, 11)), Input((None, 12))
    _, h, c = layers.LSTM(20, return_state=True)(source)
    x, _, _ = layers.LSTM(20, return_sequences=True, return_state=True)(target, initial_state=[h, c])
    y, s = layers.GRU(10, return_state=True)(x)
    return Model([source, target], [layers.TimeDistributed(layers.Dense(12, activation="softmax"))(x), y, s])


@model
def time_distributed():
    frame = Sequential([Input((16, 16, 3)), layers.Conv2D(4, 3), layers.GlobalAveragePooling2D()], name="frame")
    inputs = Input((10, 16, 16, 3))
    x = layers.TimeDistributed(frame)(inputs)
    x = layers.TimeDistributed(layers.Dense(5))(x)
    return Model(inputs, layers.GRU(6)(x))


@model
def reshaping():
    x = inputs = Input((4, 6, 5))
    x = layers.Permute((3, 1, 2))(x)
    x = layers.Reshape((10, -1))(x)
    x = layers.Dense(3)(x)
    x = layers.Reshape((30,))(x)
    x = layers.RepeatVector(4)(x)
    return Model(inputs, layers.Flatten()(x))


@model
def merging():
    a, b = Input((8, 6), name="a"), Input((8, 6), name="b")
    x = layers.Concatenate()([a, b])
    y = layers.Concatenate(axis=1)([a, b, a])
    z = layers.Add()([a, b])
    for layer in (layers.Subtract(), layers.Multiply(), layers.Average(), layers.Maximum(), layers.Minimum()):
        z = layer([z, b])
    gate = layers.Dense(6, activation="sigmoid")(layers.GlobalAveragePooling1D(keepdims=True)(z))
    return Model([a, b], [x, y, layers.Multiply()([z, gate])])


@model
def unknown_sizes():
    x = inputs = Input((None, None, 3))
    x = layers.Conv2D(8, 3, padding="same", strides=2)(x)
    y = layers.Conv2DTranspose(8, 2, strides=2, padding="same")(x)
    y = layers.Concatenate()([y, layers.UpSampling2D()(x)])
    y = layers.ZeroPadding2D(3)(layers.MaxPooling2D()(y))
    flat = layers.Reshape((-1, 16))(y)
    return Model(inputs, [layers.GlobalAveragePooling2D()(y), layers.Dense(2)(flat), layers.Flatten()(flat)])


@model
def residual_block():
    x = inputs = Input((32, 32, 16))
    for filters in (16, 32):
        y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        y = layers.Activation("relu")(layers.BatchNormalization()(y))
        y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
        x = x if filters == 16 else layers.Conv2D(filters, 1)(x)
        x = layers.ReLU()(layers.Add()([x, y]))
    return Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)), name="residual")


@model
def shared_layers():
    left, right = Input((28, 28, 1)), Input((28, 28, 1))
    conv, pool, dense = layers.Conv2D(6, 5), layers.MaxPooling2D(), layers.Dense(9)

    def tower(x):
        return dense(layers.Flatten()(pool(conv(x))))

    distance = ops.abs(tower(left) - tower(right))
    return Model([left, right], layers.Dense(1, activation="sigmoid")(distance))


@model
def nested():
    inner = Sequential(
        [Input((8, 8, 3)), layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization()], name="inner"
    )
    z = Input((8, 8, 4))
    graph = Model(z, [layers.Dense(5)(z) * 2.0, layers.GlobalMaxPooling2D()(z)], name="graph")
    x = inputs = Input((8, 8, 3))
    a, b = graph(inner(x))
    c, d = graph(inner(x[..., ::-1]))
    return Model(inputs, {"sum": a + c, "joined": layers.Concatenate()([b, d]), "second": d})


@model
def nested_output():
    z = Input((5,))
    graph = Model(z, layers.Dense(4)(z), name="graph")
    stack = Sequential([Input((4,)), layers.Dense(5)], name="stack")
    x = inputs = Input((5,))
    y = graph(x)
    return Model(inputs, [y, graph(stack(y)), stack(y)])


@model
def nested_in_sequential():
    z = Input((None, None, 3))
    backbone = Model(z, layers.Conv2D(7, 3, strides=2)(z), name="backbone")
    head = Sequential([layers.GlobalAveragePooling2D(), layers.Dense(3)], name="head")
    return Sequential([Input((40, 30, 3)), backbone, head])


@model
def frozen():
    backbone = Sequential([Input((10,)), layers.Dense(8), layers.BatchNormalization()], name="backbone")
    backbone.trainable = False
    half = Sequential([Input((8,)), layers.Dense(8, trainable=False), layers.Dense(6)], name="half")
    inputs = Input((10,))
    x = layers.Dense(4, trainable=False)(half(backbone(inputs)))
    x = layers.Bidirectional(layers.LSTM(3, trainable=False))(layers.RepeatVector(2)(x))
    x = layers.TimeDistributed(layers.Dense(2, trainable=False))(layers.RepeatVector(2)(x))
    return Model(inputs, layers.Dense(2)(layers.BatchNormalization(trainable=False)(x)))


@model
def all_frozen():
    whole = Sequential([Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)])
    whole.trainable = False
    return whole


@model
def dtypes():
    x = inputs = Input((100,), dtype="int32")
    x = layers.Embedding(1000, 16, dtype="float16")(x)
    x = layers.Conv1D(300, 9, dtype="mixed_float16")(x)
    x = layers.LSTM(64, dtype="float64")(x)
    x = layers.Normalization(dtype="float64")(x)
    x = layers.BatchNormalization(dtype="bfloat16")(x)
    return Model(inputs, layers.Dense(50, dtype="mixed_bfloat16")(x))


@model
def fixed_batch():
    return Sequential(
        [
            Input(batch_shape=(32, 6, 5)),
            layers.LSTM(4, stateful=True, return_sequences=True),
            layers.Dense(2),
            layers.Flatten(),
        ]
    )


@model
def built_late():
    late = Sequential([layers.Conv2D(3, 2), layers.Lambda(lambda x: x[:, ::2]), layers.Flatten(), layers.Dense(2)])
    late.build((None, 9, 8, 2))
    return late


@model
def operations():
    inputs = Input((6, 4))
    x = ops.relu(inputs * 0.5 + 1.0)
    x = ops.concatenate([x, 1.0 - x], axis=-1)
    x = ops.maximum(x, ops.mean(x, axis=1, keepdims=True))
    first, second = ops.split(x, 2, axis=1)
    x = layers.Dense(3)(ops.transpose(first, (0, 2, 1)) + ops.reshape(second, (-1, 8, 3)))
    x = x[:, 0] + keras.ops.convert_to_tensor([1.0, 2.0, 3.0])
    return Model(inputs, ops.softmax(x))


@model
def attention():
    tokens = Input((20,), dtype="int32")
    x = layers.Embedding(100, 32)(tokens)
    y = layers.MultiHeadAttention(4, 8)(x, x)
    x = layers.LayerNormalization()(x + y)
    y = layers.MultiHeadAttention(2, 6, value_dim=5, use_bias=False)(query=x, value=y, key=x)
    x = layers.LayerNormalization()(layers.Add()([x, y]))
    x = layers.Attention(use_scale=True, score_mode="concat")([x, y])
    x = layers.AdditiveAttention()([layers.Attention(use_scale=True)([x, y, x]), y])
    y = layers.Dense(32)(layers.Dense(64, activation="gelu")(x))
    return Model(tokens, layers.Dense(2)(layers.GlobalAveragePooling1D()(x + y)))


@model
def augmentation():
    x = inputs = Input((None, None, 3))
    for layer in (
        layers.Resizing(40, 50),
        layers.CenterCrop(32, 36),
        layers.RandomCrop(30, 31),
        layers.RandomFlip(),
        layers.RandomRotation(0.1),
        layers.RandomZoom(0.1),
        layers.RandomTranslation(0.1, 0.1),
        layers.RandomContrast(0.1),
        layers.RandomBrightness(0.1),
        layers.AdaptiveAveragePooling2D((5, 4)),
    ):
        x = layer(x)
    return Model(inputs, layers.Dense(2)(layers.Flatten()(x)))


@model
def unet():
    x = inputs = Input((64, 64, 1))
    skips = []
    for filters in (8, 16):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(32, 3, padding="same")(x)
    for filters, skip in ((16, skips[1]), (8, skips[0])):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        x = layers.Conv2D(filters, 3, padding="same")(layers.Concatenate()([x, skip]))
    return Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x), name="unet")


@model
def scalar_input():
    inputs = Input(())
    return Model(inputs, layers.Dense(3)(layers.Embedding(7, 4)(inputs)))


@model
def conv_lstms():
    a = Input((4, 9, 3))
    b = Input((4, 8, 7, 2))
    c = Input((3, 6, 5, 4, 1))
    d = Input((3, 2, 8, 7))
    x, *_ = layers.ConvLSTM1D(5, 3, padding="same", return_sequences=True, return_state=True)(a)
    y = layers.ConvLSTM2D(4, (3, 2), strides=2, use_bias=False)(b)
    z = layers.ConvLSTM3D(2, 2, return_sequences=True)(c)
    first = layers.ConvLSTM2D(6, 3, data_format="channels_first", return_sequences=True, return_state=True)(d)
    both = layers.Bidirectional(layers.ConvLSTM2D(2, 2, dilation_rate=2))(b)
    return Model([a, b, c, d], [x, y, z, *first, both])


@model
def cells():
    x = inputs = Input((7, 5))
    x = layers.RNN(layers.LSTMCell(6), return_sequences=True)(x)
    x = layers.RNN(layers.GRUCell(4, reset_after=False, trainable=False), return_sequences=True)(x)
    stack = layers.StackedRNNCells([layers.LSTMCell(3), layers.GRUCell(4), layers.SimpleRNNCell(2, use_bias=False)])
    x, *states = layers.RNN(stack, return_sequences=True, return_state=True)(x)
    y = layers.Bidirectional(layers.RNN([layers.LSTMCell(3), layers.LSTMCell(2)]))(x)
    return Model(inputs, [y, *keras.tree.flatten(states)])


@model
def dots():
    a, b = Input((8,)), Input((8,))
    c, d = Input((6, 8)), Input((5, 8))
    return Model(
        [a, b, c, d],
        [
            layers.Dot(1, normalize=True)([a, b]),
            layers.Dot(-1)([c, d]),
            layers.Dot((2, 1))([c, a]),
            layers.Dot((1, 2))([a, d]),
        ],
    )


@model
def einsums():
    x = inputs = Input((6, 8))
    y = layers.EinsumDense("abc,cd->abd", (None, 4), bias_axes="d")(x)
    z = layers.EinsumDense("...x,xy->...y", 5, bias_axes="y")(x)
    z = layers.EinsumDense("abc,cde->abde", (6, 2, 3), bias_axes="de")(z)
    z = layers.EinsumDense("abde,def->abf", (6, 7))(z)
    z = layers.EinsumDense("abc,bd->adc", (2, 7), bias_axes="dc")(z)
    z = layers.EinsumDense("ab...,bd->ad...", 3, bias_axes="d")(z)
    return Model(inputs, [y, z])


@model
def further_attention():
    x, y = Input((6, 8)), Input((5, 8))
    a, scores = layers.MultiHeadAttention(2, 3, value_dim=5, output_shape=7)(x, x, return_attention_scores=True)
    b = layers.MultiHeadAttention(3, 4, use_gate=True, use_bias=False, output_shape=(2, 3))(x, y)
    c, more = layers.GroupQueryAttention(4, 6, 2)(x, y, return_attention_scores=True)
    d = layers.GroupQueryAttention(3, 2, 1, use_bias=False, use_gate=True)(y, x)
    e, last = layers.Attention()([x, y], return_attention_scores=True)
    image = Input((4, 5, 6))
    f = layers.MultiHeadAttention(2, 4, attention_axes=(2,))(image, image)
    return Model([x, y, image], [a, scores, b, c, more, d, e, last, f])


@model
def normalized_kernels():
    x = inputs = Input((8, 8, 3))
    x = layers.SpectralNormalization(layers.Conv2D(5, 3))(x)
    x = layers.SpectralNormalization(layers.Conv2DTranspose(4, 2, trainable=False))(x)
    x = layers.SpectralNormalization(layers.DepthwiseConv2D(2, depth_multiplier=3))(x)
    x = layers.TimeDistributed(layers.SpectralNormalization(layers.Dense(2)))(x)
    return Model(inputs, x)


@model
def tied_embedding():
    tokens = Input((6,), dtype="int32")
    tied, untied = layers.ReversibleEmbedding(20, 8), layers.ReversibleEmbedding(11, 8, tie_weights=False)
    x = layers.LayerNormalization()(tied(tokens) + untied(tokens))
    return Model(tokens, [tied(x, reverse=True), untied(layers.Dense(8)(x), reverse=True)])


@model
def categories():
    number, many = Input((1,)), Input((4,))
    words = Input((4,), dtype="int32")
    return Model(
        [number, many, words],
        [
            layers.CategoryEncoding(7)(words),
            layers.CategoryEncoding(7, output_mode="one_hot")(words),
            layers.CategoryEncoding(6, output_mode="count")(words),
            layers.Discretization(bin_boundaries=[0.0, 1.0])(many),
            layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0], output_mode="one_hot")(number),
            layers.Discretization(num_bins=4, output_mode="multi_hot")(many),
        ],
    )


@model
def spectrograms():
    sound, wave = Input((400, 2)), Input((400,))
    return Model(
        [sound, wave],
        [
            layers.STFTSpectrogram("log", frame_length=32, frame_step=8, fft_length=64)(sound),
            layers.STFTSpectrogram("real", frame_length=20, padding="same", expand_dims=True)(sound),
            layers.STFTSpectrogram("stft", frame_length=16, expand_dims=True)(sound),
            layers.MelSpectrogram(num_mel_bins=12, sequence_stride=100, sampling_rate=8000)(wave),
        ],
    )


@model
def further_augmentation():
    inputs = Input((24, 20, 3))
    each = (
        layers.AugMix(),
        layers.AutoContrast(),
        layers.ContrastLimitedAdaptiveHistogramEqualization(),
        layers.CutMix(),
        layers.MaxNumBoundingBoxes(3),
        layers.MixUp(),
        layers.RandAugment(),
        layers.RandomColorDegeneration(0.1),
        layers.RandomColorJitter(),
        layers.RandomElasticTransform(),
        layers.RandomErasing(),
        layers.RandomGaussianBlur(),
        layers.RandomGrayscale(),
        layers.RandomHue(0.1),
        layers.RandomInvert(),
        layers.RandomPerspective(),
        layers.RandomPosterization(4),
        layers.RandomSaturation(0.1),
        layers.RandomSharpness(0.1),
        layers.RandomShear(),
        layers.Solarization(),
        layers.Pipeline([layers.Resizing(16, 12), layers.RandomFlip()]),
    )
    return Model(inputs, [layer(inputs) for layer in each])


@model
def fine_tuned():
    z = Input((8, 8, 3))
    base = Model(z, layers.Conv2D(4, 3)(layers.BatchNormalization()(layers.Conv2D(4, 3)(z))), name="base")
    base.trainable = False
    base.layers[-1].trainable = True
    wrapped = layers.TimeDistributed(layers.Dense(3))
    wrapped.trainable = False
    wrapped.layer.trainable = True
    both = layers.Bidirectional(layers.LSTM(2))
    both.trainable = False
    x = inputs = Input((8, 8, 3))
    x = wrapped(layers.Reshape((16, 4))(base(x)))
    return Model(inputs, layers.Dense(2)(both(x)))


@model
def tails():
    z = Input((7,))
    distance = Model(z, ops.sum(layers.Dense(4)(z), axis=-1, keepdims=True), name="distance")
    ending = Model(z, layers.Lambda(lambda x: x[:, ::2])(z), name="ending")
    line = Sequential([Input((7,)), layers.Dense(6), layers.Lambda(lambda x: x[:, :5])], name="line")
    a, b = Input((7,)), Input((7,))
    x = layers.Dense(3)(layers.Concatenate()([distance(a), distance(b), ending(a), line(b)]))
    return Model([a, b], x)


@model
def operations_at_the_end():
    x = Input((6, 4, 3))
    first, second, third = ops.split(x, [1, 3], axis=1)
    return Model(
        x,
        [
            ops.mean(first, axis=(1, 2)),
            second[:, -1],
            third[..., ::2],
            ops.squeeze(ops.expand_dims(x, 1), axis=1),
            ops.transpose(x, (0, 3, 1, 2)),
            ops.max(x, axis=-1, keepdims=True),
            ops.matmul(x, ops.transpose(x, (0, 1, 3, 2))),
            x[:, None, 1:5:2],
        ],
    )
