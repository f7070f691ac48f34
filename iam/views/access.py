"""Access advisor: which services an entity may use, and when it last did."""

from typing import Any

from console.requests import ConsoleRequest
from iam import operations


def last_accessed(request: ConsoleRequest, arn: str) -> dict[str, Any]:
    """Starts a report, or follows the one that ?job= names; the page polls while it runs."""
    ctx = request.ctx
    job = (
        request.GET.get("job")
        or operations.generate_service_last_accessed_details(ctx, arn=arn)["JobId"]
    )
    return {"job": job, "report": operations.get_service_last_accessed_details(ctx, job_id=job)}
