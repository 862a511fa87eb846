"""A browser that logs a program in: opens the page, follows the provider's link, says who it is, and comes back."""

import re
import sys
from urllib.parse import parse_qs, urljoin, urlparse

import requests


def log_in(server: str, state: str, subject: str) -> None:
    """Follows the login page of the server through the provider and back."""
    browser = requests.Session()
    page = browser.get(f"{server}/login", params={"cli": "true", "cli_state": state}, timeout=10)
    assert page.status_code == 200, page.text
    assert "script" not in page.headers["Content-Security-Policy"], page.headers
    link = re.search(r'href="([^"]*/login/with/oidc-1[^"]*)"', page.text)
    assert link, page.text
    form = browser.get(urljoin(page.url, link.group(1)), timeout=10)
    assert form.status_code == 200, form.text
    asked = parse_qs(urlparse(form.url).query)
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name][0], form.url
    end = browser.post(form.url, data={"sub": subject}, timeout=10)
    assert end.status_code == 200 and "Logged in" in end.text, end.text
    again = browser.get(end.url, timeout=10)
    assert again.status_code == 400 and "used already" in again.text, again.text


def id_token(provider: str, client: str, subject: str) -> str:
    """An ID token as the provider gives it to any of its clients."""
    doors = requests.get(f"{provider}/.well-known/openid-configuration", timeout=10).json()
    back = "http://127.0.0.1:1/back"
    query = {"response_type": "code", "client_id": client, "redirect_uri": back, "scope": "openid profile email"}
    answer = requests.post(
        doors["authorization_endpoint"], params=query, data={"sub": subject}, allow_redirects=False, timeout=10
    )
    code = parse_qs(urlparse(answer.headers["Location"]).query)["code"][0]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": client}
    return requests.post(doors["token_endpoint"], data=grant, auth=(client, "any"), timeout=10).json()["id_token"]


if __name__ == "__main__":
    if sys.argv[1] == "log-in":
        log_in(*sys.argv[2:])
    else:
        print(id_token(*sys.argv[2:]))
