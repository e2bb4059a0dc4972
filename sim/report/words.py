"""Every sentence of the report and its pictures, in English and Chinese."""

from sim.results.names import Lang

WORDS: dict[str, tuple[str, str]] = {
    # page
    "title": ("Where the households of Hebei settle, {start} to {year}", "河北家庭住在哪里：{start}—{year}年"),
    "subtitle": ("{base} beside {reform}: results of the simulator luohu", "{base}与{reform}：luohu 模拟结果"),
    "subtitle_single": ("{base}: results of the simulator luohu", "{base}：luohu 模拟结果"),
    "switch": ("中文", "English"),
    "print": ("Print", "打印"),
    "no_intervals": (
        "This report rests on {draws} parameter draws. Intervals need at least {needed}, so none is given: treat every "
        "number as one possible outcome. Run again with {needed} draws or more.",
        "本报告只用了{draws}组参数抽样。给出区间至少需要{needed}组，因此未列区间，各项数字只代表一种可能。"
        "请用{needed}组或更多抽样重新运行。",
    ),
    "intervals_note": (
        "Intervals hold 90 % of {draws} draws of parameters and assumptions, the same draws in both scenarios. Noise "
        "is the standard deviation of the difference over random seeds. Grey with a star: smaller than noise. "
        "Points are the central draw, with every value at its stated default; many ranges reach further up than down, "
        "so a point can lie near the lower end of its interval, or below it.",
        "区间包含{draws}组参数与假设抽样结果的90%，两个情景使用同一组抽样。"
        "“噪声”为不同随机种子下差异的标准差。灰色并带星号的差异小于噪声。"
        "点值取各项默认值的中心情形；许多取值范围向上更宽，因此点值可能靠近甚至低于区间下端。",
    ),
    "levels_note": (
        "Intervals hold 90 % of {draws} draws of parameters and assumptions.",
        "区间包含{draws}组参数与假设抽样结果的90%。",
    ),
    "noise_note": (
        "Noise is the standard deviation of the difference over random seeds ({seeds} seeds; at least 3 are needed). "
        "Grey with a star: smaller than noise.",
        "“噪声”为不同随机种子下差异的标准差（共{seeds}个种子，至少需要3个）。灰色并带星号的差异小于噪声。",
    ),
    # sections
    "s_headline": ("Outcomes of {year}", "{year}年主要结果"),
    "s_maps": ("County by county", "分县结果"),
    "s_ages": ("Ages", "年龄结构"),
    "s_urban": ("The urban share, and where it comes from", "城镇化率及其来源"),
    "s_time": ("Year by year", "逐年变化"),
    "s_prefectures": ("Prefectures", "分市结果"),
    "s_potential": ("Potential counties and the others", "潜力县与其他县（市、区）"),
    "s_scorecard": ("What the plan promises", "实施方案承诺评分"),
    "s_evidence": ("Published figures beside the model's", "公布数据与模型结果对照"),
    "s_decomposition": ("Which block of the plan does what", "实施方案各部分的作用"),
    "s_assumptions": ("Appendix: what is assumed", "附录：假设取值"),
    "s_limits": ("Limits", "局限"),
    "s_provenance": ("Where these numbers come from", "结果来源"),
    # table heads
    "outcome": ("Outcome", "指标"),
    "unit": ("Unit", "单位"),
    "difference": ("Difference", "差异"),
    "interval": ("90 % interval", "90%区间"),
    "noise": ("Noise", "噪声"),
    "area": ("Area", "地区"),
    "year": ("Year", "年份"),
    "published": ("Published", "公布数"),
    "model": ("Model", "模型"),
    "use": ("Use", "用途"),
    "fitted": ("fitted", "用于拟合"),
    "scored": ("scored", "用于检验"),
    "name": ("Name", "名称"),
    "value": ("Value", "取值"),
    "range": ("Range", "范围"),
    "basis": ("Basis", "依据"),
    "percent_points": ("% (differences in points)", "%（差异为百分点）"),
    "urban_share_in": ("Urban share {year}", "{year}年城镇化率"),
    "rate": ("Urbanisation in place", "就地城镇化速度"),
    # figures
    "map_growth": ("Change of residents, {start} to {year}", "{start}—{year}年常住人口变化"),
    "map_urban": ("Urban share of residents, {year}", "{year}年常住人口城镇化率"),
    "map_difference": ("Residents in {year}: {reform} less {base}", "{year}年常住人口差异：{reform}减{base}"),
    "pyramid": ("Residents by age and sex, {start} and {year}", "{start}年与{year}年常住人口年龄构成"),
    "urban_by_prefecture": ("Urban share by prefecture, {year}", "{year}年各市城镇化率"),
    "growth_sources": ("Growth of the urban population by source, {start} to {end}", "{start}—{end}年城镇人口增长来源"),
    "in_place": (
        "Urban share in {year} by the rate of urbanisation in place",
        "不同就地城镇化速度下的{year}年城镇化率",
    ),
    "bars_from": ("Bars begin at the share of {start}", "条形起点为{start}年城镇化率"),
    "fan": ("{title}, Hebei", "河北省{title}"),
    "movers": ("Movers", "人口迁移"),
    "reclassification": ("Villages turned urban in place", "就地城镇化"),
    "natural_increase": ("Births less deaths", "自然增长"),
    "rate_zero": ("Rate zero", "速度为零"),
    "rate_default": ("Default rate", "默认速度"),
    "rate_high": ("High rate", "高速度"),
    "male": ("Men", "男"),
    "female": ("Women", "女"),
    "below_noise": ("smaller than noise", "小于噪声"),
    "no_data": ("no data", "无数据"),
    "central": ("{scenario}; central parameters", "{scenario}；中心参数"),
    "central_only": ("central parameters", "中心参数"),
    "bands": (
        "Line: central run. Bands: 50 and 90 % of parameter draws",
        "实线为中心情形，色带为参数抽样的50%与90%区间",
    ),
    "no_bands": ("Central run; no interval with {draws} parameter draws", "中心情形；参数抽样仅{draws}组，不列区间"),
    "lines_90": ("Thin lines: 90 % of parameter draws", "细线为参数抽样的90%区间"),
    "lines_none": ("No interval with {draws} parameter draws", "参数抽样仅{draws}组，不列区间"),
    "source": (
        "Source: luohu, {scenarios}; 1 household in {one_in} simulated; {draws} draws, {seeds} seeds. "
        "Base: 2020 census.",
        "来源：luohu 模拟，{scenarios}；每{one_in}户模拟1户；{draws}组参数、{seeds}个种子。基期：第七次全国人口普查。",
    ),
    "source_full": (
        "Source: luohu, {scenarios}; all households simulated; {draws} draws, {seeds} seeds. Base: 2020 census.",
        "来源：luohu 模拟，{scenarios}；模拟全部家庭；{draws}组参数、{seeds}个种子。基期：第七次全国人口普查。",
    ),
    # explanations
    "evidence_note": (
        'Figures marked "fitted" were used to set the model\'s level and are no test of it; figures marked "scored" '
        "were not used and only compared.",
        "标为“用于拟合”的数据参与了模型水平的确定，不能作为检验；标为“用于检验”的数据未参与拟合，只作比较。",
    ),
    "in_place_note": (
        "How fast villages turn urban without anyone moving is an assumption that weighs on the urban share. The table "
        "shows that share with the rate at zero, at its default and at its high value.",
        "村庄就地转为城镇的速度是一项假设，对城镇化率影响较大。下表列出该速度取零、默认值和高值时的城镇化率。",
    ),
    "assumptions_note": (
        "None of these values is measured for Hebei; ensembles draw them from their ranges.",
        "以下取值均非河北实测数据，集合模拟时在所列范围内抽样。",
    ),
    # provenance
    "scenarios": ("Scenarios", "情景"),
    "scale": ("Scale", "比例"),
    "draws": ("Parameter draws", "参数抽样"),
    "seeds": ("Seeds", "随机种子"),
    "engine": ("Engine", "引擎"),
    "created": ("Made", "生成时间"),
    "seconds": ("Seconds", "用时（秒）"),
    "peak_memory_mb": ("Peak memory, MiB", "内存峰值（MiB）"),
    "command": ("Command", "命令"),
    "report_command": ("Command of this report", "报告命令"),
    "versions": ("Versions", "版本"),
    "code_hash": ("Hash of the code", "代码哈希"),
    "data_hashes": ("Hashes of the data", "数据哈希"),
    "scenario_text": ("Scenario in full", "情景全文"),
}

LIMITS: list[tuple[str, str]] = [
    (
        "Scenarios, not forecasts: they say what follows from the assumptions, and the difference between two "
        "scenarios is better founded than either level.",
        "结果是情景而非预测：它说明由假设会得出什么；两个情景之差比单个情景的水平更可靠。",
    ),
    (
        "Intervals cover parameters and assumptions within their ranges, not errors in the rules themselves.",
        "区间只反映参数与假设在各自范围内的变动，不包括模型规则本身的误差。",
    ),
    (
        "The base is the 2020 census. The military is outside its provincial totals; the 23 statistical development "
        "zones are counted with their host counties, some of them from memory.",
        "基期为2020年人口普查。各省数字不含军队；23个统计上的开发区并入所在县（市、区），其中部分归属凭记忆确定。",
    ),
    (
        "Hukou stocks of 2020, ages by urban and rural zone, rents and school seats by county are estimates.",
        "2020年户籍人口、分城乡年龄结构、各县租金和学位数均为估计值。",
    ),
    (
        "How fast villages turn urban in place is assumed, and is the same in both scenarios: the plan moves people, "
        "not lines.",
        "村庄就地城镇化的速度为假设，且在两个情景中相同：方案影响的是人的迁移，而不是城乡划分。",
    ),
    (
        "The plan states few numbers. The size of most levers is read from its wording or from elsewhere, as the "
        "appendix and the lever catalogue say.",
        "实施方案中的量化指标不多，多数政策力度依据文字或其他来源设定，见附录和政策目录。",
    ),
]


def word(key: str, lang: Lang = "en") -> str:
    """Return the sentence called `key`."""
    en, zh = WORDS[key]
    return zh if lang == "zh" else en
