"""A team's service that is pulled: the home page asks it what its widget shows. Python 3's standard library only: `python3 serve.py`.

    PORT          where it listens, 8090 when left out
    PULL_SECRET   the secret that both sides know; without it everybody may ask
docs/widgets.md says how an admin declares the source and its widget `offer`.
"""
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ.get("PULL_SECRET", "").encode()


def offers():
    """What the team's own system would look up."""
    return [{"title": "3.9 % until Sunday", "text": "For new furniture.", "href": "/shop", "meta": "New"}]


def is_signed(header, path):
    """`t=SECONDS,v1=HMAC`: over the time, the method and the path, and not older than five minutes."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at = parts.get("t", "")
    if not at.isdigit() or abs(time.time() - int(at)) > 300:
        return False
    expected = hmac.new(SECRET, f"{at}.GET.{path}".encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts.get("v1", ""))


class Feed(BaseHTTPRequestHandler):
    def do_GET(self):
        if SECRET and not is_signed(self.headers.get("X-Kontor-Signature", ""), self.path):
            return self.answer(401)
        items = offers()
        etag = f'"{hashlib.sha256(json.dumps(items).encode()).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            return self.answer(304, etag)
        # The ETag says whether anything has changed, the version which of two answers is the later one: that of the clock goes on
        # growing over restarts, and beside what is pushed.
        version = time.time_ns() // 1_000_000
        snapshot = {"key": "offer", "version": version, "type": "card-list", "content": {"items": items} if items else None,
                    "ttlSeconds": 120, "staleSeconds": 24 * 60 * 60}
        return self.answer(200, etag, json.dumps({"snapshots": [snapshot]}).encode())

    def answer(self, status, etag=None, body=b""):
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8090"))), Feed)
    print(f"Listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
