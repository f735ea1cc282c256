"""What all nets have in common: a batch, and a function that makes n training steps on it, with the number of parameters.

Every step waits for its loss, as that of evident does.
"""

import numpy as np


def pictures(batch, side, channels, classes):
    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (batch, side, side, channels), dtype=np.uint8)
    return pixels, random.integers(0, classes, batch)


def texts(batch, length, rows, classes):
    """Numbers of words; 0 is padding, which these texts have none of."""
    random = np.random.default_rng(1)
    return random.integers(1, rows, (batch, length), dtype=np.int32), random.integers(0, classes, batch)


def keras_steps(model, inputs, labels):
    import keras

    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])

    def steps(n):
        model.fit(np.concatenate([inputs] * n), np.tile(labels, n), len(labels), verbose=0)

    return steps, model.count_params()


def torch_steps(model, inputs, labels):
    import torch

    optimizer = torch.optim.Adam(model.parameters())
    labels = torch.from_numpy(labels)

    def steps(n):
        for _ in range(n):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            loss.item()

    return steps, sum(p.numel() for p in model.parameters())


def torch_pictures(pixels):
    """In channels_last, as numpy has them in memory."""
    import torch

    return torch.from_numpy(pixels).permute(0, 3, 1, 2)


def jax_steps(weights, logits, inputs, labels):
    """logits is a function of the weights, the inputs and a key for what is random."""
    import functools

    import jax
    import optax

    adam = optax.adam(1e-3)

    def loss(w, key, x, y):
        return optax.softmax_cross_entropy_with_integer_labels(logits(w, x, key), y).mean()

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def step(w, state, key, x, y):
        key, now = jax.random.split(key)
        value, gradient = jax.value_and_grad(loss)(w, now, x, y)
        updates, state = adam.update(gradient, state)
        return optax.apply_updates(w, updates), state, key, value

    parameters = sum(leaf.size for leaf in jax.tree.leaves(weights))
    held = (weights, adam.init(weights), jax.random.key(2))

    def steps(n):
        nonlocal held
        for _ in range(n):
            *held, value = step(*held, inputs, labels)
            float(value)

    return steps, parameters
