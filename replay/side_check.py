"""What lies beside the log and can be rebuilt from it: keys, claims, numbers. Each is compared with the events.

Rows are remembered by hash and not by content: 64 bits a row, and a hash of this process only, which nobody can aim at.
"""

from typing import Any

from replay.evidence import StoredLog
from replay.findings import Findings, Unreadable

TICKET_NUMBERS = "ticket"
MESSAGE = "message"
_CLAIM = [str, str, str, int]


class KeyCheck:
    """Every sealed value has its key or its erasure; every key has a value that it seals."""

    def __init__(self, log: StoredLog, findings: Findings) -> None:
        self._log = log
        self._findings = findings
        self.known: set[int] = set()
        """Hashes of (key, subject) of the keys there are."""
        self.unused: set[int] = set()
        self._gone: dict[tuple[str, str], int] = {}
        self._erased: dict[str, tuple[str, int]] = {}
        self._is_readable = True
        try:
            for key, subject, genuine in log.subject_keys():
                if key != genuine:
                    findings.add(f"its id is not that of its secret, {genuine}", table="subject_keys", key=key)
                if not isinstance(key, str) or not isinstance(subject, str):
                    findings.add("its id or its subject is no text", table="subject_keys", key=key)
                self.known.add(hash((key, subject)))
        except Unreadable as damage:
            findings.add(str(damage), table="subject_keys")
            self._is_readable = False
        self.unused = set(self.known)

    def lacking(self, key: str, subject: str, position: int) -> str | None:
        """A value is sealed under a key that is not there, which its person's erasure must explain."""
        if key in self._erased:
            return f"it is sealed under key {key}, which was destroyed at position {self._erased[key][1]}"
        self._gone.setdefault((key, subject), position)
        return None

    def erased(self, stream: str, keys: tuple[str, ...], position: int) -> None:
        """A person was erased; these keys were destroyed."""
        for key in keys:
            self._erased[key] = (stream, position)

    def end(self) -> None:
        """Every event was seen."""
        if not self._is_readable:
            return
        for (key, subject), position in self._gone.items():
            if self._erased.get(key, ("", 0))[0] != subject:
                reason = f"position {position} is sealed under it for {subject}, and it is missing without an erasure"
                self._findings.add(reason, table="subject_keys", key=key)
        for key, (stream, position) in self._erased.items():
            if hash((key, stream)) in self.known:
                reason = f"the key was destroyed by the erasure at position {position} and is there"
                self._findings.add(reason, table="subject_keys", key=key)
            elif (key, stream) not in self._gone:
                reason = f"the erasure lists the key {key}, which sealed nothing of {stream} before it"
                self._findings.add(reason, position=position)
        if self.unused:
            for key, subject, _ in self._log.subject_keys():
                if hash((key, subject)) in self.unused:
                    self._findings.add(f"no event uses this key of {subject}", table="subject_keys", key=key)


class ClaimCheck:
    """The claims are those that the events took, and the ticket numbers are 1, 2, 3 ..."""

    def __init__(self, log: StoredLog, findings: Findings) -> None:
        self._log = log
        self._findings = findings
        self._is_readable = True
        self.number = 0
        """The last ticket number."""
        self._there: set[int] = set()
        try:
            for claim in log.claims():
                # A text and the same bytes have the same hash.
                if [*map(type, claim)] != _CLAIM:
                    findings.add("it holds a value of another type", table="claims", key=f"{claim[0]} {claim[1]}")
                self._there.add(hash(claim))
        except Unreadable as damage:
            findings.add(str(damage), table="claims")
            self._is_readable = False

    def opened(self, number: int) -> str | None:
        """A ticket took a number."""
        following = self.number + 1
        self.number = number
        return None if number == following else f"the ticket has number {number} where {following} follows"

    def took(self, key: str, stream: str, version: int) -> None:
        """An event took a message key."""
        claim = hash((MESSAGE, key, stream, version))
        if claim in self._there:
            self._there.discard(claim)
        elif self._is_readable:
            reason = f"{stream}@{version} took this key, and the claim is missing or names another event"
            self._findings.add(reason, table="claims", key=f"{MESSAGE} {key}")

    def end(self) -> None:
        """Every event was seen."""
        if self._there:
            for claim in self._log.claims():
                if hash(claim) in self._there:
                    reason = f"no event took this key as {claim[2]}@{claim[3]}"
                    self._findings.add(reason, table="claims", key=f"{claim[0]} {claim[1]}")
        wanted: dict[Any, Any] = {TICKET_NUMBERS: self.number} if self.number else {}
        try:
            stored: dict[Any, Any] = dict(self._log.sequences())
        except Unreadable as damage:
            self._findings.add(str(damage), table="sequences")
            return
        for name in sorted({*wanted, *stored}, key=str):
            if wanted.get(name) != stored.get(name):
                reason = f"the sequence {name!r} is at {stored.get(name)}, and by the events at {wanted.get(name)}"
                self._findings.add(reason, table="sequences", key=name)
