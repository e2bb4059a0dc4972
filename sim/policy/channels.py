"""The closed list of quantities that levers may act on.

Each lever of the plan acts through one of these. How several levers in one place combine is a property of the
channel: ``sum`` adds them, ``product`` takes each as a share of what the others left, 1 - (1-x)(1-y).
Caps are in ``scenarios/catalogue/levers.yaml``, what each moves first is in ``sim/policy/first_order.py``, and the
order here makes families (``sim/studies/parts.py:FIRST_OF``). CONTRIBUTING.md tells how to add one.
"""

from difflib import get_close_matches
from enum import StrEnum
from typing import Literal

from sim.messages import say

Combine = Literal["sum", "product"]
Level = Literal["place", "pair"]


class Channel(StrEnum):
    """One quantity that levers act on; as text it is its name in ``scenarios/catalogue/levers.yaml``.

    Attributes
    ----------
    unit
        Unit of the quantity.
    combine
        How several levers in one place combine: ``sum`` or ``product``.
    en, zh
        What it is, in English and Chinese.
    level
        ``place``, or ``pair`` for a quantity of the journeys between two places.
    """

    unit: str
    combine: Combine
    en: str
    zh: str
    level: Level

    def __new__(cls, name: str, unit: str, combine: Combine, en: str, zh: str, level: Level = "place") -> "Channel":
        """Make a member: its name as text, and what is known of it."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.unit, member.combine, member.en, member.zh, member.level = unit, combine, en, zh, level
        return member

    @classmethod
    def named(cls, name: object) -> "Channel":
        """Find a channel by its name.

        Raises
        ------
        ValueError
            When there is none, naming the nearest.
        """
        found = next((channel for channel in cls if channel.value == name), None)
        if found is None:
            close = "".join(f"; the nearest is {word}" for word in get_close_matches(str(name), list(cls), n=1))
            raise ValueError(
                say(
                    "there is no channel {name!r} in sim/policy/channels.py{close}; use one of its names",
                    name=name,
                    close=close,
                )
            )
        return found

    # fmt: off
    # Hukou, permits and services
    HUKOU_BARRIER_CUT = (
        "hukou_barrier_cut", "share", "product",
        "Share taken off what is left of the hukou barrier", "落户门槛降幅",
    )
    CONVERSION_EASE = "conversion_ease", "logit", "sum", "Added to the propensity to move one's hukou", "落户办理便利度"
    RETURN_HUKOU = (
        "return_hukou", "1/year", "sum",
        "Yearly chance that a returner moves hukou back to the village", "返乡落户概率",
    )
    PERMIT_RATE = "permit_rate", "1/year", "sum", "Added to the yearly chance of a residence permit", "居住证办理率增量"
    PERMIT_WAIT = (
        "permit_wait", "months", "sum",
        "Months taken off the six before a permit may be had", "居住证等待期缩短",
    )
    SERVICE_CEILING = (
        "service_ceiling", "index 0-1", "sum",
        "Added to the services a permit can reach", "居住证服务上限增量",
    )
    SERVICE_LADDER = (
        "service_ladder", "share", "product",
        "Share taken off the years to climb the ladder", "服务阶梯年限缩短",
    )

    # Schools
    SEATS_GAP_CLOSED = (
        "seats_gap_closed", "share", "product",
        "Share of the compulsory seats lacking that is built", "义务教育学位缺口填补率",
    )
    SEATS_PRESCHOOL = (
        "seats_preschool", "share", "sum",
        "Added to the share of affordable pre-school places", "普惠学前学位占比增量",
    )
    SEATS_RESPONSE = (
        "seats_response", "1/year", "sum",
        "Added to the share of the seat gap built each year", "学位随人口配置速度增量",
    )
    SCHOOL_CLASS_MERGE = (
        "school_class_merge", "chance", "product",
        "Chance that school classes 3 and 4 count as 2", "随迁子女与户籍同序概率",
    )
    RENTER_CLASS_MERGE = (
        "renter_class_merge", "chance", "product",
        "Chance that school class 4 counts as 3", "租房与购房同序概率",
    )
    VOCATIONAL_ACCESS = (
        "vocational_access", "chance", "product",
        "Chance that youth from elsewhere may enrol", "随迁子女中职入学概率",
    )
    VOCATIONAL_INTAKE = (
        "vocational_intake", "chance", "sum",
        "Added chance to go on to a vocational school", "职业院校升学概率增量",
    )
    SCHOOL_QUALITY = "school_quality", "sd", "sum", "Added to school quality", "学校质量增量"

    # Homes and land
    RENTAL_HOMES = (
        "rental_homes", "homes per 1000 urban households", "sum",
        "Guaranteed rental homes added", "保障性住房增量",
    )
    DORMITORY_BEDS = (
        "dormitory_beds", "beds per industrial job", "sum",
        "Dormitory beds added", "宿舍型租赁住房床位增量",
    )
    RENTAL_ELIGIBILITY = (
        "rental_eligibility", "share", "product",
        "Share of the hukou test for rental homes lifted", "保障房户籍限制取消比例",
    )
    RENT_SUBSIDY = (
        "rent_subsidy", "k yuan a year per renter household", "sum",
        "Rent subsidy, spread over renters", "户均租赁补贴",
    )
    HOUSING_SUPPLY = "housing_supply", "share of dwellings", "sum", "Dwellings added to the stock", "住房存量增量"
    DEMOLITION = "demolition", "share of dwellings a year", "sum", "Dwellings pulled down each year", "年拆除比例"
    INFORMAL_RENTAL = (
        "informal_rental", "share", "product",
        "Share of the cheap informal rooms removed", "城中村出租房减少比例",
    )
    LAND_SUPPLY = (
        "land_supply", "share", "sum",
        "Added to land for building or to its yield in homes", "建设用地供给增量",
    )
    LAND_FOLLOWS_PEOPLE = (
        "land_follows_people", "elasticity", "sum",
        "Land quota gained per growth of residents", "用地指标随人口弹性",
    )
    LAND_SECURITY = (
        "land_security", "index 0-1", "sum",
        "Added to the trust that village land is kept", "农村土地权益安全感增量",
    )
    LAND_INCOME = (
        "land_income", "k yuan a year", "sum",
        "Added to income from village land and house", "农村资产收入增量",
    )

    # Work and social insurance
    INSURANCE_OPEN = (
        "insurance_open", "share", "product",
        "Share of hukou limits on insurance lifted", "参保户籍限制取消比例",
    )
    INSURANCE_ENROLMENT = (
        "insurance_enrolment", "1/year", "sum",
        "Added to the yearly chance of enrolling", "参保率增量",
    )
    DEMAND_INDUSTRY = "demand_industry", "log points", "sum", "Added to labour demand in industry", "工业劳动需求增量"
    DEMAND_SERVICES = (
        "demand_services", "log points", "sum",
        "Added to labour demand in consumer services", "生活服务业劳动需求增量",
    )
    DEMAND_PRODUCER = (
        "demand_producer", "log points", "sum",
        "Added to labour demand in producer services", "生产性服务业劳动需求增量",
    )
    JOBS_INDUSTRY = "jobs_industry", "jobs", "sum", "Industrial jobs added", "工业岗位增量"
    JOBS_PRODUCER = "jobs_producer", "jobs", "sum", "Producer and public service jobs added", "生产性及公共服务岗位增量"
    WAGE_SKILLED = (
        "wage_skilled", "log points", "sum",
        "Added to wages of workers with senior school in industry", "技能工人工资增量",
    )
    WAGE_MOVERS = "wage_movers", "log points", "sum", "Added to wages of workers from elsewhere", "外来务工者工资增量"
    MATCH_EFFICIENCY = (
        "match_efficiency", "share", "sum",
        "Added to the rate at which jobs are found", "求职匹配效率增量",
    )
    SKILL_UPGRADE = (
        "skill_upgrade", "1/year", "sum",
        "Added chance that an industrial worker reaches senior school", "技能提升概率增量",
    )
    INCOME_FLOOR = (
        "income_floor", "share of local dibao", "sum",
        "Income floor open to permit holders", "居住证持有者低保覆盖",
    )

    # Travel
    TRAVEL_TIME_CUT = (
        "travel_time_cut", "share of minutes", "product",
        "Minutes between two places saved", "两地时间缩短", "pair",
    )
    TRAIN_TIME_CUT = (
        "train_time_cut", "share of minutes", "product",
        "Minutes between two places that a new line saves", "新线缩短时间", "pair",
    )
    TRAVEL_TIME_BEIJING = (
        "travel_time_beijing", "share of minutes", "product",
        "Minutes to Beijing saved", "到京时间缩短",
    )

    # What living there is worth
    AMENITY = "amenity", "fraction of wage", "sum", "Worth of living in the towns of a place", "宜居价值增量"
    AMENITY_ELDERLY = (
        "amenity_elderly", "fraction of pension", "sum",
        "Worth of living there at age 60 and over", "老年宜居价值增量",
    )
    RURAL_GAP = "rural_gap", "share", "product", "Share of the gap between town and village closed", "城乡差距缩小比例"
    HOSPITAL_BEDS = "hospital_beds", "beds per 1000", "sum", "Tertiary hospital beds added", "三级医院床位增量"
    FLOOD_RISK = "flood_risk", "share", "product", "Share taken off the flood risk", "洪涝风险降幅"
    CARE_TIE = (
        "care_tie", "share", "product",
        "Share taken off the cost of being apart from kin in need", "照料牵绊降幅",
    )

    # Acts inside the compiler on all other levers, and has no table of its own
    DELIVERY = "delivery", "share", "product", "Scales the share of its measures that a place delivers", "落实率"
    # fmt: on
