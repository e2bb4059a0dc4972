"""The shape of scenario files, of the groups of places and of what they are made of."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.messages import Message, either, say
from sim.policy.dates import Duration, Ramp, StartMonth, TargetMonth

Number = Annotated[float, Field(allow_inf_nan=False)]
PERCENT = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[%％]\s*")


def _of_percent(value: Any) -> Any:
    """Read 85% as 0.85; anything else stays as it is."""
    found = PERCENT.fullmatch(value) if isinstance(value, str) else None
    return float(found[1]) / 100 if found else value


Share = Annotated[
    float,
    BeforeValidator(_of_percent),
    Field(allow_inf_nan=False),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?\s*[%％]$"}]}),
]
"""A number, or a share in per cent."""
Factor = Annotated[
    float,
    BeforeValidator(lambda value: _of_percent(_of_times(value))),
    Field(allow_inf_nan=False),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?\s*[%％倍]$"}]}),
]
"""How many times, also as 150% or 1.5倍."""


def _of_times(value: Any) -> Any:
    """Read 1.5倍 as 1.5; anything else stays as it is."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*倍", value) if isinstance(value, str) else None
    return float(found[1]) if found else value


def _no_percent(value: Any) -> Any:
    if isinstance(value, str) and (found := PERCENT.fullmatch(value)):
        share = float(found[1]) / 100
        said = say(
            "this may be points or a part of what there is; "
            "write plus: {share:g} for points, times: {times:g} for a part",
            share=share,
            times=1 + share,
        )
        raise PydanticCustomError("points", "{said}", {"said": said})
    return value


def _years(value: Any) -> Any:
    """Read years that are written as 2026年 or in quotes."""
    if not isinstance(value, dict):
        return value
    read = {key: int(key[:4]) if isinstance(key, str) and re.fullmatch(r"\d{4}年?", key) else key for key in value}
    for year in read.values():
        if list(read.values()).count(year) > 1:
            said = say("the year {year} stands here twice; keep one", year=year)
            raise PydanticCustomError("twice", "{said}", {"said": said})
    return {read[key]: number for key, number in value.items()}


SCHEMA_COMMENT = "# yaml-language-server: $schema=scenario.schema.json"

NAME_BYTES = 200
"""What a name may take of the 255 bytes that file systems allow; the rest is for hidden and temporary names."""


def folder_name(name: str) -> str:
    """Let a scenario's name pass if it does as the name of a folder everywhere.

    Raises
    ------
    ValueError
        When it does not, saying why.
    """
    if unicodedata.normalize("NFC", name) != name or any(unicodedata.combining(letter) for letter in name):
        raise ValueError(
            say("'name' {name!r} is written with combining accents; write each letter as one character", name=name[:60])
        )
    if not re.fullmatch(r"\w[\w.\-]*", name):
        raise ValueError(
            say("'name' {name!r} does not do as a name; use letters, digits, dots and dashes", name=name[:60])
        )
    size = len(name.encode())
    if len(name) > 80 or size > NAME_BYTES:
        now = say("{count} letters and {size} bytes", count=len(name), size=size)
        raise ValueError(
            say(
                "'name' takes at most 80 letters and {most} bytes; this has {now}; shorten it", most=NAME_BYTES, now=now
            )
        )
    return name


FolderName = Annotated[
    str, AfterValidator(folder_name), WithJsonSchema({"type": "string", "pattern": r"^\w[\w.\-]{0,79}$"})
]


class Strict(BaseModel):
    """A block of keys that takes no others and guesses no types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _only_known_keys(cls, data: Any) -> Any:
        if isinstance(data, dict):
            for key in data:
                if key not in (allowed := [field.alias or name for name, field in cls.model_fields.items()]):
                    context = {"key": key, "allowed": allowed}
                    raise PydanticCustomError("unknown_key", "the key {key} is not known", context)
        return data


def _number_or_block(value: Any) -> str:
    return "block" if isinstance(value, dict | BaseModel) else "number"


def _writable(text: str) -> str:
    """Let a text pass that every file and page can hold."""
    for sign in text:
        if unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t":
            raise ValueError(say("the text holds a sign that cannot be written ({sign!a}); take it out", sign=sign))
    return text


def _on_one_line(text: str) -> str:
    if not text.strip() or len(text.splitlines()) > 1:
        raise ValueError(say("a title is one line of words, not {text!r}; correct it", text=text[:60]))
    return text


Text = Annotated[str, AfterValidator(_writable)]
OneLine = Annotated[Text, Field(min_length=1), AfterValidator(_on_one_line)]


class Title(Strict):
    """A title in English and Chinese."""

    en: OneLine
    zh: OneLine

    @property
    def said(self) -> Message:
        """The title as a message."""
        return either(self.en, self.zh)


class GroupEntry(Strict):
    """A named group of places."""

    title: Title
    source: str
    note: str = ""
    places: list[int] = Field(min_length=1)


def _place_word(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        said = say("a place is a name such as 正定县 or a code such as 130123")
        raise PydanticCustomError("place", "{said}", {"said": said})
    return value


def _as_list(value: Any) -> Any:
    """Read one name or code as a list of one."""
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


def _as_block(value: Any) -> Any:
    """Read a name, a code or a list of them as the block that has them under `places`."""
    return value if isinstance(value, dict | BaseModel) else {"places": value if isinstance(value, list) else [value]}


PlaceWord = Annotated[str | int, PlainValidator(_place_word), WithJsonSchema({"$comment": "PlaceWord"})]
WORDS_FOR_PLACES = "Names (Chinese, English or pinyin) or codes of counties and prefectures, and groups."


class Where(Strict):
    """Which places: one of four keys, less those of `except`."""

    group: str | None = Field(None, description="A group of scenarios/catalogue/groups.yaml or of this scenario.")
    places: Annotated[list[PlaceWord], BeforeValidator(_as_list), Field(min_length=1)] | None = Field(
        None, description=WORDS_FOR_PLACES
    )
    prefecture: (
        Annotated[
            Annotated[PlaceWord, Tag("one")] | Annotated[list[PlaceWord], Field(min_length=1), Tag("list")],
            Discriminator(lambda value: "list" if isinstance(value, list) else "one"),
        ]
        | None
    ) = Field(None, description="Names or codes of one prefecture or several: all their counties.")
    all: Literal[True] | None = Field(None, description="Every county of Hebei.")
    but: "WhereValue | None" = Field(None, alias="except", description="Places of these that are left out.")

    @model_validator(mode="after")
    def _just_one(self) -> "Where":
        given = [key for key in ("group", "places", "prefecture", "all") if getattr(self, key) is not None]
        if len(given) != 1 or not self.model_fields_set <= {*given, "but"}:
            raise ValueError(
                say(
                    "'where' takes exactly one of {group: ...}, {places: [...]}, {prefecture: ...}, {all: true}, and "
                    "perhaps {except: ...}; keep one"
                )
            )
        return self

    @classmethod
    def of(cls, codes: Iterable[int]) -> "Where":
        """Make one from place codes."""
        return cls.model_validate({"places": list(codes)})

    def plain(self) -> dict[str, Any]:
        """Give it as it stands in a scenario file."""
        return self.model_dump(exclude_none=True, by_alias=True)


WhereValue = Annotated[Where, BeforeValidator(_as_block), WithJsonSchema({"$comment": "WhereValue"})]


class LeverChange(Strict):
    """What a scenario says of a lever; whatever it leaves out stays as inherited or as in the catalogue."""

    magnitude: Share | None = Field(
        None, description="Strength at the target date, in the lever's unit; shares also in per cent."
    )
    times: Factor | None = Field(None, description="The strength that this file extends, times so much.")
    plus: Annotated[Number, BeforeValidator(_no_percent)] | None = Field(
        None, description="The strength that this file extends, and so much more."
    )
    start: StartMonth | None = Field(None, description="First month (2025 means 2025-01).")
    target: TargetMonth | None = Field(None, description="Month by whose end it is whole (2028 means 2028-12).")
    later: Duration | None = Field(None, description="Moves start and target: 1 year, 6 months.")
    earlier: Duration | None = Field(None, description="Moves start and target back: 1 year, 6 months.")
    ramp: Ramp | None = Field(None, description="linear from start to target, or step: whole from the first month.")
    where: WhereValue | None = Field(None, description="Where it acts.")
    to: WhereValue | None = Field(None, description="Other end of the journeys, for levers on travel time.")
    rest: Literal["keep", "none"] | None = Field(
        None, description="What this file extends for places not named here: keep it, or none of it."
    )
    delivered: Annotated[Share, Field(ge=0.0, le=1.0)] | None = Field(
        None, description="Share that is delivered, whatever the delivery of the scenario."
    )
    entirely: Literal[True] | None = Field(
        None, description="It is law: delivered whole, and as written in every draw."
    )
    drawn: Literal[False] | None = Field(None, description="The size is as written in every draw; delivery is drawn.")
    note: Text | None = Field(None, description="Why this value.")

    @model_validator(mode="after")
    def _makes_sense(self) -> "LeverChange":
        if not self.model_dump(exclude_none=True):
            raise ValueError(
                say("a lever with nothing behind it changes nothing; give it a magnitude, dates or places")
            )
        for keys in CLASHING:
            given = [key for key in keys if getattr(self, key) is not None]
            if len(given) > 1:
                raise ValueError(
                    say("'{first}' and '{second}' say the same thing twice; keep one", first=given[0], second=given[1])
                )
        return self

    @property
    def relative(self) -> bool:
        """Whether it changes what the file extends rather than replacing it."""
        return not (self.times is None and self.plus is None and self.later is None and self.earlier is None)

    @property
    def only_rest(self) -> bool:
        """Whether it is the item of a list that says what becomes of the places not named."""
        return self.model_fields_set == {"rest"}


CLASHING = (
    ("magnitude", "times"), ("magnitude", "plus"), ("times", "plus"), ("later", "earlier"), ("start", "later"),
    ("start", "earlier"), ("target", "later"), ("target", "earlier"), ("delivered", "entirely"),
    ("entirely", "drawn"),
)  # fmt: skip
LeverValue = Annotated[
    Annotated[LeverChange, Tag("block")] | Annotated[list[LeverChange], Field(min_length=1), Tag("list")],
    Discriminator(lambda value: "list" if isinstance(value, list) else "block"),
]


class Delivery(Strict):
    """Share of its measures that a place delivers: a Beta distribution over places."""

    mean: Share = Field(ge=0.0, le=1.0)
    sd: Number = Field(0.0, ge=0.0, le=0.5)

    @model_validator(mode="after")
    def _is_a_beta(self) -> "Delivery":
        room = self.mean * (1.0 - self.mean)
        if self.sd > 0.0 and self.sd**2 >= room and room > 0.0:
            most = f"{room**0.5:.2f}"
            raise ValueError(
                say(
                    "'delivery' cannot have sd {sd} around mean {mean}; take sd below {most}",
                    sd=self.sd,
                    mean=self.mean,
                    most=most,
                )
            )
        return self


class Feedback(Strict):
    """Which markets and ties answer to what households do."""

    prices: bool | None = None
    wages: bool | None = None
    schools: bool | None = None
    networks: bool | None = None
    displacement: bool | None = None


DeliveryValue = Annotated[
    Annotated[Annotated[Share, Field(ge=0.0, le=1.0)], Tag("number")] | Annotated[Delivery, Tag("block")],
    Discriminator(_number_or_block),
]
ByYear = Annotated[
    Annotated[Number, Tag("number")]
    | Annotated[dict[int, Number], BeforeValidator(_years), Field(min_length=1), Tag("block")],
    Discriminator(_number_or_block),
]
InPlace = Annotated[
    Annotated[Annotated[Number, Field(ge=0.0, le=5.0)], Tag("number")]
    | Annotated[Literal["default", "zero", "high"], Tag("word")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "number"),
]


class ScenarioFile(Strict):
    """A scenario file.

    What `extends` names is read first. Then this file acts, in this order: `groups`, `level`, `levers`, `only`,
    `without`, `delay_years`; and `delivery`, `assumptions` and the switches replace what was inherited.
    """

    name: FolderName = Field(description="Names the folder of results.")
    title: Title
    extends: str | None = Field(None, description="A scenario to start from: a name in scenarios/ or a YAML file.")
    level: Literal["low", "default", "high"] | None = Field(
        None, description="Sets every lever of the catalogue to this column of its range."
    )
    only: list[str] | None = Field(
        None,
        min_length=1,
        description="Keeps only these levers: clauses such as 二(一) or 二(一)4, or names of levers.",
    )
    without: list[str] | None = Field(None, min_length=1, description="Takes these levers out: clauses or names.")
    delay_years: Annotated[int, Field(ge=0, le=20)] | None = Field(
        None, description="Moves start and target of every lever by so many years."
    )
    groups: dict[str, WhereValue] = Field({}, description="Groups of places of your own, by name.")
    levers: dict[str, LeverValue] = Field(
        {}, description="Levers by name (`luohu levers` lists them): a block, or a list of blocks for different places."
    )
    delivery: DeliveryValue | None = Field(
        None,
        description="Share of its measures that a place delivers: one number for every place and draw, or mean and sd "
        "over places; then ensembles draw the mean too.",
    )
    assumptions: dict[str, ByYear] = Field(
        {}, description="Assumptions by name: a number, or numbers by year with straight lines between them."
    )
    feedback: Feedback | None = Field(None, description="Which feedbacks are on.")
    national_plan_elsewhere: bool | None = Field(
        None, description="Whether the national plan also acts in Beijing, Tianjin and the rest of China."
    )
    paths: bool | None = Field(
        None, description="Whether what nobody can know (fertility, pull of places ...) wanders from year to year."
    )
    inplace_urbanisation: InPlace | None = Field(
        None, description="Villages turning urban in place: default, zero, high, or a factor on the rate."
    )
