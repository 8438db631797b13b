"""What was expected in place of a wrong value, in words that fit programs and files alike."""

from __future__ import annotations

from pydantic_core import ErrorDetails

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "datetime_type": "a time with a time zone",
    "datetime_parsing": "a time with a time zone",
    "datetime_from_date_parsing": "a time with a time zone",
    "timezone_aware": "a time with a time zone",
    "none_required": "nothing",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "{} or more"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "{} or less"),
    "less_than": ("lt", "less than {}"),
    "string_too_short": ("min_length", "text of {} characters or more"),
    "string_too_long": ("max_length", "text of {} characters or fewer"),
}


def wanted(detail: ErrorDetails) -> str | None:
    """What pydantic expected, such as ``a whole number`` or ``1 or more``; None where no few words say it."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _BOUNDS:
        key, wording = _BOUNDS[kind]
        return wording.format(context[key])
    return _WANTED.get(kind)


def wanted_entries(detail: ErrorDetails) -> str:
    """How many entries a list was expected to have, of an error of type ``too_short`` or ``too_long``."""
    context = detail.get("ctx", {})
    return f"{context['min_length']} or more" if detail["type"] == "too_short" else f"{context['max_length']} or fewer"
