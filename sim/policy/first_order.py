"""What each channel moves first, and which way: the claim that a lever makes before anything answers to it.

What follows later (who comes, what that does to wages and rents) may go either way and is not claimed here.
"""

from dataclasses import dataclass

from sim.messages import say
from sim.policy.channels import Channel
from sim.policy.levers import Lever, load_catalogue
from sim.results.indicator_names import title_of


@dataclass(frozen=True)
class FirstOrder:
    """What moves first.

    Attributes
    ----------
    outcome
        An indicator of results, or a name of what the model holds beside them (`worth`: what living in the towns of a
        place is worth to people; `worth_newcomers`: to people from elsewhere; `worth_village`: in its villages;
        `worth_old`: from age 60; `care_cost`: of living apart from kin in need; `worth_school`: of a public place;
        `trained`, `vocational`, `beds`, `insured`, `rooms`, `land`, `minutes`, `order`).
    sign
        1 if more of the channel means more of it, -1 if less, 0 if only who gets it changes.
    en, zh
        The outcome in words, where it is no indicator.
    """

    outcome: str
    sign: int
    en: str = ""
    zh: str = ""


WORTH = ("What living in its towns is worth", "城镇居住价值")
NEWCOMERS = ("What its towns are worth to people from elsewhere", "对外来人口的居住价值")
MINUTES = ("Minutes of the journey", "出行时间")
INSURED = ("Workers from elsewhere without the loss from limits on insurance", "不受参保限制的外来务工者")

FIRST: dict[Channel, FirstOrder] = {
    Channel.HUKOU_BARRIER_CUT: FirstOrder("conversions_in", 1),
    Channel.CONVERSION_EASE: FirstOrder("conversions_in", 1),
    Channel.RETURN_HUKOU: FirstOrder("hukou_urban_share", -1),
    Channel.PERMIT_RATE: FirstOrder("permit_or_hukou_share", 1),
    Channel.PERMIT_WAIT: FirstOrder("permit_or_hukou_share", 1),
    Channel.SERVICE_CEILING: FirstOrder("entitlement_index", 1),
    Channel.SERVICE_LADDER: FirstOrder("entitlement_index", 1),
    Channel.SEATS_GAP_CLOSED: FirstOrder("school_places", 1),
    Channel.SEATS_PRESCHOOL: FirstOrder("school_shortage", -1),
    Channel.SEATS_RESPONSE: FirstOrder("school_places", 1),
    Channel.SCHOOL_CLASS_MERGE: FirstOrder("migrant_children_in_public", 1),
    Channel.RENTER_CLASS_MERGE: FirstOrder("order", 0, "Who is admitted first, not how many", "入学先后次序(人数不变)"),
    Channel.VOCATIONAL_ACCESS: FirstOrder("vocational", 1, "Youth at vocational schools", "中职在校生"),
    Channel.VOCATIONAL_INTAKE: FirstOrder("vocational", 1, "Youth at vocational schools", "中职在校生"),
    Channel.SCHOOL_QUALITY: FirstOrder("worth_school", 1, "What a public school place is worth", "公办学位的价值"),
    Channel.RENTAL_HOMES: FirstOrder("rental_homes", 1),
    Channel.DORMITORY_BEDS: FirstOrder("beds", 1, "Dormitory beds", "宿舍床位"),
    Channel.RENTAL_ELIGIBILITY: FirstOrder("rental_queue", 1),
    Channel.RENT_SUBSIDY: FirstOrder("worth", 1, *WORTH),
    Channel.HOUSING_SUPPLY: FirstOrder("vacancy", 1),
    Channel.DEMOLITION: FirstOrder("vacancy", -1),
    Channel.INFORMAL_RENTAL: FirstOrder("vacancy", -1),
    Channel.LAND_SUPPLY: FirstOrder("land", 1, "Land for building", "建设用地"),
    Channel.LAND_FOLLOWS_PEOPLE: FirstOrder(
        "land", 1, "Land for building where residents grow, less where they fall", "人口增加地区的建设用地"
    ),
    Channel.LAND_SECURITY: FirstOrder("conversions_in", 1),
    Channel.LAND_INCOME: FirstOrder(
        "worth_village", -1, "What binds to the village: its land earns wherever one lives", "留村约束"
    ),
    Channel.INSURANCE_OPEN: FirstOrder("worth_newcomers", 1, *NEWCOMERS),
    Channel.INSURANCE_ENROLMENT: FirstOrder("insured", 1, *INSURED),
    Channel.DEMAND_INDUSTRY: FirstOrder("jobs", 1),
    Channel.DEMAND_SERVICES: FirstOrder("jobs", 1),
    Channel.DEMAND_PRODUCER: FirstOrder("jobs", 1),
    Channel.JOBS_INDUSTRY: FirstOrder("jobs", 1),
    Channel.JOBS_PRODUCER: FirstOrder("jobs", 1),
    Channel.WAGE_SKILLED: FirstOrder("worth", 1, *WORTH),
    Channel.WAGE_MOVERS: FirstOrder("worth_newcomers", 1, *NEWCOMERS),
    Channel.MATCH_EFFICIENCY: FirstOrder("unemployment", -1),
    Channel.SKILL_UPGRADE: FirstOrder("trained", 1, "People with senior schooling", "高中及以上学历人口"),
    Channel.INCOME_FLOOR: FirstOrder("worth_newcomers", 1, *NEWCOMERS),
    Channel.TRAVEL_TIME_CUT: FirstOrder("minutes", -1, *MINUTES),
    Channel.TRAIN_TIME_CUT: FirstOrder("minutes", -1, *MINUTES),
    Channel.TRAVEL_TIME_BEIJING: FirstOrder("minutes", -1, *MINUTES),
    Channel.AMENITY: FirstOrder("worth", 1, *WORTH),
    Channel.AMENITY_ELDERLY: FirstOrder("worth_old", 1, "What its towns are worth from age 60", "老年人居住价值"),
    Channel.RURAL_GAP: FirstOrder("worth_village", 1, "What living in its villages is worth", "农村居住价值"),
    Channel.HOSPITAL_BEDS: FirstOrder("worth", 1, *WORTH),
    Channel.FLOOD_RISK: FirstOrder("worth", 1, *WORTH),
    Channel.CARE_TIE: FirstOrder("care_cost", -1, "Cost of living apart from kin in need", "与需照料亲属分居的代价"),
    Channel.DELIVERY: FirstOrder("delivery", 1, "Share of its measures that a place delivers", "落实率"),
}  # fmt: skip


def direction(lever: Lever) -> int | None:
    """Give which way a lever moves its first outcome within its stated range.

    Returns
    -------
    int or None
        1 up, -1 down, 0 only who gets it; None where the range lies on both sides of nothing, so that it may go
        either way.
    """
    if lever.channel is None:
        raise ValueError(say("{lever} has no channel", lever=lever.name))
    if lever.low < 0 < lever.high:
        return None
    size = 1 if lever.high > 0 else -1
    return size * FIRST[lever.channel].sign


WORDS = {
    "en": {1: "up", -1: "down", 0: "changed for whom", None: "up or down, the sign is open"},
    "zh": {1: "上升", -1: "下降", 0: "改变归属", None: "方向未定，可升可降"},
}


def told(name: str, lang: str = "en") -> str:
    """Say in a line what a lever moves first, and which way."""
    lever = load_catalogue().levers[name]
    if lever.channel is None:
        raise ValueError(say("{name} has no channel", name=name))
    first = FIRST[lever.channel]
    own = {"en": first.en, "zh": first.zh}[lang] or title_of(first.outcome, "zh" if lang == "zh" else "en")
    sign = WORDS[lang][direction(lever)]
    part = "" if lever.part_of is None else {
        "en": f"; nothing on top of {lever.part_of}, of which it is a part",
        "zh": f"；已含于 {lever.part_of}，不重复计算",
    }[lang]  # fmt: skip
    return f"首先影响：{own}，{sign}{part}" if lang == "zh" else f"first moves: {own}, {sign}{part}"
