"""`luohu run --describe`: what would be run."""

from typing import TYPE_CHECKING, Any

from sim.cli.render import print_json, tell
from sim.messages import joined, say, spoken

if TYPE_CHECKING:
    from sim.policy import Scenario


def print_descriptions(scenarios: "list[Scenario]", options: dict[str, Any], json: bool) -> None:
    """Print what running these scenarios with these options would do."""
    from sim.runner.describe import describe
    from sim.runner.ensemble import Options

    told = [describe(scenario, Options(**options)) for scenario in scenarios]
    if json:
        print_json(told)
        return
    for one in told:
        _print(one)


def _print(one: dict[str, Any]) -> None:
    first, last = one["years"]
    megabytes = one["state_bytes"] / 1e6
    tell(
        "{scenario}: {first} to {last}, runs: {runs}",
        scenario=one["scenario"],
        first=first,
        last=last,
        runs=one["runs"],
    )
    tell(
        "Households: about {households:,}, {bytes_per_household} bytes each",
        households=one["households"],
        bytes_per_household=one["bytes_per_household"],
    )
    tell("State: {megabytes:,.0f} MB a run", megabytes=megabytes)
    tell("Processes of a year:")
    for number, process in enumerate(one["processes"], start=1):
        print(f"  {number:2d} {process['name']}: {spoken(say(process['does']))}")
    tell("Levers at work: {count}", count=len(one["levers"]))
    for lever in one["levers"]:
        print(f"  {lever['name']} ({lever['channel']}): {lever['magnitude']}")
    switches = joined(
        say("{name} on", name=name) if on else say("{name} off", name=name) for name, on in one["feedback"].items()
    )
    tell("Feedback: {switches}", switches=switches)
