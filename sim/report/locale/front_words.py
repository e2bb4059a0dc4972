"""What the first screen of the report says: the answer, the findings, and what cannot be told."""

Both = tuple[str, str]

EFFECTS: dict[str, tuple[Both, Both, Both]] = {
    "residents": (
        ("{size} more people live in Hebei", "河北常住人口多{size}人"),
        ("{size} fewer people live in Hebei", "河北常住人口少{size}人"),
        ("the number of residents", "常住人口"),
    ),
    "urban_share": (
        ("the urban share of residents is {size} points higher", "常住人口城镇化率高{size}个百分点"),
        ("the urban share of residents is {size} points lower", "常住人口城镇化率低{size}个百分点"),
        ("the urban share of residents", "常住人口城镇化率"),
    ),
    "hukou_urban_share": (
        ("the urban share of registered hukou is {size} points higher", "户籍人口城镇化率高{size}个百分点"),
        ("the urban share of registered hukou is {size} points lower", "户籍人口城镇化率低{size}个百分点"),
        ("the urban share of registered hukou", "户籍人口城镇化率"),
    ),
    "school_shortage": (
        ("{size} more children are without a public school place", "未获公办学位的儿童多{size}人"),
        ("{size} fewer children are without a public school place", "未获公办学位的儿童少{size}人"),
        ("children without a public school place", "未获公办学位的儿童人数"),
    ),
    "children_left_behind": (
        ("{size} more children are left behind", "留守儿童多{size}人"),
        ("{size} fewer children are left behind", "留守儿童少{size}人"),
        ("children left behind", "留守儿童人数"),
    ),
    "employed": (
        ("{size} more people are in work", "就业人口多{size}人"),
        ("{size} fewer people are in work", "就业人口少{size}人"),
        ("employment", "就业人口"),
    ),
}
"""For each outcome that findings are about: an effect upwards, an effect downwards, and what it is called."""

FRONT: dict[str, Both] = {
    # the answer
    "answer": (
        'In {year}, with "{reform}" instead of "{base}", {first}, and {second}.',
        "到{year}年，“{reform}”与“{base}”相比，{first}，{second}。",
    ),
    "answer_alike": (
        'In {year}, with "{reform}" instead of "{base}", no clear change can be told, neither of {first} '
        "nor of {second}.",
        "到{year}年，“{reform}”与“{base}”相比，{first}和{second}均看不出明确变化。",
    ),
    "answer_clear": ("{effect} (90 %: {interval})", "{effect}（90%区间{interval}）"),
    "answer_unclear": ("no clear change of {topic} can be told", "{topic}看不出明确变化"),
    "answer_unsure": ("{effect} (how sure is not known)", "{effect}（可靠程度不明）"),
    "answer_single": (
        'Under "{base}", {residents} people live in Hebei in {year}, {share} % of them in towns.',
        "在“{base}”下，{year}年河北常住人口为{residents}人，城镇化率为{share}%。",
    ),
    # how sure
    "said_sure": (
        "{effect} (90 % interval {interval}). Sure in direction.",
        "{effect}（90%区间{interval}）。方向可靠。",
    ),
    "said_wide": (
        "{effect} (90 % interval {interval}). Sure in direction, not in size.",
        "{effect}（90%区间{interval}）。方向可靠，大小不确定。",
    ),
    "said_unclear": (
        "No clear effect on {topic}: the 90 % interval {interval} holds zero, so the effect may go either way.",
        "对{topic}无明确影响：90%区间{interval}包含零，方向不能确定。",
    ),
    "said_noise": (
        "No effect on {topic} that can be told from chance: the difference, {difference}, is smaller than the noise "
        "between seeds.",
        "对{topic}的影响与随机波动无法区分：差异（{difference}）小于随机种子之间的噪声。",
    ),
    "said_torn": (
        "No clear effect on {topic}: the difference, {difference}, and the 90 % interval, {interval}, do not agree.",
        "对{topic}无明确影响：差异（{difference}）与90%区间（{interval}）不一致。",
    ),
    "said_unknown": (
        "{effect} in these runs, but {draws} parameter draws are too few to say how sure that is.",
        "本次运行中{effect}，但参数抽样只有{draws}组，无法判断可靠程度。",
    ),
    "said_nothing": ("No effect on {topic}: the two scenarios do not differ.", "对{topic}没有影响：两个情景没有差异。"),
    "off_centre": (
        "The number itself lies outside the interval.",
        "该数值位于区间之外。",
    ),
    "numbers_line": (
        "{base_value} → {reform_value} {unit}; difference {difference}; noise {noise}",
        "{base_value} → {reform_value}{unit}；差异{difference}；噪声{noise}",
    ),
    "numbers_single": ("{start}: {before}; {year}: {now} {unit}", "{start}年：{before}；{year}年：{now}{unit}"),
    "level_finding": ("{title}: {now} {unit} in {year}.", "{year}年{title}：{now}{unit}。"),
    "level_interval": (
        "{title}: {now} {unit} in {year} (90 % interval {interval}).",
        "{year}年{title}：{now}{unit}（90%区间{interval}）。",
    ),
    "less_than": ("less than {least}", "不足{least}"),
    # where
    "where": (
        "Of {count} counties, {gain} clearly gain residents and {lose} clearly lose; for {rest} no difference can be "
        "told.{most}",
        "{count}个县（市、区）中，常住人口明确增加的有{gain}个，明确减少的有{lose}个，其余{rest}个看不出差异。{most}",
    ),
    "where_nobody": (
        "In none of {count} counties can a difference of residents be told.",
        "{count}个县（市、区）的常住人口均看不出差异。",
    ),
    "where_unknown": (
        "Where people gain or lose cannot be told: {draws} parameter draws are too few for an interval of any county.",
        "无法判断哪些地方增减：参数抽样只有{draws}组，各县均无区间。",
    ),
    "where_most": (" By prefecture: {named} thousand persons.", "按市看：{named}（万人）。"),
    "where_no_prefecture": (
        " By prefecture no difference is clear.",
        "按市看，均无明确差异。",
    ),
    "where_single": (
        "{fewer} of {count} counties have fewer residents in {year} than in {start}.",
        "{count}个县（市、区）中，{year}年常住人口少于{start}年的有{fewer}个。",
    ),
    # the two steps, the actions, the promises
    "steps_finding": (
        "Residents in two steps: doing what the State Council asks of all provinces, {keeping_up}; going beyond that, "
        "{going_beyond}.",
        "常住人口分两步看：落实国家统一要求，{keeping_up}；在此之上的自选措施，{going_beyond}。",
    ),
    "step_clear": ("{difference} ({interval})", "{difference}（{interval}）"),
    "step_unclear": ("no clear effect ({interval})", "无明确影响（{interval}）"),
    "step_unknown": ("{difference}, how sure is not known", "{difference}，可靠程度不明"),
    "actions_finding": (
        'The action with the largest effect on residents: "{action}", {difference}{interval}.',
        "对常住人口影响最大的行动：“{action}”，{difference}{interval}。",
    ),
    "actions_none": (
        "No single action has an effect on residents that can be told from chance.",
        "没有哪项行动对常住人口的影响能与随机波动区分开。",
    ),
    "promises_finding": (
        "Promised figures that can be judged: {count}. Kept because of the plan: {by_plan}; kept without it too: "
        "{anyway}; open: {open}; not kept: {broken}.",
        "可评判的{count}项承诺指标中，因方案达成{by_plan}项，无方案亦可达成{anyway}项，尚不确定{open}项，未达成{broken}项。",
    ),
    # what a reader with two minutes asks
    "ask_sure": ("How sure?", "有多可靠？"),
    "ask_where": ("Where?", "在哪里？"),
    "ask_why": ("Why?", "为什么？"),
    "ask_unknown": ("What is not known?", "还不知道什么？"),
    "sure_sure": ("sure in direction, at least 19 of 20 draws agree", "方向可靠，20次抽样中至少有19次一致"),
    "sure_wide": (
        "sure in direction (at least 19 of 20 draws agree), not in size",
        "方向可靠（20次抽样中至少有19次一致），大小不确定",
    ),
    "sure_unclear": ("may go either way (90 %: {interval} {unit})", "方向不确定（90%区间{interval}{unit}）"),
    "sure_noise": ("cannot be told from chance", "与随机波动无法区分"),
    "sure_torn": ("not clear", "不明确"),
    "sure_unknown": ("not known, with {draws} parameter draws", "参数抽样只有{draws}组，无法判断"),
    "sure_nothing": ("the same in both", "两个情景相同"),
    "why_untold": (
        "These runs do not split the effect among the actions; luohu decompose does.",
        "本次模拟未按行动分解影响；可用 luohu decompose 分解。",
    ),
    "unknown_counties": (
        "How strong the measures will be, whether the model's rules hold, and what happens in {rest} of {count} "
        "counties.",
        "各项措施的实际力度、模型规则是否成立，以及{count}个县（市、区）中{rest}个的变化。",
    ),
    "unknown_all": (
        "How strong the measures will be, whether the model's rules hold, and what happens in single counties.",
        "各项措施的实际力度、模型规则是否成立，以及各县的变化。",
    ),
    # what cannot be told
    "cannot_title": ("What this cannot tell", "本报告不能说明什么"),
    "cannot_forecast": (
        "What will happen: these are scenarios. The difference between two is better founded than either level.",
        "将来一定如何：结果是情景而非预测；两个情景之差比各自的水平更可靠。",
    ),
    "cannot_rules": (
        "Whether the rules of the model are right: intervals cover its parameters and assumptions only.",
        "模型规则是否正确：区间只反映参数和假设的不确定性。",
    ),
    "cannot_size": (
        "How strong a measure will be: the plan states few numbers, so most sizes are read from its wording.",
        "各项措施的实际力度：方案量化指标不多，多数力度依文字设定。",
    ),
    "cannot_town": (
        "How fast villages turn urban in place: assumed, and the same in both scenarios.",
        "村庄就地城镇化有多快：为假设，且两个情景相同。",
    ),
    "cannot_county": (
        "Single counties: {told}",
        "单个县的结果：{told}",
    ),
    "county_told": (
        "in the hindcast 2010-20, 80 % intervals made like those of the county tables held {coverage} of the "
        "counties' populations.",
        "2010—2020年回溯检验中，与县级表格同样做法的80%区间覆盖了{coverage}的县的人口。",
    ),
    "county_untold": (
        "what only they have (a college, a mine, a new district) is not in the model but as chance.",
        "高校、矿山、新城区等当地特有因素，模型只作为随机变动处理。",
    ),
    "cannot_few": (
        "How sure anything is: {draws} parameter draws give no interval.",
        "结果有多可靠：{draws}组参数抽样不足以给出区间。",
    ),
    # frame
    "subtitle": (
        '"{reform_full}" against "{base_full}": results of the simulator luohu',
        "“{reform_full}”与“{base_full}”相比：luohu 模拟结果",
    ),
    "subtitle_single": ("{base_full}: results of the simulator luohu", "{base_full}：luohu 模拟结果"),
    "s_front": ("In short", "要点"),
    "effect_map": (
        "Where people live because of it: residents in {year}, difference in points of those of 2020",
        "对各县常住人口的影响：{year}年差异，占2020年人口的百分点",
    ),
    "effect_map_single": ("Residents in {year} beside 2020, by county, %", "各县{year}年常住人口较2020年变化（%）"),
    "effect_map_note": (
        "Grey: no difference can be told. A click opens the county.",
        "灰色：看不出差异。点击打开该县。",
    ),
    "effect_map_note_single": ("A click opens the county.", "点击打开该县。"),
    "futures": ("Residents of {year}, {unit}: {levels}.", "{year}年常住人口（{unit}）：{levels}。"),
    "against": (
        '"{base}" is what every difference is against. The same households, seeds and draws run in both.',
        "所有差异均以“{base}”为对照；两个情景使用相同的家庭、种子和抽样。",
    ),
    "actions_front": ("What each action of the plan adds, {year}", "各项行动的贡献，{year}年"),
    "steps_front": ("The effect in two steps, {year}", "分两步的影响，{year}年"),
    "steps_bars": (
        "Bars: mean of the draws. Thin lines: 90 % of draws, if there are 20. Grey: may be noise",
        "条形为各组抽样平均，细线为抽样的90%区间（至少20组时），灰色可能为噪声",
    ),
    "contents": ("Contents", "目录"),
    "numbers_shown": ("{count} rows", "{count}行"),
    # what pictures show, for those who cannot see them
    "alt_fan": ("Lines by year with bands of the draws: {title}", "逐年折线与抽样区间：{title}"),
    "alt_depends": ("Bars: what {title} depends on", "条形图：{title}取决于哪些因素"),
    "alt_front_bars": (
        "Bars: effect on residents and on the urban share, by part of the plan",
        "条形图：各部分对常住人口和城镇化率的影响",
    ),
    "alt_growth_sources": ("Bars: growth of the urban population by source", "条形图：城镇人口增长来源"),
    "alt_urban_by_prefecture": ("Dots: urban share by prefecture in {year}", "点图：{year}年各市城镇化率"),
    "alt_in_place": ("Bars: urban share by rate of urbanisation in place", "条形图：不同就地城镇化速度下的城镇化率"),
    "alt_pyramid": ("Pyramid: residents by age and sex", "人口金字塔：常住人口"),
    "alt_pyramid_urban": ("Pyramid: urban residents by age and sex", "人口金字塔：城镇常住人口"),
    "alt_flow_map": (
        "Map: net moves between prefectures, Beijing, Tianjin and the rest of China under {base}",
        "地图：{base}下各市与京津及全国其他地区的净迁移",
    ),
    "alt_flow_map_reform": (
        "Map: net moves between prefectures, Beijing, Tianjin and the rest of China under {reform}",
        "地图：{reform}下各市与京津及全国其他地区的净迁移",
    ),
    "alt_children": (
        "Lines: children without a public place, empty seats, migrant children in public places, children left behind",
        "折线：未获公办学位的儿童、闲置学位、随迁子女公办就读比例、留守儿童",
    ),
    "alt_potential": (
        "Lines: growth of potential counties and of the others",
        "折线：潜力县与其他县（市、区）人口增长",
    ),
    "alt_blocks": ("Bars: shares of the plan's actions in its effects", "条形图：实施方案各项行动的份额"),
    "alt_misses": ("Chart: where the target is missed", "图：目标未达到的情形"),
    # slides and brief
    "slide_numbers": (
        "{clear} of {count} main outcomes of {year} differ clearly; the others cannot be told from chance",
        "{year}年{count}项主要指标中，{clear}项有明确差异，其余与随机波动无法区分",
    ),
    "slide_numbers_all": (
        "All {count} main outcomes of {year} differ clearly",
        "{year}年{count}项主要指标均有明确差异",
    ),
    "slide_numbers_none": (
        "None of the {count} main outcomes of {year} can be told from chance",
        "{year}年{count}项主要指标的差异均与随机波动无法区分",
    ),
    "slide_several": (
        "{count} scenarios side by side: {low} to {high} thousand residents in {year}",
        "{count}个情景并列：{year}年常住人口{low}万至{high}万人",
    ),
    "slide_levels": ("{count} main outcomes of {year}", "{year}年{count}项主要指标"),
    "slide_sources": (
        'Under "{base}", {share} of the growth of towns comes from villages that turn urban in place',
        "在“{base}”下，城镇人口增长的{share}来自村庄就地城镇化",
    ),
    "slide_cannot": ("{count} things these runs cannot tell", "这些结果不能说明的{count}件事"),
    "slide_made": (
        "Made from {draws} draws of what is assumed; these commands make it again",
        "由{draws}组参数抽样得出，可用以下命令重做",
    ),
    "slide_when": ("Runs made on {made}", "模拟完成于{made}"),
    "slide_figures": ("Beside figures published up to {last}", "对照截至{last}年的公布数据"),
    "brief_question": (
        "What does the plan change about where the households of Hebei settle?",
        "实施方案对河北家庭在哪里定居有何影响？",
    ),
    "sheet_answer": ("Answer", "结论"),
    "sheet_made": ("What, when, from which figures", "模拟内容、时间与数据"),
    "notes": ("Notes", "说明"),
    "price_note": (
        "Wages, rents and house prices are in yuan of 2020; persons, households and homes are counted one by one.",
        "工资、租金和房价按2020年价；人、户、套均为个数。",
    ),
    "points_note": (
        "Differences of percentages are in percentage points: 0.10% in a column of differences is 0.10 points.",
        "百分比之差以百分点计：差异列中的0.10%即0.10个百分点。",
    ),
    "brief_findings": ("What was found", "主要发现"),
    # under the steps of the effect
    "delivery_note": (
        "Delivery: how much of its measures Hebei carries out differs over the {draws} draws and explains {share} % of "
        "the variance of the plan's effect on residents (90 % interval: {low} to {high} %); a tenth more of delivery "
        "goes with {more} residents.",
        "落实率：{draws}次抽样中各项措施的落实程度不同，可解释方案对常住人口影响方差的{share}%（90%区间：{low}%至{high}%）；"
        "落实率每提高0.1，常住人口相应变化{more}人。",
    ),
    # themes of the headline table
    "theme_people": ("People and moves", "人口与迁移"),
    "theme_towns": ("Towns and hukou", "城镇与户籍"),
    "theme_children": ("Children and schools", "儿童与学校"),
    "theme_work": ("Work and wages", "就业与工资"),
    "theme_homes": ("Homes, rents and prices", "住房、租金与房价"),
    "theme_groups": ("Potential counties and the others", "潜力县与其他县（市、区）"),
    "theme_prefectures": ("Xiong'an, Shijiazhuang, Langfang", "雄安新区、石家庄、廊坊"),
}
"""Sentences of the first screen."""
