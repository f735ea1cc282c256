"""run_cells.py against a server that sends the messages of the two channels in any order, as Jupyter may."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import run_cells
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

BUSY, IDLE = (("status", {"execution_state": state}) for state in ("busy", "idle"))
OK = ("execute_reply", {"status": "ok"})
FAILED = ("execute_reply", {"status": "error"})
HELLO = ("stream", {"name": "stdout", "text": "hello\n"})
TABLE = ("display_data", {"data": {"text/html": "<table>"}})
ERROR = ("error", {"ename": "ERROR", "evalue": "exit status 1", "traceback": ["line 7"]})


def execute(*messages: tuple[str, dict], before: tuple[tuple[str, dict], ...] = ()) -> str:
    """What run_cells shows of a cell that a server answers with messages, after those about another cell."""

    class Kernels(RequestHandler):
        def post(self):
            self.write({"id": "1"})

    class Kernel(RequestHandler):
        def delete(self):
            self.set_status(204)

    class Channels(WebSocketHandler):
        def on_message(self, message):
            sent = json.loads(message)["header"]["msg_id"]
            for parent, all_of_it in (("of another cell", before), (sent, messages)):
                for kind, content in all_of_it:
                    self.write_message({"msg_type": kind, "content": content, "parent_header": {"msg_id": parent}})
            self.write_message({"msg_type": "status", "content": {"execution_state": "idle"}, "parent_header": {}})
            if messages[-1] not in (IDLE, OK, FAILED):
                self.close()

    async def run() -> str:
        sockets = bind_sockets(0, "127.0.0.1")
        pages = [("/api/kernels", Kernels), ("/api/kernels/1", Kernel), ("/api/kernels/1/channels", Channels)]
        server = HTTPServer(Application(pages))
        server.add_sockets(sockets)
        try:
            return await run_cells.run(f"http://127.0.0.1:{sockets[0].getsockname()[1]}", ["cell"])
        finally:
            server.stop()

    # A thread of its own, since the tests in the browser keep a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(asyncio.wait_for(run(), 30))).result()


@pytest.mark.parametrize(
    "messages",
    [
        (BUSY, HELLO, TABLE, IDLE, OK),
        (BUSY, HELLO, TABLE, OK, IDLE),
        (BUSY, HELLO, OK, TABLE, IDLE),
        (OK, BUSY, HELLO, TABLE, IDLE),
    ],
    ids=["idle, then the reply", "the reply, then idle", "output behind the reply", "the reply first"],
)
def test_all_output_is_shown_in_whichever_order_the_messages_come(messages):
    assert execute(*messages) == "hello\n<table>"


def test_what_another_cell_says_is_not_this_ones():
    assert execute(BUSY, TABLE, OK, IDLE, before=(HELLO, ERROR, FAILED, IDLE)) == "<table>"


@pytest.mark.parametrize("messages", [(BUSY, ERROR, HELLO, IDLE, FAILED), (FAILED, BUSY, ERROR, HELLO, IDLE)])
def test_a_cell_that_fails_is_told_with_all_that_it_showed(messages):
    with pytest.raises(SystemExit, match=r"(?s)exit status 1.*line 7.*hello.*the cell ended with.*error"):
        execute(*messages)


def test_a_server_that_goes_away_is_told():
    with pytest.raises(SystemExit, match=r"(?s)hello.*closed the connection"):
        execute(BUSY, OK, HELLO)


def test_a_kernel_that_falls_silent_is_told(monkeypatch):
    monkeypatch.setattr(run_cells, "PATIENCE", 0.2)
    with pytest.raises(SystemExit, match="says nothing for 0.2 s"):
        execute(BUSY, HELLO, OK)
