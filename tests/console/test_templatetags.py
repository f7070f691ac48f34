"""`{% load console %}`: what the tags and filters draw."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from aws import clock
from console.forms import AwsForm
from console.listing import listing
from iam.errors import EntityAlreadyExists

NOW = datetime(2026, 11, 23, 5, 5, tzinfo=UTC)


def render(source: str, **values: Any) -> str:
    return Template("{% load console %}" + source).render(Context(values))


class NameForm(AwsForm):
    name = forms.CharField(label="Name", max_length=5)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "First"), ("b", "Second")], initial="b")
    wanted = forms.BooleanField(label="Wanted", required=False)


def bound(**values: str) -> NameForm:
    return NameForm({"name": "x", "kind": "a", **values})


class TestTimes:
    def test_english_and_korean_carry_the_offset(self) -> None:
        with translation.override("en"):
            assert render("{{ t|aws_time }}", t=NOW) == "November 23, 2026, 14:05 (UTC+09:00)"
        with translation.override("ko"):
            assert render("{{ t|aws_time }}", t=NOW) == "2026년 11월 23일, 14:05 (UTC+09:00)"

    @pytest.mark.parametrize("name", ["aws_time", "ago", "days_ago", "or_dash"])
    def test_nothing_is_a_dash(self, name: str) -> None:
        assert render("{{ t|" + name + " }}", t=None) == "–"

    @pytest.mark.parametrize(
        ("age", "text"),
        [
            (timedelta(seconds=3), "Just now"),
            (timedelta(minutes=1), "1 minute ago"),
            (timedelta(hours=5, minutes=59), "5 hours ago"),
            (timedelta(days=2), "2 days ago"),
            (timedelta(days=800), "2 years ago"),
        ],
    )
    def test_ago(self, age: timedelta, text: str) -> None:
        with translation.override("en"), clock.freeze(NOW):
            assert render("{{ t|ago }}", t=NOW - age) == text

    def test_days_ago(self) -> None:
        with translation.override("en"), clock.freeze(NOW):
            assert render("{{ t|days_ago }}", t=NOW - timedelta(hours=23)) == "Today"
            assert render("{{ t|days_ago }}", t=NOW - timedelta(days=90)) == "90 days ago"


def test_zero_and_false_are_values() -> None:
    assert render("{{ a|or_dash }} {{ b|or_dash }}", a=0, b=False) == "0 False"


def test_values_are_escaped() -> None:
    evil = "<script>alert('x')</script>"
    for source in ("{% copy v %}", "{% secret v %}", "{% status 'success' v %}"):
        assert "<script>" not in render(source, v=evil)


def test_a_status_has_its_icon_and_colour() -> None:
    drawn = render("{% status 'stopped' 'Off' %}")
    assert "status-stopped" in drawn
    assert "cloudscape.svg" in drawn
    assert "Off" in drawn


class TestFields:
    def test_label_description_constraint_belong_to_the_control(self) -> None:
        drawn = render("{% field f.name description='D' constraint='C' %}", f=NameForm())
        assert '<label for="id_name">Name</label>' in drawn
        assert 'aria-describedby="id_name-description id_name-constraint"' in drawn
        assert 'id="id_name-description"' in drawn
        assert 'id="id_name-constraint"' in drawn
        assert "aria-invalid" not in drawn

    def test_errors_are_told_to_screen_readers(self) -> None:
        form = bound(name="too long")
        form.is_valid()
        drawn = render("{% field f.name %}", f=form)
        assert 'aria-invalid="true"' in drawn
        assert 'aria-describedby="id_name-errors"' in drawn
        assert 'value="too long"' in drawn

    def test_radio_buttons_keep_the_choice(self) -> None:
        drawn = render("{% field f.kind widget='radio' %}", f=NameForm())
        assert 'value="b" checked' in drawn
        assert 'value="a" checked' not in drawn
        assert "<fieldset" in drawn

    def test_a_checkbox_has_its_label_beside_it(self) -> None:
        drawn = render("{% check f.wanted description='Why' %}", f=NameForm())
        assert 'type="checkbox"' in drawn
        assert 'for="id_wanted"' in drawn
        assert 'aria-describedby="id_wanted-description"' in drawn


class TestAwsErrors:
    def test_an_aws_error_shows_its_code_and_words(self) -> None:
        form = bound()
        form.add_aws_error(EntityAlreadyExists(message="User with name x already exists."))
        drawn = render("{% aws_errors f %}", f=form)
        assert "EntityAlreadyExists" in drawn
        assert "already exists." in drawn
        assert 'role="alert"' in drawn

    def test_errors_of_fields_are_pointed_to(self) -> None:
        form = bound(name="")
        form.is_valid()
        assert 'role="alert"' in render("{% aws_errors f %}", f=form)

    def test_a_fresh_form_shows_nothing(self) -> None:
        assert render("{% aws_errors f %}", f=NameForm()).strip() == ""


class TestSortHeader:
    def _drawn(self, query: str) -> str:
        table = listing(
            RequestFactory().get(f"/x{query}"),
            ["b", "a"],
            search=str,
            columns={"name": str},
            default_sort="name",
        )
        return render("{% sort_header t 'name' 'Name' %}", t=table)

    def test_the_sorted_column_turns_round(self) -> None:
        drawn = self._drawn("")
        assert 'aria-sort="ascending"' in drawn
        assert "sort=-name" in drawn

    def test_descending_turns_back(self) -> None:
        drawn = self._drawn("?sort=-name&q=a")
        assert 'aria-sort="descending"' in drawn
        assert "q=a" in drawn
        assert "sort=name" in drawn
