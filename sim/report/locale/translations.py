"""Every sentence of the report and its pictures, in English and Chinese."""

import re

from sim.report.locale.cost_phrases import COSTS
from sim.report.locale.dashboard_words import DASHBOARD
from sim.report.locale.explorer_words import EXPLORER
from sim.report.locale.front_words import FRONT
from sim.results.indicator_names import Lang

WORDS: dict[str, tuple[str, str]] = {
    **FRONT,
    **EXPLORER,
    **DASHBOARD,
    # page
    "title": ("Where the households of Hebei settle, {start} to {year}", "河北家庭住在哪里：{start}—{year}年"),
    "switch": ("中文", "English"),
    "print": ("Print", "打印"),
    "no_intervals": (
        "This report rests on {draws} parameter draws. Intervals need at least {needed}, so none is given: treat every "
        "number as one possible outcome. Run again with {needed} draws or more.",
        "本报告只用了{draws}组参数抽样。给出区间至少需要{needed}组，因此未列区间，各项数字只代表一种可能。"
        "请用{needed}组或更多抽样重新运行。",
    ),
    "intervals_note": (
        "Intervals hold 90 % of {draws} draws of parameters and assumptions, the same draws in both scenarios. "
        "Points are means of the draws, so that differences, steps and places add up.",
        "区间包含{draws}组参数与假设抽样结果的90%，两个情景使用同一组抽样。"
        "点值为各组抽样的平均，因此差异、分步效应和分地区数字可以相加。",
    ),
    "levels_note": (
        "Intervals hold 90 % of {draws} draws of parameters and assumptions.",
        "区间包含{draws}组参数与假设抽样结果的90%。",
    ),
    "noise_note": (
        "Noise is the standard deviation of the difference over {seeds} random seeds; it needs 3 at least. Grey "
        "differences may be noise: * smaller than that standard deviation, † the 90 % interval over draws covers zero.",
        "“噪声”为{seeds}个随机种子下差异的标准差，至少需要3个种子。灰色差异可能只是噪声："
        "* 小于该标准差；† 参数抽样的90%区间包含零。",
    ),
    "no_noise": (
        "With {seeds} seeds the noise between seeds is not known ({needed} are needed), so no difference is marked as "
        "smaller than it.",
        "只有{seeds}个种子，无法估计种子之间的噪声（至少需要{needed}个），因此没有标出小于种子噪声的差异。",
    ),
    "noscript": (
        "The map needs JavaScript; the folder figures beside this page has maps as pictures.",
        "交互地图需要启用 JavaScript；静态地图见同一目录下的 figures 文件夹。",
    ),
    "no_in_place": (
        "Runs with other rates of urbanisation in place are not kept here; the command luohu project makes them.",
        "此处没有不同就地城镇化速度的模拟；可用 luohu project 生成。",
    ),
    "no_decomposition": (
        "No decomposition is at hand; the command luohu decompose makes it (results/decomposition).",
        "没有分解结果；可用 luohu decompose 生成（results/decomposition）。",
    ),
    "no_depends": (
        "Which assumptions the outcomes depend on, and where the plan misses a target, has not been asked; the "
        "commands luohu sensitivity and luohu discover do.",
        "尚未分析结果取决于哪些假设、方案在哪些情形下达不到目标；可用 luohu sensitivity 与 luohu discover 生成。",
    ),
    "no_evidence": (
        "These runs have no published figures beside them; the command luohu project keeps them (tables/evidence.csv).",
        "该结果目录中没有公布数据对照表；可用 luohu project 生成（tables/evidence.csv）。",
    ),
    "no_hindcast": (
        "No hindcast is at hand; the command luohu hindcast makes it (results/hindcast).",
        "没有回溯检验结果；可用 luohu hindcast 生成（results/hindcast）。",
    ),
    "sort_hint": ("A click on a column's head sorts by it.", "点击表头可排序。"),
    "moves_note": (
        "Arrivals less departures of each prefecture, {start} to {year} summed, by where they came from or went. "
        "Central parameters, first seed: one run a scenario, so no interval, and small differences between the "
        "scenarios are noise.",
        "各市累计净迁入（{start}—{year}年），按来源地与去向分列。中心参数，首个种子：每个情景单次运行，无区间，"
        "情景之间的细小差异属于噪声。",
    ),
    "one_run_note": (
        "Central parameters, first seed: one run a scenario, so no interval.",
        "中心参数，首个种子：每个情景单次运行，无区间。",
    ),
    # sections
    "s_headline": ("Outcomes of {year}", "{year}年主要结果"),
    "s_several": ("All scenarios side by side, {year}", "各情景并列，{year}年"),
    "several_note": (
        'Each scenario beside "{base}", paired by draw and seed. All other parts show "{reform}" beside "{base}".',
        "各情景均与“{base}”按抽样和种子配对比较。其余部分为“{reform}”与“{base}”的比较。",
    ),
    "steps_note": (
        "The plan carries out the national one, so its effect has two steps: keeping up (Hebei does what the State "
        "Council asks of all provinces, against Hebei alone abstaining) and going beyond (the whole plan, against that "
        'minimum). "{base}" is the baseline of every other difference on this page; with no new plan anywhere, nobody '
        "gets ahead of Hebei either.",
        "实施方案落实国家行动计划，因此其效果分两步：跟上（河北落实国务院对各地的统一要求，与唯独河北不落实相比）和超出"
        "（整个方案，与仅落实国家要求相比）。本页其余差异均以“{base}”为基准；若各地都没有新计划，其他地方也不会走在河北前面。",
    ),
    "steps_together": ("Both steps together", "两步合计"),
    "keeping_up": ("Keeping up", "跟上（国家要求）"),
    "going_beyond": ("Going beyond", "超出（河北自选）"),
    "s_maps": ("County by county", "分县结果"),
    "s_difference": ("What the plan changes, county by county", "方案的分县影响"),
    "s_ages": ("Ages", "年龄结构"),
    "s_urban": ("The urban share, and where it comes from", "城镇化率及其来源"),
    "s_scorecard": ("What the plan promises", "实施方案承诺评分"),
    "s_moves": ("Who moves where", "人口迁移流向"),
    "s_children": ("School places and children left behind", "学位与留守儿童"),
    "stages": ("Public schools by stage in {year}", "{year}年各学段公办学位"),
    "hindcast": ("How well 2010 to 2020 is told", "2010—2020年回溯检验"),
    "s_time": ("Year by year", "逐年变化"),
    "s_prefectures": ("Prefectures", "分市结果"),
    "s_potential": ("Potential counties and the others", "潜力县与其他县（市、区）"),
    "s_evidence": ("Published figures beside the model's", "公布数据与模型结果对照"),
    "s_decomposition": ("Which block of the plan does what", "实施方案各部分的作用"),
    "s_depends": ("What the outcomes depend on", "结果取决于哪些假设"),
    "s_assumptions": ("Appendix: what is assumed", "附录：假设取值"),
    "s_limits": ("Limits", "局限"),
    "s_provenance": ("Where these numbers come from", "结果来源"),
    # table heads and controls
    "indicator": ("Indicator", "指标"),
    "county": ("County", "县（市、区）"),
    "view_base": ("{base}", "{base}"),
    "view_reform": ("{reform}", "{reform}"),
    "less": ("{reform} less {base}", "{reform}减{base}"),
    "other_prefectures": ("Other prefectures", "省内其他市"),
    "stage_preschool": ("Preschool", "学前"),
    "stage_primary": ("Primary", "小学"),
    "stage_junior": ("Junior middle", "初中"),
    "school_seats": ("public seats", "公办学位"),
    "school_pupils": ("children in them", "在读儿童"),
    "school_surplus": ("seats without a child", "闲置学位"),
    "school_shortage": ("children without a public place", "未获公办学位的儿童"),
    "school_lacking": ("seats lacking", "学位缺口"),
    "stages_note": (
        "A child without a public place is in none, whether for want of a seat or of papers; seats are lacking where a "
        "county has fewer than children. One may be large and the other small.",
        "“未获公办学位的儿童”指未在公办学校就读的适龄儿童，可能因学位不足，也可能因证件条件；“学位缺口”指一县公办学位少于"
        "适龄儿童的差额。两者含义不同。",
    ),
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
    "base": ("census, where runs begin", "普查，模拟起点"),
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
    "pyramid_urban": ("Urban residents by age and sex, {start} and {year}", "{start}年与{year}年城镇常住人口年龄构成"),
    "urban_by_prefecture": ("Urban share by prefecture, {year}", "{year}年各市城镇化率"),
    "growth_sources": ("Growth of the urban population by source, {start} to {end}", "{start}—{end}年城镇人口增长来源"),
    "in_place": (
        "Urban share in {year} by the rate of urbanisation in place",
        "不同就地城镇化速度下的{year}年城镇化率",
    ),
    "bars_from": ("Bars begin at the share of {start}", "条形起点为{start}年城镇化率"),
    "fan": ("{title}, Hebei", "河北省{title}"),
    "depends": ("{title} of {until}: what it depends on", "{until}年{title}：取决于哪些因素"),
    "level_under": ("Level under: {scenario}", "情景：{scenario}"),
    "index_total": ("total, with interactions", "总效应（含交互）"),
    "index_first": ("alone", "单独效应"),
    "index_spread": ("spread of the effect", "效应的离散程度"),
    "index_sobol": ("share of the outcome's variance (Sobol); lines: 95 %", "占结果方差的比重（Sobol），细线为95%区间"),
    "index_morris": (
        "mean absolute effect of crossing the range (Morris), in the outcome's unit",
        "跨越取值范围的平均绝对效应（Morris），单位同该指标",
    ),
    "emulated": (
        "Emulated; {r2:.0%} of the variance explained at points left out",
        "仿真器在留出点上解释{r2:.0%}的方差",
    ),
    "emulated_poorly": (
        "Emulated, poorly: only {r2:.0%} of the variance explained at points left out",
        "仿真器较差：在留出点上只解释{r2:.0%}的方差",
    ),
    "where_missed": ("Where the target of {until} is missed", "{until}年目标未达到的情形"),
    "at_least": ("at least {target:g}", "不低于{target:g}"),
    "at_most": ("at most {target:g}", "不高于{target:g}"),
    "points_miss": ("{share:.0%} of points miss", "{share:.0%}的点未达到"),
    "meets": ("meets the target", "达到目标"),
    "misses": ("misses", "未达到"),
    "source_explored": (
        "Source: luohu, {method}, {points} points; 1 household in {one_in} simulated, one seed. Place effects are "
        "those of the central fit.",
        "来源：luohu 模拟，{method}，{points}个点；每{one_in}户模拟1户，单个种子。地方效应取中心拟合值。",
    ),
    "movers": ("Movers", "人口迁移"),
    "reclassification": ("Villages turned urban in place", "就地城镇化"),
    "natural_increase": ("Births less deaths", "自然增长"),
    "rate_zero": ("Rate zero", "速度为零"),
    "rate_default": ("Default rate", "默认速度"),
    "rate_high": ("High rate", "高速度"),
    "male": ("Men", "男"),
    "female": ("Women", "女"),
    "below_noise": ("smaller than seed noise, or interval covers zero", "小于种子噪声或区间包含零"),
    "no_data": ("no data", "无数据"),
    "one_run": (
        "{scenario}; central parameters, first seed: one run, so no interval",
        "{scenario}；中心参数，首个种子：单次运行，无区间",
    ),
    "flow_map": ("Net moves, {start} to {end}, summed", "{start}—{end}年累计净迁移"),
    "flow_leaving": ("net out of Hebei", "净流出河北"),
    "flow_coming": ("net into Hebei", "净流入河北"),
    "flow_inside": ("between prefectures", "各市之间"),
    "flow_widest": ("widest arrow: {persons} {unit}; largest pairs only", "最宽箭头：{persons}{unit}；仅列较大者"),
    "blocks": ("Shapley shares of the plan's actions in its effects", "实施方案各项行动的夏普利份额"),
    "blocks_note": (
        "Bars: central draw. Thin lines: 90 % of draws, if there are 20. Grey: smaller than seed noise",
        "条形为中心情形，细线为抽样的90%区间（至少20组时），灰色为小于种子噪声",
    ),
    "without_lever": ("What the plan loses without one lever", "逐项去除措施的效应"),
    "step_more": ("What a tenth more of one lever does", "单项措施加力十分之一的效应"),
    "response_note": (
        "Effect against none of it. Bars: seed noise. Band: 90 % of draws, if there are 20. Vermilion: as planned",
        "相对于不实施该措施；竖线为种子噪声，带为抽样的90%区间（至少20组时），橙色为方案力度",
    ),
    "mean_of_draws": ("mean of the draws", "各组抽样平均"),
    "central_only": ("central parameters", "中心参数"),
    "bands": (
        "Line: mean of the parameter draws. Bands: 50 and 90 % of them",
        "实线为参数抽样的平均，色带为其50%与90%区间",
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
    "hindcast_note": (
        "Forecasts of 2020 by area from what was known in 2010; the conditional league also knows the province's "
        "total. Lower is better for the error and CRPS; 80 % should lie inside the interval.",
        "以2010年已知信息预测2020年各地人口；“已知全省总数”组另已知全省总数。误差与CRPS越低越好，覆盖率应接近80%。",
    ),
    "league": ("League", "组别"),
    "method": ("Forecast", "方法"),
    "score_areas": ("Areas", "地区数"),
    "score_weighted_mape": ("Weighted error, %", "加权误差（%）"),
    "score_r2_growth": ("R² of growth", "增长的R²"),
    "score_rank_correlation": ("Rank correlation", "秩相关"),
    "score_crps_dressed": ("CRPS", "CRPS"),
    "score_coverage_80": ("Inside 80 % interval", "80%区间覆盖率"),
    "evidence_note": (
        'Figures marked "fitted" were used to set the model\'s level and are no test of it; figures marked "scored" '
        "were not used and only compared.",
        "标为“用于拟合”的数据参与了模型水平的确定，不能作为检验；标为“用于检验”的数据未参与拟合，只作比较。",
    ),
    "published_source": (
        "Published: National Bureau of Statistics and the statistical communiqués of Hebei, 2021 and 2022.",
        "公布数：国家统计局及河北省2021、2022年统计公报。",
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

WORDS |= COSTS

SCRIPT: dict[str, tuple[str, str]] = {
    "to": (" to ", " 至 "),
    "comma": (", ", "，"),
    "colon": (": ", "："),
    "dot": (" · ", " · "),
    "bracket": (" ({text})", "（{text}）"),
    "none": ("no interval", "无区间"),
    "choose": ("choose a county", "选择县（市、区）"),
    "hint": (
        "Point at a county to see its numbers; click, or choose one from the list, to keep it here.",
        "将鼠标移到某县上查看数字；点击或从列表中选择可固定显示。",
    ),
    "all": ("All indicators, {year}", "全部指标，{year}年"),
    "ages": ("Ages, {start} and {year}", "年龄结构，{start}年与{year}年"),
    "band_0": ("0-14", "0—14岁"),
    "band_1": ("15-59", "15—59岁"),
    "band_2": ("60 and over", "60岁及以上"),
    "moved_from": ("Arrived from, {start} to {year}", "迁入来源，{start}—{year}年"),
    "moved_to": ("Left for, {start} to {year}", "迁出去向，{start}—{year}年"),
    "everywhere": ("all", "全部"),
    "none_beside": ("none", "无"),
    "mark": ("Mark", "标记"),
    "counties_count": ("{count} of {all} counties", "{all}个县（市、区）中的{count}个"),
    "county_csv": ("Numbers as CSV", "下载数据（CSV）"),
    "chart_png": ("Chart as PNG", "下载图（PNG）"),
    "clear": ("The difference is larger than what is known of its noise.", "差异大于已知的噪声。"),
    "by_seed": ("* The difference is smaller than seed noise.", "* 差异小于种子噪声。"),
    "by_draws": ("† The 90 % interval of the difference covers zero.", "† 差异的90%区间包含零。"),
    "by_both": (
        "*† The difference is smaller than seed noise, and its 90 % interval covers zero.",
        "*† 差异小于种子噪声，且90%区间包含零。",
    ),
    "grey": (
        "{count} counties grey: the difference is smaller than seed noise, or its 90 % interval covers zero.",
        "灰色{count}个县：差异小于种子噪声，或90%区间包含零。",
    ),
    "lacking": ("{count} counties without data.", "{count}个县无数据。"),
    "blind": (
        "Neither seed noise nor intervals are known with so few runs: none of these differences can be trusted.",
        "运行次数太少，种子噪声与区间均不可知：这些差异都不可靠。",
    ),
    "map_note": (
        "{unit}; {points}; the intervals of a county stand beside the map.",
        "{unit}；{points}；各县区间见地图旁。",
    ),
    "band": ("Bands: 90 % of parameter draws", "色带：参数抽样的90%区间"),
    "no_band": ("No interval", "无区间"),
}
"""What the script of the page says."""

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
        "Colleges, mines and new districts are not in the model: intervals of single counties are as wide as forecasts "
        "of counties have missed elsewhere. The hindcast table tells how often they held in Hebei.",
        "高校、矿山和新城区等不在模型之内：单个县的区间宽度按国外县级预测的历史误差设定，回溯检验表给出其在河北的实际覆盖率。",
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


def without_brackets(title: str) -> str:
    """Return a title without what it says in brackets."""
    return re.sub(r"\s*(\(.*?\)|（.*?）)", "", title)


def translate(key: str, lang: Lang = "en") -> str:
    """Return the sentence called `key`."""
    en, zh = WORDS[key]
    return zh if lang == "zh" else en
