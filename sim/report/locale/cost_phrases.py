"""Sentences of the report on what the plan costs, and on which of its parts does what, in English and Chinese."""

COSTS: dict[str, tuple[str, str]] = {
    "s_costs": ("What it costs", "财政账"),
    "costs_note": (
        'Public money that the plan needs beyond "{base}", in million yuan at the prices stated, by action and year. '
        "Quantities are the model's; most unit costs are assumptions, so the last columns show the sum at the low and "
        "at the high end of them. Land, interest and bonds are not in it: the plan names no sum for them.",
        "方案在“{base}”之外所需的财政支出，按行动和年份列出，单位为百万元，按所注年份价格。数量来自模型；单位成本多为假设，"
        "故末列给出按低、高单位成本计算的合计。土地、利息和债券未列入，方案没有给出金额。",
    ),
    "costs_by_item": ("Item by item, all years", "分项合计（各年）"),
    "costs_action": ("Action", "行动"),
    "costs_item": ("Item", "项目"),
    "costs_quantity": ("Quantity", "数量"),
    "costs_unit": ("Unit cost in", "单位成本口径"),
    "costs_sum": ("Million yuan", "百万元"),
    "costs_cheap": ("Low unit cost", "低单位成本"),
    "costs_dear": ("High unit cost", "高单位成本"),
    "costs_basis": ("Basis", "依据"),
    "costs_all": ("All", "合计"),
    "costs_what": ("What", "口径"),
    "costs_value": ("Value", "数值"),
    "basis_assumption": ("assumption", "假设"),
    "basis_sourced": ("sourced", "有来源"),
    "each_total": ("All costs of all years, million yuan", "各年费用合计（百万元）"),
    "each_keeping_up": ("of which keeping up, million yuan", "其中跟上国家要求（百万元）"),
    "each_going_beyond": ("of which going beyond, million yuan", "其中超出国家要求（百万元）"),
    "each_settled": ("Residents from elsewhere with papers, more, persons", "新增持证或已落户外来人口（人）"),
    "each_cost_settled": ("All costs for each of them, yuan", "人均全部费用（元）"),
    "each_cost_settled_services": ("Costs of citizenship (action 1) for each, yuan", "人均市民化行动费用（元）"),
    "each_seats": ("School places more", "新增学位（个）"),
    "each_cost_seat": ("Building cost of each, yuan", "学位均建设费用（元）"),
    "shares_note": (
        'The effect of the plan against "{base}", part by part: what all provinces are asked to do comes first, then '
        "what each action adds beyond it. The parts add up to the total. Runs of their own at a smaller scale, so the "
        "total differs from that of the main table by seed noise. † marks an interval that covers zero.",
        "方案相对“{base}”的效果逐项分解：先是国家对各省的共同要求，再是各项行动在此之外的作用，各项相加等于合计。由较小比例的"
        "另一组模拟得出，故合计与主表相差种子噪声。†表示90%区间包含零。",
    ),
    "shares_channels": (
        "The same effect by what the measures act through; of the central draw, so without intervals.",
        "同一效果按作用渠道分解；只用中心参数，故无区间。",
    ),
    "shares_part": ("Part", "组成部分"),
    "shares_of_all": ("Of the total", "占合计"),
}
