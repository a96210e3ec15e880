"""What the process looks like: counted variants in, plain tables out."""

from mining.cause_tables import CAUSE_TABLES
from mining.causes import find_causes
from mining.miner import check_model, mine
from mining.process import ProcessSpec, load_processes, process_activities, process_limits, process_milestones
from mining.tables import JUDGEMENTS, MEANINGS, TABLES

__all__ = [
    "CAUSE_TABLES",
    "JUDGEMENTS",
    "MEANINGS",
    "TABLES",
    "ProcessSpec",
    "check_model",
    "find_causes",
    "load_processes",
    "mine",
    "process_activities",
    "process_limits",
    "process_milestones",
]
