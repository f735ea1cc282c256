"""The net of lessons/textcnn at full scale, that of Kim (2014, section 3.1): word vectors that are learned, for each window
a wide convolution with ReLU (window − 1 zeros on both sides) and the maximum over time, dropout, a dense layer.

That of evident also masks the padding of short texts, which is work that the others are spared."""

import training

BATCH, LENGTH, CLASSES = 50, 60, 2
ROWS = 20_000 + 2  # the vocabulary, padding and unknown words
WIDTH, WINDOWS, MAPS, DROPOUT = 300, [3, 4, 5], 100, 0.5


def batch():
    return training.texts(BATCH, LENGTH, ROWS, CLASSES)


def keras_step():
    import keras
    from keras import layers

    def pooled(vectors, window):
        padded = layers.ZeroPadding1D(window - 1)(vectors)
        return layers.GlobalMaxPooling1D()(layers.Conv1D(MAPS, window, activation="relu")(padded))

    words = keras.Input((LENGTH,), dtype="int32")
    vectors = layers.Embedding(ROWS, WIDTH)(words)
    features = layers.Concatenate()([pooled(vectors, window) for window in WINDOWS])
    model = keras.Model(words, layers.Dense(CLASSES)(layers.Dropout(DROPOUT)(features)))
    return training.keras_steps(model, *batch())


def torch_step():
    import torch
    from torch import nn

    torch.manual_seed(1)

    class Kim(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(ROWS, WIDTH, padding_idx=0)
            self.convolutions = nn.ModuleList(nn.Conv1d(WIDTH, MAPS, window, padding=window - 1) for window in WINDOWS)
            self.dropout = nn.Dropout(DROPOUT)
            self.logits = nn.Linear(len(WINDOWS) * MAPS, CLASSES)

        def forward(self, words):
            vectors = self.embedding(words).transpose(1, 2)
            pooled = [nn.functional.relu(conv(vectors)).amax(2) for conv in self.convolutions]
            return self.logits(self.dropout(torch.cat(pooled, 1)))

    words, labels = batch()
    return training.torch_steps(Kim(), torch.from_numpy(words), labels)


def jax_step():
    import jax
    import jax.numpy as jnp
    from jaxlayers import conv, dense, weights

    keys = iter(jax.random.split(jax.random.key(1), 64))
    net = {
        "embedding": jax.random.normal(next(keys), (ROWS, WIDTH)),
        "convolutions": [weights(next(keys), window, WIDTH, MAPS) for window in WINDOWS],
        "logits": weights(next(keys), len(WINDOWS) * MAPS, CLASSES),
    }

    def logits(w, words, key):
        vectors = w["embedding"][words]
        wide = [(window - 1, window - 1) for window in WINDOWS]
        pooled = [conv(c, vectors, [p]).max(1) for c, p in zip(w["convolutions"], wide, strict=True)]
        features = jnp.concatenate(pooled, -1)
        kept = jax.random.bernoulli(key, 1 - DROPOUT, features.shape)
        return dense(w["logits"], jnp.where(kept, features / (1 - DROPOUT), 0))

    return training.jax_steps(net, logits, *batch())
