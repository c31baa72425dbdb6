"""The form of data_contracts/reading/agencies.yml: how organs are called for short, what their names tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Literal, Self

from pydantic import model_validator

from gongkai.contracts.regions import Level
from gongkai.contracts.template import Strict

Kind = Literal["government", "department", "office", "zone", "institution"]


class AgencyForms(Strict):
    """data_contracts/reading/agencies.yml."""

    ends: tuple[str, ...]
    before: str
    short: dict[str, str]
    variants: dict[str, str]
    completions: tuple[tuple[str, str], ...]
    bare_region: str
    zones: tuple[str, ...]
    unknown_place: str
    relative: dict[str, tuple[Level, ...]]
    relative_not: tuple[str, ...]
    central: tuple[str, ...]
    township: str
    national: str
    level_shapes: tuple[tuple[str, Level], ...]
    kinds: tuple[tuple[str, Kind], ...]

    @model_validator(mode="after")
    def _unequivocal(self) -> Self:
        """No form may stand for two organs, or be the full name of another."""
        full = {*self.short.values(), *self.variants.values()}
        twice = (self.short.keys() & self.variants.keys()) | (full & (self.short.keys() | self.variants.keys()))
        if twice:
            raise ValueError(f"{', '.join(sorted(twice))}: both a form of an organ and the name of another, or twice")
        return self

    @model_validator(mode="after")
    def _patterns(self) -> Self:
        """Each pattern must compile: a broken one is named when the file is read, not when it is first used."""
        pairs = (*self.completions, *self.level_shapes, *self.kinds)
        single = (self.before, self.bare_region, self.unknown_place, self.township, self.national)
        for pattern in (*single, *(pair[0] for pair in pairs)):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no pattern: {error}") from error
        return self

    @cached_property
    def replacements(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """Completions, compiled."""
        return tuple((re.compile(pattern), full) for pattern, full in self.completions)

    @cached_property
    def short_form(self) -> re.Pattern[str]:
        """A name with a short form, or with the short end 委: groups before, form, end."""
        other = f"(?P<form2>{'|'.join(_longest_first({*self.variants, *self._full.values()}))})(?P<end2>委)"
        return re.compile(f"(?P<before>{self.before})(?:{self._form(self.short)}|{other})")

    @cached_property
    def any_form(self) -> re.Pattern[str]:
        """A name with any form of an organ that is not its own: groups before, form, end."""
        return re.compile(f"(?P<before>{self.before})(?:{self._form(self._full)})")

    def full_form(self, match: re.Match[str]) -> str:
        """Return the full name of the organ that a match of a form stands for."""
        groups: dict[str, str] = match.groupdict("") | {}
        form, end = (groups[key] or groups.get(f"{key}2", "") for key in ("form", "end"))
        return self._full.get(form, form) + ("委员会" if end == "委" else end)

    @cached_property
    def bare(self) -> re.Pattern[str]:
        """A name that is nothing but a region."""
        return re.compile(self.bare_region)

    @cached_property
    def unknown(self) -> re.Pattern[str]:
        """A place at the start of a name."""
        return re.compile(self.unknown_place)

    @cached_property
    def after_short(self) -> re.Pattern[str]:
        """What may follow a region's name without 市 or 省: a zone, or an organ and no more."""
        zones = "|".join(_longest_first(self.zones))
        return re.compile(f"^(?:.{{0,8}}(?:{zones})|.{{2,20}}(?:{'|'.join(_longest_first(self.ends))})$)")

    @cached_property
    def is_township(self) -> re.Pattern[str]:
        """A name of a township's organ."""
        return re.compile(self.township)

    @cached_property
    def is_national(self) -> re.Pattern[str]:
        """A name of a national organ, if it names no region."""
        return re.compile(self.national)

    @cached_property
    def levels_by_shape(self) -> tuple[tuple[re.Pattern[str], Level], ...]:
        """Level shapes, compiled."""
        return tuple((re.compile(pattern), level) for pattern, level in self.level_shapes)

    @cached_property
    def kinds_by_name(self) -> tuple[tuple[re.Pattern[str], Kind], ...]:
        """Kinds, compiled."""
        return tuple((re.compile(pattern), kind) for pattern, kind in self.kinds)

    def is_zone(self, place: str) -> bool:
        """Tell whether a place is a functional zone."""
        return place.endswith(self.zones)

    def names_zone(self, organ: str) -> bool:
        """Tell whether what follows a region begins with a functional zone."""
        return bool(re.match(f"^.{{0,12}}?(?:{'|'.join(_longest_first(self.zones))})", organ))

    def places(self, name: str) -> str:
        """Return the places that a name begins with (昌临市瑶岭县), "" where it begins with none."""
        end = 0
        while found := self.unknown.match(name[end:]):
            if self.is_zone(found[0]):
                break
            end += found.end()
        return name[:end]

    @cached_property
    def _full(self) -> dict[str, str]:
        return self.short | self.variants

    def _form(self, forms: Iterable[str]) -> str:
        return f"(?P<form>{'|'.join(_longest_first(forms))})(?P<end>{'|'.join(_longest_first(self.ends))})"


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(map(re.escape, words), key=lambda word: (-len(word), word))
