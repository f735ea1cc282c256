"""Executes the first code cells of a notebook on a Jupyter server that runs, as a browser would, and prints what they show.

The server may still be starting. $JUPYTER_TOKEN opens it. It fails when a cell does.
"""

import argparse
import asyncio
import json
import os
import sys
import time
import uuid
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

PATIENCE = 300  # seconds without a word, until the server or the kernel is given up
HEADERS = {"Authorization": f"token {os.environ.get('JUPYTER_TOKEN', '')}"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Executes the first code cells of a notebook on a Jupyter server.")
    parser.add_argument("address", help="of the server, as http://127.0.0.1:8888")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--cells", type=int, default=3, help="how many")
    parser.add_argument("--cell", action="append", default=[], metavar="CODE", help="another cell, run behind them")
    parser.add_argument("--expect", default="", metavar="TEXT", help="fail when they do not show this")
    options = parser.parse_args()
    cells = [c for c in json.loads(options.notebook.read_text())["cells"] if c["cell_type"] == "code"]
    sources = ["".join(c["source"]) for c in cells[: options.cells]] + options.cell
    shown = asyncio.run(run(options.address.rstrip("/"), sources))
    print(shown)
    if options.expect not in shown:
        sys.exit(f"the cells do not show {options.expect!r}")


async def run(address: str, sources: list[str]) -> str:
    """Everything that the cells show."""
    began = time.monotonic()
    kernel = json.loads(await post_when_up(f"{address}/api/kernels", {"name": "evident"}))["id"]
    print(f"server and kernel after {time.monotonic() - began:.1f} s", file=sys.stderr)
    channels = f"{address.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
    socket = await websocket_connect(HTTPRequest(channels, headers=HEADERS))
    shown = ""
    for number, source in enumerate(sources, 1):
        began = time.monotonic()
        shown += await execute(socket, source)
        print(f"cell {number} after {time.monotonic() - began:.1f} s", file=sys.stderr)
    socket.close()
    await AsyncHTTPClient().fetch(f"{address}/api/kernels/{kernel}", method="DELETE", headers=HEADERS)
    return shown


async def post_when_up(url: str, body: dict) -> bytes:
    request = HTTPRequest(url, method="POST", headers=HEADERS, body=json.dumps(body), request_timeout=PATIENCE)
    for _ in range(1200):
        try:
            return (await AsyncHTTPClient().fetch(request)).body
        except HTTPClientError as error:
            sys.exit(f"{url}: {error}: {error.response and error.response.body}")
        except OSError:
            await asyncio.sleep(0.25)
    sys.exit(f"{url}: nothing listens there")


async def execute(socket, source: str) -> str:
    """Everything that the cell shows, as text and as HTML."""
    sent = request(source)
    await socket.write_message(json.dumps(sent))
    shown, reply = [], None
    try:
        async for kind, content in said(socket, sent["header"]["msg_id"]):
            if kind == "execute_reply":
                reply = content
            elif kind == "error":
                shown += ["\n".join([content["ename"], content["evalue"], *content["traceback"]])]
            elif kind == "stream":
                shown.append(content["text"])
            elif kind in ("display_data", "execute_result"):
                shown.append(content["data"].get("text/plain", "") + content["data"].get("text/html", ""))
    except OSError as error:
        sys.exit(f"{''.join(shown)}\n{error}")
    if reply is None or reply["status"] != "ok":
        sys.exit(f"{''.join(shown)}\nthe cell ended with {reply}")
    return "".join(shown)


async def said(socket, sent: str):
    """The messages that answer a request, until both channels are through: the reply comes on one, and on the other the output,
    which ends when the kernel is idle. Either may be the last."""
    replied = idle = False
    while not (replied and idle):
        message = json.loads(await next_message(socket))
        kind, content = message["msg_type"], message["content"]
        if message["parent_header"].get("msg_id") != sent:
            continue
        yield kind, content
        replied |= kind == "execute_reply"
        idle |= kind == "status" and content["execution_state"] == "idle"


async def next_message(socket) -> str:
    try:
        message = await asyncio.wait_for(socket.read_message(), PATIENCE)
    except asyncio.TimeoutError:  # not the built-in one before Python 3.11
        raise TimeoutError(f"the kernel says nothing for {PATIENCE} s") from None
    if message is None:
        raise ConnectionError("the server closed the connection")
    return message


def request(source: str) -> dict:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3", "username": "", "session": "cells"}
    content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}


if __name__ == "__main__":
    main()
