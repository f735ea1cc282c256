"""One training step of the net of question 7 in other frameworks, for bench/peers/main.go.

    python step.py keras|torch|jax

The first line that it prints is the number of parameters. Every line on standard input then asks for a round of so many
steps on one batch of 32 random pictures; the answer is a line with the seconds of a step, on average over the round. The net is that of lessons/inception at full scale (modules 3a
and 3b of GoogLeNet, Szegedy et al. 2015, table 1): pixels of 0 to 255 in, Adam, cross-entropy. Each is written as the
framework's users would: Keras with fit on TensorFlow, PyTorch in channels_last, JAX with jit and optax.
"""

import os
import sys
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

BATCH, SIDE, CLASSES, STEM = 32, 32, 10, 64
# 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection
MODULES = [(64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)]


def batch():
    random = np.random.default_rng(1)
    return random.integers(0, 256, (BATCH, SIDE, SIDE, 3), dtype=np.uint8), random.integers(0, CLASSES, BATCH)


def keras_step():
    import keras
    from keras import layers

    def conv(x, filters, kernel):
        return layers.Conv2D(filters, kernel, padding="same", activation="relu")(x)

    def module(x, f1, r3, f3, r5, f5, proj):
        pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
        towers = [conv(x, f1, 1), conv(conv(x, r3, 1), f3, 3), conv(conv(x, r5, 1), f5, 5), conv(pooled, proj, 1)]
        return layers.Concatenate()(towers)

    x = inputs = keras.Input((SIDE, SIDE, 3), dtype="uint8")
    x = conv(layers.Rescaling(2 / 255, -1)(x), STEM, 3)
    for sizes in MODULES:
        x = module(layers.MaxPooling2D(2)(x), *sizes)
    model = keras.Model(inputs, layers.Dense(CLASSES)(layers.GlobalAveragePooling2D()(x)))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    pictures, labels = batch()

    def steps(n):
        model.fit(np.repeat(pictures[None], n, 0).reshape(-1, SIDE, SIDE, 3), np.tile(labels, n), BATCH, verbose=0)

    return steps, model.count_params()


def torch_step():
    import torch
    from torch import nn

    torch.manual_seed(1)

    def conv(channels, filters, kernel):
        return nn.Sequential(nn.Conv2d(channels, filters, kernel, padding=kernel // 2), nn.ReLU())

    class Module(nn.Module):
        def __init__(self, channels, f1, r3, f3, r5, f5, proj):
            super().__init__()
            self.towers = nn.ModuleList(
                [
                    conv(channels, f1, 1),
                    nn.Sequential(conv(channels, r3, 1), conv(r3, f3, 3)),
                    nn.Sequential(conv(channels, r5, 1), conv(r5, f5, 5)),
                    nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(channels, proj, 1)),
                ]
            )

        def forward(self, x):
            return torch.cat([tower(x) for tower in self.towers], 1)

    layers, channels = [conv(3, STEM, 3)], STEM
    for sizes in MODULES:
        layers += [nn.MaxPool2d(2), Module(channels, *sizes)]
        channels = sizes[0] + sizes[2] + sizes[4] + sizes[5]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES)]
    model = nn.Sequential(*layers).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters())
    pictures, labels = map(torch.from_numpy, batch())
    pictures = pictures.permute(0, 3, 1, 2)  # channels_last in memory already

    def steps(n):
        for _ in range(n):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(pictures.float() * (2 / 255) - 1), labels)
            loss.backward()
            optimizer.step()
            loss.item()

    return steps, sum(p.numel() for p in model.parameters())


def jax_step():
    import jax
    import jax.numpy as jnp
    import optax

    keys = iter(jax.random.split(jax.random.key(1), 64))

    def kernel(size, channels, filters):
        scale = (2 / (size * size * (channels + filters))) ** 0.5
        return jax.random.normal(next(keys), (size, size, channels, filters)) * scale, jnp.zeros(filters)

    def conv(weights, x):
        y = jax.lax.conv_general_dilated(x, weights[0], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return jax.nn.relu(y + weights[1])

    def pool(x, size, stride, padding):
        window, strides = (1, size, size, 1), (1, stride, stride, 1)
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, strides, padding)

    def module_weights(channels, f1, r3, f3, r5, f5, proj):
        sizes = [(1, channels, f1), (1, channels, r3), (3, r3, f3), (1, channels, r5), (5, r5, f5), (1, channels, proj)]
        return [kernel(*size) for size in sizes]

    def module(w, x):
        pooled = pool(x, 3, 1, "SAME")
        towers = [conv(w[0], x), conv(w[2], conv(w[1], x)), conv(w[4], conv(w[3], x)), conv(w[5], pooled)]
        return jnp.concatenate(towers, -1)

    weights, channels = {"stem": kernel(3, 3, STEM), "modules": []}, STEM
    for sizes in MODULES:
        weights["modules"].append(module_weights(channels, *sizes))
        channels = sizes[0] + sizes[2] + sizes[4] + sizes[5]
    weights["logits"] = (jax.random.normal(next(keys), (channels, CLASSES)) * 0.05, jnp.zeros(CLASSES))

    def loss(w, pictures, labels):
        x = conv(w["stem"], pictures.astype(jnp.float32) * (2 / 255) - 1)
        for of_module in w["modules"]:
            x = module(of_module, pool(x, 2, 2, "VALID"))
        logits = x.mean((1, 2)) @ w["logits"][0] + w["logits"][1]
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    adam = optax.adam(1e-3)

    @jax.jit
    def step(w, state, pictures, labels):
        value, gradient = jax.value_and_grad(loss)(w, pictures, labels)
        updates, state = adam.update(gradient, state)
        return optax.apply_updates(w, updates), state, value

    held = {"w": weights, "state": adam.init(weights)}
    pictures, labels = batch()

    def steps(n):
        for _ in range(n):
            held["w"], held["state"], value = step(held["w"], held["state"], pictures, labels)
            float(value)

    return steps, sum(leaf.size for leaf in jax.tree.leaves(weights))


def main():
    steps, parameters = {"keras": keras_step, "torch": torch_step, "jax": jax_step}[sys.argv[1]]()
    steps(3)  # compiles
    print(parameters, flush=True)
    for line in sys.stdin:
        n = int(line)
        start = time.perf_counter()
        steps(n)
        print((time.perf_counter() - start) / n, flush=True)


if __name__ == "__main__":
    main()
