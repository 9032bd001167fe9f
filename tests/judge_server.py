"""A server on the loopback that speaks the chat-completions protocol, well or badly, as a test tells it to."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What the server sends: a completion with this content, unless told otherwise."""

    content: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """In place of a completion."""
    finish: str = "stop"
    refusal: str | None = None
    drop: bool = False
    """Close the connection without a word."""
    drip_s: float = 0.0
    """Seconds before each byte."""
    wait_s: float = 0.0
    """Seconds before the first byte."""

    def data(self) -> bytes:
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": self.content, "refusal": self.refusal}
        used = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        return json.dumps({"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": used}).encode()


Answer = Callable[[dict[str, Any], int], Reply]
"""From a request and its number to what is sent."""


def facets_of(request: dict[str, Any]) -> list[str]:
    return list(request["response_format"]["json_schema"]["schema"]["properties"])


def verdict(request: dict[str, Any], value: float = 0.5, reason: str = "a step is missing") -> str:
    """A right answer to whatever a request asks."""
    found: dict[str, dict[str, Any]] = {}
    for facet, form in request["response_format"]["json_schema"]["schema"]["properties"].items():
        found[facet] = {"reason": reason, "value": value}
        if "compared_with" in form["properties"]:
            found[facet]["compared_with"] = form["properties"]["compared_with"]["enum"][0]
    return json.dumps(found)


def good(request: dict[str, Any], number: int = 0) -> Reply:
    return Reply(verdict(request))


def error(status: int, message: str = "no", code: str | None = None, **headers: str) -> Reply:
    body = json.dumps({"error": {"message": message, "type": "x", "code": code, "param": None}}).encode()
    return Reply(status=status, body=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


def candidate(request: dict[str, Any]) -> str:
    """What stands behind the fence."""
    found = re.search(r"<<<(DATA-\w+)\n(.*)\n\1>>>", request["messages"][-1]["content"], re.DOTALL)
    assert found is not None
    return found[2]


@dataclass
class Judging:
    """A running server."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    most: int = 0
    """Most requests that were under way at a time."""


@contextmanager
def serving(answer: Answer = good) -> Iterator[Judging]:
    """A server that answers as told, while the block runs."""
    lock = threading.Lock()
    judging = Judging("")
    under_way = [0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                number = len(judging.requests)
                judging.requests.append(request)
                judging.headers.append({name.lower(): text for name, text in self.headers.items()})
                under_way[0] += 1
                judging.most = max(judging.most, under_way[0])
            try:
                self.send(answer(request, number))
            except OSError:  # the client has gone
                self.close_connection = True
            finally:
                with lock:
                    under_way[0] -= 1

        def send(self, reply: Reply) -> None:
            if reply.drop:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            time.sleep(reply.wait_s)
            data = reply.data()
            self.send_response_only(reply.status)
            for name, text in {"content-type": "application/json", "content-length": str(len(data)), **reply.headers}.items():
                self.send_header(name, text)
            self.end_headers()
            for piece in [data] if not reply.drip_s else [data[at : at + 1] for at in range(len(data))]:
                time.sleep(reply.drip_s)
                self.wfile.write(piece)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    judging.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield judging
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
