"""Facts that are not code: vocabularies, process models, scenarios and the sample workspace."""

from pathlib import Path

DATA = Path(__file__).resolve().parent
