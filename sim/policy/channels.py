"""The closed list of quantities that levers may act on.

Each lever of the plan acts through one of these. How several levers in one place combine is a property of the
channel: ``sum`` adds them, ``product`` takes each as a share of what the others left, 1 - (1-x)(1-y).
Caps are in ``scenarios/catalogue/levers.yaml``.
"""

from dataclasses import dataclass
from typing import Literal

Combine = Literal["sum", "product"]
Level = Literal["place", "pair"]


@dataclass(frozen=True)
class Channel:
    """One quantity that levers act on."""

    name: str
    unit: str
    combine: Combine
    en: str
    zh: str
    level: Level = "place"


def _channels(*channels: Channel) -> dict[str, Channel]:
    return {channel.name: channel for channel in channels}


CHANNELS = _channels(
    # Hukou, permits and services
    Channel(
        "hukou_barrier_cut", "share", "product", "Share taken off what is left of the hukou barrier", "落户门槛降幅"
    ),
    Channel("conversion_ease", "logit", "sum", "Added to the propensity to move one's hukou", "落户办理便利度"),
    Channel(
        "return_hukou", "1/year", "sum", "Yearly chance that a returner moves hukou back to the village", "返乡落户概率"
    ),
    Channel("permit_rate", "1/year", "sum", "Added to the yearly chance of a residence permit", "居住证办理率增量"),
    Channel("permit_wait", "months", "sum", "Months taken off the six before a permit may be had", "居住证等待期缩短"),
    Channel("service_ceiling", "index 0-1", "sum", "Added to the services a permit can reach", "居住证服务上限增量"),
    Channel("service_ladder", "share", "product", "Share taken off the years to climb the ladder", "服务阶梯年限缩短"),
    # Schools
    Channel(
        "seats_gap_closed",
        "share",
        "product",
        "Share of the compulsory seats lacking that is built",
        "义务教育学位缺口填补率",
    ),
    Channel(
        "seats_preschool", "share", "sum", "Added to the share of affordable pre-school places", "普惠学前学位占比增量"
    ),
    Channel(
        "seats_response",
        "1/year",
        "sum",
        "Added to the share of the seat gap built each year",
        "学位随人口配置速度增量",
    ),
    Channel(
        "school_class_merge",
        "chance",
        "product",
        "Chance that school classes 3 and 4 count as 2",
        "随迁子女与户籍同序概率",
    ),
    Channel("renter_class_merge", "chance", "product", "Chance that school class 4 counts as 3", "租房与购房同序概率"),
    Channel(
        "vocational_access", "chance", "product", "Chance that youth from elsewhere may enrol", "随迁子女中职入学概率"
    ),
    Channel(
        "vocational_intake", "chance", "sum", "Added chance to go on to a vocational school", "职业院校升学概率增量"
    ),
    Channel("school_quality", "sd", "sum", "Added to school quality", "学校质量增量"),
    # Homes and land
    Channel(
        "rental_homes", "homes per 1000 urban households", "sum", "Guaranteed rental homes added", "保障性住房增量"
    ),
    Channel("dormitory_beds", "beds per industrial job", "sum", "Dormitory beds added", "宿舍型租赁住房床位增量"),
    Channel(
        "rental_eligibility",
        "share",
        "product",
        "Share of the hukou test for rental homes lifted",
        "保障房户籍限制取消比例",
    ),
    Channel(
        "rent_subsidy", "k yuan a year per renter household", "sum", "Rent subsidy, spread over renters", "户均租赁补贴"
    ),
    Channel("housing_supply", "share of dwellings", "sum", "Dwellings added to the stock", "住房存量增量"),
    Channel("demolition", "share of dwellings a year", "sum", "Dwellings pulled down each year", "年拆除比例"),
    Channel("informal_rental", "share", "product", "Share of the cheap informal rooms removed", "城中村出租房减少比例"),
    Channel("land_supply", "share", "sum", "Added to land for building or to its yield in homes", "建设用地供给增量"),
    Channel(
        "land_follows_people", "elasticity", "sum", "Land quota gained per growth of residents", "用地指标随人口弹性"
    ),
    Channel(
        "land_security", "index 0-1", "sum", "Added to the trust that village land is kept", "农村土地权益安全感增量"
    ),
    Channel("land_income", "k yuan a year", "sum", "Added to income from village land and house", "农村资产收入增量"),
    # Work and social insurance
    Channel("insurance_open", "share", "product", "Share of hukou limits on insurance lifted", "参保户籍限制取消比例"),
    Channel("insurance_enrolment", "1/year", "sum", "Added to the yearly chance of enrolling", "参保率增量"),
    Channel("demand_industry", "log points", "sum", "Added to labour demand in industry", "工业劳动需求增量"),
    Channel(
        "demand_services", "log points", "sum", "Added to labour demand in consumer services", "生活服务业劳动需求增量"
    ),
    Channel(
        "demand_producer",
        "log points",
        "sum",
        "Added to labour demand in producer services",
        "生产性服务业劳动需求增量",
    ),
    Channel("jobs_industry", "jobs", "sum", "Industrial jobs added", "工业岗位增量"),
    Channel("jobs_producer", "jobs", "sum", "Producer and public service jobs added", "生产性及公共服务岗位增量"),
    Channel("wage_skilled", "log points", "sum", "Added to wages of skill 2 in industry", "技能工人工资增量"),
    Channel("wage_movers", "log points", "sum", "Added to wages of workers from elsewhere", "外来务工者工资增量"),
    Channel("match_efficiency", "share", "sum", "Added to the rate at which jobs are found", "求职匹配效率增量"),
    Channel(
        "skill_upgrade", "1/year", "sum", "Added chance that an industrial worker gains skill 2", "技能提升概率增量"
    ),
    Channel(
        "income_floor", "share of local dibao", "sum", "Income floor open to permit holders", "居住证持有者低保覆盖"
    ),
    # Travel
    Channel(
        "travel_time_cut", "share of minutes", "product", "Minutes between two places saved", "两地时间缩短", "pair"
    ),
    Channel("travel_time_beijing", "share of minutes", "product", "Minutes to Beijing saved", "到京时间缩短"),
    # What living there is worth
    Channel("amenity", "fraction of wage", "sum", "Worth of living in the towns of a place", "宜居价值增量"),
    Channel(
        "amenity_elderly", "fraction of pension", "sum", "Worth of living there at age 60 and over", "老年宜居价值增量"
    ),
    Channel("rural_gap", "share", "product", "Share of the gap between town and village closed", "城乡差距缩小比例"),
    Channel("hospital_beds", "beds per 1000", "sum", "Tertiary hospital beds added", "三级医院床位增量"),
    Channel("flood_risk", "share", "product", "Share taken off the flood risk", "洪涝风险降幅"),
    Channel("care_tie", "share", "product", "Share taken off the cost of being apart from kin in need", "照料牵绊降幅"),
    # Acts inside the compiler on all other levers, and has no table of its own
    Channel("delivery", "share", "product", "Scales the share of its measures that a place delivers", "落实率"),
)
