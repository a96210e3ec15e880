"""What the process looks like: counted variants in, plain tables out."""

from mining.miner import mine
from mining.process import ProcessSpec, load_processes, process_activities
from mining.tables import MEANINGS, TABLES

__all__ = ["MEANINGS", "TABLES", "ProcessSpec", "load_processes", "mine", "process_activities"]
