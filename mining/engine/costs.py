"""What the cheapest alignments cost, where nobody asks for their moves: r4pm finds that fastest (docs/adr/0025)."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mining.engine.libraries import r4pm
from mining.engine.nets import Model

# States in sum over all variants, half a microsecond each; a variant alone may take a thousand whatever their number.
STATES_LIMIT = 20_000_000
_LEAST_STATES = 1_000
_COSTS = {"log_move_cost": 1, "model_move_cost": 1, "silent_move_cost": 0, "sync_move_cost": 0}


def alignment_costs(
    model: Model, traces: Sequence[tuple[str, ...]], states_limit: int = STATES_LIMIT, *, is_open: bool = False
) -> dict[tuple[str, ...], int | None]:
    """The number of moves of the log or of the model alone that each trace needs at least.

    Args:
        model: what the traces are aligned with.
        traces: activities in order, each trace once.
        states_limit: how many states may be searched in sum. Every trace may take an equal part of it, so that the
            same traces always give the same result.
        is_open: whether what the model asks for after a trace costs nothing.

    Returns:
        trace -> cost; None where its part did not suffice.
    """
    if not traces:
        return {}
    engine = r4pm()
    activities = sorted({activity for trace in traces for activity in trace})
    number = {activity: place for place, activity in enumerate(activities)}
    log = [[[number[activity] for activity in trace], 1] for trace in traces]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "variants.json"
        path.write_text(json.dumps({"activities": activities, "act_to_index": number, "traces": log}))
        loaded = engine.load("EventLogActivityProjection", str(path))
    states = max(_LEAST_STATES, states_limit // len(traces))
    options: Any = {"cost_fn": _COSTS, "max_states": states}
    try:
        found = engine.align_variants(engine.net(*(model.net_of_beginnings if is_open else model.net)), loaded, options)
    finally:
        engine.drop(loaded)
    return {tuple(each["activities"]): each["result"].get("Ok", {}).get("cost") for each in found}
