"""The query page of a bucket: choose objects, write SQL, see rows, a chart, a CSV file."""

import csv
import io
from typing import Any
from urllib.parse import quote, unquote, urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from aws.errors import AwsError
from console import bar_chart
from console.requests import ConsoleRequest
from console.sections import section
from s3 import operations
from s3.forms.query import QueryForm
from s3.query import engine
from s3.query.engine import QueryError, Result
from s3.query.sources import format_of, sources
from s3.views import frame, selection

LISTED = 300
REMEMBERED = 10
HISTORY = "s3-queries"


def query(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """GET: ?key=… ticks objects. POST: runs, or answers the rows as a CSV file."""
    frame.require_visible(request, bucket)
    if request.method == "POST" and "object" in request.POST:
        return _from_list(request, bucket)
    keys = _keys(request)
    if request.method != "POST":
        form = QueryForm(None, keys, initial={"sql": request.GET.get("sql") or _first(keys)})
        return _page(request, bucket, form)
    form = QueryForm(request.POST, keys)
    if not form.is_valid():
        return _page(request, bucket, form)
    as_csv = "csv" in request.POST
    try:
        result = engine.run(
            request.ctx,
            bucket,
            sources(keys),
            form.cleaned_data["sql"],
            max_rows=engine.MAX_CSV if as_csv else engine.MAX_SHOWN,
        )
    except QueryError as error:
        return _page(request, bucket, form, failure=str(error.args[0]))
    except AwsError as error:
        form.add_aws_error(error)
        return _page(request, bucket, form)
    _remember(request, bucket, form)
    return _csv(result) if as_csv else _page(request, bucket, form, result=result)


def _keys(request: ConsoleRequest) -> list[str]:
    """What was ticked, and what the address names."""
    ticked = [unquote(one) for one in request.POST.getlist("key")]
    return ticked or ([] if request.method == "POST" else request.GET.getlist("key"))


def _from_list(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """From the menu of a bucket's list, which posts what was ticked there."""
    chosen = selection.read(request, bucket)
    keys = [one.key for one in chosen.chosen if not one.is_folder]
    pairs = [("prefix", chosen.prefix), *(("key", key) for key in keys)]
    return redirect(reverse("s3:query", args=[bucket]) + "?" + urlencode(pairs))


def _first(keys: list[str]) -> str:
    """A beginning for who comes with one object."""
    readable = [key for key in keys if format_of(key)]
    if not readable:
        return ""
    return f"SELECT * FROM {sources(readable[:1])[0].table}\nLIMIT 10;"  # noqa: S608 - for an editor


def _page(
    request: ConsoleRequest,
    bucket: str,
    form: QueryForm,
    *,
    result: Result | None = None,
    failure: str = "",
) -> HttpResponse:
    prefix = request.POST.get("prefix", request.GET.get("prefix", ""))
    listed = section(lambda: _listed(request, bucket, prefix, form.keys))
    context = {
        "bucket": bucket,
        "form": form,
        "prefix": prefix,
        "listed": listed,
        "result": result,
        "failure": failure,
        "chart": _chart(form, result) if result else None,
        "history": request.session.get(HISTORY, {}).get(bucket, []),
        "limits": {"seconds": engine.SECONDS, "rows": engine.MAX_SHOWN},
    }
    refused = bool(form.errors or failure)
    return render(request, "s3/query.html", context, status=422 if refused else 200)


def _listed(
    request: ConsoleRequest, bucket: str, prefix: str, ticked: list[str]
) -> list[dict[str, Any]]:
    """Objects that a query can read, the ticked ones first."""
    answer = operations.list_objects_v2(request.ctx, bucket=bucket, prefix=prefix, max_keys=1000)
    found = {one["Key"]: one.get("Size") for one in answer.get("Contents", ())}
    readable = [key for key in found if format_of(key)][:LISTED]
    ordered = [*ticked, *(key for key in readable if key not in ticked)]
    return [
        {
            "key": key,
            "value": quote(key, safe=""),
            "size": found.get(key),
            "is_ticked": key in ticked,
        }
        for key in ordered
    ]


def _chart(form: QueryForm, result: Result) -> bar_chart.BarChart | None:
    """The two columns that were asked for; else the first text and the first number."""
    names = [name for name, _kind in result.columns]
    label = form.cleaned_data.get("chart_label") or (names[0] if names else "")
    numeric = [name for name, kind in result.columns if _is_number(kind) and name != label]
    value = form.cleaned_data.get("chart_value") or (numeric[0] if numeric else "")
    if label not in names or value not in names:
        return None
    at, of = names.index(label), names.index(value)
    return bar_chart.draw(label, value, [(row[at], row[of]) for row in result.rows])


def _is_number(kind: str) -> bool:
    return kind.startswith(("BIGINT", "INT", "UINT", "UBIGINT", "HUGEINT", "SMALLINT", "TINYINT",
                            "DOUBLE", "FLOAT", "DECIMAL"))  # fmt: skip


def _csv(result: Result) -> HttpResponse:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([name for name, _kind in result.columns])
    writer.writerows(["" if cell is None else cell for cell in row] for row in result.rows)
    return HttpResponse(
        text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="query.csv"'},
    )


def _remember(request: ConsoleRequest, bucket: str, form: QueryForm) -> None:
    """In the session: the last ones of each bucket, the newest first."""
    sql = form.cleaned_data["sql"].strip()
    if not sql:
        return
    pairs = [("sql", sql), *(("key", key) for key in form.keys)]
    entry = {"sql": sql, "query": urlencode(pairs)}
    history = request.session.get(HISTORY, {})
    others = [one for one in history.get(bucket, []) if one != entry]
    request.session[HISTORY] = {**history, bucket: [entry, *others][:REMEMBERED]}
