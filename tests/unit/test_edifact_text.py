"""EDIFACT text is taken apart whatever its separators are, and an envelope that is not right is refused with its segment."""

import gzip
import io
import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydifact.segments import Segment as TheirSegment
from pydifact.serializer import Serializer

from pipelines.feeds.base import FeedFile
from pipelines.feeds.edifact_text import NotEdifact, messages, raw_segments, read_separators, splitter
from tests.edifact import document, group, interchange, message, read, refusal
from tests.x12 import text

ADVICE = ("BGM+351+DA1+9", "QTY+12:5:PCE")
WHOLE = interchange(message("DESADV", *ADVICE))
# UNB 1, UNH 2, BGM 3, QTY 4, UNT 5, UNZ 6; a UNA is no segment
PLAIN = text(WHOLE, "'", "*")
EXPECTED = [("DESADV", 2, [(3, ["BGM", "351", "DA1", "9"]), (4, ["QTY", ["12", "5", "PCE"]])])]


def found(folder, content, *wanted):
    return [(m.kind, m.number, m.segments) for m in read(folder, content, *wanted)]


def other_separators(element: str, component: str, release: str, terminator: str) -> str:
    translated = str.maketrans({"+": element, ":": component, "'": terminator})
    return f"UNA{component}{element}.{release} {terminator}" + PLAIN.translate(translated)


@pytest.mark.parametrize("content", [
    PLAIN,
    "UNA:+.? '" + PLAIN,
    "UNA:+,?*'\r\n" + PLAIN,  # syntax version 4 states a repetition separator
    other_separators("|", "*", "!", "~"),
    other_separators("\x1d", "\x1f", "\\", "\x1c"),
    other_separators("+", ":", "?", "\n"),
    other_separators("+", ":", " ", "'"),  # no release character
    "\ufeff" + PLAIN,
    "\r\n " + PLAIN + "\r\n\x1a",
    PLAIN[:-1],  # nothing after the last reference
    PLAIN.replace("'", "'\r\n"),
    PLAIN.replace("'", "'\n\n  "),
    "\n".join(PLAIN[i : i + 20] for i in range(0, len(PLAIN), 20)),  # wrapped
    PLAIN.replace("'", "''"),
], ids=["none", "UNA", "UNA of version 4", "other", "control characters", "line ends", "no release", "byte order mark",
        "blanks around", "no last terminator", "lines", "blank lines", "wrapped", "empty segments"])  # fmt: skip
def test_separators_are_those_of_una_and_line_breaks_mean_nothing(tmp_path, content):
    assert found(tmp_path, content) == EXPECTED


def test_a_released_character_is_data(tmp_path):
    """Also what looks like another UNA."""
    [(_, _, segments)] = found(tmp_path, document("DESADV", "FTX+AAI+++IT?'S 5?+5?: WHY???'UNAXXXXXX"))
    assert segments == [(3, ["FTX", "AAI", "", "", "IT'S 5+5: WHY?'UNAXXXXXX"])]


def test_a_line_break_behind_a_release_character_is_none(tmp_path):
    [(_, _, segments)] = found(tmp_path, PLAIN.replace("DA1", "D?\r\n'A1"))
    assert segments is not None
    assert segments[0] == (3, ["BGM", "351", "D'A1", "9"])


def test_a_compressed_file_is_read_alike(tmp_path):
    path = tmp_path / "a.edi.gz"
    path.write_bytes(gzip.compress(PLAIN.encode()))
    [one] = messages(FeedFile(path, path.name), frozenset({"DESADV"}), frozenset({"BGM", "QTY"}))
    assert (one.kind, one.number, one.segments) == EXPECTED[0]


def test_several_interchanges_groups_and_messages_are_read_each_with_its_own_separators(tmp_path):
    first = interchange(message("DESADV", "BGM+351+A"), message("CONTRL", "UCI+1", reference="2"))
    second = interchange(
        group(message("RECADV", "BGM+352+B")), group(message("DESADV", "BGM+351+C"), reference="G2"), reference="8"
    )
    content = text(first, "'\n", "*") + "\nUNA:+.? ~\n" + text(second, "~", "*")
    # First: UNB 1, UNH 2, BGM 3, UNT 4, UNH 5, UCI, UNT 7, UNZ 8. Second: UNB 9, UNG 10, UNH 11, BGM, UNT, UNE 14, UNG 15, UNH 16.
    assert found(tmp_path, content) == [
        ("DESADV", 2, [(3, ["BGM", "351", "A"])]),
        ("CONTRL", 5, None),
        ("RECADV", 11, None),
        ("DESADV", 16, [(17, ["BGM", "351", "C"])]),
    ]


@pytest.mark.parametrize("content", ["", "\n \r\n", "\ufeff"])
def test_an_empty_file_holds_nothing(tmp_path, content):
    assert found(tmp_path, content) == []


@pytest.mark.parametrize(("syntax", "encoding", "name"), [
    ("UNOA:3", "utf-8", "Münster"), ("UNOA:3", "latin-1", "Münster"), ("UNOB:1", "latin-1", "Münster"),
    ("UNOC:3", "latin-1", "Münster"), ("UNOD:3", "iso8859-2", "Łódź"), ("UNOY:4", "utf-8", "Łódź 東"),
    ("UNOW:4", "utf-8", "東京"), ("UNOE:3", "iso8859-5", "Москва"),
])  # fmt: skip
def test_unb_says_in_which_characters_a_file_is_written(tmp_path, syntax, encoding, name):
    content = text(interchange(message("DESADV", f"FTX+AAI+++{name}?'s"), syntax=syntax), "'", "*").encode(encoding)
    assert found(tmp_path, content) == [("DESADV", 2, [(3, ["FTX", "AAI", "", "", f"{name}'s"])])]


def changed(old: str, new: str) -> str:
    assert PLAIN.count(old) == 1
    return PLAIN.replace(old, new)


NOT_EDIFACT = "segment 1: an interchange must begin with UNA or UNB, so this is not EDIFACT"
TWO = [message("DESADV", *ADVICE), message("DESADV", *ADVICE, reference="2")]
FAULTS: dict[str, tuple[str | bytes, str]] = {
    "not EDIFACT at all": ("event_id,event_type\n1,2\n", NOT_EDIFACT),
    "X12": ("ISA*00*  ~", NOT_EDIFACT),
    "lower case": (PLAIN.lower(), NOT_EDIFACT),
    "binary": ("UNB\0\1", "segment 1: the file is binary, not EDIFACT text"),
    "UNA cut off": ("UNA:+.", NOT_EDIFACT),
    "UNA alike": ("UNA++.? '" + PLAIN, "segment 1: the separators of UNA cannot be told from each other or from data"),
    "UNA of letters": ("UNAXY.? '" + PLAIN, "segment 1: the separators of UNA cannot be told"),
    "UNA and UNB disagree": ("UNA:|.? '" + PLAIN, "segment 1: UNB is not followed by the element separator"),
    "unknown syntax": (changed("UNOC:3", "UNOX:3"), "segment 1: the syntax identifier 'UNOX' of UNB is none of UNOA,"),
    "not its characters": (
        changed("UNOC:3", "UNOY:4").replace("DA1", "M\xfc").encode("latin-1"),
        "segment 3: it is not in the characters of UNOY (utf-8)",
    ),
    "a lower case tag": (changed("QTY+", "qty+"), "segment 4: 'qty+12:5:P' is no segment: a tag is three capital"),
    "a tag too long": (changed("QTY+", "QTYX+"), "segment 4: 'QTYX+12:5:' is no segment"),
    "wrong UNT count": (changed("UNT+4", "UNT+5"), "segment 5: UNT states '5' segments, but there are 4"),
    "UNT count no number": (changed("UNT+4", "UNT+IV"), "segment 5: UNT states 'IV' segments, but there are 4"),
    "a lost segment": (changed("QTY+12:5:PCE'", ""), "segment 4: UNT states '4' segments, but there are 3"),
    "wrong UNT reference": (changed("UNT+4+1", "UNT+4+2"), "segment 5: UNT has not the reference of its UNH: '2' and '1'"),
    "wrong UNZ count": (changed("UNZ+1+7", "UNZ+2+7"), "segment 6: UNZ states '2' messages, but there are 1"),
    "wrong UNZ reference": (changed("UNZ+1+7", "UNZ+1+8"), "segment 6: UNZ has not the reference of its UNB: '8' and '7'"),
    "a reference is text": (changed("UNZ+1+7", "UNZ+1+07"), "segment 6: UNZ has not the reference of its UNB"),
    "wrong UNE count": (
        text(interchange(group(*TWO)), "'", "*").replace("UNE+2", "UNE+1"),
        "segment 11: UNE states '1' messages, but there are 2",
    ),
    "wrong UNE reference": (
        text(interchange(group(*TWO)), "'", "*").replace("UNE+2+G1", "UNE+2+G2"),
        "segment 11: UNE has not the reference of its UNG: 'G2' and 'G1'",
    ),
    "groups, not messages, are counted": (
        text(interchange(group(*TWO)), "'", "*").replace("UNZ+1", "UNZ+2"),
        "segment 12: UNZ states '2' groups, but there are 1",
    ),
    "no UNZ": (changed("UNZ+1+7'", ""), "segment 5: the file ends without the UNZ of this UNB: reference 7"),
    "no UNT": (changed("UNT+4+1'", ""), "segment 5: UNZ stands before the trailer of the UNH that is open (reference 1)"),
    "no UNH": (changed("UNH+1+DESADV:D:96A:UN'", ""), "segment 2: BGM stands outside a message"),
    "cut off": (PLAIN[:-40], "the file ends without the UN"),
    "cut off behind a release": (PLAIN + "UNB+UNOC:3+A?", "segment 7: 'UNB+UNOC:3+A?'' has no end"),
    "two interchanges in one": (changed("UNZ+1+7'", PLAIN), "segment 6: UNB stands before the trailer of the UNB that is open"),
    "an interactive interchange": ("UIB+UNOA:4'", NOT_EDIFACT),
    "no reference": (changed("+7'UNH", "'UNH").replace("UNZ+1+7", "UNZ+1"), "segment 6: UNZ has not the reference"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_is_not_whole_is_refused_with_file_segment_and_reason(tmp_path, fault):
    content, reason = FAULTS[fault]
    sentence = refusal(tmp_path, content)
    assert sentence.startswith("a.edi: segment ")
    assert reason in sentence


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path):
    """But for its last terminator, and for nothing at all."""
    for end in range(1, len(PLAIN) - 1):
        assert refusal(tmp_path, PLAIN[:end]).startswith("a.edi: segment ")


def test_a_message_without_end_is_not_gathered_for_ever(tmp_path):
    """UNB 1, UNH 2, and 250,000 that are read."""
    content = "UNB+UNOC:3+S+R+260105:2300+7'UNH+1+DESADV:D:96A:UN'" + "QTY+12:1'" * 250_001
    assert refusal(tmp_path, content) == (
        "a.edi: segment 250003: the message has more than 250000 segments that are read"
    )


def test_a_repeated_file_in_one_is_two_interchanges(tmp_path):
    assert [number for _, number, _ in found(tmp_path, PLAIN + PLAIN)] == [2, 8]


def test_a_segment_without_end_is_not_gathered_for_ever(tmp_path):
    assert "segment 4: it is longer than 1048576 characters" in refusal(tmp_path, PLAIN[:90] + "X" * (3 << 20))


# A release character is needed before the separators and itself; line breaks are no data.
TEXTS = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=12)
SEPARATORS = st.sampled_from([":+.? '", "*|,! ~", "\x1f\x1d.\\ \x1c", "<>.?*;"])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(elements=st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=6), service=SEPARATORS,
       block=st.integers(1, 40))  # fmt: skip
def test_what_is_written_with_release_characters_is_read_without_a_character_lost(elements, service, block):
    separators, _ = read_separators(f"UNA{service}UNB{service[1]}")
    special = str.maketrans({c: separators.release + c for c in service[:2] + service[3] + service[5]})
    segment = service[1].join(
        ["FTX", *(service[0].join(part.translate(special) for part in parts) for parts in elements)]
    )
    file = f"UNA{service}\r\nUNB{service[1]}X{service[5]}\n{segment}{service[5]}UNZ{service[1]}1{service[5]}"
    pieces = [raw for _, raw in raw_segments(io.StringIO(file, newline=""), block)]
    assert len(pieces) == 3
    tag, *read_back = splitter(separators)(pieces[1])
    assert tag == "FTX"
    as_lists = [[part] if isinstance(part, str) else part for part in read_back]
    assert [trimmed(parts) for parts in as_lists] == [trimmed(parts) for parts in elements]


def trimmed(parts: list[str]) -> list[str]:
    """Without empty components at the end: they may be left out."""
    kept = list(parts)
    while kept and not kept[-1]:
        kept.pop()
    return kept


@settings(max_examples=100, deadline=None, derandomize=True)
@given(elements=st.lists(TEXTS, min_size=1, max_size=5))
def test_what_pydifact_writes_is_read_back(elements):
    written = Serializer().serialize([TheirSegment("FTX", *elements)], with_una_header=False)
    separators, _ = read_separators("UNB+")
    [_, (_, raw), _] = raw_segments(io.StringIO(f"UNB+X'{written}UNZ+1'", newline=""))
    assert [e if isinstance(e, str) else e[0] for e in splitter(separators)(raw)[1:]] == elements


@settings(max_examples=150, deadline=None, derandomize=True)
@given(content=st.text(st.sampled_from("UNABHTZ+:'? \n1X"), max_size=120))
def test_any_text_is_taken_apart_without_losing_a_character_or_refused(content):
    """What lies between segments (terminators, line ends, blanks) is all that may go."""
    with suppress(NotEdifact):
        taken = list(raw_segments(io.StringIO("UNB+" + content, newline="")))
        assert kept("".join(raw for _, raw in taken)) == kept("UNB+" + content)
        for separators, raw in taken:
            parts = ([part] if isinstance(part, str) else part for part in splitter(separators)(raw))
            assert kept("".join(word for words in parts for word in words), "+:?") == kept(raw, "+:?")


def kept(content: str, more: str = "") -> str:
    return re.sub(rf"['{re.escape(more)}\s]", "", content)
