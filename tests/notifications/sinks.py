"""Real servers on this machine that stand for those of customers, with TLS by a test authority."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kernel.clock import now


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


# What a sink answers: status, headers, body.
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Sink:
    """A server that keeps what it gets, and answers what `reply` says."""

    port: int
    reply: Callable[[Received], Reply] = lambda _received: (200, {}, b"")
    received: list[Received] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def url(self, path: str = "/hook", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    sink: Sink

    def handle_error(self, request, client_address) -> None:
        """Say nothing of clients that hang up: some tests do."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        headers = {name.lower(): text for name, text in self.headers.items()}
        received = Received(path=self.path, headers=headers, body=self.rfile.read(length))
        self.server.sink.received.append(received)
        status, answered, body = self.server.sink.reply(received)
        self.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **answered}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        pass


@contextmanager
def sink(*, certificate: Path | None = None, host: str = "127.0.0.1") -> Iterator[Sink]:
    """Run a server on a free port of this machine, with TLS if it is given a certificate."""
    server = _Server((host, 0), _Handler)
    server.sink = Sink(port=server.server_address[1])
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _socket, name, _context: server.sink.names.append(name)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server that does what it wants with each connection; the port is given."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    talk(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the tests: its certificate's file, and one it signed."""

    file: Path
    certificate: Path


def authority(folder: Path, *, host: str) -> Authority:
    """Make an authority and a certificate of it for the host."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, ca=True)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    leaf = _certificate(name, root_name, key.public_key(), root_key, host=host)
    pem = serialization.Encoding.PEM
    folder.mkdir(exist_ok=True)
    (folder / "authority.pem").write_bytes(root.public_bytes(pem))
    (folder / "server.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(pem)
    )
    return Authority(file=folder / "authority.pem", certificate=folder / "server.pem")


def _certificate(name, issuer, key, signer, *, ca: bool = False, host: str = ""):
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    if host:
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        builder = builder.add_extension(names, critical=False)
    if ca:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(signer, hashes.SHA256())
