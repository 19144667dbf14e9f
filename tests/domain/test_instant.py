"""Instants: UTC text whose order is time order."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.instant import instant, later, moment_of, parse_instant, seconds_between

ZONES = st.integers(min_value=-14 * 60, max_value=14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-06-01T09:00:00Z", "2026-06-01T09:00:00.000000Z"),
        ("2026-06-01T09:00:00.5Z", "2026-06-01T09:00:00.500000Z"),
        ("2026-06-01T11:00:00+02:00", "2026-06-01T09:00:00.000000Z"),
        ("2026-06-01 03:30:00.000001-05:30", "2026-06-01T09:00:00.000001Z"),
        ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00.000000Z"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00.000000Z"),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00.000000Z"),
        ("2024-02-29T23:59:59.999999+00:00", "2024-02-29T23:59:59.999999Z"),
    ],
)
def test_what_is_written_with_an_offset_is_kept_as_utc_with_six_digits(written, kept):
    assert parse_instant(written) == kept


@pytest.mark.parametrize("written", ["2026-06-01T09:00:00", "2026-06-01", "2026-06-01T09:00:00.000000"])
def test_an_instant_without_an_offset_is_refused(written):
    with pytest.raises(ValueError, match="no offset"):
        parse_instant(written)


@pytest.mark.parametrize("written", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "1780304400"])
def test_what_is_no_instant_is_refused_by_name(written):
    with pytest.raises(ValueError, match=r"not an ISO 8601 instant|no offset"):
        parse_instant(written)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_what_lies_outside_the_years_1_to_9999_is_refused(written):
    with pytest.raises(ValueError, match="outside the years"):
        parse_instant(written)


def test_a_naive_datetime_is_no_instant():
    with pytest.raises(ValueError, match="no offset"):
        instant(datetime(2026, 6, 1))  # noqa: DTZ001 - that is the point


@given(MOMENTS, MOMENTS)
def test_the_order_of_the_texts_is_the_order_of_time(one, other):
    assert (instant(one) < instant(other)) == (one < other)
    assert (instant(one) == instant(other)) == (one == other)


@given(MOMENTS)
def test_an_instant_is_read_back_as_the_same_moment(moment):
    kept = instant(moment)
    assert moment_of(kept) == moment
    assert parse_instant(kept) == kept
    assert len(kept) == 27


@given(MOMENTS, MOMENTS)
def test_whole_seconds_between_are_rounded_down(one, other):
    span = other.astimezone(UTC) - one.astimezone(UTC)
    micros = (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
    assert seconds_between(instant(one), instant(other)) == micros // 1_000_000


def test_a_clock_that_ran_backwards_gives_negative_seconds():
    assert seconds_between(parse_instant("2026-06-01T09:00:01Z"), parse_instant("2026-06-01T09:00:00.5Z")) == -1


def test_later_crosses_days_and_leap_days():
    assert later(parse_instant("2024-02-28T12:00:00Z"), days=60) == "2024-04-28T12:00:00.000000Z"
    assert later(parse_instant("2026-12-31T23:59:59.999999Z"), microseconds=1) == "2027-01-01T00:00:00.000000Z"
