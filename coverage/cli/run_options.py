"""The options that name the files of a run: the fields of ``Sources``, the same in every command."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from coverage.run.sources import Sources, variable


def with_sources(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each field of ``Sources``, in place of its parameter ``sources``.

    How lists of assets are to be understood is said as in ``jangkau assets import``: ``--kind``, ``--sheet``.
    """
    options = [_option(name, Sources.model_fields[name]) for name in Sources.options()]
    own = [one for one in inspect.signature(command, eval_str=True).parameters.values() if one.name != "sources"]

    @wraps(command)
    def called(**given: Any) -> None:
        named = {name: value for name in Sources.options() if (value := given.pop(name))}
        command(sources=Sources(**named), **given)

    parameters = [*options, *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own)]
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def _option(name: str, field: FieldInfo) -> inspect.Parameter:
    flag = field.annotation is bool
    repeated = get_origin(field.annotation) is tuple
    of: Any = list[get_args(field.annotation)[0]] | None if repeated else field.annotation  # type: ignore[misc]
    declared = typer.Option(
        f"--{name.removeprefix('assets_').replace('_', '-')}",
        help=field.description,
        envvar=variable(name),
        show_envvar=False,
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=False if flag else None, annotation=Annotated[of, declared]
    )
