"""An S3 endpoint that misbehaves on request: 503, 409, half of what it got, cut answers, lies."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Faults:
    """How often each fault happens from now on; `requests` counts what came in."""

    def __init__(self, **left: int) -> None:
        self.left = Counter(left)
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.objects: dict[str, bytes] = {}

    def take(self, name: str) -> bool:
        self.left[name] -= 1
        return self.left[name] >= 0


def serve(faults: Faults) -> ThreadingHTTPServer:
    """Start the endpoint on a free port of this machine; end it with `shutdown`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def _answer(self, status, body=b"", length=None, **headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(body) if length is None else length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            if length is not None and length != len(body):
                self.close_connection = True

        def _seen(self):
            faults.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))

        def do_PUT(self):
            self._seen()
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if faults.take("put_503"):
                return self._answer(503, b"<Error><Code>SlowDown</Code></Error>")
            if faults.take("put_409"):
                return self._answer(409, b"<Error><Code>ConditionalRequestConflict</Code></Error>")
            if self.path in faults.objects and self.headers.get("if-none-match") == "*":
                return self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
            faults.objects[self.path] = body[: len(body) // 2] if faults.take("keep_half") else body
            if faults.take("lost_answer"):  # kept, and the answer never arrives
                self.close_connection = True
                return None
            etag = '"' + ("0" * 32 if faults.take("lying_etag") else hashlib.md5(body).hexdigest()) + '"'
            return self._answer(200, ETag=etag)

        def do_GET(self):
            self._seen()
            if faults.take("get_503"):
                return self._answer(503)
            if self.path not in faults.objects:
                return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            body = faults.objects[self.path]
            modified = {"Last_Modified": "Sat, 28 Nov 2026 10:00:00 GMT", "ETag": '"x"'}
            if faults.take("cut_answer"):
                return self._answer(200, body[: len(body) // 2], length=len(body), **modified)
            return self._answer(200, body, **modified)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
