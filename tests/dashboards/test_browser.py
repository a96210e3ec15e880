"""The pages as a person sees them: a real server on the loopback address, a real browser, figures from the truth.

Screenshots go to DOCKLEDGER_SCREENSHOTS when it is set. DOCKLEDGER_CHROMIUM names a browser that is not on the path.
"""

import csv
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright import sync_api

from dashboards.frame import found_pages
from dashboards.serve import address, command
from tests.dashboards.figures import Figure, expected_figures
from tests.support import skip_or_fail

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("DOCKLEDGER_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = pytest.mark.xdist_group("browser")
PAGES = found_pages()
PATHS = {name: "/" if number == 0 else f"/{name}" for number, name in enumerate(PAGES)}
PATIENCE_S = 90
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CELL = """([row, heading]) => {
    for (const table of document.querySelectorAll('[data-testid="stTable"] table')) {
        const headings = [...table.querySelectorAll('thead th')].map(cell => cell.innerText.trim());
        const cells = tr => [...tr.children].map(cell => cell.innerText.trim());
        const rows = [...table.querySelectorAll('tbody tr')].map(cells);
        const found = rows.find(cells => cells[0] === row);
        if (found && headings.includes(heading)) return found[headings.indexOf(heading)];
    }
    return null;
}"""


@contextmanager
def running(workspace: Path, log: Path) -> Iterator[str]:
    """A server for a workspace on a free port, until the block ends; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    argv, environment = command(workspace, port)
    with log.open("wb") as stream:
        server = subprocess.Popen(argv, env=environment, stdout=stream, stderr=subprocess.STDOUT, cwd=log.parent)
        try:
            _wait_until_healthy(server, address(port), log)
            yield address(port)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_until_healthy(server: subprocess.Popen, base: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the server ended: {log.read_text()}"
        try:
            with urllib.request.urlopen(f"{base}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the server does not answer: {log.read_text()}")


@pytest.fixture(scope="module")
def site(built_workspace, tmp_path_factory):
    with running(built_workspace, tmp_path_factory.mktemp("server") / "log.txt") as base:
        yield base


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        skip_or_fail("there is no Chromium on this machine; install the package chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, site):
    """Opens an address of the site in a window of its own, and waits until the page is drawn; nobody else is asked."""
    windows = []
    asked: list[str] = []

    def opened(path: str, *, width: int = 1600, height: int = 1000, base: str = site):
        window = chromium.new_context(viewport={"width": width, "height": height})
        windows.append(window)
        page = window.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        own = (base, "data:", "blob:")
        page.on("request", lambda request: None if request.url.startswith(own) else asked.append(request.url))
        page.goto(base + path)
        wait_until_drawn(page)
        return page

    yield opened
    for window in windows:
        window.close()
    assert not asked, "a page asks its own server alone"


def wait_until_drawn(page, title: str | None = None) -> None:
    """The script has ended, and no part of the page is a placeholder any more."""
    heading = page.locator("h1", has_text=title) if title else page.locator("h1")
    heading.first.wait_for()
    page.locator(IDLE).wait_for()
    page.wait_for_function("document.querySelectorAll('[data-testid=\"stSkeleton\"]').length === 0")
    page.locator(IDLE).wait_for()


def read(page, figure: Figure) -> str:
    """What stands at a figure's place."""
    kind, _, place = figure.place.partition(" ")
    if kind == "card":
        key = re.sub(r"[^a-zA-Z0-9_-]", "-", "card_" + place.replace(" ", "_"))
        return page.locator(f'.st-key-{key} [data-testid="stMetricValue"]').inner_text().strip()
    if kind == "metric":
        card = page.locator('[data-testid="stMetric"]', has=page.get_by_text(place, exact=True))
        return card.locator('[data-testid="stMetricValue"]').inner_text().strip()
    if kind == "said":
        return page.get_by_text(figure.text, exact=True).inner_text().strip()
    return page.wait_for_function(CELL, arg=place.split(" / ")).json_value()


def choices(page) -> list[str]:
    """What the filters of the page are set to."""
    return [field.input_value() for field in page.locator('[data-testid="stSelectbox"] input').all()]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_the_figures_that_follow_from_the_truth(visit, built_workspace, name):
    figures = [f for f in expected_figures(built_workspace) if urlsplit(f.path).path == PATHS[name]]
    assert figures
    for path in sorted({figure.path for figure in figures}):
        page = visit(path)
        for figure in (f for f in figures if f.path == path):
            assert read(page, figure) == figure.text, figure


@pytest.mark.parametrize("width", [1600, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_screen_and_a_phone(visit, tmp_path, name, width):
    page = visit(PATHS[name], width=width)
    folder = Path(os.environ.get("DOCKLEDGER_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    main = page.locator('[data-testid="stMain"]')
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    # The page scrolls inside the window, so that a picture of all of it needs a window as high as the page.
    page.set_viewport_size({"width": width, "height": min(main.evaluate("e => e.scrollHeight"), 8000)})
    wait_until_drawn(page)
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.screenshot(path=folder / f"{name}-{width}.png")
    assert (folder / f"{name}-{width}.png").stat().st_size > 10_000


def test_a_choice_is_in_the_address_survives_a_reload_and_can_be_taken_back(visit):
    page = visit("/exceptions")
    every = read(page, Figure("", "metric Open", ""))
    page.locator('[data-testid="stSelectbox"]').first.click()
    page.get_by_role("option", name="NDC").click()
    page.wait_for_url("**/exceptions?facility=NDC")
    page.reload()
    wait_until_drawn(page)
    assert choices(page)[0] == "NDC"
    assert read(page, Figure("", "metric Open", "")) != every
    page.locator('[data-testid="stSelectbox"]').first.get_by_role("button", name="Clear").click()
    page.wait_for_url("**/exceptions")
    wait_until_drawn(page)
    page.wait_for_function(
        "text => document.querySelector('[data-testid=stMetricValue]').innerText.trim() === text", arg=every
    )


def test_a_choice_goes_along_to_the_next_page_and_a_default_does_not(visit):
    page = visit("/latency?facility=NDC&event_type=pick_confirmed")
    assert choices(page) == ["NDC", "Pick confirmed"]
    go(page, "Exceptions")
    page.wait_for_url("**/exceptions?facility=NDC")
    assert choices(page)[0] == "NDC"

    page = visit("/")
    go(page, "Process")
    assert choices(page)[:2] == ["Order to fulfil", ""]  # the process with most cases, at all facilities
    go(page, "Latency")
    assert choices(page) == ["", ""]
    assert "?" not in page.url


def test_cases_are_chosen_and_compared_by_the_address_alone(visit):
    page = visit("/process?process=order_to_fulfil&facility=NDC&avoids=shipment_confirmed")
    chosen, every = page.locator("p", has_text=re.compile(r"of [\d,]+ cases$")).inner_text().split(" of ")
    assert 0 < int(chosen) < int(every.removesuffix(" cases").replace(",", ""))
    page = visit("/process?process=order_to_fulfil&facility=NDC&compare=facility&other_facility=RDC")
    assert page.locator("h3", has_text="NDC against RDC").is_visible()
    assert page.locator(".st-key-csv_compared_edges").is_visible()


@pytest.mark.parametrize(
    "path", ["/process?process=transfer_to_reconcile", "/conformance?process=transfer_to_reconcile"]
)
def test_a_map_on_a_phone_is_readable_and_scrolls_in_its_own_place(visit, path):
    page = visit(path, width=390)
    place = page.locator('[data-testid="stGraphVizChart"]').first
    place.locator("svg").wait_for()
    box = place.bounding_box()
    assert box["x"] + box["width"] <= 390
    assert place.locator("svg text").first.bounding_box()["height"] >= 10  # pixels
    assert page.locator('[data-testid="stMain"]').evaluate("e => e.scrollWidth - e.clientWidth") == 0


def go(page, title: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
    wait_until_drawn(page, title)


def test_the_csv_holds_every_row_and_no_formula(visit, tmp_path):
    page = visit("/exceptions")
    expected = int(read(page, Figure("", "metric Open", "")).replace(",", ""))
    with page.expect_download() as download:
        page.locator(".st-key-csv_exceptions button").click()
    assert re.fullmatch(r"dockledger-exceptions-.+\.csv", download.value.suggested_filename)
    download.value.save_as(tmp_path / "exceptions.csv")
    with (tmp_path / "exceptions.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == expected
    assert not [cell for row in rows for cell in row.values() if re.match(r"[=+\-@\t\r](?![\d.])", cell)]


def test_the_run_and_its_instant_stay_in_view_while_the_page_scrolls(visit):
    page = visit("/latency")
    page.locator('[data-testid="stMain"]').evaluate("e => e.scrollTo(0, e.scrollHeight)")
    line = page.locator(".st-key-run_line")
    assert sync_api.expect(line).to_be_in_viewport() is None
    assert "UTC" in line.inner_text()


def test_the_first_visit_after_a_start_may_be_any_page(visit, built_workspace, tmp_path):
    with running(built_workspace, tmp_path / "log.txt") as base:
        page = visit("/transfers", base=base)
        assert page.locator("h1").inner_text().strip() == "Transfers"
        links = page.get_by_test_id("stTopNavLink").all_inner_texts()
    assert [text.strip().splitlines()[-1] for text in links] == [entry.title for entry in PAGES.values()]
