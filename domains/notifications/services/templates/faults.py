"""What keeps a version from being published, found without sending anything: by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from domains.notifications.models import TemplateVersion
from domains.notifications.services.rendering.rendering import FOOTNOTES, product_name
from domains.notifications.services.rendering.sandbox import fill, parse
from domains.notifications.services.rendering.words import Reader, in_words
from domains.notifications.services.templates import samples
from domains.notifications.services.templates.markup import faults_of_markup
from domains.notifications.services.templates.parts import OPTIONAL, PARTS, Part, parts_of
from domains.notifications.services.templates.variables import (
    Type,
    Variable,
    declared,
    fits,
)
from kernel.errors import FieldError

# What every text may say without declaring it.
GIVEN = frozenset({"product", *FOOTNOTES})


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, and where: what is no part of a text has no line."""

    code: str
    detail: str
    channel: str = ""
    locale: str = ""
    part: str = ""
    line: int = 0

    def as_error(self) -> FieldError:
        """Return it for the answer: the pointer names the part, the detail its line."""
        place = [name for name in (self.channel, self.locale, self.part) if name]
        pointer = "/".join(["/parts", *place]) if place else "/variables"
        where = f"Line {self.line}: " if self.line else ""
        return FieldError(pointer=pointer, code=self.code, detail=f"{where}{self.detail}")


def faults_in(version: TemplateVersion) -> list[Fault]:
    """Return all that is wrong with the version; with nothing it can be published."""
    variables = declared(version.variables)
    faults = [*faults_of_variables(variables), *_missing(version)]
    if not faults:
        for part in parts_of(version):
            faults += _part_faults(part, version, variables)
    return faults


def faults_of_variables(variables: Mapping[str, Variable]) -> Iterator[Fault]:
    """Yield the examples that are not of their variables' types."""
    for name, variable in variables.items():
        if not fits(variable, variable.example):
            yield Fault(code="example", detail=f"The example of {name} is no {variable.type}.")


def _missing(version: TemplateVersion) -> Iterator[Fault]:
    if not version.parts:
        yield Fault(code="empty", detail="It says nothing in any channel.", channel="in_app")
    for channel, locales in version.parts.items():
        if version.default_locale not in locales:
            detail = f"The default locale {version.default_locale} is missing."
            yield Fault(code="default_locale", detail=detail, channel=channel)
        for locale, parts in locales.items():
            for name in PARTS[channel]:
                if not parts.get(name, "").strip() and (channel, name) not in OPTIONAL:
                    place = {"channel": channel, "locale": locale, "part": name}
                    yield Fault(code="part_missing", detail="This part is needed.", **place)


def _part_faults(
    part: Part, version: TemplateVersion, variables: Mapping[str, Variable]
) -> list[Fault]:
    place: dict[str, Any] = {"channel": part.channel, "locale": part.locale, "part": part.name}
    try:
        template = parse(part.source, html=part.is_html)
    except LiquidError as error:
        return [Fault(code="syntax", detail=_said(error), line=_line(error, part), **place)]
    found = [*_names(template, part, samples.known_to(version) | GIVEN, variables)]
    if part.is_html:
        found += faults_of_markup(part.source, addresses_of(version, variables))
    if not found:
        found += _filled(part, samples.contexts_of(version))
    return [Fault(code=code, detail=detail, line=line, **place) for code, detail, line in found]


def addresses_of(version: TemplateVersion, variables: Mapping[str, Variable]) -> frozenset[str]:
    """Return the names that may begin an address: what is checked to be one, or is our own."""
    if version.organization_id is None:
        return frozenset({"link"})
    return frozenset(name for name, each in variables.items() if each.type is Type.URL)


Found = tuple[str, str, int]


def _names(
    template: BoundTemplate, part: Part, known: frozenset[str], variables: Mapping[str, Variable]
) -> Iterator[Found]:
    analysis = template.analyze(include_partials=False)
    for name, uses in analysis.globals.items():
        for use in uses:
            line = _line_at(part.source, use.span.index)
            if name not in known:
                yield "undeclared", f"The variable {name} is not declared.", line
            elif name in variables and not _in_example(use.segments, variables[name]):
                yield "undeclared", f"The example of {name} has no {use}.", line
    for name, spans in analysis.filters.items():
        if name not in template.env.filters:
            yield "filter", f"There is no filter {name}.", _line_at(part.source, spans[0].index)


def _in_example(segments: list[Any], variable: Variable) -> bool:
    """Return whether the example has what the path names: what can be told without values."""
    at = variable.example
    for segment in segments[1:]:
        if isinstance(at, Mapping) and isinstance(segment, str):
            if segment not in at and segment != "size":
                return False
            at = at.get(segment)
        else:
            return variable.type in (Type.LIST, Type.OBJECT)
    return True


def _filled(part: Part, contexts: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    """Yield what shows when it is filled with the examples, and with nothing that may be left."""
    for context in contexts:
        words = in_words(context, reader=Reader(locale=part.locale))
        given = {**dict.fromkeys(FOOTNOTES, ""), **words, "product": product_name()}
        try:
            text = fill(part.source, given, html=part.is_html)
        except LiquidError as error:
            yield "not_rendered", _said(error), _line(error, part)
            return
        if len(text.strip()) > part.longest:
            yield "too_long", f"With the examples it is longer than {part.longest}.", 0
            return


def _said(error: LiquidError) -> str:
    return str(error.args[0] if error.args else error).splitlines()[0][:300]


def _line(error: LiquidError, part: Part) -> int:
    return _line_at(part.source, error.token.start_index) if error.token else 0


def _line_at(source: str, index: int) -> int:
    return source.count("\n", 0, max(index, 0)) + 1
