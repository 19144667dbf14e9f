"""Verification of a ledger's file: rows, side tables, guards and projections as they are stored, for `replay.verify`.

It reads through connections of its own that cannot write, each in one transaction, so writers go on meanwhile.
"""

from adapters.verification.ledger import verify_ledger

__all__ = ["verify_ledger"]
