"""Texts that XML can hold."""

import re

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """A text in which U+FFFD stands for each character that XML 1.0 has no place for."""
    return _FORBIDDEN.sub("\ufffd", text)
