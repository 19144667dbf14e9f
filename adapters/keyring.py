"""The keys that seal personal text: one random key or more a subject, the only rows that may be destroyed (E-14).

A key's id is a hash of its bytes, so a key that was altered is noticed without opening anything. The associated data of
each sealed value names stream, version and field, so no value can be moved to another place.
"""

import os
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.codec import SealedParts, SealedText
from domain.values import ERASED

_NONCE_BYTES: Final = 12
_KEPT_KEYS: Final = 10_000


class SealBroken(ValueError):
    """A sealed value does not open with its key: the value, its place or the key was altered."""


def key_id(secret: bytes) -> str:
    """The id of a key: 128 bits of a hash over its bytes."""
    return sha256(b"deskledger.key.1" + secret).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A key and the subject whose text it seals."""

    key: str
    subject: str
    secret: bytes


def new_key(subject: str) -> SubjectKey:
    """A random key for a subject."""
    secret = os.urandom(32)
    return SubjectKey(key_id(secret), subject, secret)


class Keyring:
    """Keys in memory, bounded; what is not there is asked of the store.

    Keys made for a batch are usable at once and kept only when `keep_new` says that they were committed.
    """

    def __init__(
        self, secret_of: Callable[[str], bytes | None], keys_for: Callable[[Sequence[str]], Mapping[str, SubjectKey]]
    ):
        self._secret_of = secret_of
        self._keys_for = keys_for
        self._ciphers: dict[str, AESGCM | None] = {}
        self._current: dict[str, str] = {}
        self._made: dict[str, SubjectKey] = {}
        self._nonces: list[bytes] = []
        self.used: set[str] = set()
        """Ids of the stored keys that sealed something since the last `prepare`."""

    def prepare(self, subjects: Sequence[str], values: int = 0) -> None:
        """Look up the keys of the subjects that a batch will seal under, in one query.

        The nonces of so many values are drawn at once; what the batch leaves of them is never used.
        """
        self._made.clear()
        self.used.clear()
        drawn = os.urandom(_NONCE_BYTES * values)
        self._nonces = [drawn[place : place + _NONCE_BYTES] for place in range(0, len(drawn), _NONCE_BYTES)]
        if len(self._ciphers) > _KEPT_KEYS:
            self.forget()
        unknown = [subject for subject in subjects if subject not in self._current]
        if unknown:
            for subject, found in self._keys_for(unknown).items():
                self._current[subject] = found.key
                self._ciphers[found.key] = AESGCM(found.secret)

    def forget(self) -> None:
        """Drop every stored key from memory: a person was erased, or memory is to be freed.

        Those of a batch under way stay: they are stored nowhere yet, and its commit makes them the subjects' keys.
        """
        self._ciphers = {made.key: self._ciphers[made.key] for made in self._made.values()}
        self._current.clear()

    def made(self) -> list[SubjectKey]:
        """The keys made since `prepare`, to be stored with the batch that they seal."""
        return list(self._made.values())

    def keep_new(self) -> None:
        """The batch was committed: its new keys are the subjects' keys from now on."""
        self._current.update((subject, made.key) for subject, made in self._made.items())
        self._made.clear()

    def drop_new(self) -> None:
        """The batch was not committed: its new keys never existed."""
        for made in self._made.values():
            self._ciphers.pop(made.key, None)
        self._made.clear()

    def seal(self, subject: str, stream: str, version: int, field: str, text: str) -> SealedText:
        """The text as it is stored at (stream, version, field)."""
        if (key := self._current.get(subject)) is not None:
            self.used.add(key)
        else:
            made = self._made.get(subject)
            if made is None:
                made = self._made[subject] = new_key(subject)
                self._ciphers[made.key] = AESGCM(made.secret)
            key = made.key
        cipher = self._ciphers[key]
        if cipher is None:
            raise SealBroken(f"key {key} of {subject} was destroyed")
        nonce = self._nonces.pop() if self._nonces else os.urandom(_NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, text.encode(), _place(stream, version, field))
        return SealedText(SealedParts(subject, key, b2a_base64(sealed, newline=False).decode()))

    def open(self, sealed: SealedParts, stream: str, version: int, field: str) -> str:
        """The clear text, or `erased` where the key was destroyed; SealBroken where the value was altered."""
        try:
            cipher = self._ciphers[sealed.key]
        except KeyError:
            secret = self._secret_of(sealed.key)
            if len(self._ciphers) > _KEPT_KEYS:
                self.forget()
            cipher = self._ciphers[sealed.key] = None if secret is None else AESGCM(secret)
        if cipher is None:
            return ERASED
        try:
            raw = a2b_base64(sealed.ct, strict_mode=True)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _place(stream, version, field)).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"{stream}@{version} {field} does not open with key {sealed.key}") from error


def _place(stream: str, version: int, field: str) -> bytes:
    return f"{stream}\n{version}\n{field}".encode()
