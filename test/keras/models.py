"""Small models that have every layer and option that package lessons/keras reads."""

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
