"""The one error that a user's input can cause."""

import difflib
from collections.abc import Iterable

LONGEST_VALUE = 60


class InputError(ValueError):
    """A file or a setting that cannot be used; ``str(error)`` is always one printable line.

    The line names the field, the value that was found, what is allowed and, where there is one, the nearest
    valid name.
    """

    def __init__(self, message: object) -> None:
        one_line = " ".join(str(message).split())
        super().__init__("".join(letter if letter.isprintable() else "?" for letter in one_line))


def nearest(value: str, known: Iterable[str]) -> str | None:
    """Return the name in `known` that looks most like `value`, or None if none is close."""
    by_lower_case = {name.lower(): name for name in known}
    close = difflib.get_close_matches(str(value).lower(), by_lower_case, n=1, cutoff=0.5)
    return by_lower_case[close[0]] if close else None


def not_allowed(where: str, field: str, value: object, allowed: str, known: Iterable[str] = ()) -> InputError:
    """Build the error for a value outside what is allowed.

    Parameters
    ----------
    where : str
        File and line, or any other address of the value; may be empty.
    field, value
        Name of the field and what was found in it.
    allowed : str
        What would have been accepted, in words.
    known : iterable of str
        Valid names, from which the nearest is suggested.

    Returns
    -------
    InputError
        To be raised by the caller; it reads, for instance,
        ``timeline.csv line 12: hour=25 is not allowed: an integer from 0 to 23``.
    """
    address = f"{where}: " if where else ""
    text = str(value)
    shown = text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."
    problem = f"{field}={shown} is not allowed" if shown.strip() else f"{field} is empty"
    guess = nearest(text, known)
    return InputError(f"{address}{problem}: {allowed}" + (f"; did you mean {guess}?" if guess else ""))
