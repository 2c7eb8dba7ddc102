"""Every figure of the registry: it draws its table, says what it must say, and comes out the same every time."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import composite as cp
from composite.codebook.countries import COUNTRIES
from composite.codebook.themes import THEMES
from composite.report.drawing import FORMATS, NOTE, render
from composite.report.figures import FIGURES
from composite.report.look import Look

Tables = dict[str, pd.DataFrame]


def read_texts(figure: Figure) -> list[str]:
    """What is written on a figure, each text once."""
    return list(dict.fromkeys(text.get_text() for text in figure.findobj(Text) if text.get_text()))


each = pytest.mark.parametrize("name", FIGURES)


@each
def test_a_figure_draws_its_table_and_leaves_it_as_it_was(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table]
    before = table.copy()
    assert isinstance(FIGURES[name].draw(table), Figure)
    pd.testing.assert_frame_equal(table, before)


@each
@pytest.mark.parametrize("form", FORMATS)
def test_a_figure_drawn_twice_gives_the_same_bytes(tables: Tables, name: str, form: str) -> None:
    table = tables[FIGURES[name].table]
    assert render(FIGURES[name].draw(table), form) == render(FIGURES[name].draw(table), form)


@each
def test_a_figure_does_not_depend_on_the_order_of_rows(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table]
    shuffled = table.sample(frac=1, random_state=3)
    assert render(FIGURES[name].draw(table), "svg") == render(FIGURES[name].draw(shuffled), "svg")


@each
def test_a_figure_does_not_depend_on_the_users_settings_of_matplotlib(tables: Tables, name: str) -> None:
    table = tables[FIGURES[name].table]
    plain = render(FIGURES[name].draw(table), "svg")
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path", "lines.linewidth": 9}):
        assert render(FIGURES[name].draw(table), "svg") == plain


@each
def test_a_figure_of_invented_posts_says_so_on_its_face_and_one_of_real_posts_does_not(
    tables: Tables, name: str
) -> None:
    table = tables[FIGURES[name].table]
    assert NOTE not in read_texts(FIGURES[name].draw(table))
    invented = table.assign(corpus=pd.Series(["illustrative"] * len(table), dtype="str"))
    assert NOTE in read_texts(FIGURES[name].draw(invented))


@each
def test_an_empty_table_is_an_error_that_says_so(tables: Tables, name: str) -> None:
    with pytest.raises(cp.CompositeError, match="is empty: there is nothing to draw"):
        FIGURES[name].draw(tables[FIGURES[name].table].iloc[:0])


@each
def test_the_svg_keeps_text_as_text(tables: Tables, name: str) -> None:
    assert b"<text" in render(FIGURES[name].draw(tables[FIGURES[name].table]), "svg")


@each
def test_nothing_of_a_figure_is_cut_off_and_panels_do_not_overlap(tables: Tables, name: str) -> None:
    figure = FIGURES[name].draw(tables[FIGURES[name].table])
    render(figure, "png")
    boxes = [axes.get_position() for axes in figure.axes if axes.get_visible()]
    for number, one in enumerate(boxes):
        assert one.x0 >= 0
        assert one.x1 <= 1
        for other in boxes[number + 1 :]:
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            along = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert across <= 1e-9 or along <= 1e-9


def test_the_heat_map_writes_every_share_and_its_interval(tables: Tables) -> None:
    best = tables["shares"].query("method == 'corrected'")
    texts = read_texts(cp.figures.draw_shares(tables["shares"]))
    for row in best.itertuples():
        assert f"{100 * row.share:.0f}" in texts
        assert f"{100 * row.low:.0f}–{100 * row.high:.0f}" in texts


def test_the_heat_map_marks_a_country_with_few_agencies(make_study: Callable[..., tuple[pd.DataFrame, ...]]) -> None:
    labels, codings, _ = make_study(("DE", "GB"), agencies=4)
    assert "Germany *" in read_texts(cp.figures.draw_shares(cp.estimate_shares(labels, codings)))


def test_a_country_without_codes_is_drawn_as_such(make_study: Callable[..., tuple[pd.DataFrame, ...]]) -> None:
    labels, codings, _ = make_study(("DE", "GB"))
    german = labels.loc[labels["country"] == "DE", "post_id"]
    shares = cp.estimate_shares(labels, codings[codings["post_id"].isin(german)])
    assert "no codes" in read_texts(cp.figures.draw_shares(shares))


def test_without_codings_the_naive_shares_are_drawn(make_study: Callable[..., tuple[pd.DataFrame, ...]]) -> None:
    labels, _, _ = make_study()
    shares = cp.estimate_shares(labels)
    assert isinstance(cp.figures.draw_shares(shares), Figure)
    assert "corrected" not in read_texts(cp.figures.draw_methods(shares))


def test_countries_stand_in_one_order_and_themes_in_that_of_the_codebook(tables: Tables) -> None:
    texts = read_texts(cp.figures.draw_methods(tables["shares"]))
    shown = [text.replace("\n", " ") for text in texts]
    assert [text for text in shown if text in {theme.label for theme in THEMES}] == [theme.label for theme in THEMES]
    names = [country.name for country in COUNTRIES if country.code in ("DE", "FR", "GB")]
    shown = [text for text in read_texts(cp.figures.draw_shares(tables["shares"])) if text in names]
    assert shown == names


def test_pairs_of_countries_are_not_what_the_figure_of_differences_draws(
    make_study: Callable[..., tuple[pd.DataFrame, ...]],
) -> None:
    labels, codings, _ = make_study()
    with pytest.raises(cp.CompositeError, match="against='others'"):
        cp.figures.draw_differences(cp.compare_countries(labels, codings))


def test_an_unknown_format_names_the_nearest(tables: Tables) -> None:
    figure = cp.figures.draw_months(tables["months"])
    with pytest.raises(cp.CompositeError, match="did you mean 'svg'"):
        render(figure, "sgv")


def test_every_exhibit_names_a_table_and_has_a_title_and_a_caption_with_the_level_of_the_study() -> None:
    for exhibit in FIGURES.values():
        assert exhibit.table in cp.TABLES
        assert exhibit.title
        assert "95" not in exhibit.caption
        assert "{" not in exhibit.describe(0.9)
    assert "90 % interval" in FIGURES["shares"].describe(0.9)


def test_a_table_by_something_else_is_refused_with_the_column_that_the_figure_needs(tables: Tables) -> None:
    with pytest.raises(cp.CompositeError, match="several rows of one country and theme and method"):
        cp.figures.draw_shares(tables["agencies"])
    with pytest.raises(cp.CompositeError, match="the figure needs the column; column 'country' is not known"):
        cp.figures.draw_shares(tables["shares"].rename(columns={"country": "language"}))


def test_a_dollar_in_a_name_is_a_dollar(tables: Tables) -> None:
    agencies = tables["agencies"].assign(agency=r"Unit $\frac$ and $5 " + tables["agencies"]["agency"])
    assert rb"$\frac$ and $5" in render(cp.figures.draw_agencies(agencies), "svg")


def test_months_of_all_countries_stand_on_one_time_axis(tables: Tables) -> None:
    months = tables["months"]
    later = months[months["country"] == "GB"].assign(month=lambda t: "2019" + t["month"].str[4:])
    figure = cp.figures.draw_months(pd.concat([months[months["country"] == "DE"], later]))
    assert len({axes.get_xlim() for axes in figure.axes}) == 1


@pytest.mark.parametrize("size", ["page", "slide"])
def test_curves_of_too_few_agencies_to_draw_are_empty_panels_and_no_error(tables: Tables, size: str) -> None:
    few = tables["curves"].assign(n_at_risk=2)
    figure = FIGURES["uptake"].draw(few, look=Look(size=size))
    render(figure, "png")
    assert figure.feet == ("No lines: no country has three agencies with dated posts.",)


@pytest.mark.parametrize("name", ["cooccurrence", "confusions"])
def test_shares_that_are_all_0_are_pale_and_their_colour_bar_starts_at_0(tables: Tables, name: str) -> None:
    figure = FIGURES[name].draw(tables[name].assign(share=0.0))
    assert figure.axes[0].collections[0].get_clim() == (0, 1)
