"""The kernel and clients that speak the protocol in ways of their own, as VS Code does: it has sockets with one identity and no
heartbeat, asks for the kernel's info until it is answered, numbers no cell of its own, interrupts on the shell's socket, and ends the
process by a signal."""

import os
import time
import uuid

import pytest
import zmq
from jupyter_client.session import Session
from processes import members, wait_for

CHANNELS = {"shell": zmq.DEALER, "control": zmq.DEALER, "stdin": zmq.DEALER, "iopub": zmq.SUB}


class Client:
    """One client of a kernel, without jupyter_client's."""

    def __init__(self, manager):
        info = manager.get_connection_info()
        self.session = Session(key=info["key"], signature_scheme=info["signature_scheme"], session=uuid.uuid4().hex)
        self.sockets, self.heard, identity = {}, [], uuid.uuid4().bytes
        for channel, kind in CHANNELS.items():
            socket = self.sockets[channel] = zmq.Context.instance().socket(kind)
            socket.linger = 0
            if kind == zmq.DEALER:
                socket.routing_id = identity
            else:
                socket.subscribe(b"")
            socket.connect(f"tcp://127.0.0.1:{info[channel + '_port']}")

    def close(self) -> None:
        for socket in self.sockets.values():
            socket.close()

    def send(self, kind: str, content: dict, channel: str = "shell", metadata: dict | None = None) -> str:
        return self.session.send(self.sockets[channel], kind, content, metadata=metadata)["header"]["msg_id"]

    def receive(self, channel: str, seconds: float = 30) -> dict | None:
        if not self.sockets[channel].poll(seconds * 1000):
            return None
        _, frames = self.session.feed_identities(self.sockets[channel].recv_multipart())
        message = self.session.deserialize(frames)
        for field in ["username", "version", "session", "msg_id", "msg_type"]:
            assert isinstance(message["header"][field], str), message
        return message

    def reply(self, request: str, channel: str = "shell", seconds: float = 60) -> dict:
        """The reply to a request, of the right kind and with this client's session; what is said about it is in heard."""
        message = self.receive(channel, seconds)
        assert message, "no reply"
        assert message["parent_header"]["msg_id"] == request
        assert message["parent_header"]["session"] == self.session.session
        self.heard = self.said_about(request)
        assert [m["content"]["execution_state"] for m in self.heard if m["msg_type"] == "status"] == ["busy", "idle"]
        return message["content"]

    def said_about(self, request: str, seconds: float = 30) -> list[dict]:
        said = []
        while not said or said[-1]["content"].get("execution_state") != "idle":
            message = self.receive("iopub", seconds)
            assert message, f"only {said}"
            if message["parent_header"].get("msg_id") == request:
                said.append(message)
        return said

    def ask(self, kind: str, content: dict, channel: str = "shell") -> dict:
        return self.reply(self.send(kind, content, channel), channel)

    def cell(self, code: str, **other) -> str:
        """A cell as VS Code sends it."""
        content = {"code": code, "silent": False, "stop_on_error": False, "allow_stdin": True, "store_history": True}
        return self.send("execute_request", content | other, metadata={"cellId": "vscode-notebook-cell:/a.ipynb#W0"})

    def run(self, code: str, **other) -> dict:
        return self.reply(self.cell(code, **other))

    def kinds(self) -> list[str]:
        return [m["msg_type"] for m in self.heard if m["msg_type"] != "status"]

    def text(self) -> str:
        return "".join(m["content"].get("text", "") for m in self.heard)


@pytest.fixture
def connect(kernel):
    clients = []

    def start() -> Client:
        clients.append(Client(kernel.manager))
        # A subscription takes a moment to reach the kernel.
        while not clients[-1].sockets["iopub"].poll(100):
            clients[-1].send("kernel_info_request", {})
        time.sleep(0.5)
        for channel in CHANNELS:
            while clients[-1].receive(channel, 0):
                pass
        return clients[-1]

    yield start
    for client in clients:
        client.close()


def test_the_kernel_is_asked_who_it_is_before_all_else(kernel, connect):
    client = connect()
    for channel in ["shell", "control"]:
        info = client.ask("kernel_info_request", {}, channel)
        assert info["status"] == "ok" and info["protocol_version"].startswith("5.")
        assert info["language_info"]["name"] == "go" and info["language_info"]["file_extension"] == ".go"
        assert not info.get("debugger") and "debugger" not in info.get("supported_features", []), "no one sends debug_request then"


@pytest.mark.parametrize("variant", ["silent", "unnumbered"])
def test_cells_that_do_not_count(connect, variant):
    client = connect()
    first = client.run('import "fmt"\n%%\nfmt.Println(1)')
    assert (first["status"], first["execution_count"], client.kinds(), client.text()) == ("ok", 1, ["execute_input", "stream"], "1\n")
    assert client.heard[1]["content"] == {"code": 'import "fmt"\n%%\nfmt.Println(1)', "execution_count": 1}

    hidden = client.run("%%\nfmt.Println(2)", **({"silent": True} if variant == "silent" else {"store_history": False}))
    assert hidden["status"] == "ok"
    assert ("execute_input" in client.kinds()) == (variant != "silent")

    assert client.run("%%\nfmt.Println(3)")["execution_count"] == 2


def test_cells_run_behind_an_error_where_the_client_wants_it(connect):
    client = connect()
    assert client.run('import "fmt"')["status"] == "ok"
    for stop, second in [(False, "ok"), (True, "aborted")]:
        requests = [client.cell("%%\nx := 1", stop_on_error=stop), client.cell("%%\nfmt.Println(1)")]
        assert [client.reply(request)["status"] for request in requests] == ["error", second]


def test_what_clients_ask(connect):
    client = connect()
    assert client.ask("is_complete_request", {"code": "func f() {"}) == {"status": "incomplete", "indent": "\t"}
    for content in [{}, {"target_name": "jupyter.widget"}]:
        assert client.ask("comm_info_request", content) == {"status": "ok", "comms": {}}
    for content in [{"hist_access_type": "tail", "n": 10}, {"hist_access_type": "range", "session": 0, "start": 0, "stop": 5}, {"hist_access_type": "search", "pattern": "*"}]:
        assert client.ask("history_request", content | {"output": False, "raw": True}) == {"status": "ok", "history": []}
    completed = client.ask("complete_request", {"code": "%%\nfallt", "cursor_pos": 8})
    assert (completed["status"], completed["matches"], completed["cursor_start"], completed["cursor_end"]) == ("ok", ["fallthrough"], 3, 8)
    # What the kernel does not know is not answered, and does no harm.
    for kind in ["debug_request", "no_such_request"]:
        client.send(kind, {}, "control")
        client.send(kind, {})
    assert client.ask("kernel_info_request", {})["status"] == "ok"


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_an_interrupt_is_a_message_on_either_socket(connect, channel):
    client = connect()
    assert client.run('import (\n\t"fmt"\n\t"time"\n)')["status"] == "ok"
    cell = client.cell('%%\nfmt.Println("here")\ntime.Sleep(time.Hour)')
    while "here" not in (client.receive("iopub", 60) or {"content": {}})["content"].get("text", ""):
        pass
    interrupt = client.send("interrupt_request", {}, channel)
    replies = {m["parent_header"]["msg_id"]: m["content"] for m in [client.receive(channel), client.receive("shell") if channel == "control" else client.receive(channel)]}
    assert replies[interrupt]["status"] == "ok"
    assert replies[cell]["ename"] == "interrupted"
    assert client.run("%%\nfmt.Println(1)")["status"] == "ok"


@pytest.mark.parametrize("allowed", [True, False])
def test_input_is_asked_for_where_the_client_has_a_box(connect, allowed):
    client = connect()
    cell = client.cell("%with_inputs\n!read line && echo got $line", allow_stdin=allowed)
    if allowed:
        request = client.receive("stdin", 60)
        assert request["msg_type"] == "input_request" and request["parent_header"]["msg_id"] == cell
        client.session.send(client.sockets["stdin"], "input_reply", {"value": "größe"}, parent=request)
        assert client.reply(cell)["status"] == "ok"
        assert client.text() == "got größe\n"
    else:
        assert client.reply(cell)["status"] in ("ok", "error"), "it does not wait"
        assert client.receive("stdin", 0.5) is None


def test_several_clients_have_their_own_replies_and_hear_each_other(connect):
    one, two = connect(), connect()
    assert one.run('import (\n\t"fmt"\n\t"time"\n)')["status"] == "ok"
    cell = one.cell('%%\ntime.Sleep(3 * time.Second)\nfmt.Println("of one")')
    time.sleep(0.5)
    begin = time.monotonic()
    assert two.ask("kernel_info_request", {})["status"] == "ok"
    assert two.ask("complete_request", {"code": "%%\nfallt", "cursor_pos": 8})["matches"] == ["fallthrough"]
    assert time.monotonic() - begin < 2, "while the other's cell runs"
    said = "".join(m["content"].get("text", "") for m in two.said_about(cell))
    assert said == "of one\n"
    assert one.reply(cell)["status"] == "ok"
    assert two.receive("shell", 0.5) is None
    assert two.run("%%\nfmt.Println(1)")["execution_count"] == 3, "they share the notebook"


@pytest.mark.parametrize("how", ["shutdown", "restart", "SIGTERM"])
def test_the_end(kernel, connect, place, how):
    client = connect()
    client.cell("!sleep 1000")
    wait_for(lambda: any("sleep 1000" in command for command in members([kernel.pid]).values()))
    if how == "SIGTERM":
        os.kill(kernel.pid, 15)
    else:
        request = client.send("shutdown_request", {"restart": how == "restart"}, "control")
        reply = client.receive("control")
        assert reply["parent_header"]["msg_id"] == request
        assert reply["content"] == {"status": "ok", "restart": how == "restart"}
    wait_for(lambda: members(kernel.sessions) == {})
    wait_for(lambda: list((place / "tmp").glob("evident-*")) == [])
