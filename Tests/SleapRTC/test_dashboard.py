"""The sleap-rtc web dashboard in a browser: login by GitHub, rooms, workers, tokens, keys."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from lab.dashboard import Dashboard
from lab.github import CODE, PERSON, GitHub
from lab.person import People
from lab.processes import eventually
from lab.server import Server
from test_workers import start_worker

CHROMIUM = shutil.which("chromium")
# What the page loads from elsewhere, and as much of it as the page needs to work.
ELSEWHERE = {
    "lucide": "window.lucide = { createIcons() {} };",
    "qrcode": "window.QRCode = { toCanvas() {} };",
    "js-yaml": "window.jsyaml = { load() { return {}; }, dump() { return ''; } };",
}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs the Debian package chromium")


@pytest.fixture(scope="module")
def dashboard(server: Server) -> Iterator[Dashboard]:
    dashboard = Dashboard(Path(os.environ["SLEAP_RTC_SOURCE"]) / "dashboard", server.http)
    yield dashboard
    dashboard.close()


def github_page(route: Route) -> None:
    """Octocat agrees at once."""
    asked = parse_qs(urlsplit(route.request.url).query)
    back = asked["redirect_uri"][0]
    joint = "&" if "?" in back else "?"
    query = urlencode({"code": CODE, "state": asked["state"][0]})
    route.fulfill(status=302, headers={"Location": f"{back}{joint}{query}"})


def elsewhere(route: Route) -> None:
    for name, script in ELSEWHERE.items():
        if name in route.request.url:
            return route.fulfill(status=200, content_type="text/javascript", body=script)
    return route.abort()


@pytest.fixture
def page(dashboard: Dashboard, github: GitHub) -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.route(re.compile(r"https://(?!github\.com/login).*"), elsewhere)
        page.route("https://github.com/login/oauth/authorize**", github_page)
        yield page
        browser.close()


def log_in(page: Page) -> None:
    page.goto(Dashboard.url)
    page.click("#github-login-btn")
    page.wait_for_selector("#dashboard-section:not(.hidden)", timeout=20_000)
    assert page.inner_text("#user-name") == PERSON["login"]


def make_room(page: Page, name: str) -> str:
    page.evaluate("app.showModal('create-room-modal')")
    page.fill("#room-name", name)
    page.click("#create-room-form button[type=submit]")
    page.wait_for_selector("#room-created-modal:not(.hidden)")
    room = page.inner_text("#new-room-id")
    page.evaluate("app.hideModal('room-created-modal')")
    page.wait_for_selector(f"#room-worker-badge-{room}")
    return room


def test_github_login_opens_the_dashboard(page: Page) -> None:
    log_in(page)
    assert page.errors == []


def test_a_room_is_made_shared_and_deleted(page: Page) -> None:
    log_in(page)
    room = make_room(page, "from the page")
    assert "from the page" in page.inner_text("#rooms-list")
    page.evaluate(f"app.handleInvite('{room}')")
    page.wait_for_selector("#invite-modal:not(.hidden)")
    assert re.fullmatch(r"[A-Z0-9]{8}", page.inner_text("#invite-code"))
    page.evaluate(f"app.apiRequest('/api/auth/rooms/{room}', {{method: 'DELETE'}}).then(() => app.loadRooms())")
    eventually(lambda: "from the page" not in page.inner_text("#rooms-list"))
    assert page.errors == []


def test_a_worker_is_shown_in_its_room(page: Page, server: Server, people: People) -> None:
    log_in(page)
    room = make_room(page, "with a worker")
    key = page.evaluate(
        "app.apiRequest('/api/auth/account-keys', {method: 'POST', body: JSON.stringify({name: 'gpu'})})"
        ".then(answer => answer.key_id)"
    )
    nora = people("nora", server, gpu=True)
    start_worker(nora, {"account_key": key, "room_id": room}, "page-gpu")

    def badge() -> bool:
        page.evaluate("app.loadAllRoomWorkers().then(() => app.updateRoomWorkerBadges())")
        return "1 connected" in page.inner_text(f"#room-worker-badge-{room}")

    eventually(badge)
    page.evaluate(f"app.openWorkersModal('{room}')")
    eventually(lambda: "page-gpu" in page.inner_text("#wm-worker-list"))
    assert "NVIDIA Test GPU" in page.inner_text("#wm-worker-list")
    assert page.errors == []


def test_a_token_is_made_and_listed(page: Page) -> None:
    log_in(page)
    room = make_room(page, "with a token")
    page.click(".nav-item[data-tab=tokens]")
    page.evaluate("app.showCreateTokenModal()")
    page.select_option("#token-room", room)
    page.fill("#token-name", "page-worker")
    page.click("#create-token-form button[type=submit]")
    page.wait_for_selector("#token-created-modal:not(.hidden)")
    token = page.inner_text("#new-token-id")
    assert token.startswith("slp_")
    page.evaluate("app.hideModal('token-created-modal')")
    eventually(lambda: "page-worker" in page.inner_text("#tokens-list"))
    assert page.errors == []


def test_an_account_key_is_made_shown_once_revoked_and_deleted(page: Page) -> None:
    log_in(page)
    page.click(".nav-item[data-tab=account-keys]")
    page.evaluate("app.showCreateAccountKeyModal()")
    page.fill("#account-key-name", "page-key")
    page.click("#create-account-key-form button[type=submit]")
    eventually(lambda: "page-key" in page.inner_text("#account-keys-list"))
    # The page finds the secret that it was given under the listed name of the key, and shows it to be copied.
    assert "SLEAP_RTC_ACCOUNT_KEY=slp_acct_" in page.inner_text("#account-keys-list")
    page.locator(".acctkey-card", has_text="page-key").get_by_role("button", name="Revoke").click()
    page.locator(".modal:not(.hidden)").get_by_role("button", name="Revoke").click()
    eventually(lambda: "Revoked Keys (1)" in page.inner_text("#account-keys-list"))
    assert page.errors == []


def test_a_login_of_the_command_line_is_completed_in_the_dashboard(page: Page, server: Server, people: People) -> None:
    olaf = people("olaf", server)
    login = olaf.start("login", "--timeout", "60", SLEAP_DASHBOARD_URL=Dashboard.url)
    state = login.expect(r"cli_state=([\w-]+)").group(1)
    # In this mode the page goes to GitHub by itself.
    page.goto(f"{Dashboard.url}?cli=true&cli_state={state}")
    page.wait_for_selector("#cli-success:not(.hidden)", timeout=20_000)
    login.expect(rf"Logged in as {PERSON['login']}")
