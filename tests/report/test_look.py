"""How figures look: two sizes, three languages, an institution's colours, a writer's title."""

from __future__ import annotations

import ast
import io
import itertools
import re
import warnings
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

import composite as cp
from composite.codebook.countries import COUNTRIES
from composite.codebook.themes import THEMES
from composite.report.captions import CAPTIONS, TITLES
from composite.report.catalogue import LANGUAGES, read_catalogue, translate
from composite.report.colours import APART, SIGHTS, Colours, check_colours, measure_contrast, measure_difference
from composite.report.drawing import NOTE, Sheet, choose_tone, render
from composite.report.figures import FIGURES
from composite.report.look import SIZES, Look, number, say, use
from composite.report.telling import TELL

Tables = dict[str, pd.DataFrame]
ROOM = Path(cp.__file__).parent / "report"
each = pytest.mark.parametrize("name", FIGURES)


def read_texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_every_exhibit_has_a_title_a_caption_and_a_finding() -> None:
    assert set(FIGURES) == set(TITLES) == set(CAPTIONS) == set(TELL)


def invent(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(corpus=pd.Series(["illustrative"] * len(table), dtype="str", index=table.index))


def list_words(text: str) -> set[str]:
    """The words of a text, of three letters or more."""
    return {word.lower() for word in re.findall(r"[^\W\d_]{3,}", re.sub(r"{\w+}", " ", text))}


def check_language(figure: Figure, language: str, table: pd.DataFrame) -> None:
    """Every word of labels, ticks, legends and notes is one of the language's side of the catalogue, or a name."""
    figure.canvas.draw()
    assert " ".join(translate(NOTE, language).split()) in " ".join(" ".join(read_texts(figure)).split())
    assert not find_foreign_words(figure, language, table)


def find_foreign_words(figure: Figure, language: str, table: pd.DataFrame) -> set[str]:
    own = [column for column in ("agency", "account", "node", "word", "hashtag") if column in table]
    names = {word for column in own for name in table[column].dropna().astype(str) for word in list_words(name)}
    return {word for text in read_texts(figure) for word in list_words(text)} - list_known_words(language) - names


@cache
def list_known_words(language: str) -> set[str]:
    return list_words(" ".join(others[language] for others in read_catalogue().values()))


@pytest.mark.parametrize("name", ["months", "ranks", "engagement", "communities"])
def test_a_label_in_english_would_be_noticed(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table]
    assert len(find_foreign_words(FIGURES[name].draw(table), "de", table)) > 2


@each
def test_a_slide_is_16_to_9_and_nothing_on_it_is_cut_or_overlaps(tables: Tables, name: str) -> None:
    figure = FIGURES[name].draw(invent(tables[FIGURES[name].table]), look=Look(size="slide", language="de"))
    check_language(figure, "de", tables[FIGURES[name].table])
    width, height = figure.get_size_inches()
    assert width / height == pytest.approx(16 / 9)
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in figure.texts), key=lambda box: box.y0)
    for box in boxes:
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width + 1
        assert box.y0 >= 0
        assert box.y1 <= figure.bbox.height
    assert all(one.y1 <= two.y0 + 1 for one, two in itertools.pairwise(boxes))
    panels = [axes.get_position() for axes in figure.axes if axes.get_visible()]
    for one, two in itertools.combinations(panels, 2):
        assert min(one.x1, two.x1) <= max(one.x0, two.x0) + 1e-9 or min(one.y1, two.y1) <= max(one.y0, two.y0) + 1e-9


@each
def test_a_page_is_as_wide_as_the_text_of_a4_and_no_higher(tables: Tables, name: str) -> None:
    figure = FIGURES[name].draw(invent(tables[FIGURES[name].table]), look=Look(language="fr"))
    check_language(figure, "fr", tables[FIGURES[name].table])
    width, height = figure.get_size_inches()
    assert width == SIZES["page"][0] < 210 / 25.4
    assert height <= 10


def test_every_message_of_the_catalogue_is_in_every_language_with_the_same_blanks() -> None:
    for english, others in read_catalogue().items():
        assert set(others) == set(LANGUAGES) - {"en"}, english
        for text in others.values():
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", english)), text


def collect_messages() -> set[str]:
    """What is said in the code: texts given to `say`, and all of the sentences of the findings."""
    found = set()
    for file in ROOM.glob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                found |= {
                    part.value
                    for part in ast.walk(node.args[0])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value != "f1"
                }
            if file.stem in ("telling", "facts") and isinstance(node, ast.FunctionDef):
                texts = [inner for inner in ast.walk(node) if isinstance(inner, ast.Constant)]
                found |= {
                    text.value
                    for text in texts
                    if isinstance(text.value, str)
                    and " " in text.value
                    and text.value != ast.get_docstring(node, False)
                }
    return found


def test_every_message_of_the_code_is_in_the_catalogue() -> None:
    names = {
        *TITLES.values(),
        NOTE,
        *(c.name for c in COUNTRIES),
        *(t.label for t in THEMES),
        *(t.short for t in THEMES),
    }
    assert (collect_messages() | names) - {"kind", "measure"} <= set(read_catalogue())


def test_a_message_that_is_missing_stays_in_english_with_a_note() -> None:
    with pytest.warns(cp.CompositeWarning, match="has no German for 'quite new {n}'"), use(Look(language="de")):
        assert say("quite new {n}", n=1234) == "quite new 1.234"


@given(st.floats(-1e6, 1e6), st.sampled_from([".1f", "+.2f", ",.0f", ",.3f"]))
def test_a_number_is_the_same_in_every_language(value: float, form: str) -> None:
    with use(Look(language="en")):
        english = number(value, form)
    with use(Look(language="de")):
        german = number(value, form)
    assert german.translate({ord("."): ",", ord(","): "."}) == english


def test_the_look_holds_only_while_a_figure_is_drawn_and_the_ticks_keep_it(tables: Tables) -> None:
    figure = cp.figures.draw_engagement(tables["engagement"], look=Look(language="de"))
    assert number(0.5, "g") == "0.5"
    figure.canvas.draw()
    ticks = [label.get_text() for axes in figure.axes for label in axes.get_xticklabels()]
    assert "×0,5" in ticks or "×2" in ticks
    assert not any("." in tick for tick in ticks)


@pytest.mark.parametrize("name", ["followers", "months", "unusual"])
def test_the_longest_name_of_a_country_has_room_over_its_panel_on_a_slide(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table]
    part = table[table["country"] == "GB"]
    codes = [country.code for country in COUNTRIES if country.code != "GB"][:4]
    five = pd.concat([part, *(part.assign(country=code) for code in codes)], ignore_index=True)
    figure = FIGURES[name].draw(five, look=Look(size="slide", language="de"))
    figure.canvas.draw()
    for axes in figure.axes:
        title = axes.get_title(loc="left")
        box = next(text for text in axes.findobj(Text) if text.get_text() == title).get_window_extent()
        assert box.x1 <= figure.bbox.width, title


@pytest.mark.parametrize("name", ["agreement", "confusions", "cooccurrence", "theme_ties"])
def test_a_colour_bar_has_the_decimal_comma_of_its_language(tables: Tables, name: str) -> None:
    figure = FIGURES[name].draw(tables[FIGURES[name].table], look=Look(language="de"))
    figure.canvas.draw()
    ticks = [label.get_text() for axes in figure.axes for label in axes.get_yticklabels()]
    assert not [text for text in ticks if re.search(r"\d\.\d{1,2}$", text)]


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("name", ["shares", "agencies", "cooccurrence", "confusions"])
def test_names_of_columns_do_not_run_into_each_other(tables: Tables, name: str, language: str) -> None:
    figure = FIGURES[name].draw(tables[FIGURES[name].table], look=Look(language=language))
    figure.canvas.draw()
    labels = figure.axes[0].get_xticklabels()
    if labels[0].get_rotation() == 0:
        boxes = [label.get_window_extent() for label in labels]
        assert all(one.x1 < two.x0 for one, two in itertools.pairwise(boxes))
    assert all(label.get_window_extent().x0 >= 0 for label in labels)


def test_a_per_cent_sign_is_not_left_alone_in_a_line(tables: Tables) -> None:
    title = " ".join(["37 %"] * 60)
    figure = FIGURES["months"].draw(tables["months"], look=Look(title=title))
    lines = next(text.get_text() for text in figure.texts if text.get_text().startswith("37")).split("\n")
    assert len(lines) > 1
    assert all(line.startswith("37") and line.endswith("%") for line in lines)


def test_a_writers_own_title_stands_above_and_an_empty_one_is_none(tables: Tables) -> None:
    own = read_texts(cp.figures.draw_ranks(tables["ranks"], look=Look(title="Who leads?")))
    assert "Who leads?" in own
    assert FIGURES["ranks"].tell(tables["ranks"]) not in own
    plain = cp.figures.draw_ranks(tables["ranks"], look=Look(title=""))
    assert not any(text.get_fontweight() == "bold" for text in plain.texts)


def test_a_long_title_is_broken_and_not_cut(tables: Tables) -> None:
    long = "A sentence of a policy writer that goes on " * 5
    figure = cp.figures.draw_months(tables["months"], look=Look(title=long.strip()))
    figure.canvas.draw()
    title = next(text for text in figure.texts if text.get_text().startswith("A sentence"))
    assert title.get_text().replace("\n", " ") == long.strip()
    assert title.get_window_extent().x1 <= figure.bbox.width


def test_an_unknown_size_or_language_names_the_nearest() -> None:
    with pytest.raises(cp.CompositeError, match="size 'slides' is not known: did you mean 'slide'"):
        Look(size="slides")
    with pytest.raises(cp.CompositeError, match="valid are: en, de, fr"):
        Look(language="xx")


def test_a_png_has_300_dots_an_inch_and_the_size_that_was_asked_for(tables: Tables) -> None:
    png = render(cp.figures.draw_dialogue(tables["dialogue"], look=Look(size="slide")), "png")
    height, width = matplotlib.image.imread(io.BytesIO(png)).shape[:2]
    assert (width, height) == (4000, 2250)


def test_an_svg_names_fonts_that_may_stand_in_and_a_pdf_carries_its_font(tables: Tables) -> None:
    figure = cp.figures.draw_dialogue(tables["dialogue"])
    svg = render(figure, "svg").decode()
    ElementTree.fromstring(svg)
    assert "'DejaVu Sans', Verdana" in svg
    assert b"/FontFile2" in render(figure, "pdf")


def write(folder: Path, text: str) -> Path:
    path = folder / "brand.toml"
    path.write_text(text, "utf-8")
    return path


def test_an_institutions_colours_are_those_of_the_figure(tables: Tables, tmp_path: Path) -> None:
    brand = cp.figures.read_colours(write(tmp_path, 'voice = "#004488"\naccent = "#3a3a7a"\n'))
    svg = render(cp.figures.draw_ranks(tables["ranks"], look=Look(colours=brand)), "svg").decode()
    assert "#004488" in svg
    assert "#004488" not in render(cp.figures.draw_ranks(tables["ranks"]), "svg").decode()
    assert "#3a3a7a" in render(cp.figures.draw_dialogue(tables["dialogue"], look=Look(colours=brand)), "svg").decode()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('voic = "#004488"', "did you mean 'voice'"),
        ('voice = "blue"', 'write a colour as "#RRGGBB"'),
        ('[colours]\nvoice = "#004488"', "without a head above them"),
        ("voice = 3", 'write a colour as "#RRGGBB"'),
        ("voice = ", "is not a TOML file"),
        ("font = 3", "give the name of a font"),
    ],
)
def test_a_mistake_in_the_file_of_colours_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(cp.CompositeError, match=message):
        cp.figures.read_colours(write(tmp_path, text))
    with pytest.raises(cp.CompositeError, match="cannot read the colours"):
        cp.figures.read_colours(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('voice = "#CC6677"', "are hard to tell apart in usual sight"),
        ('voice = "#b07a30"\nhuman_side = "#7f8a30"', "hard to tell apart in (deuteranopia|protanopia)"),
        ("# nothing yet", "names no colour"),
        ('voice = "#f5f5f5"', "voice #f5f5f5 is hardly seen on white"),
        ('ink = "#999999"', "ink #999999 has a contrast of 2.8 with white"),
        ('font = "No Such Face"', "is not installed here"),
    ],
)
def test_colours_that_are_hard_to_see_are_a_warning(tmp_path: Path, text: str, note: str) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        cp.figures.read_colours(write(tmp_path, text))
    assert any(re.search(note, str(one.message)) and one.category is cp.CompositeWarning for one in said)


def test_the_projects_own_colours_are_told_apart_whatever_one_sees() -> None:
    assert check_colours(Colours()) == []
    for matrix in SIGHTS.values():
        for one, two in itertools.combinations(THEMES, 2):
            assert measure_difference(one.colour, two.colour, matrix) > APART


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_contrast_and_difference_are_symmetric_and_bounded(one: int, two: int) -> None:
    a, b = f"#{one:06x}", f"#{two:06x}"
    assert measure_contrast(a, b) == measure_contrast(b, a)
    assert 1 <= measure_contrast(a, b) <= 21 + 1e-5
    assert measure_difference(a, b) == pytest.approx(measure_difference(b, a))
    assert (measure_difference(a, b) == 0) == (a == b)


def test_the_distance_of_colours_is_that_of_colorspacious() -> None:
    colorspacious = pytest.importorskip("colorspacious")
    for one, two in itertools.pairwise(THEMES):
        rgb = [[int(theme.colour[start : start + 2], 16) / 255 for start in (1, 3, 5)] for theme in (one, two)]
        places = [colorspacious.cspace_convert(value, "sRGB1", "CIELab") for value in rgb]
        assert measure_difference(one.colour, two.colour) == pytest.approx(
            np.linalg.norm(places[0] - places[1]), abs=0.1
        )


def test_a_thin_line_is_dark_enough_on_white() -> None:
    assert min(measure_contrast(Colours().edge(theme.key)) for theme in THEMES) >= 3
    assert Colours().edge("criminal_information") == Colours().paint("criminal_information")


def test_a_figure_knows_its_look(tables: Tables) -> None:
    figure = cp.figures.draw_months(tables["months"], look=Look(size="slide"))
    assert isinstance(figure, Sheet)
    assert figure.look.slide


@pytest.mark.parametrize("name", ["differences", "ranks", "languages"])
def test_the_lowest_panel_of_every_column_has_the_numbers_of_its_axis(tables: Tables, name: str) -> None:
    figure = FIGURES[name].draw(tables[FIGURES[name].table], look=Look(size="slide"))
    figure.canvas.draw()
    panels = [axes for axes in figure.axes if axes.get_visible() and axes.get_title(loc="left")]
    for axes in panels:
        place = axes.get_position()
        below = [other for other in panels if other.get_position().y1 < place.y0]
        if not any(abs(other.get_position().x0 - place.x0) < 0.02 for other in below):
            assert any(label.get_visible() and label.get_text() for label in axes.get_xticklabels())


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_the_text_on_a_colour_is_the_better_read_of_the_two(ground: tuple[float, float, float]) -> None:
    tone = choose_tone(ground)
    contrasts = {text: measure_contrast(to_hex(ground), to_hex(text)) for text in ("white", Look().colours.ink)}
    assert contrasts[tone] == max(contrasts.values()) >= 3.9
