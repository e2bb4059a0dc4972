"""Typer's own words, in the language of the process: help pages, and mistakes on the command line."""

import inspect
import re
from typing import Any

from typer.main import get_command

from sim.cli.app import app
from sim.messages import joined, language, say, spoken

MISTAKES = (
    "Missing argument {name}",
    "Missing option {name}",
    "Missing command",
    "No such command {name} (Did you mean {near}?)",
    "No such command {name}",
    "No such option: {name} (Possible options: {near})",
    "No such option: {name}",
    "Option {name} requires an argument",
    "Option {name} does not take a value",
    "Got unexpected extra argument ({name})",
    "Got unexpected extra arguments ({name})",
    "Invalid value for {name}: {problem}",
    "Invalid value: {problem}",
    "{given} is not one of {words}",
    "Input should be a valid number, unable to parse string as a number",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid boolean, unable to interpret input",
)
"""What Typer and pydantic say of a command line; what is not among them stays in English."""
TYPES = {"int": "<int>", "int range": "<int range>", "float": "<float>", "bool": "<bool>", "str": "<str>",
         "path": "<path>", "list[str]": "<list[str]>", "list[path]": "<list[path]>", "list[float]": "<list[float]>",
         "list[int]": "<list[int]>", "list[Path]": "<list[Path]>"}  # fmt: skip
PANELS = {
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "OPTIONS_PANEL_TITLE": "Options",
    "COMMANDS_PANEL_TITLE": "Commands",
    "DEFAULT_STRING": "[default: {}]",
    "ENVVAR_STRING": "[env var: {}]",
    "REQUIRED_LONG_STRING": "[required]",
}
USAGE, OPTIONS, COMMANDS = "Usage: ", "[OPTIONS]", "COMMAND [ARGS]..."
TYPER = (*MISTAKES, *TYPES.values(), *PANELS.values(), USAGE, OPTIONS, COMMANDS, "Show this message and exit.")
"""All of it, for the catalogue."""


def command_line() -> Any:
    """Return the command with all below it; in Chinese its help is translated."""
    command = get_command(app)
    if language() != "en":
        _translate(command)
    return command


def takes_lang(command: Any, words: list[str]) -> int:
    """Return after how many words of a command line its command takes `--lang`; 0 if it does not."""
    for position, word in enumerate(words, 1):
        if word in getattr(command, "commands", {}):
            command = command.commands[word]
            if not hasattr(command, "commands"):
                return position if any(param.name == "lang" for param in command.params) else 0
    return 0


def mistake(text: str) -> str:
    """Make what Typer says of a wrong command line a message."""
    for template in MISTAKES:
        names = re.findall(r"\{(\w+)\}", template)
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(template))
        if found := re.fullmatch(pattern, text):
            values: dict[str, str] = {name: found[name] for name in names}
            if "problem" in values:
                values["problem"] = mistake(values["problem"])
            if "near" in values:
                values["near"] = joined(values["near"].split(", "))
            return say(template, **values)
    return text


def _translate(command: Any) -> None:
    """Put the help of a command, of its options and of all commands below it into the language of the process."""
    for part in ("help", "short_help"):
        if text := getattr(command, part, None):
            setattr(command, part, _of(inspect.cleandoc(text)))
    command.short_help = _entry(command.short_help or command.help or "")
    command.options_metavar = _of(OPTIONS)
    if hasattr(command, "commands"):
        command.subcommand_metavar = _of(COMMANDS)
    command.format_usage = lambda context, page: page.write_usage(
        context.command_path, " ".join(command.collect_usage_pieces(context)), _of(USAGE)
    )
    original, shown = command.format_help, command.get_params

    def format_help(context: Any, page: Any) -> Any:
        from typer import rich_utils

        for name, text in PANELS.items():
            setattr(rich_utils, name, _of(text))
        rich_utils._make_rich_text = _foldable
        return original(context, page)

    def get_params(context: Any) -> Any:
        params = shown(context)
        for param in params:
            if getattr(param, "help", None):
                param.help = _entry(_of(param.help))
            _name_type(param)
        return params

    command.format_help, command.get_params = format_help, get_params
    for below in getattr(command, "commands", {}).values():
        _translate(below)


def _entry(text: str) -> str:
    """Return a line of a list: a single Chinese sentence goes without its stop, which would stand alone on a line."""
    return text.removesuffix("。") if text.count("。") == 1 else text


def _name_type(param: Any) -> None:
    """Let a parameter name its type in the language of the process."""
    if told := getattr(param, "display_type_rich", None):
        param.display_type_rich = lambda ctx: None if (text := told(ctx=ctx)) is None else _of(text)


def _foldable(**made: Any) -> Any:
    """Make a text of help as Typer does, that also breaks where there is no blank; Rich would cut it off."""
    from rich.text import Text

    return Text(made["text"], style=made["style"], overflow="fold")


def _of(text: str) -> str:
    """Return a text of the catalogue in the language of the process."""
    return spoken(say(text))
