"""Charts place and label; what they show is what the table holds."""

import re
from datetime import date

import polars as pl
import pytest

from dashboards import palette
from dashboards.charts import (
    aging,
    bars,
    distribution,
    forest,
    heat_map,
    intervals,
    matrix,
    process_map,
    quantiles,
    ratios,
    spectrum,
    trend,
)
from dashboards.charts import format as fmt

LATENCY = pl.DataFrame(
    {
        "facility_id": ["A", "<b>B"],
        "events_count": [10, 20],
        "p50_s": [60.0, -5.0],
        "p90_s": [3600.0, 7200.0],
        "km_p90_s": [7200.0, None],
    }
)
QUANTILES = quantiles.Spec(
    ("facility_id",), {"p50_s": "p50", "p90_s": "p90"}, {"events_count": "events"}, "latency", {"km_p90_s": "KM p90"}
)


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def test_quantiles_stand_where_their_duration_lies_and_say_n():
    figure = quantiles.quantiles(LATENCY, QUANTILES)
    (p90,) = traces(figure, "p90")
    assert list(p90.x) == [fmt.duration_position(3600.0), fmt.duration_position(7200.0)]
    assert "p90 1 h" in p90.hovertemplate[0]
    assert "10 events" in p90.hovertemplate[0]


def test_a_quantile_that_is_not_reached_is_shown_at_the_edge():
    known, beyond = traces(quantiles.quantiles(LATENCY, QUANTILES), "KM p90")
    assert known.x[1] is None
    assert list(beyond.y) == [pytest.approx(1.3)]
    assert "not reached" in beyond.hovertemplate[0]


def test_names_from_the_data_are_no_markup():
    figure = quantiles.quantiles(LATENCY, QUANTILES)
    assert figure.layout.yaxis.ticktext == ("A", "&lt;b&gt;B")


def test_a_backlog_stays_what_it_was_on_days_without_change():
    table = pl.DataFrame(
        {
            "day": [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 2)],
            "rule": ["late", "late", "late", "missing"],
            "open_count": [1, 2, 3, 5],
            "opened_count": [1, 1, 1, 5],
        }
    )
    colours = {"late": "#111", "missing": "#222"}
    facts = {"opened_count": ("opened", "count")}
    spec = trend.Spec("open_count", "count", "open", "rule", colours, facts, is_stacked=True, holds=True)
    _, missing = trend.trend(table, spec).data
    assert list(missing.y) == [0, 5, 5]  # not opened yet, opened, unchanged
    assert "opened 0" in missing.hovertemplate[2]


def test_a_line_is_not_drawn_across_a_day_without_a_value():
    table = pl.DataFrame({"day": [date(2026, 3, 1), date(2026, 3, 2)], "f": ["A", "A"], "p50_s": [60.0, None]})
    (line,) = trend.trend(table, trend.Spec("p50_s", "s", "p50", "f", {"A": "#111"})).data
    assert line.y[1] is None
    assert line.connectgaps is False


def test_the_week_starts_on_monday_and_hours_without_events_stay_blank():
    table = pl.DataFrame({"weekday": [1, 7], "hour": [0, 23], "p90_s": [60.0, 3600.0], "events_count": [1, 2]})
    figure = heat_map.heat_map(table, heat_map.Spec("p90_s", "s", "p90", {"events_count": "events"}, 60, 3600))
    (cells,) = figure.data
    assert cells.y == ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    assert cells.z[0][0] == fmt.duration_position(60.0)
    assert cells.z[6][23] == fmt.duration_position(3600.0)
    assert sum(cell is not None for line in cells.z for cell in line) == 2
    assert "2 events" in cells.text[6][23]


def test_a_scale_without_any_value_has_no_ends():
    assert heat_map.ends(pl.DataFrame({"p90_s": [None]}, schema={"p90_s": pl.Float64}), "p90_s") == (None, None)


def test_every_bucket_has_a_bar_also_where_nothing_fell_into_it():
    table = pl.DataFrame({"lower_s": [0.0], "upper_s": [60.0], "events_count": [4]})
    spec = distribution.Spec("events_count", "events", ((None, 0.0), (0.0, 60.0), (60.0, None)))
    (drawn,) = distribution.distribution(table, spec).data
    assert list(drawn.x) == [0, 4, 0]
    assert list(drawn.y) == ["< 0 s", "0 s to 1 min", "≥ 1 min"]


def test_aging_stacks_buckets_from_young_to_old():
    table = pl.DataFrame(
        {"rule": ["late", "late"], "bucket": [">7d", "0-4h"], "open_count": [3, 1], "breached_count": [3, 0]}
    )
    figure = aging.aging(table, aging.Spec(("late", "missing")))
    assert [trace.name for trace in figure.data] == ["0-4h", "4-24h", "1-3d", "3-7d", "&gt;7d"]
    assert list(figure.data[4].x) == [3, 0]
    assert "3 of them past their SLA" in figure.data[4].hovertemplate[0]


def test_matrix_writes_the_value_into_the_cell():
    table = pl.DataFrame({"f": ["A", "B"], "t": ["pick", "pick"], "p90_s": [60.0, None], "n": [5, 0]})
    (cells,) = matrix.matrix(table, matrix.Spec("f", "t", "p90_s", "s", "p90", {"n": "events"})).data
    assert list(cells.text[0]) == ["1 min", "—"]


def test_text_in_a_matrix_is_read_on_every_colour_of_its_scale():
    """Contrast by WCAG 2: (lighter + 0.05) / (darker + 0.05) of the relative luminances, at least 4.5 for text."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    table = pl.DataFrame({"f": ["A"], "t": ["pick"], "p90_s": [60.0], "n": [5]})
    (cells,) = matrix.matrix(table, matrix.Spec("f", "t", "p90_s", "s", "p90", {"n": "events"})).data
    text = luminance(cells.textfont.color)
    assert len(cells.colorscale) >= 5
    for _, colour in cells.colorscale:
        assert (luminance(colour) + 0.05) / (text + 0.05) >= 4.5, colour


def test_long_names_stand_above_their_row_and_leave_the_width_to_a_scale_with_few_labels():
    spec = quantiles.Spec(("facility_id",), {"p50_s": "Median", "p90_s": "90 %"}, {}, "latency", is_named_above=True)
    figure = quantiles.quantiles(LATENCY.with_columns(p50_s=pl.lit(1.0)), spec)
    assert [(note.text, note.y) for note in figure.layout.annotations] == [("A", 0), ("&lt;b&gt;B", 1)]
    assert figure.layout.yaxis.showticklabels is False
    # From 1 s to 2 h there are the ticks 1 s, 10 s, 1 min, 10 min, 1 h and 6 h.
    assert figure.layout.xaxis.ticktext == ("1 s", "", "1 min", "", "1 h", "")


def test_ratios_and_bars_show_what_the_table_holds():
    table = pl.DataFrame({"f": ["A"], "exact_ratio": [0.875], "n": [8], "kind": ["skipped"], "activity": ["put_away"]})
    (exact,) = ratios.ratios(table, ratios.Spec("f", {"exact_ratio": "exact"}, "n", "counts")).data
    assert list(exact.x) == [0.875]
    assert "87.5 %" in exact.hovertemplate[0]
    (bar,) = bars.bars(table, bars.Spec(("activity", "kind"), "n", "cases")).data
    assert list(bar.y) == ["Put away · Skipped"]


def edges(*pairs: tuple[str | None, str | None, int]) -> pl.DataFrame:
    schema = {"from_activity": pl.String, "to_activity": pl.String, "edges_count": pl.Int64}
    return pl.DataFrame(pairs, schema=schema, orient="row").with_columns(p50_s=pl.lit(60.0))


def test_the_frequent_way_points_down_and_the_rare_one_leads_back():
    drawing = process_map.process_map(
        edges((None, "a", 10), ("a", "b", 9), ("b", "a", 1), ("b", None, 9)), process_map.Spec()
    )
    nodes = re.findall(r'^(a\d) \[label="(\w)"\];$', drawing.dot, re.MULTILINE)
    names = {name: node for node, name in nodes}
    assert f"{names['A']} -> {names['B']} [" in drawing.dot
    # The rare edge b -> a is written from a to b and drawn backwards.
    assert any(f"{names['A']} -> {names['B']} [" in line and "dir=back" in line for line in drawing.dot.splitlines())
    assert f"{names['B']} -> {names['A']}" not in drawing.dot


def test_a_map_never_has_more_than_sixty_activities_and_says_how_many_it_leaves_out():
    many = [(f"a{i}", f"a{i + 1}", 1000 - i) for i in range(80)]
    drawing = process_map.process_map(edges(*many), process_map.Spec())
    assert (drawing.shown_count, drawing.all_count) == (60, 81)
    assert drawing.dot.count("[label=") - drawing.dot.count("->") == 60


def test_an_activity_cannot_break_out_of_its_label():
    drawing = process_map.process_map(edges(('x"]; evil [label="', "y\\", 1)), process_map.Spec())
    assert r"\"]; evil [label=\"" in drawing.dot
    assert '"Y\\\\"' in drawing.dot


def test_a_model_is_drawn_downwards_with_its_activities_in_words_and_its_names_unchanged():
    dot = (
        'digraph process {\n  rankdir=LR;\n  "pick_out" [shape=box style=rounded label="pick_out"];\n'
        '  "x_1" [shape=diamond label="X" width=0.4];\n  "a_\\"q" [shape=box label="a_\\"q"];\n  "pick_out" -> "x_1";\n}'
    )
    drawn = process_map.model_drawing(dot)
    assert "rankdir=TB" in drawn
    assert '"pick_out" [shape=box style=rounded label="Pick out"];' in drawn
    assert '"x_1" [shape=diamond label="X" width=0.4];' in drawn
    assert '"a_\\"q" [shape=box label="A \\"q"];' in drawn
    assert '"pick_out" -> "x_1";' in drawn


COMPARED = pl.DataFrame(
    {
        "from_activity": [None, "a", "a"],
        "to_activity": ["a", "b", None],
        "a_cases_count": [10, 10, 0],
        "b_cases_count": [20, 5, 15],
        "a_cases_ratio": [1.0, 1.0, 0.0],
        "b_cases_ratio": [1.0, 0.25, 0.75],
        "difference_ratio": [0.0, -0.75, 0.75],
        "is_different": [False, True, True],
    }
)


def test_two_choices_on_one_map_have_the_colour_of_the_one_that_goes_there_more_often():
    dot = process_map.difference_map(COMPARED, process_map.Difference("NDC", 'R"DC')).dot
    start, direct, end = (line for line in dot.splitlines() if "->" in line)
    assert "100 % → 100 %" in start
    assert palette.LINE in start  # no clear difference
    assert "100 % → 25 %" in direct
    assert process_map.MORE_IN_A in direct
    assert "0 % → 75 %" in end
    assert process_map.MORE_IN_B in end
    assert 'edgetooltip="NDC: 0 cases; R\\"DC: 15 cases"' in end


def test_start_and_end_are_drawn_only_where_a_case_starts_or_ends():
    dot = process_map.process_map(edges(("a", "b", 3)), process_map.Spec()).dot
    assert "circle" not in dot
    assert "doublecircle" in process_map.process_map(edges(("a", None, 3)), process_map.Spec()).dot


def test_intervals_reach_from_the_lower_bound_to_the_upper():
    table = pl.DataFrame({"f": ["A"], "v": [0.9], "low": [0.85], "high": [0.94], "n": [200]})
    line, dot = intervals.intervals(table, intervals.Spec("f", "v", "low", "high", "n", "cases", "adherence")).data
    assert list(line.x) == [0.85, 0.94]
    assert list(dot.x) == [0.9]
    assert "85 % to 94 %" in dot.hovertemplate[0]
    assert "200 cases" in dot.hovertemplate[0]


def test_the_spectrum_stacks_four_classes_for_each_step_and_draws_no_more_steps_than_asked():
    day = {"day": date(2026, 3, 1), "segments_count": 10, "fastest_count": 4, "fast_count": 3, "slow_count": 2}
    rows = [{"from_activity": "a", "to_activity": to, **day, "slowest_count": 1} for to in ("b", "c", "d")]
    figure = spectrum.spectrum(pl.DataFrame(rows), spectrum.Spec(most=2))
    assert [list(bar.y) for bar in figure.data] == [[4], [3], [2], [1]] * 2
    assert [title.text for title in figure.layout.annotations] == ["A → b", "A → c"]
    assert figure.layout.barmode == "stack"
    assert "of 10" in figure.data[0].hovertemplate[0]


def test_an_empty_table_draws_an_empty_chart():
    none = LATENCY.clear()
    assert quantiles.quantiles(none, QUANTILES).to_dict()["layout"]["height"] > 0
    assert process_map.process_map(edges(), process_map.Spec()).all_count == 0


def test_the_same_list_gives_the_same_colours():
    assert palette.assign(["A", "B"]) == {"A": palette.CATEGORICAL[0], "B": palette.CATEGORICAL[1]}
    assert len(palette.steps(5)) == len(set(palette.steps(5))) == 5


LIFTS = pl.DataFrame(
    {
        "label": ["Shift late", "Facility <b>", "Sundays"],
        "units_count": [300, 200, 100],
        "share_ratio": [0.2, 0.2, 0.05],
        "others_share_ratio": [0.0, 0.02, 0.05],
        "lift_ratio": [None, 10.0, 1.0],
        "low": [21.0, 6.0, 0.4],
        "high": [None, 16.6, 2.4],
        "standing": ["raised", "raised", "by chance"],
    }
)
FOREST = forest.Spec(
    "label", "lift_ratio", "low", "high", "share_ratio", "others_share_ratio", "units_count", "cases", "standing",
    {"raised": "#111", "by chance": "#222"}, "lift",
)  # fmt: skip


def test_a_lift_stands_where_it_lies_with_its_interval_and_says_what_it_compares():
    figure = forest.forest(LIFTS, FOREST)
    (marks,) = traces(figure, "raised")
    assert list(marks.x) == [50, 10]  # one without bound stands at the edge, the tick at or above all values
    assert list(marks.marker.symbol) == ["triangle-right", "circle"]
    assert "20 % of 200 cases" in marks.hovertemplate[1]
    assert "2 % of the others" in marks.hovertemplate[1]
    assert "10 x (6 x to 16.6 x)" in marks.hovertemplate[1]
    intervals = figure.data[0]
    assert list(intervals.x) == [21, 50, None, 6, 16.6, None]
    assert (figure.layout.xaxis.type, figure.layout.xaxis.ticktext[-1]) == ("log", "50 x")


def test_lifts_stand_below_each_other_in_the_order_of_the_table_and_are_no_markup():
    axis = forest.forest(LIFTS, FOREST).layout.yaxis
    assert axis.categoryarray == ("Shift late", "Facility &lt;b&gt;", "Sundays")
    assert axis.autorange == "reversed"


def test_a_single_lift_of_one_has_a_scale_around_it():
    one = LIFTS.filter(pl.col("label") == "Sundays").with_columns(low=1.0, high=1.0)
    assert list(forest.forest(one, FOREST).layout.xaxis.tickvals) == [0.5, 1, 2]
