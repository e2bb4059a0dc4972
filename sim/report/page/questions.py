"""What a reader with two minutes asks after the answer: how sure, where, why, and what is not known."""

from collections.abc import Sequence

import pandas as pd

from sim.analysis.compare import MIN_DRAWS
from sim.analysis.noise_flags import noise_flag
from sim.report.locale.front_words import EFFECTS
from sim.report.page.findings import Both, Finding, verdict_of
from sim.report.page.tables import both
from sim.results.headline import Outcome
from sim.results.indicator_names import LANGS, UNITS, interval_text, unit_of

ASKED = ("residents", "urban_share")
"""What the answer is about."""


def questions(
    found: Sequence[Finding], outcomes: pd.DataFrame, places: pd.DataFrame | None, draws: int
) -> list[tuple[Both, Both]]:
    """Return question and answer, each in both languages; what the runs do not tell is left out.

    Parameters
    ----------
    found, outcomes
        As `sim.report.page.findings.findings` gives and takes them.
    places
        Residents by county, as for `findings`.
    draws
        Parameter draws of the runs.
    """
    told = {one.about: one for one in found}
    asked = [(both("ask_sure"), _how_sure(outcomes, draws))]
    if "where" in told:
        asked.append((both("ask_where"), told["where"].sentence))
    why = [told[name].sentence for name in ("steps", "actions") if name in told and told[name].verdict != "noise"]
    asked.append((both("ask_why"), why[0] if why else both("why_untold")))
    if places is None or draws < MIN_DRAWS:
        unknown = both("unknown_all")
    else:
        unknown = both("unknown_counties", count=len(places), rest=int((noise_flag(places) > 0).sum()))
    return [*asked, (both("ask_unknown"), unknown)]


def _how_sure(outcomes: pd.DataFrame, draws: int) -> Both:
    """Say of residents and the urban share how sure their differences are."""
    said = []
    for name in ASKED:
        rows = outcomes[outcomes["key"] == Outcome(name).key].to_dict("records")
        for row in rows:
            unit = unit_of(name)
            spans = [interval_text(row["low"], row["high"], unit, lang) for lang in LANGS]
            names = [UNITS[unit].difference(lang) for lang in LANGS]
            words = [both(f"sure_{verdict_of(row)}", interval=span, unit=word, draws=draws)[i]
                     for i, (span, word) in enumerate(zip(spans, names, strict=True))]  # fmt: skip
            topics = EFFECTS[name][2]
            said.append((f"{topics[0][:1].upper()}{topics[0][1:]}: {words[0]}.", f"{topics[1]}：{words[1]}。"))
    return " ".join(en for en, _ in said), "".join(zh for _, zh in said)
