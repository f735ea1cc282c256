"""The layers that the nets need in JAX, over pairs of weights and biases."""

import jax
import jax.numpy as jnp


def weights(key, *shape):
    """Initial weights [..., inputs, outputs] with biases (Glorot and Bengio 2010)."""
    return jax.nn.initializers.glorot_normal()(key, shape), jnp.zeros(shape[-1])


def conv(w, x, padding="SAME"):
    """Along all axes between the batch and the channels, then ReLU."""
    axes = "HW"[: x.ndim - 2]
    layout = (f"N{axes}C", f"{axes}IO", f"N{axes}C")
    y = jax.lax.conv_general_dilated(x, w[0], (1,) * len(axes), padding, dimension_numbers=layout)
    return jax.nn.relu(y + w[1])


def max_pool(x, size, stride, padding="VALID"):
    window, strides = (1, size, size, 1), (1, stride, stride, 1)
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, strides, padding)


def dense(w, x):
    return x @ w[0] + w[1]
