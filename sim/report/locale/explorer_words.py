"""What the explorer, the table of all areas and the record of forecasts say, in English and Chinese."""

EXPLORER: dict[str, tuple[str, str]] = {
    "s_counties": ("Table of all counties", "全部县（市、区）数据表"),
    "play": ("Play", "播放"),
    "search": ("Search", "搜索"),
    "filter": ("Name, pinyin or code", "名称、拼音或代码"),
    "prefecture": ("Prefecture", "市"),
    "county_two": ("beside", "对照"),
    "only_clear": ("only where a difference can be told", "只显示有明确差异的"),
    "csv_shown": ("Download these rows (CSV)", "下载所列各行（CSV）"),
    "csv_all": ("Download everything (CSV)", "下载全部（CSV）"),
    "map_png": ("Map as PNG", "下载地图（PNG）"),
    "map_csv": ("Map's numbers as CSV", "下载地图数据（CSV）"),
    "county_warning": (
        "Read no single county's interval as the whole of what is uncertain:",
        "单个县的区间并不包含全部不确定性：",
    ),
    "marks_note": (
        "* smaller than the noise between seeds; † the 90 % interval over draws covers zero.",
        "* 小于种子噪声；† 参数抽样的90%区间包含零。",
    ),
    "prefectures_csv": ("Download this indicator, all years (CSV)", "下载该指标逐年数据（CSV）"),
    "level": ("Of", "层级"),
    "level_place": ("counties", "县（市、区）"),
    "level_prefecture": ("prefectures", "市"),
    "level_group": ("groups of counties", "县（市、区）分组"),
    "level_province": ("the province", "全省"),
    # how good forecasts have been
    "record": ("How good is this one, two, three years on", "一年、两年、三年后的预测有多准"),
    "record_note": (
        "What was published up to 2021, and up to 2022, was taken in; the years after were forecast and compared with "
        "what was published later. Errors, CRPS and widths are in percent of residents; less is better, and intervals "
        "should hold 90 %. Three years on cannot be scored yet: the last published year is {last}.",
        "分别只用截至2021年、2022年已公布的数据，预测其后各年，再与后来公布的数字比较。误差、CRPS与区间宽度均为占常住人口的"
        "百分比，越小越好；区间覆盖率应接近90%。公布数据只到{last}年，三年后的预测尚无法检验。",
    ),
    "no_record": (
        "Scores of forecasts one and two years on are not at hand; the command luohu nowcast makes them.",
        "没有一年、两年后预测的评分；可用 luohu nowcast 生成。",
    ),
    "record_of": ("Of", "对象"),
    "record_ahead": ("Years on", "预测年数"),
    "record_figures": ("Figures", "公布数个数"),
    "record_mae": ("Mean error, %", "平均误差（%）"),
    "record_crps": ("CRPS, %", "CRPS（%）"),
    "record_inside": ("Inside 90 % interval", "90%区间覆盖率"),
    "record_width": ("Width of interval, %", "区间宽度（%）"),
    "record_prefectures": ("Residents of prefectures", "各市常住人口"),
    "record_province": ("Residents of Hebei", "全省常住人口"),
    "by_luohu": ("luohu", "luohu"),
    "by_no_change": ("no change", "保持不变"),
    "by_growth": ("growth since 2020 goes on", "沿用2020年以来的增速"),
    "by_last_year": ("last year's growth goes on", "沿用上一年的增速"),
    "record_told": (
        "Tried on published figures, 90 % intervals of prefectures' residents held {parts}; counties have not been "
        "tried so.",
        "用公布数据检验，各市常住人口的90%区间覆盖了{parts}；县级尚无此类检验。",
    ),
    "record_part": ("{inside} of {count} figures {ahead} on", "{ahead}后{count}个公布数中的{inside}个"),
    "record_1": ("one year", "1年"),
    "record_2": ("two years", "2年"),
    "record_3": ("three years", "3年"),
    "record_untold": (
        "How often such intervals held on published figures is not at hand; luohu nowcast tells it.",
        "没有此类区间对公布数据覆盖率的检验；可用 luohu nowcast 生成。",
    ),
    # between parts of a sentence
    "and_then": (", ", "、"),
    "half_stop": ("; ", "；"),
    "full_stop": (". ", "。"),
    "told_of": (": ", "："),
    # titles of maps in notebooks
    "map_of": ("{title}, {year}: {what}", "{title}，{year}年：{what}"),
    "map_since": ("{title}, {since} to {year}: {what}", "{title}，{since}—{year}年：{what}"),
}
