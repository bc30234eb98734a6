"""What is wrong with settings, in one line: pydantic's first complaint by name, value and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_origin

from experiments import words
from sim.errors import InputError, not_allowed

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic.fields import FieldInfo

SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}  # of limits

# first part of pydantic's name of a complaint: what is allowed instead
KINDS = {
    "int": "an integer",
    "float": "a number",
    "finite": "a finite number",
    "bool": "true or false",
    "string": "a text",
    "list": "a list",
    "tuple": "a list",
    "date": "a day written like 2020-08-09",
    "model": "settings by name",
    "dataclass": "settings by name",
    "dict": "settings by name",
    "too": "a list with something in it",
}


def told_in_one_line(error: ValidationError, values: Mapping[str, Any], model: type[BaseModel]) -> InputError:
    """Tell pydantic's first complaint in one line, and how many there are."""
    first, *others = error.errors()
    told = _complaint(first, values, model)
    return InputError(f"{told} (and {len(others)} more)") if others else told


def _complaint(complaint: Mapping[str, Any], values: Mapping[str, Any], model: type[BaseModel]) -> InputError:
    name = ".".join(str(part) for part in complaint["loc"]) or "settings"
    context = complaint.get("ctx", {})
    if isinstance(context.get("error"), InputError):
        return context["error"]
    if complaint["type"] == "value_error" and isinstance(complaint["input"], Mapping):
        return InputError(f"{name}: {context['error']}")  # of several fields together: the error names them
    if complaint["type"] == "missing":
        return InputError(f"{name} is missing: a value is needed")
    if complaint["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        own = [".".join(map(str, (*complaint["loc"][:-1], each))) for each in _names_beside(model, complaint["loc"])]
        known = own or [other for other in words.dotted_names(values)
                        if other != name and not other.startswith(f"{name}.")]  # fmt: skip
        return words.unknown_setting(name, complaint["input"], known)
    if complaint["type"] == "literal_error":
        options = re.findall(r"'([^']*)'", str(context["expected"]))
        value = words.as_written(complaint["input"])
        return not_allowed("", name, value, "one of " + ", ".join(options), options)
    return not_allowed("", name, words.as_written(complaint["input"]), _allowed(complaint, model))


def _allowed(complaint: Mapping[str, Any], model: type[BaseModel]) -> str:
    """Say what would have been allowed: the kind of value, and the range where there is one."""
    field = field_at(model, complaint["loc"])
    kind = KINDS.get(str(complaint["type"]).partition("_")[0])
    if complaint["type"] in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        kind = "an integer" if field is not None and int in leaves(field.annotation) else "a number"
    message = str(complaint["msg"])
    for start in ("Value error, ", "Assertion failed, ", "Input should be "):
        message = message.removeprefix(start)
    return f"{kind or message} {limits(field) or _signs(complaint.get('ctx', {}))}".strip()


def _names_beside(model: Any, location: Sequence[str | int]) -> list[str]:
    """Return the names that may stand in an entry of a list, where a complaint is about one; else none."""
    if len(location) < 3 or not isinstance(location[-2], int) or (field := field_at(model, location[:-2])) is None:
        return []
    return [name for part in leaves(field.annotation) for name in fields_of(part)]


def field_at(model: Any, location: Sequence[str | int]) -> FieldInfo | None:
    """Return the field that a complaint is about, None inside a list."""
    field = None
    for part in location:
        known = fields_of(model)
        if part not in known:
            return None
        field = known[str(part)]
        model = field.annotation
    return field


def fields_of(model: Any) -> Mapping[str, FieldInfo]:
    """Return the fields of a class of parameters, declared or not; none of anything else."""
    from pydantic.fields import FieldInfo

    if is_dataclass(model):
        return {each.name: FieldInfo.from_annotated_attribute(cast(Any, each.type), each) for each in fields(model)}
    return getattr(model, "model_fields", {})


def limits(field: FieldInfo | None) -> str:
    """Return the range of a numeric field, such as ``>= 0 and <= 1``; empty if it has none."""
    found = [{bound: getattr(item, bound, None) for bound in SIGNS} for item in _metadata(field)]
    return " and ".join(told for each in found if (told := _signs(each)))


def _signs(found: Mapping[str, Any]) -> str:
    return " and ".join(f"{sign} {_plain(found[bound])}" for bound, sign in SIGNS.items()
                        if found.get(bound) is not None)  # fmt: skip


def _metadata(field: FieldInfo | None) -> Iterator[Any]:
    """Yield what limits a field; of one that may be unset, what limits its values."""
    if field is None:
        return
    yield from field.metadata
    for part in get_args(field.annotation):
        if get_origin(part) is Annotated:
            for item in get_args(part)[1:]:
                yield from getattr(item, "metadata", (item,))


def _plain(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


def leaves(annotation: Any) -> Iterator[Any]:
    """Yield what an annotation is made of, such as float and None of ``float | None``."""
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts[:1] if get_origin(annotation) is Annotated else parts:
        yield from leaves(part)
