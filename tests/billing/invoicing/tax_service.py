"""A tax service, played by a real HTTP server: the smallest one that answers the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Played:
    """What the service answers of every customer, and what it was asked."""

    def __init__(self) -> None:
        self.decision: dict[str, str] = {"country": "US", "rate": "0.0825"}
        self.status = 200
        self.body: bytes | None = None  # instead of an answer
        self.asked: list[dict] = []
        self.tokens: list[str | None] = []

    def answer(self, question: dict) -> bytes:
        if self.body is not None:
            return self.body
        taxes = dict.fromkeys(question["categories"], self.decision)
        return json.dumps(
            {"customers": {each["id"]: taxes for each in question["customers"]}}
        ).encode()


@contextmanager
def served(played: Played) -> Iterator[str]:
    """Serve it; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            played.asked.append(question)
            played.tokens.append(self.headers["Authorization"])
            body = played.answer(question)
            self.send_response(played.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/taxes"
    finally:
        server.shutdown()
        server.server_close()
