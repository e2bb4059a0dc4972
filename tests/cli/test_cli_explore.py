"""Sensitivity and discovery from the command line, as small as they get."""

import json

import pytest

SMALL = ["--until", 2021, "--scale", 0.001, "--quiet"]


def test_sensitivity(luohu, tmp_path):
    words = ["--input", "considering_factor", "--input", "seat_response", "--outcome", "moved_out", "--base", "none"]
    done = luohu("sensitivity", "--scenario", "baseline", "--method", "morris", "--points", 2, *words, *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["indices"][0]["name"] == "considering_factor" and told["indices"][0]["mean_abs"] > 0
    folder = tmp_path / "results" / "sensitivity"
    assert {path.name for path in folder.iterdir()} == {".contents.json", "manifest.json", "tables", "figures"}
    assert json.loads((folder / "manifest.json").read_text())["kind"] == "sensitivity"
    assert (folder / "figures" / "morris_moved_out.zh.png").stat().st_size > 5_000
    assert json.loads(luohu("runs", "show", "sensitivity", "--json").stdout)["method"] == "morris"
    assert "holds a sensitivity" in luohu("needs", "sensitivity").stderr
    done = luohu("sensitivity", *SMALL)
    assert done.returncode == 2 and "--overwrite" in done.stderr


def test_discover(luohu, tmp_path):
    done = luohu("discover", "--scenario", "baseline", "--outcome", "births", "--target", 1, "--points", 10, "--input",
                 "considering_factor", *SMALL)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Too few points miss" in done.stdout and done.stderr == ""
    assert (tmp_path / "results" / "discovery" / "tables" / "points.csv").read_text().count("\n") == 11


@pytest.mark.parametrize(
    ("words", "told"),
    {
        ("sensitivity", "--outcome", "urban_shar"): "urban_share",
        ("sensitivity", "--input", "deliver"): "delivery",
        ("sensitivity", "--points", "3"): "points",
        ("discover", "--points", "3"): "points",
        ("discover", "--scenario", "plam"): "plan",
    }.items(),
)
def test_mistakes(luohu, tmp_path, words, told):
    done = luohu(*words)
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 1, done
    assert told in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("manifest.json"))
