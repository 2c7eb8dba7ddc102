from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import composite
from composite.errors import CompositeError, CompositeWarning, agree, count, nearest, require_known

LAWS = settings(deadline=None, derandomize=True, max_examples=200)


def test_our_errors_are_value_errors_and_our_warnings_user_warnings():
    assert issubclass(CompositeError, ValueError)
    assert issubclass(CompositeWarning, UserWarning)


@LAWS
@given(st.text(), st.lists(st.text(min_size=1), min_size=1))
def test_a_hint_names_one_valid_name_or_all_of_them(value, names):
    hint = nearest(value, names)
    if hint.startswith("did you mean"):
        assert hint in {f"did you mean {name!r}?" for name in names}
    else:
        assert hint == f"valid are: {', '.join(names)}"


@LAWS
@given(st.lists(st.text("abcdef", min_size=1), min_size=1, unique=True), st.data())
def test_a_valid_name_in_another_case_is_the_nearest(names, data):
    name = data.draw(st.sampled_from(names))
    assert nearest(name.upper(), names) == f"did you mean {name!r}?"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("contry", "did you mean 'country'?"),
        ("Pubished", "did you mean 'published'?"),
        ("zzz", "valid are: country, published"),
        ("", "valid are: country, published"),
    ],
)
def test_a_misspelt_name_gets_the_nearest_and_a_strange_one_the_list(value, expected):
    assert nearest(value, ["country", "published"]) == expected


@LAWS
@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abcxyz"), min_size=1))
def test_values_pass_exactly_when_all_are_valid(values, valid):
    if set(values) <= set(valid):
        require_known(values, valid, what="letter")
    else:
        first = next(value for value in values if value not in valid)
        with pytest.raises(CompositeError, match=f"letter '{first}' is not known: "):
            require_known(values, valid, what="letter")


def test_an_iterator_of_valid_names_is_used_once_for_all_values():
    require_known(["b", "a", "b"], iter(["a", "b"]), what="letter")


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [(0, "post", "0 posts"), (1, "agency", "1 agency"), (3, "agency", "3 agencies"), (2, "day", "2 days")],
)
def test_one_of_a_thing_is_called_by_its_singular_and_all_else_by_its_plural(number, noun, said):
    assert count(number, noun) == said
    assert agree(number, "is", "are") == ("is" if number == 1 else "are")


def test_no_message_of_the_rooms_that_read_and_label_writes_a_number_before_a_plural_of_its_own():
    things = (
        "posts|rows|lines|files|values|texts|agencies|accounts|parts|fields|bytes|coders|codings|cases|cells|batches"
    )
    plural = re.compile(rf"f\"[^\"]*\{{[^{{}}\"]*(len\(|n_|sum\(|:,)[^{{}}\"]*\}} (such |coded |other )?({things})\b")
    said = []
    for room in ("posts", "codebook", "themes", "commands"):
        for file in sorted((Path(composite.__file__).parent / room).rglob("*.py")):
            for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
                # a limit that is never one
                if plural.search(line) and "MOST_" not in line:
                    said.append(f"{file.name}:{number}: {line.strip()}")
    assert not said, "use composite.errors.count: " + "; ".join(said)
