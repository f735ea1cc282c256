"""The net of lessons/inception at full scale: a 3×3 convolution, then modules 3a and 3b of GoogLeNet (Szegedy et al. 2015,
table 1), each behind a max pooling. Pixels of 0 to 255 in."""

import training

BATCH, SIDE, CLASSES, STEM = 32, 32, 10, 64
# 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection
MODULES = [(64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)]


def batch():
    return training.pictures(BATCH, SIDE, 3, CLASSES)


def width(f1, r3, f3, r5, f5, proj):
    return f1 + f3 + f5 + proj


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
    return training.keras_steps(model, *batch())


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

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            layers, channels = [conv(3, STEM, 3)], STEM
            for sizes in MODULES:
                layers += [nn.MaxPool2d(2), Module(channels, *sizes)]
                channels = width(*sizes)
            self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES))

        def forward(self, pixels):
            return self.layers(pixels.float() * (2 / 255) - 1)

    pixels, labels = batch()
    model = Net().to(memory_format=torch.channels_last)
    return training.torch_steps(model, training.torch_pictures(pixels), labels)


def jax_step():
    import jax
    import jax.numpy as jnp
    from jaxlayers import conv, dense, max_pool, weights

    keys = iter(jax.random.split(jax.random.key(1), 64))

    def module_weights(channels, f1, r3, f3, r5, f5, proj):
        sizes = [(1, channels, f1), (1, channels, r3), (3, r3, f3), (1, channels, r5), (5, r5, f5), (1, channels, proj)]
        return [weights(next(keys), size, size, inputs, filters) for size, inputs, filters in sizes]

    def module(w, x):
        pooled = max_pool(x, 3, 1, "SAME")
        towers = [conv(w[0], x), conv(w[2], conv(w[1], x)), conv(w[4], conv(w[3], x)), conv(w[5], pooled)]
        return jnp.concatenate(towers, -1)

    net, channels = {"stem": weights(next(keys), 3, 3, 3, STEM), "modules": []}, STEM
    for sizes in MODULES:
        net["modules"].append(module_weights(channels, *sizes))
        channels = width(*sizes)
    net["logits"] = weights(next(keys), channels, CLASSES)

    def logits(w, pixels, _):
        x = conv(w["stem"], pixels.astype(jnp.float32) * (2 / 255) - 1)
        for of_module in w["modules"]:
            x = module(of_module, max_pool(x, 2, 2))
        return dense(w["logits"], x.mean((1, 2)))

    return training.jax_steps(net, logits, *batch())
