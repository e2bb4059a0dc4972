"""Published figures and the smoother: what is compared, which score a figure moves, what a linear world gives back."""

import numpy as np
import pandas as pd
import pytest

from calibration.assimilation import forward, nowcast, observation, own_steps, smoother, vector, work
from calibration.assimilation.observation import Figures, shipped
from calibration.assimilation.smoother import Settings
from sim.model import indicators, parameters, paths
from sim.results import areas
from sim.results.areas import in_hebei
from sim.world import tables

AREAS = forward.codes()
YEARS = range(2021, 2024)
DRAWS = 60


@pytest.fixture(scope="module")
def sample():
    return pd.read_parquet(parameters.FITTED / "2020.parquet")


def flat(seed=0):
    """Values of a made-up run, the same shares everywhere."""
    rng = np.random.default_rng(seed)
    residents = rng.uniform(1e5, 1e6, len(AREAS))
    values = np.stack([residents, 0.6 * residents, 0.007 * residents, 0.008 * residents, 0 * residents], axis=1)
    return np.repeat(values[:, None], len(YEARS), axis=1)


def test_the_shipped_figures_tie():
    table = tables.load("published")
    everywhere = table[(table["measure"] == "residents") & (table["place"] % 100 == 0) & (table["place"] < 133100)]
    residents = everywhere[everywhere["place"].map(in_hebei)]
    in_beijing = everywhere[everywhere["place"] == 110000]
    assert len(in_beijing) == 3 and in_beijing["value"].between(2.0e6, 2.2e6).all()
    parts = residents[residents["place"] != 130000].groupby("year")["value"].sum()
    whole = residents[residents["place"] == 130000].set_index("year")["value"]
    assert (parts - whole).abs().max() <= 1000
    relative = table["error"] / table["value"].abs()
    assert relative[table["measure"] != "net_migration"].between(2e-4, 0.06).all()


def test_figures_are_compared_as_shares_of_the_province_and_of_residents():
    figures = shipped().used("fit")
    values = flat()
    told = pd.Series(figures.told(values, AREAS, YEARS), pd.MultiIndex.from_frame(figures.table[observation.KEYS]))
    at = {code: i for i, code in enumerate(AREAS)}
    assert told[2022, 130000, "urban"] == pytest.approx(np.log(0.6))
    baoding = values[at[130600], 0, 0] + values[at[133100], 0, 0]
    assert told[2021, 130600, "residents"] == pytest.approx(np.log(baoding / values[at[130000], 0, 0]))
    assert told[2023, 130000, "births"] == pytest.approx(np.log(values[at[130000], 2, 2]))
    observed = pd.Series(figures.observed(), told.index)
    assert np.exp(observed[2023, 130000, "urban"]) == pytest.approx(0.6277, abs=2e-4)
    assert np.exp(observed[2021, 131000, "residents"]) == pytest.approx(553.82 / 7448, rel=1e-6)


def test_own_figures_take_the_place_of_shipped_ones():
    plain = shipped()
    own = pd.DataFrame({
        "year": [2021, 2021, 2024], "place": [130600, 130100, 130000], "measure": ["residents"] * 3,
        "value": [10_280_200.0, 11_204_700.0, 73_600_000.0], "error": [np.nan, 9000.0, np.nan], "use": ["fit"] * 3,
    })  # fmt: skip
    table = shipped(own).table.set_index(observation.KEYS)
    assert len(table) == len(plain.table) + 1
    assert table.loc[(2021, 130600, "residents"), "scope"] == "130600"  # Xiong'an left out, as the user counts
    assert table.loc[(2021, 130100, "residents"), "error"] == 9000.0
    assert table.loc[(2024, 130000, "residents"), "error"] == pytest.approx(0.0015 * 73_600_000)
    again = plain.table[["year", "place", "measure", "value", "use"]].assign(error=np.nan)
    pd.testing.assert_frame_equal(shipped(again).table, plain.table)


def test_the_vector_gives_back_the_draw(sample):
    space = vector.Space(sample, shipped().used("fit"))
    x = space.prior([0, 7])
    assert x.shape == (len(space.names), 2) and len(set(space.names)) == len(space.names)
    row = sample.set_index("draw").loc[7]
    found = space.row(x[:, 1], 7)
    assert all(found[name] == pytest.approx(row[name], rel=1e-4, abs=1e-4) for name in space.columns)
    assert found["effect_0_130102"] == pytest.approx(row["effect_0_130102"])
    scores = space.scores(x[:, 1])
    key = paths.Key("prefecture", "noise", 131000, 2022)
    assert scores[key.column] == paths.drawn(key, 7)


def test_a_figure_moves_its_own_place_and_no_earlier_year(sample):
    space = vector.Space(sample, shipped().used("fit"))
    always, maybe = space.reach()
    may = pd.DataFrame(always | maybe, space.names, pd.MultiIndex.from_frame(space.figures.table[observation.KEYS]))
    langfang = paths.Key("prefecture", "noise", 131000, 2022).column
    assert may.loc[langfang, (2022, 131000, "residents")] and may.loc[langfang, (2023, 131000, "residents")]
    assert not may.loc[langfang, (2021, 131000, "residents")] and not may.loc[langfang, (2022, 130100, "residents")]
    assert not may.loc[langfang, (2022, 130000, "residents")]
    xiongan = paths.Key("prefecture", "constant", 133100, 0).column
    assert may.loc[xiongan, (2023, 130600, "residents")]
    assert may.loc["wage_coefficient_annual"].all()


def test_the_province_moves_what_its_prefectures_have_in_common(sample):
    space = vector.Space(sample, shipped().used("fit"))
    weights, moved = space.means()
    assert weights.sum(1) == pytest.approx(1.0) and ((weights > 0).sum(1) == len(areas.PREFECTURES)).all()
    assert ((weights > 0).sum(0) <= 1).all()
    province = (space.figures.table["place"] == areas.PROVINCE).to_numpy()
    assert moved.any() and not moved[:, ~province].any()
    scores = space.prior(range(1, 9))
    wanted = 0.5 * weights @ scores
    found = smoother._agreed(np.vstack([scores, wanted]), weights)
    assert weights @ found == pytest.approx(wanted)
    others = weights.sum(0) == 0
    assert np.array_equal(found[others], scores[others])
    nearest = scores + np.linalg.pinv(weights) @ (wanted - weights @ scores)
    assert found == pytest.approx(nearest)


def test_all_passes_together_use_a_figure_once():
    for passes in (1, 4, 7):
        assert (1 / Settings(8, (0.01,) * (passes + 1)).inflation).sum() == pytest.approx(1.0)


def test_own_steps_come_last_and_use_no_information():
    settings = smoother.settings_of(100, 0.02, 3, 1)
    assert settings.scales == (0.01, 0.02, 0.02, *(smoother.OWN_STEPS + 1) * (0.02,)) and settings.passes == 3
    assert len(settings.inflation) == 3


def test_own_steps_bring_every_draw_to_its_figures(linear, sample, tmp_path):
    _, figures, _ = linear
    plain = smoother.assimilate(sample, figures, Settings(DRAWS, (0.001,) * 3), tmp_path / "a")
    more = smoother.assimilate(sample, figures, Settings(DRAWS, (0.001,) * 4, own_steps=1), tmp_path / "a")
    off = [np.abs(found.after - found.observed[:, None]).mean() for found in (plain, more)]
    assert off[1] < off[0] and np.median(more.far) < np.median(plain.far)
    answered = figures.table["place"].eq(131000).to_numpy() & figures.table["measure"].eq("residents").to_numpy()
    spread = more.after[answered].std(1) / more.error[answered]
    assert 0.5 < spread.mean() < 1.5  # as far apart as the error of what they were put to


def test_answers_and_steps_in_a_line():
    rng = np.random.default_rng(3)
    true = np.array([[2.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    scores = [rng.standard_normal((3, 40)) for _ in range(4)]
    told = [true @ one for one in scores]
    allowed = np.array([[True, False], [False, True], [True, False]])
    found = own_steps.answers(scores, told, allowed, np.zeros((0, 3)))
    assert found == pytest.approx(true, abs=0.01)
    missing = rng.standard_normal((2, 5))
    step = own_steps.step(found, missing, np.full(2, 1e-6))
    assert true @ step == pytest.approx(missing, abs=0.02)
    assert step == pytest.approx(np.linalg.pinv(true) @ missing, abs=0.05)  # the shortest one
    assert np.abs(own_steps.step(found, missing, np.full(2, 1e6))).max() < 1e-9


class Linear:
    """A world that answers its scores in a straight line, in the place of the model."""

    def __init__(self, names):
        self.at = {name: i for i, name in enumerate(names)}

    def __call__(self, task):
        np.save(task.path, self.values(task))

    def values(self, task):
        values, areas = flat(), {code: i for i, code in enumerate(AREAS)}

        def score(name, part, place, year):
            key = paths.Key(name, part, place, year)
            return task.scores.get(key.column, paths.drawn(key, task.draw))

        for y, year in enumerate(YEARS):
            births = sum(score("fertility", "step", 130000, when) for when in range(2021, year + 1))
            values[:, y, 2] *= np.exp(0.05 * births)
            pull = score("prefecture", "constant", 131000, 0) * (y + 1) + score("prefecture", "noise", 131000, year)
            values[areas[131000], y, :2] *= np.exp(0.004 * pull)
        return values * np.exp(2e-4 * np.random.default_rng([task.draw, task.seed]).standard_normal(values.shape))


@pytest.fixture
def linear(monkeypatch, sample):
    figures = shipped().used("fit")
    space = vector.Space(sample, figures)
    monkeypatch.setattr(smoother.forward, "run", Linear(space.names))
    monkeypatch.setattr(smoother.synthesis, "build", lambda scale: None)
    truth = space.scores(space.prior([500 % 200])[:, 0])
    task = forward.Task("", 0, 0, 0.001, 2023, {}, truth)
    table = figures.table.assign(value=figures.persons(Linear(space.names).values(task), AREAS, YEARS))
    table["error"] = 0.002 * table["value"]
    return space, Figures(table), truth


def test_a_linear_world_is_found_again_and_resumes_to_the_same(linear, sample, tmp_path):
    space, figures, truth = linear
    settings = Settings(DRAWS, (0.001,) * 4)
    found = smoother.assimilate(sample, figures, settings, tmp_path / "a")
    off = np.abs(found.after.mean(1) - found.observed) / np.hypot(found.error, found.noise)
    assert off.max() < 2.0
    at = space.names.index("fertility/step/130000/2021")
    assert found.scores[at].mean() == pytest.approx(truth[space.names[at]], abs=0.4)
    assert found.scores[at].std() < 0.5
    free = [i for i, name in enumerate(space.names) if name.startswith("prefecture/noise/130800")]
    assert found.scores[free].std(axis=1).min() > 0.5  # what no figure speaks of stays about as wide
    for file in sorted((tmp_path / "a").glob("pass-2-*.npy"))[:20]:
        file.unlink()
    again = smoother.assimilate(sample, figures, settings, tmp_path / "a")
    assert np.array_equal(found.scores, again.scores)


def test_what_is_written_is_what_the_model_reads(linear, sample, tmp_path, monkeypatch):
    _, figures, _ = linear
    settings = Settings(16, (0.001, 0.001))
    terms = work.begin(tmp_path / "work", settings, figures, False, False, "test")
    outcome = work.carry_out(settings, figures, tmp_path / "work")
    files = work.write(tmp_path / "out", outcome, terms, parameters.before_figures())
    assert [f.name for f in files] == ["2020.prior.parquet", "2020.parquet", "2020.paths.parquet", "2020.figures.csv",
                                       "2020.assimilation.json"]  # fmt: skip
    assert len(outcome.far) == 16 and outcome.sample["draw"].tolist() == list(range(17))
    mine = paths.learnt(tmp_path / "out", 3)
    column = "outside/step/110000/2022"
    assert mine[column] == pytest.approx(outcome.scores.set_index("draw").loc[3, column], rel=1e-6)
    assert paths.learnt(tmp_path / "out", 19)[column] == pytest.approx(mine[column])  # draws beyond take it in turn
    central = outcome.scores.set_index("draw")[column]
    assert central[0] == pytest.approx(central[1:].mean())
    p = parameters.parameters(3, 2020, tmp_path / "out")
    assert p["home_bias"] == pytest.approx(outcome.sample.set_index("draw").loc[3, "home_bias"])


def test_no_figure_after_an_origin_is_in_its_forecast(linear, sample, tmp_path):
    _, figures, _ = linear
    settings = Settings(16, (0.001, 0.001))
    later = figures.table["year"] > 2021
    value = figures.table["value"].where(~later, figures.table["value"] * 1.05)
    changed = Figures(figures.table.assign(value=value))
    one, other = (
        nowcast.rolling(f, settings, tmp_path / str(i), origins=(2021,)) for i, f in enumerate((figures, changed))
    )
    told = ["forecast", "low", "high"]
    assert len(one) and one[told].equals(other[told])
    assert not one["published"].equals(other["published"])
    assert (one["year"] > 2021).all() and set(one["by"]) == {nowcast.MODEL, *nowcast.BASELINES}


def test_scores_of_forecasts():
    rng = np.random.default_rng(1)
    ensemble = rng.normal(0.0, 1.0, 4000)
    assert nowcast.crps_of(ensemble, 0.0) == pytest.approx(np.sqrt(2 / np.pi) - 1 / np.sqrt(np.pi), abs=0.02)
    assert nowcast.crps_of(ensemble, 3.0) > nowcast.crps_of(ensemble, 0.0)
    table = shipped().table
    one = table[(table["place"] == 130100) & (table["year"] == 2023) & (table["measure"] == "residents")].iloc[0]
    still, _ = nowcast.simple("no change", table, one.to_dict(), 2022)
    last, _ = nowcast.simple("last year's growth", table, one.to_dict(), 2022)
    assert np.exp(still) == pytest.approx(11_223_500) and np.exp(last) == pytest.approx(11_223_500**2 / 11_204_700)


def test_births_and_deaths_are_fitted_without_the_chance_of_a_small_sample(fresh):
    """What is fitted is what the chances of a year add up to; what happens lies around it, by chance."""
    expected = []

    def live(model):
        expected.append(forward.expected_vitals(model))
        forward.demography.live(model)

    fresh.processes = forward.replaced({"demography.live": live}, fresh.processes)
    fresh.step()
    lived = forward.values_of(fresh, indicators.areas_of(fresh.world))[-1]
    happened = lived[[forward.MEASURES.index("births"), forward.MEASURES.index("deaths")]]
    by_chance = np.sqrt(expected[0] / fresh.scale)
    assert (happened != expected[0]).all() and (np.abs(happened - expected[0]) < 4 * by_chance).all()
