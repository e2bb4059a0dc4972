"""Scenarios in many right writings, held against what was meant; wrong ones: tests/policy/test_policy_mangling."""

import pytest
from many import each, portions, sentence
from plain_places import above, before, meant, table, today
from ruamel.yaml import YAML

from sim.errors import UserError
from sim.policy import load_scenario
from sim.storage.paths import CATALOGUE

COUNTIES = [int(row["place"]) for row in table("places") if row["kind"] != "outside"]


@pytest.fixture(scope="module")
def levers():
    """Levers that take a number, with the stated range, read plainly from the catalogue."""
    found = {}

    def walk(entries):
        for name, entry in entries.items():
            if entry.get("channel") and entry.get("low") is not None:
                found[name] = (float(entry["low"]), float(entry["high"]))
            walk(entry.get("children", {}))

    walk(YAML(typ="safe").load((CATALOGUE / "levers.yaml").read_text(encoding="utf-8"))["levers"])
    assert len(found) > 40
    return found


def number(chance, value):
    return chance.choice((repr(value), f"{value:.12f}", f"+{value!r}" if value > 0 else repr(value), f"{value:.15e}"))


def word(chance, code):
    words = [str(code), f"'{code}'", f'"{today()[code][0]}"', today()[code][0], above(code)[0] + today()[code][0]]
    words += [str(old) for old, (_, now) in before().items() if now == {code}]
    return chance.choice([one for one in words if meant(one.strip("'\"")) == {code}])


def written(chance, settings):
    """A scenario file of levers with magnitude and places, in one of many writings."""
    heads = [
        "name: mine",
        "title: {en: Mine, zh: 我的}",
        chance.choice(("extends: plan", "extends: 'plan'", "extends:   plan  # all")),
    ]
    blocks = ["levers:"]
    for name, (magnitude, places) in settings.items():
        size, names = number(chance, magnitude), [word(chance, code) for code in places]
        if chance.random() < 0.5:
            blocks.append(f"  {name}: {{magnitude: {size}, where: {{places: [{', '.join(names)}]}}}}")
        else:
            blocks += [
                f"  {name}:",
                f"    where:   # {name}",
                "      places:",
                *(f"      - {one}" for one in names),
                f"    magnitude: {size}",
            ]
    parts = [*([line] for line in heads), blocks]
    chance.shuffle(parts)
    lines = [line for part in parts for line in (*part, *chance.choice(((), (), ("",), ("# 注",))))]
    end = chance.choice(("\n", "\n", "\r\n"))
    return (chance.choice(("", "", "\ufeff", f"---{end}")) + end.join(lines) + end).encode()


@portions(few=40, many=1000)
def test_what_is_written_is_what_is_meant(seeds, levers, tmp_path):
    plan = load_scenario("plan").as_dict()["levers"]

    def check(chance):
        settings = {}
        for name in chance.sample(sorted(levers), chance.randint(1, 4)):
            low, high = levers[name]
            settings[name] = (round(chance.uniform(low, high), 4), chance.sample(COUNTIES, chance.randint(1, 3)))
        file = tmp_path / "mine.yaml"
        file.write_bytes(written(chance, settings))
        try:
            read = load_scenario(file)
        except UserError as error:
            raise AssertionError(f"{sentence(error)} {file.read_text(encoding='utf-8')}") from error
        told = read.as_dict()["levers"]
        for name, (magnitude, places) in settings.items():
            if not magnitude and name not in told:
                continue
            assert told[name]["magnitude"] == pytest.approx(magnitude, rel=1e-9), name
            (entry,) = read.levers[name].entries
            assert sorted(entry.where.plain()["places"]) == sorted(places), name
        assert {name: one for name, one in told.items() if name not in settings} == {
            name: one for name, one in plan.items() if name not in settings
        }
        return True

    each(seeds, check)
