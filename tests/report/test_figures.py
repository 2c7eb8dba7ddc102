"""Every figure of the registry: it draws its table, says what it must say, and comes out the same every time."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import composite as cp
from composite.codebook.countries import COUNTRIES
from composite.codebook.themes import THEMES
from composite.report.drawing import FORMATS, NOTE, render
from composite.report.figures import FIGURES

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def tables(make_study: Callable[..., tuple[pd.DataFrame, ...]], audience_tables: Tables) -> Tables:
    labels, codings, _ = make_study(("DE", "FR", "GB"), agencies=6, posts=40)
    other = codings.assign(coder="ben")
    themes = list(cp.THEMES[0:3])
    for place, theme in enumerate(themes):
        other.loc[other.index % 7 == place, theme.key] = 1 - other.loc[other.index % 7 == place, theme.key]
    double = pd.concat([codings.assign(coder="anna"), other], ignore_index=True)
    places = labels.assign(language=labels["country"].map({"DE": "de", "FR": "fr", "GB": "en"}))
    return {
        "agreement": cp.measure_agreement(double, places, by="language", resamples=50),
        "confusions": cp.count_confusions(double, places),
        "shares": cp.estimate_shares(labels, codings),
        "agencies": cp.estimate_shares(labels, codings, by=("country", "agency")),
        "kinds": cp.estimate_shares(
            labels.assign(kind=np.where(labels.index % 2, "officer", "corporate")).astype({"kind": "str"}),
            codings,
            by="kind",
        ),
        "contrasts": cp.compare_countries(labels, codings, against="others"),
        "ranks": cp.rank_countries(labels, codings),
        "profile_map": cp.map_profiles(labels, codings),
        "curves": cp.estimate_curves(cp.find_uptake(labels, codings)),
        "cooccurrence": cp.measure_cooccurrence(labels, codings),
        "months": cp.count_months(labels),
        "quality": cp.measure_quality(labels, codings),
        **audience_tables,
    }


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
    assert [text for text in texts if text in {theme.label for theme in THEMES}] == [theme.label for theme in THEMES]
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


def test_theme_colours_are_told_apart_by_people_who_do_not_see_red_or_green() -> None:
    # Machado, Oliveira & Fernandes (2009), doi 10.1109/TVCG.2009.113, severity 1
    deutan = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]])
    protan = np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    )
    colours = np.array([mpl.colors.to_rgb(theme.colour) for theme in THEMES])
    for matrix in (np.eye(3), deutan, protan):
        seen = np.clip(colours @ matrix.T, 0, 1)
        apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)
        assert apart[~np.eye(len(seen), dtype=bool)].min() > 0.1


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
