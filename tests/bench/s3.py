"""S3 beside moto's server, in one run: `MOTO_SERVER=…/moto_server python -m tests.bench.s3`.

Prints a table and asserts nothing. moto brings forty packages, so it gets an environment of its
own: `python -m venv /tmp/moto && /tmp/moto/bin/pip install 'moto[s3,server]'`. Requests are signed
before the clock runs and sent over kept-alive sockets by one thread, which takes its share of the
machine: the ratios are what counts. Targets: issue 4.
"""

import os
import selectors
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from console.lab.ports import free_port
from tests.live import LiveLab

KEY = ("AKIABENCHMARKEXAMPLE", "benchmark/secret+key0123456789abcdefghij")
REGION, BUCKET = "ap-northeast-2", "bench"
CONNECTIONS, ROUNDS = 16, 3
LISTED_KEYS = int(os.environ.get("BENCH_KEYS", "10000"))


@dataclass
class Server:
    name: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> Any:
        return boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=KEY[0],
            aws_secret_access_key=KEY[1],
            config=Config(max_pool_connections=32),
        )

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """A signed request as it goes over the socket."""
        request = AWSRequest(method=method, url=f"{self.url}/{path}", data=body)
        S3SigV4Auth(Credentials(*KEY), "s3", REGION).add_auth(request)
        lines = [f"{method} /{path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        if body or method == "PUT":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Connection:
    """One request at a time; `is_done` when its answer is whole."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.buffer = bytearray()
        self.size = -1
        self.closes = False

    def send(self, request: bytes) -> None:
        self.buffer.clear()
        self.size = -1
        self.socket.sendall(request)

    def reopen(self) -> None:
        """After an answer that ends the connection, as moto's do."""
        self.socket.close()
        self.socket = socket.create_connection(("127.0.0.1", self.port))

    def receive(self) -> bool:
        piece = self.socket.recv(1 << 20)
        if not piece:
            raise ConnectionError("the server hung up")
        self.buffer += piece
        if self.size < 0 and (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.buffer[:end])
            if head.split(b" ", 2)[1][:1] != b"2":
                raise RuntimeError(bytes(self.buffer[:500]))
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            self.size = end + 4 + int(length or 0)
            self.closes = b"connection: close" in head.lower() or head.startswith(b"HTTP/1.0")
        return 0 <= self.size <= len(self.buffer)


def rate(server: Server, requests: Sequence[bytes], connections: int = CONNECTIONS) -> float:
    """Requests a second."""
    selector = selectors.DefaultSelector()
    waiting = iter(requests)
    started = time.perf_counter()
    for _ in range(min(connections, len(requests))):
        connection = _Connection(server.port)
        connection.send(next(waiting))
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    done = 0
    while done < len(requests):
        for key, _ in selector.select():
            connection = key.data
            if not connection.receive():
                continue
            done += 1
            request = next(waiting, None)
            if request is None or connection.closes:
                selector.unregister(connection.socket)
            if request is None:
                connection.socket.close()
                continue
            if connection.closes:
                connection.reopen()
                selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(request)
    return len(requests) / (time.perf_counter() - started)


Case = Callable[[Server], list[bytes]]


def put(size: int, count: int) -> Case:
    body = os.urandom(size)
    return lambda server: [
        server.request("PUT", f"{BUCKET}/put/{number}", body) for number in range(count)
    ]


def get(size: int, count: int) -> Case:
    def requests(server: Server) -> list[bytes]:
        server.client().put_object(Bucket=BUCKET, Key=f"get/{size}", Body=os.urandom(size))
        return [server.request("GET", f"{BUCKET}/get/{size}")] * count

    return requests


def listing(query: str, count: int) -> Case:
    return lambda server: [server.request("GET", f"listed?list-type=2{query}")] * count


# name → (requests, how many connections)
CASES: dict[str, tuple[Case, int]] = {
    "PUT 1 KiB": (put(1024, 1500), CONNECTIONS),
    "GET 1 KiB": (get(1024, 3000), CONNECTIONS),
    "PUT 64 KiB": (put(65_536, 500), CONNECTIONS),
    "GET 64 KiB": (get(65_536, 1500), CONNECTIONS),
    f"LIST 1000 of {LISTED_KEYS}": (listing("", 15), 2),
    "LIST delimiter, 100 prefixes": (listing("&delimiter=%2F", 60), 2),
    "PUT 64 MiB": (put(64 << 20, 4), 1),
    "GET 64 MiB": (get(64 << 20, 8), 1),
}


def fill(server: Server) -> None:
    client = server.client()
    for name in (BUCKET, "listed"):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    requests = [
        server.request("PUT", f"listed/{number % 100:03}/{number:06}", b"x")
        for number in range(LISTED_KEYS)
    ]
    rate(server, requests)


@contextmanager
def servers() -> Iterator[list[Server]]:
    moto = os.environ.get("MOTO_SERVER", "moto_server")
    port = free_port()
    process = subprocess.Popen(
        [moto, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    lab = LiveLab()
    try:
        lab.start()
        lab.manage(
            "create_account",
            *("--name", "Bench", "--email", "bench@example.com"),
            *("--password", "Correct-horse-battery-9"),
            *("--root-access-key", ":".join(KEY), "--json"),
        )
        yield [Server("moto", port), Server("groundschool", int(lab.environment["LAB_API_PORT"]))]
    finally:
        process.terminate()
        process.wait()
        lab.delete()


def main() -> None:
    with servers() as (moto, ours):
        for server in (moto, ours):
            fill(server)
        print(f"| {'case':32} | {'moto/s':>9} | {'ours/s':>9} | ratio |")
        for name, (case, connections) in CASES.items():
            rates: dict[str, list[float]] = {moto.name: [], ours.name: []}
            for _ in range(ROUNDS):
                for server in (moto, ours):
                    rates[server.name].append(rate(server, case(server), connections))
            theirs, own = (statistics.median(rates[one.name]) for one in (moto, ours))
            print(f"| {name:32} | {theirs:9.1f} | {own:9.1f} | x{own / theirs:.1f} |", flush=True)


if __name__ == "__main__":
    main()
