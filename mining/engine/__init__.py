"""The only folder that imports pm4py and r4pm: counted variants go in, plain tables and texts come out.

Nothing here depends on the order of rows or on hash seeds: variants are sorted, and of several optimal alignments
always the same one is taken. Nothing looks at a clock: work is bounded by counting it.
"""

from mining.engine.alignment import ALIGNMENT_SCHEMA, WORK_LIMIT, align
from mining.engine.declare import constraints
from mining.engine.discovery import NOISE_THRESHOLD, discover
from mining.engine.nets import petri_net
from mining.engine.quality import Quality, measure
from mining.engine.relations import allowed_relations, relations
from mining.engine.variants import SEPARATOR

__all__ = [
    "ALIGNMENT_SCHEMA",
    "NOISE_THRESHOLD",
    "SEPARATOR",
    "WORK_LIMIT",
    "Quality",
    "align",
    "allowed_relations",
    "constraints",
    "discover",
    "measure",
    "petri_net",
    "relations",
]
