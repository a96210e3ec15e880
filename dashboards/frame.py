"""The frame around every page: navigation, the run that is shown, and the five states.

Fine, empty, stale, failing check, error: a page's `render` only knows the first two; the others are told here.
"""

import logging
import os
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import polars as pl
import streamlit as st

from dashboards import blocks, pages
from dashboards.charts import format as fmt
from dashboards.reader import NothingPublished, Reader, Status, Unreadable, open_reader, read_status

WORKSPACE_VARIABLE = "DOCKLEDGER_WORKSPACE"
_STYLE = Path(__file__).parent / "style.css"
_LOGO = Path(__file__).parent / "logo.svg"
_ICON = Path(__file__).parent / "icon.svg"
_LOG = logging.getLogger(__name__)
# A page file that is opened first on a fresh server is run by Streamlit without app.py, because a folder named
# `pages` lies beside it. It then navigates by itself; after that, and everywhere else, app.py has done so.
_is_navigated: ContextVar[bool] = ContextVar("is_navigated", default=False)


@dataclass(frozen=True)
class Page:
    """What a page is.

    Attributes:
        title: in the navigation, and the page's heading.
        icon: a Material symbol, `:material/name:`.
        question: the one question it answers.
        audience: who it is for.
        metrics: the published tables it shows; their definitions are listed at its end.
        order: place in the navigation; the first page answers at `/`.
    """

    title: str
    icon: str
    question: str
    audience: str
    metrics: tuple[str, ...]
    order: int


def found_pages() -> dict[str, Page]:
    """Every page by its file's name, in navigation order; a new file in `dashboards/pages/` is found by itself."""
    names = [module.name for module in iter_modules(pages.__path__)]
    by_name = {name: import_module(f"dashboards.pages.{name}").PAGE for name in names}
    return dict(sorted(by_name.items(), key=lambda item: item[1].order))


def run_app() -> None:
    """Runs the page that the address names."""
    token = _is_navigated.set(True)
    try:
        _navigation().run()
    finally:
        _is_navigated.reset(token)


def show(page: Page, render: Callable[[Reader], None]) -> None:
    """Shows one page in whichever state it is."""
    if not _is_navigated.get():
        _navigation()
    st.title(page.title)
    st.markdown(f"{page.question} :gray[For {page.audience}.]")
    try:
        folder = workspace()
        reader = open_reader(folder)
        _run_line(reader)
        _warnings(reader)
        _show_newer_run(folder, reader.run.run_id)
        render(reader)
        blocks.definitions(reader, page.metrics, "What these figures mean")
    except NothingPublished as state:
        _nothing_published(str(state), folder)
    except Unreadable as error:
        _LOG.exception("the published run cannot be read")
        st.error(str(error), icon=":material/error:")
    except Exception:  # noqa: BLE001 - the last resort: whatever it is, a reader gets one sentence and the log the rest
        _LOG.exception("page %s failed", page.title)
        st.error("This page could not be drawn; the server's log says why.", icon=":material/error:")


def workspace() -> Path:
    """The workspace folder that the environment names.

    Errors: Unreadable when it names none.
    """
    folder = os.environ.get(WORKSPACE_VARIABLE)
    if not folder:
        raise Unreadable("No workspace is named: start the dashboard with `dockledger serve WS`.")
    return Path(folder)


def _navigation() -> "st.Page":
    st.set_page_config(page_title="Dockledger", page_icon=str(_ICON), layout="wide")
    st.html(_STYLE)
    st.logo(str(_LOGO), size="large")
    folder = Path(pages.__path__[0])
    found = found_pages()
    default = next(iter(found))
    entries = [
        st.Page(folder / f"{name}.py", title=page.title, icon=page.icon, url_path=name, default=name == default)
        for name, page in found.items()
    ]
    return st.navigation(entries, position="top")


def _run_line(reader: Reader) -> None:
    """The instant and the run that every figure of the page belongs to."""
    run = reader.run
    with st.container(horizontal=True, key="run_line"):
        st.markdown(f"As of **{fmt.instant(run.as_of)}**", width="content")
        st.markdown(f"Run **{fmt.markdown(run.run_id)}**", width="content")
        st.markdown(f"{fmt.count(run.events_count)} events, {fmt.count(run.postings_count)} postings", width="content")


def _warnings(reader: Reader) -> None:
    if reader.status is not None and not reader.status.is_published:
        st.error(_not_published(reader.status, reader), icon=":material/report:")
    unwell = reader.table("feed_health", {"status": ["stale", "silent"]}, order_by=["feed", "facility_id"])
    if not unwell.is_empty():
        st.warning(_unwell(unwell), icon=":material/schedule:")
    if reader.run.events_count == 0 and reader.run.postings_count == 0:
        blocks.nothing("This run holds no events and no postings: no feed has delivered any up to its as-of instant.")


def _not_published(status: Status, reader: Reader) -> str:
    which = f" (run {fmt.markdown(status.run_id)})" if status.run_id else ""
    why = f" {fmt.markdown(status.sentence)}" if status.sentence else ""
    checks = ""
    if status.failed_checks:
        checks = " Failed checks: " + ", ".join(f"**{fmt.markdown(c)}**" for c in status.failed_checks) + "."
    run = reader.run
    shown = f" What you see is run {fmt.markdown(run.run_id)}, as of {fmt.instant(run.as_of)}."
    return f"The latest build{which} did not publish.{why}{checks}{shown}"


def _unwell(table: pl.DataFrame) -> str:
    feeds = []
    for row in table.to_dicts():
        place = f" ({fmt.markdown(row['facility_id'])})" if row["facility_id"] else ""
        since = f"since {fmt.instant(row['watermark_at'])}" if row["watermark_at"] else "with no row so far"
        feeds.append(f"**{fmt.markdown(row['feed'])}**{place} {row['status']} {since}")
    return "Newer events may be missing, since these feeds are stale or silent: " + "; ".join(feeds) + "."


def _nothing_published(sentence: str, folder: Path) -> None:
    status = read_status(folder / "published")
    st.info(f"{sentence} Run `dockledger build` for it, then reload this page.", icon=":material/hourglass_empty:")
    if status is not None and not status.is_published:
        st.error(f"The latest build did not publish. {fmt.markdown(status.sentence)}", icon=":material/report:")


@st.fragment(run_every="60s")
def _show_newer_run(folder: Path, shown_run_id: str) -> None:
    """Offers the newer run once there is one: a page that is being read does not change by itself."""
    try:
        newest = open_reader(folder).run
    except (NothingPublished, Unreadable):
        return
    if newest.run_id != shown_run_id:
        words = f"Show the newer run, as of {fmt.instant(newest.as_of)}"
        if st.button(words, icon=":material/refresh:", type="primary", key="newer_run"):
            st.rerun()
