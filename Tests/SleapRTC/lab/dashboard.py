"""The web dashboard's own files, served on this machine with the server's address written into its configuration."""

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 11999


class Dashboard:
    """The files of the source package, untouched but for `config.js`, which is there to be edited."""

    url = f"http://localhost:{PORT}/index.html"

    def __init__(self, source: Path, server: str) -> None:
        config = (source / "config.js").read_text()
        for name, address in (("SIGNALING_SERVER", server), ("RELAY_SERVER", f"{server}/relay")):
            config = re.sub(rf"{name}: '[^']*'", f"{name}: '{address}'", config)

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                if self.path.split("?")[0] != "/config.js":
                    return super().do_GET()
                data = config.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/javascript")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.http = ThreadingHTTPServer(("127.0.0.1", PORT), partial(Handler, directory=str(source)))
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
