"""One training step of a lesson's net in another framework, for bench/peers/main.go.

    python step.py inception|imageclass|textcnn keras|torch|jax

The first line that it prints is the number of parameters. Every line on standard input then asks for a round of so many
steps on one random batch; the answer is a line with the seconds of a step, on average over the round. The nets are those
of the lessons (see the files of nets), with Adam and cross-entropy, each written as the framework's users would.
"""

import importlib
import os
import sys
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""


def main():
    net, framework = sys.argv[1:]
    steps, parameters = getattr(importlib.import_module(f"nets.{net}"), f"{framework}_step")()
    steps(3)  # compiles
    print(parameters, flush=True)
    for line in sys.stdin:
        n = int(line)
        start = time.perf_counter()
        steps(n)
        print((time.perf_counter() - start) / n, flush=True)


if __name__ == "__main__":
    main()
