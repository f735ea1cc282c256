"""The net of lessons/imageclass: 3×3 convolutions with ReLU, each with 2×2 max pooling behind it, and a dense layer. Grey
pixels of 0 to 255 in."""

import training

BATCH, SIDE, CLASSES = 32, 48, 2
FILTERS = [8, 16, 32, 32]
LAST = SIDE >> len(FILTERS)  # height and width behind the last pooling


def batch():
    return training.pictures(BATCH, SIDE, 1, CLASSES)


def keras_step():
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((SIDE, SIDE, 1), dtype="uint8"), layers.Rescaling(1 / 255)])
    for filters in FILTERS:
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(CLASSES))
    return training.keras_steps(model, *batch())


def torch_step():
    import torch
    from torch import nn

    torch.manual_seed(1)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            layers = []
            for channels, filters in zip([1, *FILTERS], FILTERS, strict=False):
                layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(LAST * LAST * FILTERS[-1], CLASSES))

        def forward(self, pixels):
            return self.layers(pixels.float() / 255)

    pixels, labels = batch()
    model = Net().to(memory_format=torch.channels_last)
    return training.torch_steps(model, training.torch_pictures(pixels), labels)


def jax_step():
    import jax
    import jax.numpy as jnp
    from jaxlayers import conv, dense, max_pool, weights

    keys = iter(jax.random.split(jax.random.key(1), 64))
    sizes = zip([1, *FILTERS], FILTERS, strict=False)
    net = {
        "convolutions": [weights(next(keys), 3, 3, channels, filters) for channels, filters in sizes],
        "logits": weights(next(keys), LAST * LAST * FILTERS[-1], CLASSES),
    }

    def logits(w, pixels, _):
        x = pixels.astype(jnp.float32) / 255
        for of_conv in w["convolutions"]:
            x = max_pool(conv(of_conv, x), 2, 2)
        return dense(w["logits"], x.reshape(len(x), -1))

    return training.jax_steps(net, logits, *batch())
