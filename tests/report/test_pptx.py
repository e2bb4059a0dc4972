"""Slides: pictures, numbers, notes; both languages; a PDF if LibreOffice is there."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fake_result import fake_run
from typer.testing import CliRunner

from sim.cli.app import app
from sim.errors import UserError
from sim.report.figures import fonts
from sim.results.reader import load_run

pptx = pytest.importorskip("pptx", reason="slides need python-pptx (extra report)")


def luohu(*words):
    """Carry out a command; gives what it prints."""
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("slides")
    fake_run(root / "baseline", "baseline", draws=2, seeds=3)
    fake_run(root / "plan", "plan", 0.002, draws=2, seeds=3)
    return root


@pytest.fixture(scope="module", params=["en", "zh"])
def slides(request, folder):
    file = Path(luohu("report", folder, "--slides", "--lang", request.param))
    assert file == folder / f"slides.{request.param}.pptx"
    return request.param, file, list(pptx.Presentation(str(file)).slides)


def texts(slide):
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def test_at_most_twelve_slides_with_findings_as_titles_and_notes(slides):
    lang, _, made = slides
    assert 9 <= len(made) <= 12
    titles = [slide.shapes.title.text_frame.text for slide in made]
    assert all(re.search(r"\d|No |Where|影响|哪里|无法|何处", title) for title in titles), titles
    assert len(set(titles)) == len(titles)
    pictures = [[shape for shape in slide.shapes if shape.shape_type == 13] for slide in made]
    assert sum(map(bool, pictures)) >= 4 and max(map(len, pictures)) == 1
    for slide in made[1:]:
        notes = slide.notes_slide.notes_text_frame.text
        assert ("forecast" in notes or "scenarios" in notes) if lang == "en" else "情景" in notes
        assert "luohu project" in notes and ("Source: luohu" if lang == "en" else "来源：luohu") in notes


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_three_scenarios_stand_side_by_side(folder, tmp_path, lang):
    from sim.analysis.several import headline
    from sim.results.indicator_names import show

    other = fake_run(tmp_path / "other", "other", 0.001, draws=2, seeds=3)
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    manifest["title"] = {"en": "Other (half of it)", "zh": "其他（一半）"}
    (other / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    runs = [folder / "baseline", other, folder / "plan"]
    file = Path(luohu("report", *runs, "--slides", "--lang", lang, "--out", tmp_path / "out"))
    made = list(pptx.Presentation(str(file)).slides)
    titles = [slide.shapes.title.text_frame.text for slide in made]
    side = next(slide for slide, title in zip(made, titles, strict=True) if title.startswith("3"))
    table = next(shape for shape in side.shapes if shape.has_table).table
    cells = [[cell.text_frame.text for cell in row.cells] for row in table.rows]
    assert cells[0][3] == ("Other" if lang == "en" else "其他") and len(cells[0]) == 7
    found = headline([load_run(run) for run in runs], lang).query("key == '130000.residents'").to_dict("records")
    assert cells[1][2] == show(found[0]["baseline"], "persons", lang)
    assert [cells[1][3], cells[1][5]] == [show(row["reform"], "persons", lang) for row in found]
    assert len(made) <= 12 and len(set(titles)) == len(titles)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_title_holds_a_number_or_is_a_finding(folder, lang):
    from sim.report.export.pptx import _Deck
    from sim.report.page.extras import Extras
    from sim.report.page.html import Shown

    shown = Shown.of(load_run(folder / "baseline"), load_run(folder / "plan"), 2028)
    deck = _Deck(pptx.Presentation(), shown, Extras(), lang)
    deck.fill()
    findings = {one.short[lang == "zh"] for one in shown.front(Extras(), deck.card).findings}
    titles = [slide.shapes.title.text_frame.text for slide in deck.deck.slides]
    assert findings <= set(titles) and not [t for t in titles if t not in findings and not re.search(r"\d", t)]


@pytest.mark.parametrize(("clear", "said"), [(12, "All 12 main"), (5, "5 of 12 main"), (0, "None of the 12 main")])
def test_the_table_of_numbers_says_how_many_outcomes_differ(folder, monkeypatch, clear, said):
    from sim.report.export import pptx as module
    from sim.report.page.extras import Extras
    from sim.report.page.html import Shown

    verdicts = iter([min(module.CLEAR)] * clear + ["unknown"] * 12)
    monkeypatch.setattr(module, "verdict_of", lambda row: next(verdicts))
    shown = Shown.of(load_run(folder / "baseline"), load_run(folder / "plan"), 2028)
    deck = module._Deck(pptx.Presentation(), shown, Extras(), "en")
    deck.numbers()
    assert deck.deck.slides[0].shapes.title.text_frame.text.startswith(said)


def test_nothing_leaves_the_slide(slides):
    _, file, made = slides
    deck = pptx.Presentation(str(file))
    for slide in made:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width
            if shape.shape_type == 13:
                assert shape.top + shape.height <= deck.slide_height


def test_numbers_are_those_of_the_comparison(slides, folder):
    from sim.report.notebook.difference import compare
    from sim.results.indicator_names import show

    lang, _, made = slides
    table = next(shape for shape in made[1].shapes if shape.has_table).table
    cells = [[cell.text_frame.text for cell in row.cells] for row in table.rows]
    row = compare(load_run(folder / "baseline"), load_run(folder / "plan")).table("residents").iloc[0]
    assert cells[1][2] == show(row["baseline"], "persons", lang) and cells[1][3] == show(row["reform"], "persons", lang)


def test_fonts_are_those_of_usual_machines(slides):
    _, _, made = slides
    for slide in made:
        assert fonts.missing("".join(texts(slide))) == set()
        for shape in slide.shapes:
            if shape.has_text_frame:
                runs = [run for paragraph in shape.text_frame.paragraphs for run in paragraph.runs]
                assert {run.font.name for run in runs} <= {"Arial"}
                assert all('typeface="Microsoft YaHei"' in run._r.xml for run in runs)


def test_opens_in_libreoffice(slides, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    _, file, _ = slides
    command = [office, f"-env:UserInstallation={tmp_path.as_uri()}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(file)], check=True, capture_output=True, timeout=240)
    assert (tmp_path / f"{file.stem}.pdf").stat().st_size > 50_000


def test_year_that_is_not_there(folder):
    from sim.report.export.pptx import write_slides

    with pytest.raises(UserError, match="holds no year 2040"):
        write_slides(load_run(folder / "baseline"), None, folder, year=2040)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_brief_is_one_page_with_the_findings(folder, tmp_path, lang):
    docx = pytest.importorskip("docx", reason="a brief needs python-docx (extra report)")
    file = Path(luohu("report", folder, "--brief", "--lang", lang, "--out", tmp_path))
    assert file == tmp_path / f"brief.{lang}.docx"
    document = docx.Document(str(file))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert len(document.inline_shapes) == 2 and ("What this cannot tell" if lang == "en" else "不能说明什么") in text
    assert fonts.missing(text) == set() and 5 <= len(re.findall(r"(?m)^\d\. ", text)) <= 7
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    command = [office, f"-env:UserInstallation={tmp_path.as_uri()}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(file)], check=True, capture_output=True, timeout=240)
    if not (tmp_path / f"brief.{lang}.pdf").is_file():
        pytest.skip("LibreOffice has no Writer")
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / f"brief.{lang}.pdf").read_bytes())
    assert len(pages) == 1


def test_slides_and_brief_exclude_each_other(folder):
    with pytest.raises(UserError, match="exclude each other"):
        luohu("report", folder, "--brief", "--slides")
