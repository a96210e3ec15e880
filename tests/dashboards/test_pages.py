"""Every page in every state, as a script; the browser test looks at the same pages drawn."""

from importlib import import_module
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import frame
from dashboards.reader import open_reader
from mining.tables import TABLES
from tests.dashboards.conftest import write_status
from transforms.spec import models

APP = Path(frame.__file__).with_name("app.py")
PAGES = frame.found_pages()
FIRST = next(iter(PAGES))


@pytest.fixture
def show(monkeypatch):
    """Shows a page of a workspace; `query` are the filters in its address."""

    def shown(workspace: Path, name: str, **query: str) -> AppTest:
        monkeypatch.setenv(frame.WORKSPACE_VARIABLE, str(workspace))
        page = AppTest.from_file(str(APP), default_timeout=60)
        for key, value in query.items():
            page.query_params[key] = value
        page.run()
        return page if name == FIRST else page.switch_page(f"pages/{name}.py").run()

    return shown


@pytest.fixture(scope="module")
def shown_before() -> dict[str, AppTest]:
    """Pages that a test of this module has shown already."""
    return {}


@pytest.fixture
def fine_page(show, shown_before, published_workspace):
    """A page of the lively workspace, shown once for all tests that only read it."""

    def shown(name: str) -> AppTest:
        if name not in shown_before:
            shown_before[name] = show(published_workspace, name)
        return shown_before[name]

    return shown


def words(page: AppTest) -> str:
    """Everything that the page says in sentences."""
    blocks = [*page.title, *page.subheader, *page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(str(block.value) for block in blocks)


def test_the_first_page_is_the_scorecard():
    assert FIRST == "scorecard"
    known = ["scorecard", "latency", "exceptions", "transfers", "counts", "process", "conformance", "causes", "orders"]
    assert [name for name in PAGES if name in known] == known


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_for(name):
    page = PAGES[name]
    assert page.question.endswith("?")
    assert page.audience
    assert page.metrics
    assert page.icon.startswith(":material/")


@pytest.mark.parametrize("name", PAGES)
def test_a_fine_page_shows_its_figures_and_no_banner(fine_page, name):
    page = fine_page(name)
    assert not page.exception
    assert not page.error
    assert not page.warning
    assert page.title[0].value == PAGES[name].title
    drawn = [*page.get("plotly_chart"), *page.get("graphviz_chart"), *page.dataframe, *page.metric, *page.table]
    assert len(drawn) >= 3


def further_parts() -> list[tuple[str, str, str]]:
    """Every page that shows one of several parts, the filter that chooses it, and each part."""
    held = {
        ("latency", "latency_part"): "_PARTS",
        ("exceptions", "exception_part"): "_PARTS",
        ("transfers", "transfer_part"): "_PARTS",
        ("counts", "count_part"): "_PARTS",
        ("conformance", "conformance_part"): "_PARTS",
        ("process", "part"): "PARTS",
        ("orders", "orders"): "_ORDERS",
        ("orders", "purchases"): "_PURCHASES",
        ("integration", "feeds"): "_FEEDS",
    }
    return [
        (name, key, part)
        for (name, key), parts in held.items()
        for part in getattr(import_module(f"dashboards.pages.{name}"), parts)
    ]


@pytest.mark.parametrize(("name", "key", "part"), further_parts())
def test_every_part_of_a_page_shows_rows_or_says_that_there_are_none(show, published_workspace, name, key, part):
    page = show(published_workspace, name, **{key: part})
    assert not page.exception
    assert not page.error
    control = next(group for group in page.get("button_group") if group.proto.id.endswith(f"-{key}"))
    assert control.value in (part, [part])


@pytest.mark.parametrize("name", PAGES)
def test_the_run_and_its_instant_are_on_every_page(fine_page, name):
    said = words(fine_page(name))
    assert "2026-03-01 00:00 UTC" in said
    assert r"20260301T000000Z\-5f3a" in said


@pytest.mark.parametrize("name", PAGES)
def test_definitions_are_within_reach(fine_page, name):
    page = fine_page(name)
    assert any("What these figures mean" in fold.label for fold in page.expander)
    assert any(title.help for title in page.subheader) or any(metric.help for metric in page.metric)


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_page_says_that_it_is_empty(show, empty_workspace, name):
    page = show(empty_workspace, name)
    assert not page.exception
    assert not page.error
    assert any("no events and no postings" in info.value for info in page.info)
    assert len(page.info) >= 2
    assert not page.get("plotly_chart")


@pytest.mark.parametrize("name", PAGES)
def test_a_stale_or_silent_feed_is_named_on_every_page_with_its_watermark(show, tmp_path, publish, name):
    stale = """
        INSERT INTO marts.feed_health (feed, facility_id, watermark_at, status) VALUES
            ('rdc_wms', 'RDC', TIMESTAMPTZ '2026-02-27 08:30:00+00', 'silent'),
            ('yard', 'RDC', TIMESTAMPTZ '2026-02-28 21:00:00+00', 'stale'),
            ('wms_3pl', NULL, NULL, 'silent'),
            ('counts', 'NDC', TIMESTAMPTZ '2026-02-28 22:30:00+00', 'late'),
            ('archive', NULL, NULL, NULL),
            ('erp', 'NDC', TIMESTAMPTZ '2026-03-01 00:00:00+00', 'ok')
    """
    (banner,) = show(publish(tmp_path, sql=stale), name).warning
    assert r"**rdc\_wms** (RDC) silent since 2026-02-27 08:30 UTC" in banner.value
    assert "**yard** (RDC) stale since 2026-02-28 21:00 UTC" in banner.value
    assert r"**wms\_3pl** silent with no row so far" in banner.value
    assert [feed for feed in ("counts", "archive", "erp") if feed in banner.value] == []


# The banner is the frame's: of the other outcome one page tells as much.
@pytest.mark.parametrize(("outcome", "name"), [*(("checks_failed", name) for name in PAGES), ("unusable_input", FIRST)])
def test_a_build_that_did_not_publish_is_told_above_the_figures_of_the_last_that_did(
    show, lively_workspace, name, outcome
):
    write_status(
        lively_workspace, run_id="r9", outcome=outcome, sentence="The grain is broken.", failed_checks=["grain_unique"]
    )
    page = show(lively_workspace, name)
    (banner,) = page.error
    for part in (
        "(run r9) did not publish",
        r"The grain is broken\.",
        r"**grain\_unique**",
        "as of 2026-03-01 00:00 UTC",
    ):
        assert part in banner.value
    assert page.metric or page.table or page.dataframe


@pytest.mark.parametrize("name", PAGES)
def test_before_the_first_build_a_page_says_how_to_make_one(show, tmp_path, name):
    page = show(tmp_path, name)
    assert not page.exception
    assert "dockledger build" in page.info[0].value


@pytest.mark.parametrize("name", PAGES)
def test_an_unreadable_run_is_one_sentence_and_no_traceback(show, tmp_path, name):
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "broken.duckdb").write_bytes(b"\x00" * 5000)
    (tmp_path / "published" / "CURRENT").write_text("broken.duckdb")
    page = show(tmp_path, name)
    (error,) = page.error
    assert "broken.duckdb" in error.value
    assert not page.exception
    assert "Traceback" not in words(page)


@pytest.mark.parametrize("name", PAGES)
def test_a_missing_table_is_one_sentence_and_no_traceback(show, tmp_path, publish, name):
    gone = "".join(f"DROP TABLE marts.{metric};" for metric in PAGES[name].metrics)
    page = show(publish(tmp_path, sql=gone), name)
    (error,) = page.error
    assert error.value == "This page could not be drawn; the server's log says why."
    assert not page.exception


def test_without_a_workspace_the_page_says_how_to_start_it(monkeypatch):
    monkeypatch.delenv(frame.WORKSPACE_VARIABLE, raising=False)
    page = AppTest.from_file(str(APP), default_timeout=60).run()
    assert "dockledger serve" in page.error[0].value


def test_a_filter_in_the_address_is_applied(show, published_workspace):
    every = show(published_workspace, "exceptions").metric[0].value
    for spelling in ("missing_posting", "Missing posting"):
        page = show(published_workspace, "exceptions", rule=spelling)
        assert page.selectbox(key="rule").value == "missing_posting"
        assert int(page.metric[0].value) < int(every)


def test_an_unknown_value_in_the_address_is_no_filter(show, published_workspace):
    page = show(published_workspace, "exceptions", rule="nonsense", facility="nowhere")
    assert not page.error
    assert page.selectbox(key="rule").value is None
    assert page.metric[0].value == show(published_workspace, "exceptions").metric[0].value


def test_choosing_and_clearing_a_filter_changes_the_figures_and_back(show, published_workspace):
    page = show(published_workspace, "exceptions")
    every = page.metric[0].value
    page.selectbox(key="facility").set_value("NDC").run()
    assert not page.error
    assert int(page.metric[0].value) < int(every)
    page.selectbox(key="facility").set_value(None).run()
    assert page.metric[0].value == every


def test_a_missed_target_says_whether_the_gap_is_material(show, published_workspace):
    """Material from 600 s and from 10 points on: 5.79 h of 1 h and 81.9 of 95 % are, 86.3 of 95 % is not."""
    page = show(published_workspace, "scorecard")
    said = {(card.value, card.delta.split(": ", 1)[-1]): card.help for card in page.metric}
    judged = {("5.79 h", "≤ 1 h, material"), ("81.9 %", "≥ 95 %, material"), ("86.3 %", "≥ 95 %, not material")}
    assert judged <= set(said)
    assert {("99.1 %", "≥ 95 %"), ("85.5 %", "≥ 90 %")} <= set(said)  # met, and without a materiality
    assert "A gap is material from 10 min on." in said["5.79 h", "≤ 1 h, material"]
    assert "not known: the workspace sets no materiality." in said["85.5 %", "≥ 90 %"]
    assert "3 by a material gap" in words(page)


def test_the_sla_of_a_facility_stands_beside_its_latency_and_its_share_in_time(show, published_workspace):
    """In the sample 3PL1 is held to 21600 s, NDC and RDC to 3600 s, all event types alike."""
    page = show(published_workspace, "scorecard")
    assert {caption.value for caption in page.caption if caption.value.startswith("SLA")} == {"SLA 6 h", "SLA 1 h"}
    helped = [card.help for card in page.metric if "what this facility is held to" in card.help]
    assert len(helped) == sum(caption.value.startswith("SLA") for caption in page.caption)


def test_flags_in_a_grid_are_words_and_no_boxes(show, published_workspace):
    (grid,) = (grid.value for grid in show(published_workspace, "exceptions").dataframe if "is_breached" in grid.value)
    assert set(grid["is_breached"].dropna()) <= {"yes", "no"}
    assert set(grid["is_breached"].dropna())


def test_closing_says_how_many_events_its_list_of_differences_leaves_out(show, published_workspace):
    unposted = open_reader(published_workspace).count("event_latency", {"is_posted": False})
    assert unposted > 0
    assert f"Beside these, {unposted:,} events have no posting so far" in words(show(published_workspace, "closing"))


def test_open_transfers_are_those_shipped_and_those_not_shipped(show, published_workspace):
    told = {card.label: int(card.value.replace(",", "")) for card in show(published_workspace, "transfers").metric}
    assert told["Open (not yet received)"] == told["Shipped, not received"] + told["Not shipped yet"]
    assert told["Transfers"] == told["Open (not yet received)"] + told["Received"]


def test_a_step_of_too_few_cases_says_why_it_has_no_figure(show, publish, tmp_path):
    few = """DELETE FROM marts.what_if_steps; INSERT INTO marts.what_if_steps
        (process, facility_id, activity, cases_count, steps_count, closed_cases_count, saved_h, assumptions, unknown_reason)
        VALUES ('count_to_adjust', 'NDC', 'count_variance_approved', 15, 15, 15, 100.0, 'None.', 'fewer than 20 cases')"""
    page = show(publish(tmp_path, script="sample.sql", sql=few), "what_if")
    assert [list(t.value["Why not given"]) for t in page.table if "Step left out" in t.value] == [
        ["Fewer than 20 cases"]
    ]


def test_filters_that_match_nothing_say_so(show, published_workspace):
    page = show(published_workspace, "exceptions", facility="3PL1", rule="negative_latency")
    assert not page.error
    assert any("Nothing is open" in info.value for info in page.info)


def test_a_change_that_cannot_be_replayed_says_why(show, published_workspace):
    page = show(published_workspace, "what_if", scope="3PL1", schedule="at_once")
    assert not page.error
    assert any("only 54.1 % of its postings came by its runs" in info.value for info in page.info)
    assert {card.value for card in page.metric} == {"—"}


def test_a_change_stands_beside_what_was_measured_and_the_check_of_the_replay(show, published_workspace):
    page = show(published_workspace, "what_if", scope="RDC", schedule="every_5_minutes")
    assert ("4.33 min", "measured 18 min") in {(card.value, card.delta) for card in page.metric}
    side_by_side = page.table[0].value
    assert side_by_side["Median latency"].to_list() == ["18 min", "18.1 min", "4.33 min"]
    assert "Each run carries all that was recorded until then" in words(page)


def test_the_next_view_shows_the_newer_run_and_nothing_of_the_old(show, lively_workspace, publish):
    page = show(lively_workspace, "scorecard")
    assert page.metric
    publish(lively_workspace, run_id="20260302T000000Z-aaaa")
    page.run()
    assert r"20260302T000000Z\-aaaa" in words(page)
    assert not page.metric  # the newer run is empty


def test_a_page_that_stays_open_offers_the_newer_run(monkeypatch, published_workspace):
    def open_page():
        import os
        from pathlib import Path

        from dashboards.frame import _show_newer_run

        _show_newer_run(Path(os.environ["DOCKLEDGER_WORKSPACE"]), "20260101T000000Z-0001")

    monkeypatch.setenv(frame.WORKSPACE_VARIABLE, str(published_workspace))
    (button,) = AppTest.from_function(open_page, default_timeout=60).run().button
    assert button.label == "Show the newer run, as of 2026-03-01 00:00 UTC"


def test_every_published_measure_is_on_a_page():
    """Left out are what stands in the frame of every page, and what the filters of cases read."""
    shown = {name for page in PAGES.values() for name in page.metrics}
    measures = {model.name for model in models().values() if model.folder == "metrics"} | set(TABLES)
    behind = {"run_info", "facilities", "process_case_edges", "process_variant_steps", "process_variant_edges"}
    assert measures - shown == behind


def test_the_process_page_opens_on_the_process_with_most_cases(show, published_workspace):
    page = show(published_workspace, "process")
    assert page.selectbox(key="process").value == "procure_to_receive"  # 524 cases at three sites; 140 transfers
    assert page.selectbox(key="facility").value is None
    assert "**524** of 524 cases" in words(page)


def test_cases_are_chosen_before_they_are_counted(show, published_workspace):
    """At NDC 14 of 262 cases begin with receipt_confirmed, by the only variant that does."""
    page = show(published_workspace, "process", facility="NDC", starts="receipt_confirmed")
    assert not page.error
    assert "**14** of 524 cases" in words(page)
    (variants,) = (grid.value for grid in page.dataframe if "variant" in grid.value.columns)
    assert variants["variant"].to_list() == ["Receipt confirmed > putaway completed"]
    assert variants["cases_count"].to_list() == [14]


def test_a_variant_is_told_step_by_step_and_its_names_are_no_markup():
    def drawn():
        import polars as pl

        from dashboards import blocks

        long = " > ".join(["wait"] * 31)
        table = pl.DataFrame(
            {"cases_count": [3, 1], "share_ratio": [0.75, 0.25], "variant": ["<b>scan > pack_up", long]}
        )
        blocks.ways(table, {"pack_up": "#123456"})

    (html,) = (str(part.proto.body) for part in AppTest.from_function(drawn).run().get("html"))
    assert "&lt;b&gt;scan</span>" in html
    assert 'border-color:#123456">Pack up</span>' in html
    assert "<b>75 %</b> 3" in html
    assert html.count(">Wait</span>") == 30
    assert html.count("…") == 1


@pytest.mark.parametrize(
    ("query", "heading", "share"),
    [
        # 32 of 262 cases at NDC are put on hold, 19 of 157 at RDC.
        ({"facility": "NDC", "compare": "facility", "other_facility": "RDC"}, "NDC against RDC", (32 / 262, 19 / 157)),
        ({"compare": "step", "step": "quality_hold_placed"}, "Without quality hold placed against with", (0, 1)),
    ],
)
def test_two_choices_are_compared(show, published_workspace, query, heading, share):
    page = show(published_workspace, "process", **query)
    assert not page.error
    assert heading in words(page)
    (often,) = (grid.value for grid in page.dataframe if "a_cases_ratio" in grid.value.columns)
    (held,) = often[often["to_activity"] == "Quality hold placed"].to_dict("records")
    assert (held["a_cases_ratio"], held["b_cases_ratio"]) == pytest.approx(share)


@pytest.mark.parametrize("compare", ["facility", "period"])
def test_a_comparison_that_lacks_a_choice_says_which(show, published_workspace, compare):
    page = show(published_workspace, "process", compare=compare)
    assert not page.error
    assert any(info.value.startswith("Choose") for info in page.info)
