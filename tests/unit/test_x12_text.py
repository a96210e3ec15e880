"""X12 text is taken apart whatever its separators are, and an envelope that is not right is refused with its segment."""

import gzip
import io
import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.feeds.base import FeedFile
from pipelines.feeds.x12_text import NotX12, Separators, read_separators, runs, transactions
from tests.x12 import ISA, document, group, interchange, read, refusal, text, transaction

RECEIPT = ("W17*F*20260105*R1*O1", "W07*5*EA**VN*A")
WHOLE = interchange(group(transaction("944", *RECEIPT)))
# ISA 1, GS 2, ST 3, W17 4, W07 5, SE 6, GE 7, IEA 8


def kinds(folder, content):
    return [(t.kind, t.number, t.segments) for t in read(folder, content, "944")]


EXPECTED = [("944", 3, [["W17", "F", "20260105", "R1", "O1"], ["W07", "5", "EA", "", "VN", "A"]])]


@pytest.mark.parametrize("terminator", ["~", "~\n", "~\r\n", "\n", "\r\n", "\r", "'", "|", "\x1c"])
@pytest.mark.parametrize("mark", ["*", "^", "\x1d", "\t"])
def test_the_separators_are_those_of_the_isa_segment(tmp_path, terminator, mark):
    assert kinds(tmp_path, text(WHOLE, terminator, mark)) == EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + text(WHOLE),
        "\r\n " + text(WHOLE) + "\r\n\x1a",
        text(WHOLE)[:-1],  # nothing after the last control number
        text(WHOLE).replace("~", "~\n\n"),
        text(WHOLE, "\n").replace("\n", "\n\n"),
        "\n".join(text(WHOLE)[i : i + 80] for i in range(0, len(text(WHOLE)), 80)),  # wrapped at column 80
    ],
    ids=["byte order mark", "blanks around", "no last terminator", "blank lines", "blank segments", "wrapped"],
)
def test_line_breaks_and_marks_around_segments_mean_nothing(tmp_path, content):
    assert kinds(tmp_path, content) == EXPECTED


def test_a_compressed_file_is_read_alike(tmp_path):
    path = tmp_path / "a.edi.gz"
    path.write_bytes(gzip.compress(text(WHOLE).encode()))
    found = list(transactions(FeedFile(path, path.name), frozenset({"944"})))
    assert [(t.kind, t.number, t.segments) for t in found] == EXPECTED


@pytest.mark.parametrize(
    ("isa11", "version", "repetition"),
    [("U", "00401", None), ("^", "00401", None), ("^", "00501", "^"), ("U", "00501", None), ("X", "00402", None)],
)
def test_isa11_is_a_repetition_separator_from_release_00402_on(isa11, version, repetition):
    isa = ISA.format(control=1, usage="P").replace("*U*00401*", f"*{isa11}*{version}*") + "~"
    assert read_separators(isa) == Separators("*", ">", repetition, "~")


def test_several_interchanges_groups_and_sets_are_read_each_with_its_own_separators(tmp_path):
    first = interchange(group(transaction("944", "W17*F"), transaction("997", "AK1*RE*1")), control=1)
    second = interchange(
        group(transaction("945", "W06*F"), control=1),
        group(transaction("944", "W17*N", control="A1"), control=2),
        control=2,
    )
    found = kinds(tmp_path, text(first, "~\n") + "\n" + text(second, "'", "+"))
    # First: ISA 1, GS 2, ST 3, W17, SE 5, ST 6, AK1, SE 8, GE 9, IEA 10; second: ISA 11, GS 12, ST 13 ... GE 16, GS 17, ST 18
    assert found == [("944", 3, [["W17", "F"]]), ("997", 6, None), ("945", 13, None), ("944", 18, [["W17", "N"]])]


def test_an_interchange_may_hold_acknowledgments_and_no_group(tmp_path):
    isa, iea = interchange()
    assert kinds(tmp_path, text([isa, "TA1*000000001*260105*2300*A*000", iea])) == [("TA1", 2, None)]


@pytest.mark.parametrize("content", ["", "\n \r\n", "\ufeff"])
def test_an_empty_file_holds_nothing(tmp_path, content):
    assert kinds(tmp_path, content) == []


def test_control_numbers_of_groups_and_interchanges_are_numbers(tmp_path):
    relaxed = [s.replace("GE*1*1", "GE*01*0001").replace("IEA*1*000000007", "IEA*1*7") for s in WHOLE]
    assert kinds(tmp_path, text(relaxed)) == EXPECTED


def test_bytes_that_are_not_utf8_are_read_as_iso_8859_1(tmp_path):
    content = document("944", "N1*WH*Lager M\xfcnchen").encode("latin-1")
    [found] = read(tmp_path, content, "944")
    assert found.segments == [["N1", "WH", "Lager M\xfcnchen"]]


def without(*tags: str) -> list[str]:
    return [s for s in WHOLE if s.split("*")[0] not in tags]


def changed(old: str, new: str) -> list[str]:
    assert sum(s == old for s in WHOLE) == 1
    return [new if s == old else s for s in WHOLE]


NOT_X12 = "an interchange must begin with an ISA segment, so this is not X12"
FAULTS = {
    "not X12 at all": ("event_id,event_type\n1,2\n", f"segment 1: {NOT_X12}"),
    "binary": ("ISA\0\1\2", "segment 1: the file is binary, not X12 text"),
    "EDIFACT": ("UNA:+.? 'UNB+UNOA:1+X+Y+260105:2300+1'", f"segment 1: {NOT_X12}"),
    "ISA cut off": (text(WHOLE)[:60], "segment 1: the ISA segment has not its sixteen elements"),
    "separators alike": (
        text(WHOLE).replace(">~", "*~"),
        "segment 1: the separators of the ISA segment cannot be told",
    ),
    "ISA without terminator": (text(WHOLE).replace(">~", ">G", 1), "segment 1: the separators of the ISA segment"),
    "wrong SE01": (text(changed("SE*4*0001", "SE*5*0001")), "segment 6: SE01 states '5' segments, but there are 4"),
    "SE01 is no number": (
        text(changed("SE*4*0001", "SE**0001")),
        "segment 6: SE01 states '' segments, but there are 4",
    ),
    "a segment is lost": (text(without("W07")), "segment 5: SE01 states '4' segments, but there are 3"),
    "wrong SE02": (
        text(changed("SE*4*0001", "SE*4*0002")),
        "segment 6: SE02 '0002' is not the control number of its ST, '0001'",
    ),
    "SE02 is text": (
        text(changed("SE*4*0001", "SE*4*1")),
        "segment 6: SE02 '1' is not the control number of its ST, '0001'",
    ),
    "wrong GE01": (text(changed("GE*1*1", "GE*2*1")), "segment 7: GE01 states '2' transaction sets, but there are 1"),
    "wrong GE02": (text(changed("GE*1*1", "GE*1*9")), "segment 7: GE02 '9' is not the control number of its GS, '1'"),
    "wrong IEA01": (
        text(changed("IEA*1*000000007", "IEA*0*000000007")),
        "segment 8: IEA01 states '0' functional groups, but there are 1",
    ),
    "wrong IEA02": (
        text(changed("IEA*1*000000007", "IEA*1*000000008")),
        "segment 8: IEA02 '000000008' is not the control number of its ISA, '000000007'",
    ),
    "no SE": (text(without("SE")), "segment 6: GE stands before the trailer of the ST that is open"),
    "no GE": (text(without("GE")), "segment 7: IEA stands before the trailer of the GS that is open"),
    "no IEA": (text(without("IEA")), "segment 7: the file ends without the IEA of this ISA: control number 000000007"),
    "no GS": (text(without("GS")), "segment 2: ST stands without GS"),
    "no ST": (text(without("ST")), "segment 3: W17 stands outside a transaction set"),
    "cut off in a document": (
        text(WHOLE[:4]),
        "segment 4: the file ends without the SE of this ST: control number 0001",
    ),
    "cut off in the last control number": (
        text(WHOLE)[:-5],
        "segment 8: IEA02 '00000' is not the control number of its ISA, '000000007'",
    ),
    "two ISA": (text(WHOLE[:1] + WHOLE), "segment 2: ISA stands before the trailer of the ISA that is open"),
    "ST in ST": (text(WHOLE[:3] + WHOLE[2:]), "segment 4: ST stands before the trailer of the ST that is open"),
    "something follows": (text(WHOLE) + "the end", f"segment 9: {NOT_X12}"),
    "second interchange is broken": (
        text(WHOLE) + text(changed("GE*1*1", "GE*3*1")),
        "segment 15: GE01 states '3' transaction sets, but there are 1",
    ),
    "an endless segment": (text(WHOLE[:3]) + "W17*" + "x" * 3_000_000, "segment 4: it is longer than 1048576"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_wrong_envelope_is_refused_with_file_segment_and_reason(tmp_path, what):
    content, reason = FAULTS[what]
    assert refusal(tmp_path, content).startswith(f"a.edi: {reason}")


def test_no_beginning_of_a_file_is_taken_for_the_whole(tmp_path):
    """Up to the last character of the last control number, which alone may be followed by nothing."""
    for size in range(1, len(text(WHOLE)) - len("~")):
        assert refusal(tmp_path, text(WHOLE)[:size]).startswith("a.edi: segment ")


LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="*~>\r\n\0", exclude_categories=["Cs"]), max_size=8)
TAGS = st.from_regex(r"[A-Z][A-Z0-9]{1,2}", fullmatch=True).filter(lambda tag: tag != "IEA")
SEGMENTS = st.lists(st.tuples(TAGS, st.lists(LETTERS, max_size=6)).map(lambda s: [s[0], *s[1]]), max_size=12)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    interchanges=st.lists(SEGMENTS, min_size=1, max_size=4),
    block_chars=st.integers(1, 300),
    terminator=st.sampled_from(["~", "~\n", "\n", "\r\n"]),
)
def test_what_is_written_is_read_back_in_blocks_of_any_size(interchanges, block_chars, terminator):
    isa, iea = interchange()
    written = [[isa.split("*"), *own, iea.split("*")] for own in interchanges]
    content = text(["*".join(segment) for own in written for segment in own], terminator)
    read_back = [segment for _, run in runs(io.StringIO(content, newline=""), block_chars) for segment in run]
    assert read_back == [segment for own in written for segment in own]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(junk=st.text(max_size=300))
def test_any_text_is_taken_apart_without_losing_a_character_or_refused(junk):
    """What lies between segments (terminators, line ends, blanks, an end-of-file mark) is all that may go."""
    for content in (junk, ISA.format(control=1, usage="P") + "~" + junk):
        with suppress(NotX12):
            taken = list(runs(io.StringIO(content, newline=""), 64))
            assert kept("*".join(word for _, run in taken for segment in run for word in segment)) == kept(content)


def kept(content: str) -> str:
    return re.sub(r"[~*\s\x1a\ufeff]", "", content)
