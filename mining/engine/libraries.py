"""pm4py and r4pm as they are used here, imported on first use: together they take seconds."""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any


class Pm4py:
    """What is used of pm4py, imported without its warnings."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pm4py.algo.conformance.tokenreplay.variants import token_replay
            from pm4py.algo.discovery.declare.variants import classic as declare
            from pm4py.algo.discovery.footprints.dfg.variants import dfg as footprints
            from pm4py.algo.discovery.heuristics.variants import classic as heuristics
            from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL
            from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL, IMFParameters
            from pm4py.algo.evaluation.simplicity.variants import arc_degree
            from pm4py.objects.bpmn.importer.variants import lxml as importer
            from pm4py.objects.conversion.bpmn.variants import to_petri_net
            from pm4py.objects.log.obj import Event, EventLog, Trace
            from pm4py.objects.petri_net import semantics
            from pm4py.objects.petri_net.obj import Marking, PetriNet
            from pm4py.objects.process_tree.utils.generic import fold
            from pm4py.util.xes_constants import DEFAULT_NAME_KEY
        self.token_replay, self.semantics, self.simplicity = token_replay, semantics, arc_degree.apply
        self.footprints, self.heuristics, self.declare = footprints.apply, heuristics, declare
        self.variants, self.miner, self.miner_parameters = IMDataStructureUVCL, IMFUVCL, IMFParameters
        self.import_bpmn, self.to_petri_net = importer.import_from_string, to_petri_net.apply
        self.event_log, self.trace, self.event, self.name_key = EventLog, Trace, Event, DEFAULT_NAME_KEY
        self.net, self.marking, self.fold = PetriNet, Marking, fold

    def log_of(self, traces: Sequence[Sequence[str]]) -> Any:
        """A pm4py log of traces, each given by its activities."""
        events = [[self.event({self.name_key: activity}) for activity in trace] for trace in traces]
        return self.event_log([self.trace(each) for each in events])

    def replayed(self, traces: Sequence[Sequence[str]], accepting_net: Any) -> list[dict[str, Any]]:
        """What token replay says of each trace."""
        quiet = {self.token_replay.Parameters.SHOW_PROGRESS_BAR: False}
        found: list[dict[str, Any]] = self.token_replay.apply(self.log_of(traces), *accepting_net, parameters=quiet)
        return found


@lru_cache(maxsize=1)
def pm4py() -> Pm4py:
    """pm4py."""
    return Pm4py()


class R4pm:
    """What is used of r4pm."""

    def __init__(self) -> None:
        import r4pm
        from r4pm.bindings.conformance.case_centric.alignments import align_variants

        self.align_variants, self.net = align_variants, r4pm.petri_net.from_pm4py
        self.load, self.drop = r4pm.import_item, r4pm.remove_item


@lru_cache(maxsize=1)
def r4pm() -> R4pm:
    """r4pm."""
    return R4pm()
