"""Functions of keras.ops as the outputs of models, inputs of one number each, and LoRA: a further oracle of package kit/keras.

Writes kit/keras/testdata/operations.tar.gz, in the form of export.py and in its environment:

    /tmp/kerasenv/bin/python test/keras/operations.py
"""

import export
from keras import Input, Model, Sequential, layers, ops

# What each makes of inputs: of (None, 4, 6) where no shape is given.
OPERATIONS = {
    "stack": lambda x: ops.stack([x, x, x], axis=1),
    "stack_last": lambda x: ops.stack([x, x], axis=-1),
    "stack_first": lambda x: ops.stack([x, x]),
    "top_k": lambda x: ops.top_k(x, 3),
    "unstack": lambda x: ops.unstack(x, axis=1),
    "unstack_num": lambda x: ops.unstack(x, 6, axis=-1),
    "split": lambda x: ops.split(x, [1, 3], axis=1),
    "split_equal": lambda x: ops.split(x, 3, axis=-1),
    "array_split": lambda x: ops.array_split(x, 4, axis=-1),
    "hsplit": lambda x: ops.hsplit(x, 2),
    "concatenate": lambda x: ops.concatenate([x, x, x], axis=1),
    "concatenate_batches": lambda x: ops.concatenate([x, x]),
    "append": lambda x: ops.append(x, x, axis=1),
    "append_flat": lambda x: ops.append(x, x),
    "hstack": lambda x: ops.hstack([x, x]),
    "vstack": lambda x: ops.vstack([x, x]),
    "dstack": lambda x: ops.dstack([x, x]),
    "where": lambda x: ops.where(x > 0, x, 0.0),
    "select": lambda x: ops.select([x > 0, x < 0], [x, 2 * x]),
    "swapaxes": lambda x: ops.swapaxes(x, 1, 2),
    "swapaxes_batch": lambda x: ops.swapaxes(x, 0, -1),
    "moveaxis": lambda x: ops.moveaxis(x, -1, 1),
    "moveaxis_two": lambda x: ops.moveaxis(x, [0, 1], [2, 0]),
    "transpose": lambda x: ops.transpose(x),
    "transpose_axes": lambda x: ops.transpose(x, (0, 2, 1)),
    "tile": lambda x: ops.tile(x, (1, 2, 3)),
    "tile_more": lambda x: ops.tile(x, (5, 1, 2, 1)),
    "repeat": lambda x: ops.repeat(x, 3, axis=1),
    "repeat_each": lambda x: ops.repeat(x, [1, 0, 2, 4], axis=1),
    "repeat_flat": lambda x: ops.repeat(x, 3),
    "pad": lambda x: ops.pad(x, [[0, 0], [1, 2], [0, 3]]),
    "pad_all": lambda x: ops.pad(x, 1),
    "pad_pair": lambda x: ops.pad(x, (1, 2)),
    "take": lambda x: ops.take(x, [0, 2], axis=1),
    "take_rows": lambda x: ops.take(x, [[0, 1], [2, 3]], axis=-1),
    "take_one": lambda x: ops.take(x, 2, axis=1),
    "take_flat": lambda x: ops.take(x, [0, 1, 2]),
    "take_along_axis": lambda x: ops.take_along_axis(x, ops.argsort(x, axis=1)[:, :2], axis=1),
    "diff": lambda x: ops.diff(x, n=2, axis=1),
    "ravel": lambda x: ops.ravel(x),
    "size": lambda x: ops.size(x),
    "sum": lambda x: ops.sum(x),
    "sum_keepdims": lambda x: ops.sum(x, keepdims=True),
    "mean_of_batch": lambda x: ops.mean(x, axis=0),
    "mean_two": lambda x: ops.mean(x, axis=(1, -1)),
    "argmax": lambda x: ops.argmax(x, axis=-1),
    "argmax_all": lambda x: ops.argmax(x),
    "argmin_keepdims": lambda x: ops.argmin(x, axis=1, keepdims=True),
    "average": lambda x: ops.average(x, axis=1),
    "count_nonzero": lambda x: ops.count_nonzero(x, axis=1),
    "median": lambda x: ops.median(x, axis=1, keepdims=True),
    "nansum": lambda x: ops.nansum(x, axis=1),
    "logsumexp": lambda x: ops.logsumexp(x, axis=1),
    "norm": lambda x: ops.norm(x, axis=-1),
    "norm_matrix": lambda x: ops.norm(x, axis=(1, 2)),
    "trapezoid": lambda x: ops.trapezoid(x, axis=1),
    "quantile": lambda x: ops.quantile(x, 0.5, axis=1),
    "quantiles": lambda x: ops.quantile(x, [0.1, 0.5, 0.9], axis=1),
    "moments": lambda x: ops.moments(x, axes=[1]),
    "moments_keepdims": lambda x: ops.moments(x, axes=[1, 2], keepdims=True),
    "cumsum": lambda x: ops.cumsum(x, axis=1),
    "cumsum_flat": lambda x: ops.cumsum(x),
    "expand_dims": lambda x: ops.expand_dims(x, (1, -1)),
    "expand_dims_first": lambda x: ops.expand_dims(x, 0),
    "reshape": lambda x: ops.reshape(x, (-1, 6)),
    "reshape_flat": lambda x: ops.reshape(x, (-1, 24)),
    "broadcast_to": lambda x: ops.broadcast_to(x, (5, 2, 4, 6)),
    "slice": lambda x: ops.slice(x, (0, 0, 0), (1, 2, 3)),
    "get_one": lambda x: x[0],
    "get_part": lambda x: x[:2, ..., 1:3],
    "glu": lambda x: ops.glu(x),
    "one_hot": lambda x: ops.one_hot(x, 10),
    "one_hot_axis": lambda x: ops.one_hot(x, 10, axis=1),
    "multi_hot": lambda x: ops.multi_hot(x, 10),
    "diagonal": lambda x: ops.diagonal(x, offset=1, axis1=1, axis2=2),
    "diagonal_below": lambda x: ops.diagonal(x, offset=-1, axis1=1, axis2=2),
    "trace": lambda x: ops.trace(x, axis1=1, axis2=2),
    "sort": lambda x: ops.sort(x, axis=1),
    "roll": lambda x: ops.roll(x, 1, axis=1),
    "heaviside": lambda x: ops.heaviside(x, x),
    "layer_norm": lambda x: ops.layer_normalization(x),
    "digitize": lambda x: ops.digitize(x, ops.convert_to_tensor([0.0, 1.0])),
    "of_sizes_unknown": lambda: Input((None, 4)) * Input((7, 4)),
    "with_constant": lambda x: x * ops.convert_to_tensor([[1.0], [2.0], [3.0], [4.0]]),
    "matmul_constant": lambda x: ops.matmul(x, ops.zeros((6, 2))),
    "fft": lambda x: ops.fft((x, x)),
    "of_stack": lambda x: layers.Dense(2)(ops.stack([x, x])),
    "of_stack_and_batch": lambda x: ops.stack([x, x]) + x,
    "without_mean": lambda x: layers.Dense(2)(x - ops.mean(x)),
    "without_mean_of_batch": lambda x: x - ops.mean(x, axis=0, keepdims=True),
    "meshgrid": lambda: ops.meshgrid(Input((3,)), Input(())),
    "meshgrid_ij": lambda: ops.meshgrid(Input(()), Input(()), Input(()), indexing="ij"),
    "linspace": lambda: ops.linspace(Input((3,)), Input((3,)), 5, axis=1),
    "einsum": lambda: ops.einsum("bij,bjk->bik", Input((4, 6)), Input((6, 5))),
    "einsum_rest": lambda: ops.einsum("...ij,...jk->...ik", Input((3, 4, 6)), Input((3, 6, 5))),
    "einsum_implied": lambda: ops.einsum("bij,bjk", Input((4, 6)), Input((6, 5))),
    "einsum_number": lambda: ops.einsum("bij->", Input((4, 6))),
    "einsum_turned": lambda: ops.einsum("bij,k->kjb", Input((4, 6)), ops.zeros((5,))),
    "matmul": lambda: ops.matmul(Input((3, 4, 6)), Input((3, 6, 5))),
    "matmul_vector": lambda: ops.matmul(Input((4, 6)), ops.zeros((6,))),
    "dot": lambda: ops.dot(Input((4, 6)), ops.zeros((6, 5))),
    "inner": lambda: ops.inner(Input((6,)), ops.zeros((5, 6))),
    "outer": lambda: ops.outer(Input(()), ops.zeros((5, 6))),
    "vdot": lambda: ops.vdot(Input((6,)), Input((6,))),
    "tensordot": lambda: ops.tensordot(Input((4, 6)), ops.zeros((6, 5)), axes=1),
    "tensordot_axes": lambda: ops.tensordot(Input((4, 6)), ops.zeros((6, 5, 4)), axes=[[1, 2], [2, 0]]),
    "cross": lambda: ops.cross(Input((4, 3)), Input((4, 3))),
    "squeeze": lambda: ops.squeeze(Input((1, 3, 1))),
    "squeeze_axis": lambda: ops.squeeze(Input((1, 3, 1)), axis=-1),
    "det": lambda: ops.det(Input((4, 4))),
    "inv": lambda: ops.inv(Input((4, 4))),
    "solve": lambda: ops.solve(Input((4, 4)), Input((4, 2))),
    "crossentropy": lambda: ops.categorical_crossentropy(Input((6,)), Input((6,))),
    "sparse_crossentropy": lambda: ops.sparse_categorical_crossentropy(Input(()), Input((6,))),
    "in_top_k": lambda: ops.in_top_k(Input(()), Input((6,)), 2),
    "segment_sum": lambda: ops.segment_sum(Input(()), Input((), dtype="int32"), num_segments=3),
    "attention": lambda: ops.dot_product_attention(Input((5, 2, 8)), Input((7, 2, 8)), Input((7, 2, 8))),
    "max_pool": lambda: ops.max_pool(Input((9, 8, 3)), 2, 2),
    "average_pool": lambda: ops.average_pool(Input((9, 8, 3)), (2, 3), 1, padding="same"),
    "max_pool_first": lambda: ops.max_pool(Input((3, 9, 8)), 2, data_format="channels_first"),
    "resize": lambda: ops.image.resize(Input((9, 8, 3)), (4, 5)),
    "grayscale": lambda: ops.image.rgb_to_grayscale(Input((9, 8, 3))),
    "patches": lambda: ops.image.extract_patches(Input((9, 8, 3)), 2),
    "patches_apart": lambda: ops.image.extract_patches(Input((9, 8, 3)), (2, 3), strides=(1, 2), padding="same"),
    "pad_images": lambda: ops.image.pad_images(Input((9, 8, 3)), 1, 2, 3, 4),
    "crop_images": lambda: ops.image.crop_images(Input((9, 8, 3)), 1, 2, target_height=5, target_width=4),
    "depth_to_space": lambda: ops.depth_to_space(Input((4, 5, 8)), 2),
    "space_to_depth": lambda: ops.space_to_depth(Input((4, 6, 3)), 2),
    "rot90": lambda: ops.rot90(Input((9, 8, 3)), axes=(1, 2)),
    "stack_of_batch": lambda: ops.stack([Input((4,), batch_size=8)] * 2),
    "unstack_batch": lambda: ops.unstack(Input((4,), batch_size=3)),
    "ravel_batch": lambda: ops.ravel(Input((4,), batch_size=3)),
}

# Layers that Keras lets read one number of each example.
SCALARS = {
    "flatten": lambda: layers.Flatten(),
    "reshape": lambda: layers.Reshape((1, 1)),
    "activation": lambda: layers.Activation("relu"),
    "dropout": lambda: layers.Dropout(0.1),
    "rescaling": lambda: layers.Rescaling(0.5),
    "identity": lambda: layers.Identity(),
    "softmax": lambda: layers.Softmax(),
    "unit_normalization": lambda: layers.UnitNormalization(),
    "normalization": lambda: layers.Normalization(axis=None),
    "normalization_given": lambda: layers.Normalization(axis=None, mean=0.5, variance=2.0),
    "prelu": lambda: layers.PReLU(),
    "permute": lambda: layers.Permute(()),
    "einsum_dense": lambda: layers.EinsumDense("a,b->ab", output_shape=(3,)),
    "embedding": lambda: layers.Embedding(10, 4),
    "discretization": lambda: layers.Discretization([1.0, 2.0]),
    "category_encoding": lambda: layers.CategoryEncoding(5, output_mode="one_hot"),
}

# Layers with LoRA, and what they read.
LORA = {
    "dense": (lambda: layers.Dense(5, lora_rank=3), (4,)),
    "dense_frozen": (lambda: layers.Dense(5, lora_rank=3, trainable=False), (4,)),
    "einsum_dense": (lambda: layers.EinsumDense("abc,cde->abde", (None, 4, 5), bias_axes="de", lora_rank=2), (7, 6)),
    "embedding": (lambda: layers.Embedding(10, 4, lora_rank=3), (3,)),
    "reversible": (lambda: layers.ReversibleEmbedding(10, 4, lora_rank=3), (3,)),
    "conv1d": (lambda: layers.Conv1D(5, 3, lora_rank=2), (8, 4)),
    "conv2d": (lambda: layers.Conv2D(6, 3, groups=2, lora_rank=2), (8, 8, 4)),
    "conv2d_first": (lambda: layers.Conv2D(6, 3, data_format="channels_first", lora_rank=2), (4, 8, 8)),
    "conv3d": (lambda: layers.Conv3D(5, 2, use_bias=False, lora_rank=3), (4, 4, 4, 2)),
    "spectral": (lambda: layers.SpectralNormalization(layers.Dense(5, lora_rank=2)), (4,)),
    "steps": (lambda: layers.TimeDistributed(layers.Dense(5, lora_rank=2)), (3, 4)),
}


def inputs_of(outputs):
    """The inputs that outputs depend on, in the order in which they are met."""
    found, seen = [], set()

    def visit(tensor):
        layer, call, _ = tensor._keras_history
        node = layer._inbound_nodes[call]
        if id(node) in seen:
            return
        seen.add(id(node))
        if node.is_input:
            found.append(tensor)
        for source in node.input_tensors:
            visit(source)

    for tensor in outputs:
        visit(tensor)
    return found


def operation(make):
    outputs = make(Input((4, 6))) if make.__code__.co_argcount else make()
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    return Model(inputs_of(outputs), outputs)


def scalar(make):
    x = Input(())
    return Model(x, make()(x))


if __name__ == "__main__":
    models = {f"ops_{name}": lambda make=make: operation(make) for name, make in OPERATIONS.items()}
    models |= {f"scalar_{name}": lambda make=make: scalar(make) for name, make in SCALARS.items()}
    models |= {f"lora_{name}": lambda make=make, shape=shape: Sequential([Input(shape), make()]) for name, (make, shape) in LORA.items()}
    export.archive("operations", models, export.TESTDATA)
