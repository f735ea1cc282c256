"""Models of Keras, as JSON, with what Keras itself says of them: the oracle of package kit/keras.

Writes kit/keras/testdata/*.tar.gz: for each model NAME.json, which is model.to_json() and nothing else,
and NAME.facts.json. Run it in an environment of its own, outside of the checkout (it takes a minute):

    python3 -m venv /tmp/kerasenv
    /tmp/kerasenv/bin/pip install keras==3.15.1 numpy==2.4.6 scipy==1.17.1
    /tmp/kerasenv/bin/python test/keras/export.py

`export.py graphs N FOLDER` writes N random graphs into FOLDER/graphs.tar.gz instead; a further number is the first
seed. EVIDENT_KERAS_GRAPHS=FOLDER/graphs.tar.gz makes `go test ./kit/keras -run Graphs` compare those.

The NumPy backend builds every model; no weights are downloaded.
"""

import gzip
import inspect
import io
import json
import os
import sys
import tarfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "numpy"

import graphs
import keras
import models
from keras import applications, tree
from keras.src.ops.function import make_node_key

TESTDATA = Path(__file__).resolve().parents[2] / "kit" / "keras" / "testdata"


def count(weights) -> int:
    """The number of values in the weights, each of them once."""
    total = 0
    for weight in {id(w): w for w in weights}.values():
        size = 1
        for axis in weight.shape:
            size *= axis
        total += size
    return total


def row(layer, trained: set, nodes: set) -> dict:
    """One line of the summary, with what the whole model trains of the layer."""
    calls = [node for k, node in enumerate(layer._inbound_nodes) if make_node_key(layer, k) in nodes]
    outputs = tree.flatten((calls or layer._inbound_nodes)[-1].output_tensors)
    return {
        "name": layer.name,
        "class": type(layer).__name__,
        "shapes": [list(tensor.shape) for tensor in outputs],
        "params": layer.count_params() if hasattr(layer, "count_params") else 0,
        "trainable": count(w for w in getattr(layer, "weights", []) if id(w) in trained),
    }


def facts(model) -> dict:
    """What model.summary() lists and says below."""
    listed = model.layers if isinstance(model, keras.Sequential) else model._operations
    nodes = model._functional._nodes if isinstance(model, keras.Sequential) else model._nodes
    trained = {id(weight) for weight in model.trainable_weights}
    lines = []
    model.summary(print_fn=lines.append)
    totals = [line.strip() for line in "\n".join(lines).splitlines() if "params:" in line]
    return {
        "name": model.name,
        "total": model.count_params(),
        "trainable": count(model.trainable_weights),
        "non_trainable": count(model.non_trainable_weights),
        "totals": totals,
        "layers": [row(layer, trained, nodes) for layer in listed],
    }


def check(model, name: str) -> None:
    """Keras has to read its own JSON, and count the same."""
    keras.config.enable_unsafe_deserialization()  # for our own Lambda
    again = keras.models.model_from_json(model.to_json())
    assert again.count_params() == model.count_params(), name


def archive(name: str, build: dict, folder: Path = TESTDATA) -> None:
    """Write all models into one archive, the same bytes for the same models."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for key, make in build.items():
            keras.backend.clear_session()
            model = make()
            if name == "models":
                check(model, key)
            known = json.dumps(facts(model), separators=(",", ":"))
            for suffix, text in ((".json", model.to_json()), (".facts.json", known)):
                info = tarfile.TarInfo(key + suffix)
                info.size = len(text.encode())
                tar.addfile(info, io.BytesIO(text.encode()))
            print(f"{key}: {model.count_params():,} parameters", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress(content.getvalue(), compresslevel=9, mtime=0)
    (folder / f"{name}.tar.gz").write_bytes(packed)
    print(f"{name}.tar.gz: {len(packed):,} bytes")


def every_application() -> dict:
    makers = {name: make for name, make in vars(applications).items() if inspect.isfunction(make)}
    return {name: lambda make=make: make(weights=None) for name, make in sorted(makers.items())}


def random_graphs(number: int, first: int = 0) -> dict:
    return {f"graph{seed}": lambda seed=seed: graphs.graph(seed) for seed in range(first, first + number)}


if __name__ == "__main__":
    if sys.argv[1:2] == ["graphs"]:
        archive("graphs", random_graphs(int(sys.argv[2]), *map(int, sys.argv[4:])), Path(sys.argv[3]))
    else:
        archive("models", models.ALL)
        archive("applications", every_application())
        archive("graphs", random_graphs(80))
