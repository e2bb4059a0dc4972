"""Three runs or more side by side, for `luohu compare`."""

from typing import TYPE_CHECKING

from sim.cli.options import ByName, Lang, ZoneName
from sim.cli.render import called, print_json, print_several, print_titles, remark
from sim.messages import joined, say

if TYPE_CHECKING:
    from sim.analysis.compare import Comparison
    from sim.results.reader import Result


def compare_several(
    runs: "list[Result]", indicators: list[str], by: ByName | None, year: int, zone: ZoneName, lang: Lang, json: bool,
    anyway: bool, place: list[str] | None = None,
) -> None:  # fmt: skip
    """Print runs side by side, each paired with the first: the headline outcomes, or some indicators of areas."""
    import pandas as pd

    from sim.analysis import several

    if indicators:
        parts = [several.table(runs, name, by, year, zone, anyway, place) for name in indicators]
        table = pd.concat(parts, ignore_index=True)
    else:
        table = several.headline(runs, lang, year, anyway)
    names = several.labels(runs)
    if json:
        print_json({"baseline": names[0], "reforms": names[1:], "year": year, "rows": table})
    else:
        print_several(
            table,
            names,
            lang,
            [called(run, lang) if run.name == name else name for run, name in zip(runs, names, strict=True)],
        )
        print_titles(runs, lang)


def tell_pairing(pairing: "Comparison", quiet: bool = False) -> None:
    """Warn of what differs besides the scenario, and say which runs have no pair."""
    if pairing.unlike:
        remark(say("Warning: not only the scenario differs: {unlike}.", unlike=joined(pairing.unlike, "; ")))
    if pairing.pairing:
        remark(pairing.pairing, quiet)
