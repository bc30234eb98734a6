"""Serves a page to a browser of this machine: one file, one address, nobody else."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sim.errors import not_allowed

HOST = "127.0.0.1"  # this machine only


class PageServer(ThreadingHTTPServer):
    """Listens on a port of this machine; `page` is what it sends, HTML in UTF-8."""

    page = b""

    def __init__(self, port: int) -> None:
        """Listen; 0 takes any port that is free.

        Raises
        ------
        InputError
            The port is no port, or something listens on it already.
        """
        if port != 0 and not 1024 <= port <= 65535:
            raise not_allowed("", "port", port, "an integer from 1024 to 65535, or 0 for any that is free")
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            raise not_allowed("", "port", port, f"one that is free: {error.strerror}") from None

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    """Sends the page; there is nothing else."""

    server: PageServer

    def do_GET(self) -> None:  # noqa: N802  the library's name
        """Answer a request."""
        content = self.server.page if self.path == "/" else None
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
