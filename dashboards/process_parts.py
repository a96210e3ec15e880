"""What the process page shows beside the map: further tables, one at a time."""

from dashboards.parts import Part

PARTS = {
    "durations": "Durations",
    "cases": "Cases",
    "spectrum": "Spectrum",
    "throughput": "Cases by day",
    "drift": "What changed",
    "milestones": "Milestones",
    "rework": "Rework",
    "handovers": "Handovers",
    "batches": "Batches",
    "clocks": "Two clocks",
    "objects": "Objects",
}
_STEP = ["facility_id", "from_activity", "to_activity"]
TABLES = {
    "drift": Part(
        "What changed in the last week",
        "process_drift",
        [*_STEP, "earlier_ratio", "later_ratio", "change_ratio", "adjusted_p_value", "is_drifting", "unknown_reason"],
        ["adjusted_p_value", *_STEP],
        "There is no step to compare with the week before.",
        note="How often a step follows an activity, in the last week and in the week before. The p-value is adjusted "
        "for how many steps are compared; below 5 % a step counts as drifting.",
    ),
    "milestones": Part(
        "From milestone to milestone",
        "process_milestones",
        [*_STEP, "cases_count", "reached_count", "waiting_count", "reached_ratio", "p50_s", "p90_s", "p95_s"],
        _STEP,
        "This process has no milestones.",
    ),
    "rework": Part(
        "Rework",
        "process_rework",
        [
            "facility_id",
            "activity",
            "cases_count",
            "rework_cases_count",
            "rework_ratio",
            "self_loop_cases_count",
            "loop_cases_count",
            "repeats_count",
        ],
        ["rework_cases_count", "facility_id", "activity"],
        "No activity was done twice in a case.",
        descending=True,
        note="A self-loop is an activity done again at once; a loop comes back to it after others. Rows without an "
        "activity are of any activity.",
    ),
    "handovers": Part(
        "Handovers between facilities",
        "process_handovers",
        [
            "from_facility_id",
            "to_facility_id",
            "from_activity",
            "to_activity",
            "handovers_count",
            "cases_count",
            "p50_s",
            "p90_s",
        ],
        ["handovers_count", "from_facility_id", "to_facility_id"],
        "No case of this process goes from one facility to another.",
        descending=True,
    ),
    "batches": Part(
        "Batches",
        "process_batches",
        [
            "facility_id",
            "activity",
            "events_count",
            "batches_count",
            "batched_events_count",
            "batched_ratio",
            "simultaneous_batches_count",
            "sequential_batches_count",
            "largest_cases_count",
            "resource_unknown_count",
        ],
        ["batched_events_count", "facility_id", "activity"],
        "Nothing is done for several cases at once.",
        descending=True,
    ),
    "clocks": Part(
        "On the floor and in the books",
        "process_clocks",
        [
            *_STEP,
            "floor_count",
            "books_count",
            "difference_count",
            "only_books_cases_count",
            "inverted_count",
            "negative_units",
        ],
        ["difference_count", *_STEP],
        "No step was seen.",
        descending=True,
        note="How often one step directly follows the other in the order of the floor and in that of the postings.",
    ),
    "objects": Part(
        "The way of each kind of object",
        "object_centric_edges",
        ["object_type", "from_activity", "to_activity", "edges_count", "objects_count", "p50_s", "p90_s"],
        ["edges_count", "object_type", "from_activity", "to_activity"],
        "No event names a document, an item, a lot or a serial number.",
        descending=True,
        note="What follows what in the life of one document, document line, item, lot or serial number, over all "
        "processes and facilities; the filters do not reach it. One event may be in the lives of several objects.",
    ),
}
