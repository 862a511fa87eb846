"""A GitHub that knows one person: the two calls that a login makes."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CODE = "a-good-code"
PERSON = {"id": 583231, "login": "octocat", "avatar_url": "https://avatars.invalid/octocat.png", "name": "Mona"}


class GitHub:
    """`POST /login/oauth/access_token` for the one good code, `GET /user` for the token it gave."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def reply(self, body: dict, status: int = 200) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                if self.path != "/login/oauth/access_token":
                    self.reply({"message": "Not Found"}, 404)
                elif CODE in body:
                    self.reply({"access_token": "gho_for_one_person", "token_type": "bearer", "scope": ""})
                else:
                    self.reply({"error": "bad_verification_code", "error_description": "The code is incorrect."})

            def do_GET(self) -> None:
                if self.path == "/user" and self.headers.get("Authorization", "").endswith("gho_for_one_person"):
                    self.reply(PERSON)
                else:
                    self.reply({"message": "Bad credentials"}, 401)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
