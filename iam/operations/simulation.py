"""The policy simulator, and the context keys that policies ask about."""

from collections.abc import Iterable, Sequence
from typing import Any

from aws.context import Context
from aws.operation import Response, operation
from aws.paging import paginate_list
from iam import lookup, simulation
from iam.authorization import gather
from iam.errors import InvalidInput, NoSuchEntity
from iam.models import Group, Role, User
from iam.policy import Attached, Layers, context_keys
from iam.simulation import Simulation

# Statements looked at in one call, for all its results: about a second of work.
MAX_STATEMENTS = 100_000
Documents = Sequence[str]
Entries = Sequence[dict[str, Any]]


@operation("iam:SimulateCustomPolicy")
def simulate_custom_policy(
    ctx: Context,
    /,
    *,
    policy_input_list: Documents,
    action_names: Sequence[str],
    permissions_boundary_policy_input_list: Documents = (),
    ordered_organization_policy_input_list: Entries = (),
    resource_arns: Sequence[str] = ("*",),
    resource_policy: str = "",
    resource_owner: str = "",
    caller_arn: str = "",
    context_entries: Entries = (),
    resource_handling_option: str = "",
    marker: str = "",
    max_items: int = 100,
) -> Response:
    """What the given identity policies would decide: one result for each action and resource.

    caller_arn: of a user, needed with a resource_policy. resource_owner: account ID, if another.
    Answers {"EvaluationResults": […], …}. Raises InvalidInput. Simplified: no service control
    policies; resource_handling_option (EC2 scenarios) changes nothing.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
    """
    ctx.authorize("iam:SimulateCustomPolicy")
    _check(action_names, ordered_organization_policy_input_list)
    if resource_policy and not caller_arn:
        raise InvalidInput("CallerArn is required when a ResourcePolicy is given.")
    account_id, owner = ctx.account_id, simulation.owner_of(resource_owner)
    run = Simulation(
        principal=simulation.caller(caller_arn) if caller_arn else simulation.anyone(account_id),
        layers=Layers(
            identity=simulation.given_policies(policy_input_list, account_id),
            boundary=simulation.given_boundary(permissions_boundary_policy_input_list, account_id),
            resource=simulation.given_resource_policy(
                resource_policy, owner or account_id, action_names
            ),
        ),
        context=simulation.context_of(context_entries),
        resource_account=owner,
    )
    return _results(ctx, run, action_names, resource_arns, marker, max_items)


@operation("iam:SimulatePrincipalPolicy")
def simulate_principal_policy(
    ctx: Context,
    /,
    *,
    policy_source_arn: str,
    action_names: Sequence[str],
    policy_input_list: Documents = (),
    permissions_boundary_policy_input_list: Documents = (),
    policy_exclusion_list: Entries = (),
    resource_arns: Sequence[str] = ("*",),
    resource_policy: str = "",
    resource_owner: str = "",
    caller_arn: str = "",
    context_entries: Entries = (),
    resource_handling_option: str = "",
    marker: str = "",
    max_items: int = 100,
) -> Response:
    """What the policies of a user (with its groups), group or role would decide.

    policy_input_list: more policies, as if attached. A given boundary replaces the entity's own.
    The keys about the principal (aws:username, aws:PrincipalTag/…) need no context entry. Raises
    NoSuchEntity, InvalidInput. Simplified: as SimulateCustomPolicy; a group's inline policy is
    excluded by its name whichever group it is in.
    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    entity = _entity(ctx, "iam:SimulatePrincipalPolicy", policy_source_arn)
    _check(action_names)
    if resource_policy and not caller_arn and not isinstance(entity, User):
        raise InvalidInput("CallerArn is required when a ResourcePolicy is given.")
    account_id, owner = ctx.account_id, simulation.owner_of(resource_owner)
    own, own_boundary = simulation.own_policies(_gathered(entity), policy_exclusion_list)
    boundary = simulation.given_boundary(permissions_boundary_policy_input_list, account_id)
    run = Simulation(
        principal=simulation.caller(caller_arn) if caller_arn else simulation.principal_of(entity),
        layers=Layers(
            identity=(*own, *simulation.given_policies(policy_input_list, account_id)),
            boundary=boundary or own_boundary,
            resource=simulation.given_resource_policy(
                resource_policy, owner or account_id, action_names
            ),
        ),
        context=_merged(simulation.own_context(entity), simulation.context_of(context_entries)),
        resource_account=owner,
    )
    return _results(ctx, run, action_names, resource_arns, marker, max_items)


@operation("iam:GetContextKeysForCustomPolicy")
def get_context_keys_for_custom_policy(
    ctx: Context, /, *, policy_input_list: Documents
) -> Response:
    """Answers {"ContextKeyNames": […]}: condition keys and policy variables, in order of names.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html
    """
    ctx.authorize("iam:GetContextKeysForCustomPolicy")
    return _key_names(simulation.given_policies(policy_input_list, ctx.account_id))


@operation("iam:GetContextKeysForPrincipalPolicy")
def get_context_keys_for_principal_policy(
    ctx: Context, /, *, policy_source_arn: str, policy_input_list: Documents = ()
) -> Response:
    """As GetContextKeysForCustomPolicy, of the policies of a user (with its groups), group or role.

    AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html
    """
    entity = _entity(ctx, "iam:GetContextKeysForPrincipalPolicy", policy_source_arn)
    given = simulation.given_policies(policy_input_list, ctx.account_id)
    return _key_names([*_gathered(entity).identity, *given])


def _entity(ctx: Context, action: str, arn: str) -> User | Group | Role:
    ctx.authorize(action, arn)
    entity = lookup.by_arn(ctx, arn)
    if entity is None:
        raise NoSuchEntity(f"{arn} cannot be found.")
    return entity


def _gathered(entity: User | Group | Role) -> Any:
    return gather(entity.RESOURCE, entity.pk, entity.account_id)


def _check(action_names: Sequence[str], organization_policies: Entries = ()) -> None:
    for name in action_names:
        service, _, action = name.partition(":")
        if not service or not action or "*" in name or "?" in name:
            raise InvalidInput(f"Invalid action name: {name}")
    if organization_policies:
        raise InvalidInput("Service control policies are not offered.")


def _merged(own: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What the caller gives wins, whatever the case of its key."""
    taken = {key.lower() for key in given}
    return {key: value for key, value in own.items() if key.lower() not in taken} | given


def _results(
    ctx: Context,
    run: Simulation,
    actions: Sequence[str],
    resources: Sequence[str],
    marker: str,
    max_items: int,
) -> Response:
    """One page of actions × resources; only the page is evaluated.

    AWS: "IAM might return fewer than the MaxItems number of results even when there are more".
    """
    affordable = MAX_STATEMENTS // max(run.statements, 1)
    page, token = paginate_list(
        ctx,
        range(len(actions) * len(resources)),
        size=max(1, min(max_items, affordable)),
        token=marker,
        purpose=f"simulation:{len(actions)}:{len(resources)}",
        error=lookup.InvalidMarker,
    )
    is_named = list(resources) != ["*"]
    results = []
    for number in page:
        action, resource = divmod(number, len(resources))
        results.append(run.evaluate(actions[action], resources[resource], is_named=is_named))
    more = {"Marker": token} if token else {}
    return {"EvaluationResults": results, "IsTruncated": bool(token), **more}


def _key_names(policies: Iterable[Attached]) -> Response:
    names: dict[str, str] = {}
    for attached in policies:
        for key in context_keys(attached.policy):
            names.setdefault(key.lower(), key)
    return {"ContextKeyNames": sorted(names.values(), key=str.lower)}
