"""Read YAML strictly and remember on which line each key stands."""

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sim.errors import UserError
from sim.messages import say

KINDS = ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in KINDS}
DEEPEST = 20
# Plain Python errors that the parser lets through on broken escapes and the like.
LET_THROUGH = (ValueError, AttributeError, TypeError, LookupError, NotImplementedError)

FAULTS = (
    ("could not find expected ':'", say("a key needs a colon and a blank behind it, as in 'name: value'")),
    ("mapping values are not allowed",
     say("there is a colon too many, or the line is indented too far; put a text with a colon into quotation marks")),
    ("'\\t' that cannot start", say("the line begins with a tab; indent it with blanks")),
    ("cannot start any token", say("a value cannot begin with this sign; put it into quotation marks")),
    ("expected <block end>", say("lines of one block do not begin in the same column; indent them alike")),
    ("expected ',' or ']'", say("a bracket '[' is not closed, or a comma is missing")),
    ("expected ',' or '}'", say("a brace is not closed, or a comma is missing")),
    ("unexpected end of stream", say("a quotation mark is not closed")),
    ("expected a single document", say("a second document begins with '---'; delete the line")),
    ("unknown escape", say("a backslash means something else in double quotation marks; use single ones")),
    ("special characters are not allowed", say("an invisible character stands in the file; delete it")),
    ("undefined alias", say("a value cannot begin with '*' here; put it into quotation marks")),
)  # fmt: skip
"""What to do about a fault of a YAML file, by a part of what the parser says of it."""

Keys = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A YAML file as plain Python values, with the line of every key."""

    path: Path
    data: Any
    lines: Mapping[Keys, int]

    def at(self, *keys: Any) -> str:
        """Name the file and the line of a key, or of the nearest key above it."""
        for depth in range(len(keys), 0, -1):
            if keys[:depth] in self.lines:
                return f"{shown(self.path)}:{self.lines[keys[:depth]]}"
        return f"{shown(self.path)}:1"

    def value(self, *keys: Any) -> Any:
        """Return what stands under some keys, as it is written; None if nothing does."""
        found = self.data
        for key in keys:
            try:
                found = found[key]
            except (LookupError, TypeError):
                return None
        return found


def shown(path: Path) -> str:
    """Show a path as a user would type it from where they are."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def read_yaml(path: Path) -> Document:
    """Read a YAML file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Document
        Its values and the lines they stand on.

    Raises
    ------
    UserError
        When the file cannot be opened, is not YAML, names a key twice, or uses tags or aliases.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError("{path}:1: the file is not UTF-8 text; save it as UTF-8.", path=shown(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or say("the name is not valid")
        raise UserError(
            "{path}:1: the file cannot be opened ({reason}); check its name.", path=shown(path), reason=reason
        ) from None
    for line, content in enumerate(text.splitlines(), 1):
        if content.startswith("%"):  # the parser knows versions up to 1.2 and has no words for others
            raise UserError(
                "{path}:{line}: a directive such as %YAML is not used here; delete the line.",
                path=shown(path),
                line=line,
            )
    lines: dict[Keys, int] = {}
    try:
        node = _compose(text)
        data = None if node is None else _plain(node, (), lines, path)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = max(1, len(text.rstrip().splitlines()))
        line = min(mark.line + 1, last) if mark else 1
        raise _not_yaml(path, line, error.problem) from None
    except (YAMLError, RecursionError, *LET_THROUGH) as error:
        raise _not_yaml(path, 1, error) from None
    return Document(path, data, lines)


def _compose(text: str) -> Node | None:
    """The nodes of a text: by the quick scanner in C if it finds no fault, else by the one whose words are clearer.

    That in C does not tell of anchors and aliases.
    """
    if "&" not in text and "*" not in text:
        with suppress(YAMLError, *LET_THROUGH):
            node: Node | None = YAML(typ="safe").compose(text)
            return node
    with warnings.catch_warnings(action="ignore", category=ReusedAnchorWarning):
        node = YAML(typ="safe", pure=True).compose(text)
    return node


def _not_yaml(path: Path, line: int, told: Any) -> UserError:
    """Say where a file is not YAML, what to do about it, and what the parser says."""
    problem = " ".join(str(told).split())[:100].rstrip(".")
    advice = next((advice for part, advice in FAULTS if part in problem), say("correct this line or the one before"))
    return UserError(
        "{path}:{line}: this is not valid YAML: {advice} (the parser says: {problem}).",
        path=shown(path), line=line, advice=advice, problem=problem,
    )  # fmt: skip


def _plain(node: Node, keys: Keys, lines: dict[Keys, int], path: Path) -> Any:
    """Turn a parsed node into plain values, noting lines on the way."""
    line = node.start_mark.line + 1
    if str(node.tag) not in PLAIN_TAGS:
        tag = str(node.tag)[:40]
        raise UserError(
            "{path}:{line}: the tag {tag!r} is not used here; write the plain value.",
            path=shown(path),
            line=line,
            tag=tag,
        )
    if node.anchor is not None:
        raise UserError(
            "{path}:{line}: anchors and aliases are not used here; write the value out.", path=shown(path), line=line
        )
    if len(keys) > DEEPEST:
        raise UserError(
            "{path}:{line}: keys are nested more than {most} deep; flatten them.",
            path=shown(path),
            line=line,
            most=DEEPEST,
        )
    if isinstance(node, ScalarNode):
        return _scalar(str(node.tag), node.value)
    if isinstance(node, SequenceNode):
        values = []
        for position, item in enumerate(node.value):
            lines[(*keys, position)] = item.start_mark.line + 1
            values.append(_plain(item, (*keys, position), lines, path))
        return values
    assert isinstance(node, MappingNode)
    return _mapping(node, keys, lines, path)


def _mapping(node: MappingNode, keys: Keys, lines: dict[Keys, int], path: Path) -> dict[str | int, Any]:
    values: dict[str | int, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = _scalar(str(key_node.tag), key_node.value) if isinstance(key_node, ScalarNode) else None
        if isinstance(key, bool) or not isinstance(key, str | int):
            raise UserError(
                "{path}:{line}: a key must be a word or a year; correct this one.", path=shown(path), line=line
            )
        if key in values:
            first = lines[(*keys, key)]
            raise UserError(
                "{path}:{line}: '{key}' stands here twice (first on line {first}); remove one.",
                path=shown(path),
                line=line,
                key=key,
                first=first,
            )
        lines[(*keys, key)] = line
        values[key] = _plain(value_node, (*keys, key), lines, path)
    return values


def _scalar(tag: str, text: str) -> Any:
    """Give a scalar its Python type; what does not parse stays text."""
    kind = tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in ("int", "float"):
        plain = text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan")
        try:
            return int(plain) if kind == "int" else float(plain)
        except ValueError:
            return text
    return text
