"""ARNs, ids, clock, seals, tags, filters, paging."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws import clock, ids, seal, tags
from aws.arn import Arn, iam_arn
from aws.context import Context
from aws.errors import InvalidNextToken
from aws.filters import FilterLimitExceeded, InvalidFilter, filters_to_q, wildcard_regex
from aws.models import Account
from aws.paging import paginate, paginate_list
from iam.errors import InvalidInput, LimitExceeded
from iam.models import User
from iam.tags import RULES
from tests import factories
from tests.factories import ctx_for


def test_ids_have_aws_shapes() -> None:
    assert re.fullmatch(r"i-[0-9a-f]{17}", ids.resource_id("i"))
    assert re.fullmatch(r"AIDA[A-Z2-7]{17}", ids.unique_id("AIDA"))
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", ids.access_key_id())
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", ids.secret_access_key())
    assert re.fullmatch(r"[1-9]\d{11}", ids.account_id())


def test_an_arn_survives_parsing() -> None:
    text = "arn:aws:iam::111122223333:user/staff/alice"
    arn = Arn.parse(text)
    assert (str(arn), arn.resource_type, arn.resource_name) == (text, "user", "alice")
    assert iam_arn("1", "root") == "arn:aws:iam::1:root"
    assert Arn.parse("arn:aws:s3:::bucket/key").resource == "bucket/key"


@pytest.mark.parametrize(
    "text", ["", "arn", "arn:aws:iam::1", "x:aws:iam::1:user/a", "arn:aws:::1:x"]
)
def test_what_is_no_arn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ARN"):
        Arn.parse(text)


def test_an_account_may_be_ahead_of_time() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    with clock.freeze(moment):
        assert Account(clock_offset=timedelta(days=30)).now == moment + timedelta(days=30)
        assert clock.isoformat(clock.now()) == "2026-11-23T00:00:00Z"


class TestSeal:
    @given(st.binary())
    def test_it_opens_what_it_sealed(self, plain: bytes) -> None:
        assert seal.unseal(seal.seal(plain, "purpose"), "purpose") == plain

    def test_another_purpose_does_not_open_it(self) -> None:
        with pytest.raises(seal.BrokenSeal):
            seal.unseal(seal.seal(b"x", "purpose"), "other")

    @given(st.integers(min_value=0, max_value=60), st.integers(min_value=1, max_value=255))
    def test_a_changed_byte_breaks_it(self, position: int, change: int) -> None:
        sealed = bytearray(seal.seal(b"a message of some length, sealed", "purpose"))
        sealed[position % len(sealed)] ^= change
        with pytest.raises(seal.BrokenSeal):
            seal.unseal(bytes(sealed), "purpose")

    @given(st.text())
    def test_nonsense_is_refused(self, text: str) -> None:
        with pytest.raises(seal.BrokenSeal):
            seal.unseal_text(text, "purpose")


class TestTags:
    def test_they_become_a_dict_and_back(self) -> None:
        assert RULES.read([{"Key": "b", "Value": "2"}, {"Key": "a", "Value": ""}]) == {
            "b": "2",
            "a": "",
        }
        assert tags.as_list({"b": "2", "a": "1"}) == [
            {"Key": "a", "Value": "1"},
            {"Key": "b", "Value": "2"},
        ]

    @pytest.mark.parametrize("key", ["aws:x", "AWS:x"])
    def test_aws_prefix_is_reserved(self, key: str) -> None:
        with pytest.raises(InvalidInput, match="aws: prefixed"):
            RULES.read([{"Key": key, "Value": "v"}])

    def test_duplicates_are_refused(self) -> None:
        with pytest.raises(InvalidInput, match="Duplicate"):
            RULES.read([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])

    def test_fifty_is_the_limit_also_when_merged(self) -> None:
        fifty = {str(number): "" for number in range(50)}
        assert RULES.merge(fifty, {"0": "new"})["0"] == "new"
        with pytest.raises(LimitExceeded):
            RULES.merge(fifty, {"50": ""})

    def test_tag_on_create_picks_its_resource_type(self) -> None:
        specifications = [
            {"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "v"}]},
            {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "i"}]},
        ]
        assert tags.from_specifications(specifications, "volume", RULES) == {"Name": "v"}


class TestFilters:
    @pytest.fixture(autouse=True)
    def _users(self, account: Account) -> None:
        factories.user(account, "web-1", path="/a/", tags={"Name": "web", "n": "1"})
        factories.user(account, "web-2", path="/b/", tags={"Name": "web*"})
        factories.user(account, "db", path="/b/", tags={'it\'s "odd"': "100%"})

    def names(self, *filters: tuple[str, list[str]]) -> list[str]:
        entries = [{"Name": name, "Values": values} for name, values in filters]
        q = filters_to_q(entries, {"name": "user_name", "path": "path"})
        return sorted(User.objects.filter(q).values_list("user_name", flat=True))

    def test_values_are_or_filters_are_and(self) -> None:
        assert self.names(("name", ["web-1", "db"])) == ["db", "web-1"]
        assert self.names(("name", ["web-1", "db"]), ("path", ["/b/"])) == ["db"]
        assert self.names() == ["db", "web-1", "web-2"]

    def test_wildcards(self) -> None:
        assert self.names(("name", ["web-*"])) == ["web-1", "web-2"]
        assert self.names(("name", ["???-1"])) == ["web-1"]
        assert self.names(("name", ["w.b-1"])) == []

    def test_tags(self) -> None:
        assert self.names(("tag:Name", ["web"])) == ["web-1"]
        assert self.names(("tag:Name", [r"web\*"])) == ["web-2"]
        assert self.names(("tag:Name", ["w?b*"])) == ["web-1", "web-2"]
        assert self.names(("tag-key", ["n", 'it\'s "odd"'])) == ["db", "web-1"]
        assert self.names(('tag:it\'s "odd"', ["100%"])) == ["db"]
        assert self.names(("tag:Name", [])) == []

    def test_an_unknown_filter_is_named(self) -> None:
        with pytest.raises(InvalidFilter, match="The filter 'colour' is invalid"):
            self.names(("colour", ["blue"]))
        with pytest.raises(FilterLimitExceeded):
            self.names(("name", ["x"] * 201))


@given(st.text(alphabet="ab*?\\.", max_size=8), st.text(alphabet="ab.", max_size=8))
def test_the_wildcard_regex_agrees_with_a_naive_matcher(pattern: str, text: str) -> None:
    def naive(p: str, t: str) -> bool:
        if not p:
            return not t
        if p[0] == "*":
            return naive(p[1:], t) or (bool(t) and naive(p, t[1:]))
        if p[0] == "?":
            return bool(t) and naive(p[1:], t[1:])
        if p[0] == "\\" and len(p) > 1:
            return bool(t) and t[0] == p[1] and naive(p[2:], t[1:])
        return bool(t) and t[0] == p[0] and naive(p[1:], t[1:])

    assert bool(re.match(wildcard_regex(pattern), text, re.DOTALL)) == naive(pattern, text)


class TestPaging:
    @pytest.fixture
    def rows(self, account: Account) -> None:
        for number in range(5):
            factories.user(account, f"user-{number}", path="/x/" if number % 2 else "/")

    def page(self, ctx: Context, token: str = "", purpose: str = "p") -> tuple[list[str], str]:
        rows = User.objects.in_scope(ctx).filter(user_name__startswith="user-")
        page = paginate(ctx, rows, order_by=["-path", "pk"], size=2, token=token, purpose=purpose)
        return [row.user_name for row in page.rows], page.token

    def test_pages_meet_without_gap_or_overlap_while_rows_are_added(
        self, ctx: Context, rows: None, account: Account
    ) -> None:
        first, token = self.page(ctx)
        factories.user(account, "user-0a", path="/z/")
        second, token = self.page(ctx, token)
        third, token = self.page(ctx, token)
        assert (first + second + third, token) == (
            ["user-1", "user-3", "user-0", "user-2", "user-4"],
            "",
        )

    def test_a_token_is_good_for_its_operation_and_account_only(
        self, ctx: Context, rows: None, mallory: User
    ) -> None:
        _, token = self.page(ctx)
        for bad in (token[:-3] + "AAA", "", "nonsense"):
            if bad:
                with pytest.raises(InvalidNextToken):
                    self.page(ctx, bad)
        with pytest.raises(InvalidNextToken):
            self.page(ctx, token, purpose="other")
        with pytest.raises(InvalidNextToken):
            self.page(ctx_for(mallory), token)

    def test_lists_in_memory_page_too(self, ctx: Context) -> None:
        items, token = paginate_list(ctx, "abcde", size=3, purpose="p")
        assert items == ["a", "b", "c"]
        assert paginate_list(ctx, "abcde", size=3, token=token, purpose="p") == (["d", "e"], "")
