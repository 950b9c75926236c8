"""Names are data: nothing in one ever reaches a file system."""

from __future__ import annotations

import unicodedata

from domains.files.contract import NameInvalid

MAX_LENGTH = 255


def clean_name(*, name: str) -> str:
    """Return the name in Unicode's NFC; raise `NameInvalid` for what no one could see or save."""
    clean = unicodedata.normalize("NFC", name).strip()
    if not clean or len(clean) > MAX_LENGTH or clean in {".", ".."}:
        raise NameInvalid(f"A name has 1 to {MAX_LENGTH} characters.", pointer="/name")
    if any(character in "/\\" or not _is_shown(character) for character in clean):
        raise NameInvalid("A name has no slash and no control character.", pointer="/name")
    return clean


def _is_shown(character: str) -> bool:
    # Cc: control, Cf: invisible formatting such as right-to-left override, Cs: half a surrogate.
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
