"""Ports for servers that cannot choose one themselves and say which."""

import random
import socket

# Below those that the system gives to whoever asks for any, as the browser and the kernels do all the time: one of theirs may be
# taken again before the server listens.
PORTS = range(10_000, 32_768)


def free_port() -> int:
    for port in random.sample(PORTS, 100):
        with socket.socket() as listener:
            # As servers do: what is left of a connection that was closed is no hindrance.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("100 ports were tried, and none is free")
