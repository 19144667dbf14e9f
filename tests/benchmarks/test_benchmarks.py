"""That the benchmarks run and print what a reader of their lines relies on; what they measure is not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.claims import CLAIMS, Claim
from benchmarks.workload import GAP, LIFE, commands, slices

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"id", "value", "must", "aim", "what", "fsync_us", "pairs", "quartiles", "ours_us", "ours_cpu_us"}


@pytest.fixture(scope="module")
def run() -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks", "--quick", "S1", "S3"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_each_figure_is_one_json_line(run) -> None:
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["S1", "S3", "S3-floor"]
    assert all(line.keys() >= KEYS for line in lines)
    assert all(line["value"] > 0 for line in lines)


def test_a_missed_bound_is_named_and_fails_the_run(run) -> None:
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    missed = [line["id"] for line in lines if line["value"] < line["must"]]
    named = [line.split()[1] for line in run.stderr.splitlines() if line.startswith("missed: ")]
    assert named == missed
    assert run.returncode == (1 if missed else 0)


def test_an_unknown_id_is_a_usage_error() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "S99"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "S99" in found.stderr


def test_a_ceiling_is_kept_from_below_and_a_floor_from_above() -> None:
    assert Claim("", must=2).is_kept(2)
    assert not Claim("", must=2).is_kept(1.9)
    assert Claim("", must=200, is_ceiling=True).is_kept(200)
    assert not Claim("", must=200, is_ceiling=True).is_kept(201)
    assert Claim("").is_kept(0)


def test_every_claim_says_what_it_compares() -> None:
    assert all(claim.what for claim in CLAIMS.values())


def test_the_same_commands_come_every_time_and_each_life_is_in_order() -> None:
    (first,), (again,) = slices(3 * GAP * LIFE, 1), slices(3 * GAP * LIFE, 1)
    assert first == again
    life = [json.loads(raw) for raw in first if json.loads(raw)["ticket_id"] == "T-0"]
    names = ["OpenTicket", "AssignTicket", "SendReply", "AddComment", "CloseTicket"]
    assert [command["command"] for command in life] == names
    assert next(commands()) == first[0]
