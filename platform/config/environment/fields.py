"""The kinds of settings that several parts of the environment have."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic.config import JsonDict
from pydantic_settings import NoDecode

SECRET: JsonDict = {"secret": True}
RATE = re.compile(r"([0-9]+)/([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Days = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_split)]


def parse_rate(text: str) -> tuple[int, int]:
    """Return (quota, window in seconds) of a rate such as "100/m"; raise ValueError otherwise."""
    match = RATE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ValueError('write a rate as "100/m": a number above 0, a slash, and s, m, h or d')
    return int(match[1]), SECONDS[match[2]]
