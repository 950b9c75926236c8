"""Reading a catalogue's file, strictly: what is forgiven here is charged wrongly later."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from domains.billing.contract.catalogue import CatalogueInvalid
from domains.billing.services.catalogue.document import Document

SHIPPED = Path(__file__).resolve().parents[2] / "catalogue.yaml"


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML 1.2.2, 3.2.1.1: keys are unique. PyYAML would let the last of two win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002  the base class's
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(set(keys)) != len(keys):
            raise yaml.MarkedYAMLError(problem="a key twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def parse(text: str) -> Document:
    """Return the catalogue written in the text (YAML); raise `CatalogueInvalid` with each place."""
    try:
        return Document.model_validate(yaml.load(text, _UniqueKeyLoader))  # noqa: S506  is a SafeLoader
    except ValidationError as error:
        raise CatalogueInvalid("\n".join(_problems(error))) from error
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise CatalogueInvalid(str(error)) from error


def shipped() -> str:
    """Return the text of the catalogue that comes with this version."""
    return SHIPPED.read_text("utf-8")


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        place = ".".join(str(step) for step in problem["loc"]) or "the whole"
        yield f"{place}: {problem['msg']}"
