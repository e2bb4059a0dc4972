"""`luohu run --describe`: what would be run."""

from typing import TYPE_CHECKING, Any

from sim.cli.render import print_json

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
    print(f"{one['scenario']}: {first} to {last}, runs: {one['runs']}")
    print(f"Households: about {one['households']:,}, {one['bytes_per_household']} bytes each")
    print(f"State: {megabytes:,.0f} MB a run")
    print("Processes of a year:")
    for number, process in enumerate(one["processes"], start=1):
        print(f"  {number:2d} {process['name']}: {process['does']}")
    print(f"Levers at work: {len(one['levers'])}")
    for lever in one["levers"]:
        print(f"  {lever['name']} ({lever['channel']}): {lever['magnitude']}")
    switches = ", ".join(f"{name} {'on' if on else 'off'}" for name, on in one["feedback"].items())
    print(f"Feedback: {switches}")
