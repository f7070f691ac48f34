"""Finding EC2's resources the AWS way: by id, authorized before anything is revealed.

An id of the wrong form answers Invalid….Malformed. Then permission is asked about the ARN that the
id stands for; only who may learns that it is not there.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from aws import tags as tagging
from aws.arn import Arn
from aws.context import Context
from aws.errors import AwsError, InvalidNextToken
from aws.filters import Column, filters_to_q
from aws.paging import Page, paginate
from aws.tags import TagRules
from ec2.errors import InvalidParameterCombination, InvalidParameterValue, malformed, not_found
from ec2.models import Resource

Row = TypeVar("Row", bound=Resource)
MAX_RESULTS = 1000
_ID = re.compile(r"[a-z]+-(?:[0-9a-f]{8}|[0-9a-f]{17})")


class TagLimitExceeded(AwsError):
    pass


class InvalidTag(InvalidParameterValue):
    code = "InvalidParameterValue"


RULES = TagRules(invalid=InvalidTag, limit=TagLimitExceeded)


def arn_of(ctx: Context, model: type[Resource], resource_id: str) -> str:
    """resource_id: "*" for one that is about to be made."""
    return str(Arn("ec2", ctx.region, ctx.account_id, f"{model.KIND}/{resource_id}"))


def authorize(
    ctx: Context,
    action: str,
    row: Resource,
    *,
    request_tags: Mapping[str, str] | None = None,
    conditions: Mapping[str, Any] | None = None,
) -> None:
    """Asks whether the caller may do `action` to a resource that is there."""
    ctx.authorize(
        action,
        row.arn,
        resource_account=row.account_id,
        resource_tags=row.tags,
        request_tags=request_tags,
        conditions={"ec2:Region": ctx.region, **row.conditions(), **(conditions or {})},
    )


def authorize_new(
    ctx: Context,
    action: str,
    model: type[Resource],
    tags: Mapping[str, str],
    conditions: Mapping[str, Any] | None = None,
) -> None:
    """Asks whether the caller may create a resource, and tag it at that."""
    arn = arn_of(ctx, model, "*")
    common = {"ec2:Region": ctx.region, **(conditions or {})}
    ctx.authorize(action, arn, request_tags=tags, conditions=common)
    if tags:
        create_action = action.partition(":")[2]
        ctx.authorize(
            "ec2:CreateTags",
            arn,
            request_tags=tags,
            conditions={**common, "ec2:CreateAction": create_action},
        )


def one(
    ctx: Context,
    action: str,
    model: type[Row],
    resource_id: str,
    *,
    rows: QuerySet[Row] | None = None,
    request_tags: Mapping[str, str] | None = None,
    conditions: Mapping[str, Any] | None = None,
    locked: bool = False,
) -> Row:
    """The resource, if the caller may do `action` to it.

    rows: where to look, with what is to be read along. locked: until the call ends. Raises
    Invalid….Malformed, UnauthorizedOperation, Invalid….NotFound.
    """
    found = find(ctx, model, resource_id, rows=rows, locked=locked)
    if found is None:
        arn = arn_of(ctx, model, resource_id)
        ctx.authorize(
            action,
            arn,
            request_tags=request_tags,
            conditions={"ec2:Region": ctx.region, **(conditions or {})},
        )
        raise missing(model, [resource_id])
    authorize(ctx, action, found, request_tags=request_tags, conditions=conditions)
    return found


def find(
    ctx: Context,
    model: type[Row],
    resource_id: str,
    *,
    rows: QuerySet[Row] | None = None,
    locked: bool = False,
) -> Row | None:
    """Raises Invalid….Malformed. Says nothing of permission: authorize before revealing."""
    check_form(model, [resource_id])
    everywhere: Any = model.objects if rows is None else rows
    scoped = everywhere.in_scope(ctx)
    if locked:
        scoped = scoped.select_for_update(of=("self",))
    found: Row | None = scoped.filter(resource_id=resource_id).first()
    return found


def require(ctx: Context, model: type[Row], resource_id: str, **options: Any) -> Row:
    """A resource that another one names, after permission was asked. Raises …NotFound."""
    found = find(ctx, model, resource_id, **options)
    if found is None:
        raise missing(model, [resource_id])
    return found  # type: ignore[no-any-return]


def several(ctx: Context, rows: QuerySet[Row], resource_ids: Sequence[str]) -> list[Row]:
    """All of them, in the order asked for. Raises Invalid….Malformed and …NotFound."""
    check_form(rows.model, resource_ids)
    scoped: Any = rows.in_scope(ctx)  # type: ignore[attr-defined]
    found = {row.resource_id: row for row in scoped.filter(resource_id__in=resource_ids)}
    if absent := [one for one in resource_ids if one not in found]:
        raise missing(rows.model, absent)
    ordered: list[Row] = [found[one] for one in dict.fromkeys(resource_ids)]
    return ordered


def describe(
    ctx: Context,
    action: str,
    rows: QuerySet[Row],
    *,
    ids: Sequence[str] | None,
    filters: Sequence[Mapping[str, Any]] | None,
    columns: Mapping[str, Column],
    max_results: int = 0,
    next_token: str = "",
    order_by: Sequence[str] = ("resource_id",),
    where: Q | None = None,
) -> Page[Row]:
    """A page of Describe…: the rows of the scope that have the ids and match the filters.

    where: a scope of its own instead of the account and region (shared images). ids that are not
    there raise Invalid….NotFound.
    """
    ctx.authorize(action, conditions={"ec2:Region": ctx.region})
    if ids and max_results:
        raise InvalidParameterCombination(
            "The parameter MaxResults cannot be used with the list of IDs."
        )
    scoped: Any = rows.filter(where) if where is not None else rows.in_scope(ctx)  # type: ignore[attr-defined]
    if ids:
        check_form(rows.model, ids)
        known = set(scoped.filter(resource_id__in=ids).values_list("resource_id", flat=True))
        if absent := [one for one in dict.fromkeys(ids) if one not in known]:
            raise missing(rows.model, absent)
        scoped = scoped.filter(resource_id__in=ids)
    scoped = scoped.filter(filters_to_q(filters, columns))
    return paginate(
        ctx,
        scoped,
        order_by=order_by,
        size=min(max_results, MAX_RESULTS) or MAX_RESULTS,
        token=next_token,
        purpose=action,
        error=InvalidNextToken,
    )


def matching(
    ctx: Context,
    model: type[Row],
    filters: Sequence[Mapping[str, Any]] | None,
    columns: Mapping[str, Column],
) -> QuerySet[Row]:
    """The scope's rows that match, for filters over related rows, which may find one twice."""
    scoped: Any = model.objects
    rows: QuerySet[Row] = scoped.in_scope(ctx).filter(filters_to_q(filters, columns))
    return rows


def missing(model: type[Resource], ids: Sequence[str]) -> AwsError:
    """The error that names what is not there."""
    if len(ids) == 1:
        sentence = f"The {model.NOUN}{model.ID_WORD} '{ids[0]}' does not exist"
    else:
        sentence = f"The {model.NOUN} IDs '{', '.join(ids)}' do not exist"
    return not_found(model.ERROR)(sentence)


def check_form(model: type[Resource], ids: Iterable[str]) -> None:
    """Raises Invalid….Malformed."""
    for resource_id in ids:
        prefix, _, _ = resource_id.partition("-")
        if prefix != model.PREFIX or not _ID.fullmatch(resource_id):
            raise malformed(model.ERROR)(
                f'Invalid id: "{resource_id}" (expecting "{model.PREFIX}-...")'
            )


def tags_of(
    specifications: Sequence[Mapping[str, Any]] | None, model: type[Resource]
) -> dict[str, str]:
    """Tags for a new resource of this kind. Raises InvalidParameterValue, TagLimitExceeded."""
    return tagging.from_specifications(specifications, model.KIND, RULES)


def tag_set(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return tagging.as_list(tags)
