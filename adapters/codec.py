"""Event data as stored bytes and back: one strict decoder a name and schema, personal fields sealed (design section 3).

A stored form is compact JSON in the field order of the event's class. An event with personal fields is stored through a
twin whose personal fields are `{"$sealed": ...}` objects, so clear personal text cannot be written by mistake.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

from domain import contacts, definitions, projecting, statuses
from domain.recorded import EVENT_CLASSES, STORED_AS, UPCASTERS, Fact
from domain.ticket import blueprint_events, events, sla_events
from domain.values import SEALED, PersonalMark

# Importing a subject registers its events; a name that no imported module registered could not be read.
SUBJECTS: Final = (events, blueprint_events, sla_events, contacts, statuses, definitions, projecting)


class EventUnreadable(ValueError):
    """Stored bytes that no decoder of ours accepts; `str()` says which event and what is wrong with it."""


class SealedParts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose key sealed a text, which key, and the nonce with the cipher text in base64."""

    subject: str
    key: str
    ct: str


class SealedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sealed": "$sealed"}):
    """A personal text as it is stored."""

    sealed: SealedParts


Opener = Callable[[SealedParts, str, int, str], str]
"""The clear text of a sealed value that stands in (stream, version, field)."""
Sealer = Callable[[str, str, int, str, str], SealedText]
"""Seals under a subject for (stream, version, field) a text."""

_ENCODER: Final = msgspec.json.Encoder()
# msgspec reports a byte that is not UTF-8, and nesting without end, in Python's own exceptions.
_NOT_DECODED: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def withheld(_sealed: SealedParts, _stream: str, _version: int, _field: str) -> str:
    """The opener of whoever holds no key: figures and verification need no more."""
    return SEALED


def _is_personal(hint: Any) -> bool:
    if get_origin(hint) is Annotated:
        return any(isinstance(mark, PersonalMark) for mark in hint.__metadata__)
    return any(_is_personal(part) for part in get_args(hint))


def _stored_hint(hint: Any) -> Any:
    if not _is_personal(hint):
        return hint
    return SealedText | None if type(None) in get_args(hint) else SealedText


@dataclass(frozen=True, slots=True)
class Form:
    """How one event class is stored."""

    event_class: type
    name: str
    schema: int
    personal: tuple[tuple[int, str], ...]
    """Place and name of each personal field."""
    twin: type[msgspec.Struct]
    decoder: msgspec.json.Decoder[Any]
    setters: tuple[Callable[[Any, Any], None], ...]
    """What sets each field of a new event, in order."""
    values: Callable[[Any], Any]
    """The field values of an event or twin, as a tuple."""


@cache
def form_of(event_class: type) -> Form:
    """The stored form of an event class; raises KeyError where it has no stored name."""
    name, schema = STORED_AS[event_class]
    hints = get_type_hints(event_class, include_extras=True)
    names = [field.name for field in fields(event_class)]
    twin = msgspec.defstruct(
        event_class.__name__, [(field, _stored_hint(hints[field])) for field in names], forbid_unknown_fields=True
    )
    personal = tuple((place, field) for place, field in enumerate(names) if _is_personal(hints[field]))
    if len(names) > 1:
        values: Callable[[Any], Any] = attrgetter(*names)
    elif names:
        only = attrgetter(names[0])

        def values(event: Any) -> Any:
            return (only(event),)
    else:

        def values(event: Any) -> Any:
            return ()

    # A class without personal fields decodes straight into itself; that is the hot path of replay.
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(twin if personal else event_class)
    setters = tuple(getattr(event_class, field).__set__ for field in names)
    return Form(event_class, name, schema, personal, twin, decoder, setters, values)


Encoded = tuple[Form, bytes, str | None]
"""The form and the stored bytes of an event, and the person whose key sealed its text, if it has any."""


def encode(fact: Fact, seal: Sealer) -> Encoded:
    """The form and the stored bytes of a fact, and the person whose key sealed its text, if it has any.

    A personal field `old` repeats what was recorded before, so it stays under the key of the person it was about.
    """
    event = fact.event
    event_class: Any = type(event)
    form: Form = form_of(event_class)
    if not form.personal:
        return form, _ENCODER.encode(event), None
    values = list(form.values(event))
    person = None
    for place, field in form.personal:
        if (text := values[place]) is not None:
            person = fact.former_person if field == "old" else fact.person
            values[place] = seal(person, fact.stream, fact.version, field, text)
    return form, _ENCODER.encode(form.twin(*values)), person


@cache
def form_named(name: str, schema: int) -> Form:
    """The stored form of a permanent name; EventUnreadable where there is none, never skipped."""
    try:
        return form_of(EVENT_CLASSES[name, schema])
    except KeyError:
        raise EventUnreadable(f"no event is stored under the name {name!r} with schema {schema}") from None


def decode(name: str, schema: int, data: bytes, stream: str, version: int, opener: Opener) -> tuple[Any, str | None]:
    """The typed event, brought to its newest schema, and the subject whose key seals it, if any.

    Raises EventUnreadable for a name, schema, key or value that is not of the stored form.
    """
    form = form_named(name, schema)
    try:
        event = form.decoder.decode(data)
    except _NOT_DECODED as error:
        raise EventUnreadable(f"{stream}@{version}: {name} {schema} does not decode: {error}") from None
    person: str | None = None
    if form.personal:
        values = list(form.values(event))
        for place, field in form.personal:
            if (sealed := values[place]) is not None:
                person = sealed.sealed.subject
                values[place] = opener(sealed.sealed, stream, version, field)
        # The slots are set directly: a frozen class sets each of its fields through a slow check.
        event = object.__new__(form.event_class)
        for set_slot, value in zip(form.setters, values):  # noqa: B905 - one each, and this is the hot path
            set_slot(event, value)
    while (upcast := UPCASTERS.get(type(event))) is not None:
        event = upcast(event)
    return event, person


def decode_strictly(name: str, schema: int, data: bytes) -> Any:
    """The stored form, proven to be the very bytes our encoder writes; EventUnreadable where it is not.

    msgspec alone ignores unknown and repeated keys; encoding again and comparing bytes does not.
    """
    form = form_named(name, schema)
    try:
        stored_form = form.decoder.decode(data)
    except _NOT_DECODED as error:
        raise EventUnreadable(f"{name} {schema} does not decode: {error}") from None
    if _ENCODER.encode(stored_form) != data:
        raise EventUnreadable(f"{name} {schema} is not written as our encoder writes it")
    return stored_form
