"""Which activities follow each other: the footprint of cases and of models, and the heuristics net."""

from collections import Counter
from typing import Any

import polars as pl

from mining.engine.libraries import pm4py
from mining.engine.nets import Model
from mining.engine.variants import checked_activities, counted_variants, traces

DEPENDENCY_THRESHOLD = 0.5
RELATION_SCHEMA = pl.Schema(
    {
        "from_activity": pl.String,
        "to_activity": pl.String,
        "follows_count": pl.Int64,
        "relation": pl.String,
        "dependency": pl.Float64,
        "is_in_heuristics_net": pl.Boolean,
    }
)


def relations(variants: pl.DataFrame, dependency_threshold: float = DEPENDENCY_THRESHOLD) -> pl.DataFrame:
    """Pairs of activities of which one directly follows the other.

    Args:
        variants: columns variant and cases_count; a variant may have several rows.
        dependency_threshold: the dependency from which on a pair is in the heuristics net.

    Returns:
        Rows as RELATION_SCHEMA says, sorted: how often it follows; relation is `sequence`, or `parallel` where the
        pair follows each other both ways (its footprint); dependency is that of the heuristics miner, from -1 to 1:
        (ab - ba) / (ab + ba + 1), of an activity with itself aa / (aa + 1).

    Errors: ValueError where there are too many activities.
    """
    counted = traces(counted_variants(variants))
    checked_activities(counted)
    follows = _apart(counted, 1)
    if not follows:
        return pl.DataFrame(schema=RELATION_SCHEMA)
    parallel = pm4py().footprints(follows)["parallel"]
    net = _heuristics_net(counted, follows, dependency_threshold)
    arcs = {(node.node_name, after.node_name) for node in net.nodes.values() for after in node.output_connections}
    rows = [
        (
            *pair,
            n,
            "parallel" if pair in parallel else "sequence",
            net.dependency_matrix[pair[0]][pair[1]],
            pair in arcs,
        )
        for pair, n in sorted(follows.items())
    ]
    return pl.DataFrame(rows, schema=RELATION_SCHEMA, orient="row")


def allowed_relations(bpmn_xml: str, name: str = "model") -> set[tuple[str, str]]:
    """Pairs of activities of which a model allows one directly after the other.

    Errors: see `mining.engine.nets.Model`.
    """
    ways = Model(bpmn_xml, name).automaton.visible
    return {(before, after) for each in ways for before, state in each for after, _ in ways[state]}


def _apart(counted: dict[tuple[str, ...], int], distance: int) -> Counter[tuple[str, str]]:
    """How often one activity comes a number of events after another."""
    found: Counter[tuple[str, str]] = Counter()
    for trace, cases in counted.items():
        for pair in zip(trace, trace[distance:], strict=False):
            found[pair] += cases
    return found


def _heuristics_net(counted: dict[tuple[str, ...], int], follows: Counter[tuple[str, str]], threshold: float) -> Any:
    """The heuristics net, from counts of pairs and triples."""
    triples: Counter[tuple[str, str, str]] = Counter()
    occurrences, first, last = Counter[str](), Counter[str](), Counter[str]()
    for trace, cases in counted.items():
        first[trace[0]] += cases
        last[trace[-1]] += cases
        for activity in trace:
            occurrences[activity] += cases
        for triple in zip(trace, trace[1:], trace[2:], strict=False):
            triples[triple] += cases
    miner = pm4py().heuristics
    return miner.apply_heu_dfg(
        follows,
        activities=sorted(occurrences),
        activities_occurrences=occurrences,
        start_activities=first,
        end_activities=last,
        dfg_window_2=_apart(counted, 2),
        freq_triples=triples,
        # Rare pairs stay in the counts: pm4py would take those out that are below a twentieth of their activity's most.
        parameters={
            miner.Parameters.DEPENDENCY_THRESH: threshold,
            miner.Parameters.DFG_PRE_CLEANING_NOISE_THRESH: 0.0,
        },
    )
