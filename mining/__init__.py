"""What the process looks like: counted variants in, plain tables out."""

from mining.miner import check_model, mine
from mining.process import ProcessSpec, load_processes, process_activities, process_limits, process_milestones
from mining.tables import JUDGEMENTS, MEANINGS, TABLES

__all__ = [
    "JUDGEMENTS",
    "MEANINGS",
    "TABLES",
    "ProcessSpec",
    "check_model",
    "load_processes",
    "mine",
    "process_activities",
    "process_limits",
    "process_milestones",
]
