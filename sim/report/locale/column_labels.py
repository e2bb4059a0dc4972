"""What the columns of tables are called in English and Chinese."""

HEADS: dict[str, tuple[str, str]] = {
    "run": ("Run", "运行"),
    "scenario": ("Scenario", "情景"),
    "draw": ("Draw", "参数抽样"),
    "seed": ("Seed", "随机种子"),
    "year": ("Year", "年份"),
    "place": ("Code", "代码"),
    "name_en": ("Name", "英文名称"),
    "name_zh": ("Name, Chinese", "名称"),
    "zone": ("Zone", "城乡"),
    "group": ("Group", "分组"),
    "sex": ("Sex", "性别"),
    "band": ("Age", "年龄组"),
    "persons": ("Persons", "人数"),
    "households": ("Households", "户数"),
    "value": ("Value", "数值"),
    "origin": ("From", "迁出地代码"),
    "origin_en": ("From, name", "迁出地英文名称"),
    "origin_zh": ("From, Chinese", "迁出地"),
    "destination": ("To", "迁入地代码"),
    "destination_en": ("To, name", "迁入地英文名称"),
    "destination_zh": ("To, Chinese", "迁入地"),
    "hukou_place_en": ("Hukou place, name", "户籍地英文名称"),
    "hukou_place_zh": ("Hukou place, Chinese", "户籍地"),
    "kind": ("Kind", "类型"),
    "stage": ("Stage", "学段"),
    "seats": ("Public seats", "公办学位"),
    "applicants": ("Applicants", "申请人数"),
    "admitted": ("Admitted", "录取人数"),
    "pupils": ("Pupils in public schools", "公办在校生"),
    "household": ("Household", "家庭编号"),
    "hukou_place": ("Hukou place", "户籍地代码"),
    "hukou": ("Hukou zone", "户籍城乡"),
    "size": ("Members", "家庭人数"),
    "children": ("Children", "儿童人数"),
    "left_behind": ("Left behind", "留守人数"),
    "mode": ("Together or apart", "居住方式"),
    "tenure": ("Tenure", "住房来源"),
    "years_in_place": ("Years in place", "居住年数"),
    "head_age": ("Age of head", "户主年龄"),
    "pupils_public": ("Children in public schools", "公办就读儿童"),
    "pupils_private": ("Children in private schools", "民办就读儿童"),
    "share_0_14": ("Share aged 0-14", "0—14岁比重"),
    "share_working": ("Share aged 15-59", "15—59岁比重"),
    "share_60plus": ("Share aged 60 and over", "60岁及以上比重"),
    "share_65plus": ("Share aged 65 and over", "65岁及以上比重"),
    "dependency": ("Dependants per person aged 15-59", "抚养比（15—59岁）"),
    "dependency_15_64": ("Dependants per person aged 15-64", "抚养比（15—64岁）"),
    "city": ("City code", "城市代码"),
    "measure": ("How counted", "统计口径"),
    "indicator": ("Indicator", "指标"),
    "what": ("What", "项目"),
    "seats_lacking": ("Seats lacking", "学位缺口"),
    "needed": ("Needed", "需要量"),
    "provided": ("Provided", "供给量"),
    "gap": ("Gap", "缺口"),
    "gap_low": ("Gap, low", "缺口下限"),
    "gap_high": ("Gap, high", "缺口上限"),
    "surplus": ("Surplus", "闲置"),
    "added": ("Added since the start", "较基期新增"),
    "teachers": ("Teachers needed", "所需教师"),
    "teachers_more": ("More than at the start", "较基期增加"),
    "cost": ("Cost of the gap, yuan", "补足缺口费用（元）"),
    "cost_low": ("Cost, low", "费用下限"),
    "cost_high": ("Cost, high", "费用上限"),
    "cost_cheap": ("Cost at the low unit cost", "低单价费用"),
    "cost_dear": ("Cost at the high unit cost", "高单价费用"),
    "baseline": ("Baseline", "基准情景"),
    "reform": ("Reform", "对比情景"),
    "difference": ("Difference", "差异"),
    "low": ("Low, 90 %", "90%区间下限"),
    "high": ("High, 90 %", "90%区间上限"),
    "interval": ("90 % interval", "90%区间"),
    "noise": ("Seed noise", "种子噪声"),
    "below_noise": ("Smaller than noise", "小于噪声"),
    "mark": ("* below seed noise, † interval covers zero", "* 小于种子噪声，† 区间包含零"),
    "base_low": ("Baseline, low", "基准下限"),
    "base_high": ("Baseline, high", "基准上限"),
    "reform_low": ("Reform, low", "对比下限"),
    "reform_high": ("Reform, high", "对比上限"),
    "unit": ("Unit", "单位"),
    "unit_zh": ("Unit, Chinese", "单位（中文）"),
    "note_en": ("How to read it", "说明（英文）"),
    "note_zh": ("How to read it, Chinese", "说明"),
    "source": ("Source", "来源"),
    "note": ("Note", "说明"),
    "basis": ("Basis", "依据"),
    "key": ("Key", "键"),
    "title": ("Title", "名称"),
    "name": ("Name", "名称"),
    "sheet": ("Sheet", "工作表"),
    "rows": ("Rows", "行数"),
    "holds_en": ("What it holds", "内容（英文）"),
    "holds_zh": ("What it holds, Chinese", "内容"),
    "title_en": ("What", "英文名称"),
    "title_zh": ("What, Chinese", "名称"),
    "lowest": ("Lowest", "低值"),
    "highest": ("Highest", "高值"),
    "measure_zh": ("How counted, Chinese", "统计口径（中文）"),
    "field": ("Field", "字段"),
}


def labels_of(column: str) -> tuple[str, str]:
    """Return a column's title in both languages; an indicator has its own, an unknown one its name."""
    from sim.results.registry import INDICATORS

    if column in HEADS:
        return HEADS[column]
    if column in INDICATORS:
        one = INDICATORS[column]
        en, zh = unit_with_prices(one.unit)
        return f"{one.en} ({en})", f"{one.zh}（{zh}）"
    return column.replace("_", " "), column


def unit_with_prices(unit: str) -> tuple[str, str]:
    """Return a unit's name in both languages; what is in yuan names its price base."""
    from sim.results.indicator_names import UNITS

    one = UNITS[unit]
    return (f"{one.en}, 2020 prices", f"{one.zh}，2020年价") if unit.startswith("yuan") else (one.en, one.zh)
