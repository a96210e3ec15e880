"""A JSON document read element by element gives what the standard library reads at once, wherever a block ends."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.json_stream import array_elements

BLOCK = 1 << 16
plain = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(st.text(max_size=6), values, max_size=5)


def read(content: bytes) -> tuple[set[str], list[tuple[str, Any]]]:
    """(keys of arrays, elements) as the reader gives them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_bytes(content)
        arrays: set[str] = set()
        return arrays, list(array_elements(FeedFile(path, "a.json"), arrays))


@settings(max_examples=150, deadline=None)
@given(documents, st.integers(0, 40), st.booleans(), st.sampled_from([None, 2]))
def test_elements_are_those_of_the_whole_document(document, before_end, is_ascii, indent):
    """A text in front puts the end of the first block somewhere into what follows."""
    padded = {"": "x" * (BLOCK - 10 - before_end), **{key: value for key, value in document.items() if key}}
    text = json.dumps(padded, ensure_ascii=is_ascii, indent=indent)
    try:
        content = text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair is no text
        return
    whole = json.loads(text, parse_int=str, parse_float=str)
    lists = {key: value for key, value in whole.items() if isinstance(value, list)}
    arrays, elements = read(content)
    assert arrays == set(lists)
    assert elements == [(key, element) for key, value in lists.items() for element in value]


@pytest.mark.parametrize("number", ["0.0", "12.5e-7", "-3E+10", "1e5", "-0.25"])
def test_a_number_is_whole_wherever_a_block_cuts_it(number):
    for before_end in range(12):
        text = f'{{"": "{"x" * (BLOCK - 20 - before_end)}", "a": [{number}, 7]}}'
        assert read(text.encode()) == ({"a"}, [("a", number), ("a", "7")]), before_end


@settings(max_examples=100, deadline=None)
@given(documents.filter(bool), st.integers(1, 60))
def test_a_document_that_breaks_off_is_refused_in_one_sentence(document, missing):
    content = json.dumps(document).encode()
    with pytest.raises(UnusableInput, match=r"^a\.json: line 1: it is not "):
        read(content[: max(1, len(content) - missing)])
