"""Somebody with a home folder, who types sleap-rtc commands."""

import json
import os
import re
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from lab.processes import Background

COMMAND_SECONDS = 90


class Person:
    """Runs the unmodified sleap-rtc with an own home, pointed at one address."""

    def __init__(self, name: str, home: Path, http: str, ws: str, path: str | None = None) -> None:
        self.name, self.home, self.http = name, home, http
        home.mkdir(parents=True, exist_ok=True)
        kept = {key: value for key, value in os.environ.items() if not key.startswith("SLEAP_")}
        self.env = kept | {
            "HOME": str(home),
            "PATH": path or os.environ["PATH"],
            "SLEAP_RTC_SIGNALING_HTTP": http,
            "SLEAP_RTC_SIGNALING_WS": ws,
            "BROWSER": "true",
            "TERM": "dumb",
            "COLUMNS": "200",
            "no_proxy": "127.0.0.1,localhost",
            "PYTHONUNBUFFERED": "1",
        }
        self.started: list[Background] = []

    def run(self, *arguments: str, answers: str = "") -> str:
        """What a command prints."""
        done = subprocess.run(
            ["sleap-rtc", *arguments],
            input=answers,
            capture_output=True,
            text=True,
            env=self.env,
            cwd=self.home,
            timeout=COMMAND_SECONDS,
        )
        return done.stdout + done.stderr

    def start(self, *arguments: str, **env: str) -> Background:
        log = self.home / f"{len(self.started)}-{arguments[0]}.log"
        background = Background(["sleap-rtc", *arguments], log, self.env | env, self.home)
        self.started.append(background)
        return background

    def python(self, text: str) -> object:
        """The JSON that a script on the sleap_rtc package prints in its last line."""
        done = subprocess.run(
            ["python3", "-c", text],
            capture_output=True,
            text=True,
            env=self.env,
            cwd=self.home,
            timeout=COMMAND_SECONDS,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def log_in(self, credentials: dict) -> str:
        """`sleap-rtc login`, with the browser's part done by hand: it deposits what it was given."""
        login = self.start("login", "--timeout", "60")
        state = urllib.parse.unquote(login.expect(r"cli_state=([\w%-]+)").group(1))
        user = {"user_id": credentials["user_id"], "username": credentials["username"], "avatar_url": ""}
        deposit = {"state": state, "jwt": credentials["jwt"], "user": user, "account_key": credentials["account_key"]}
        status, _ = self.post("/api/auth/cli/deposit", deposit, credentials["jwt"])
        assert status == 200
        login.expect(rf"Logged in as {re.escape(credentials['username'])}")
        return login.said

    def post(self, path: str, body: dict, bearer: str | None = None) -> tuple[int, dict]:
        return self.request("POST", path, body, bearer)

    def request(self, method: str, path: str, body: dict | None = None, bearer: str | None = None) -> tuple[int, dict]:
        """Status and body of a plain HTTP request."""
        request = urllib.request.Request(
            self.http + path, method=method, data=json.dumps(body).encode() if body is not None else None
        )
        request.add_header("Content-Type", "application/json")
        if bearer:
            request.add_header("Authorization", f"Bearer {bearer}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text else {}

    def leave(self) -> None:
        for background in self.started:
            background.kill()


# Makes somebody with a fresh home, pointed at a server: `people(name, server, port=…, gpu=…)`.
People = Callable[..., Person]
