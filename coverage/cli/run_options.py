"""Options made of the fields of a model, the same in every command that takes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from coverage.run.sources import Sources, variable

Command = Callable[..., None]


def with_options(command: Command, model: type[BaseModel], into: str, **envvars: str) -> Command:
    """Give a command an option for each field of a model, in place of its parameter ``into``.

    ``envvars`` are the fields that are options, with their variables; every field, without any, by default.
    """
    fields = model.model_fields
    options = {name: _option(name, fields[name], envvars.get(name)) for name in envvars or fields}
    own = [one for one in inspect.signature(command, eval_str=True).parameters.values() if one.name != into]

    @wraps(command)
    def called(**given: Any) -> None:
        named = {name: value for name in options if (value := given.pop(name))}
        command(**{into: model(**named)}, **given)

    parameters = [*options.values(), *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own)]
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def with_sources(command: Command) -> Command:
    """Give a command an option for each field of ``Sources``, in place of its parameter ``sources``.

    How lists of assets are to be understood is said as in ``jangkau assets import``: ``--kind``, ``--sheet``.
    """
    return with_options(command, Sources, "sources", **{name: variable(name) for name in Sources.options()})


def _option(name: str, field: FieldInfo, envvar: str | None) -> inspect.Parameter:
    flag = field.annotation is bool
    repeated = get_origin(field.annotation) is tuple
    of: Any = list[get_args(field.annotation)[0]] | None if repeated else field.annotation  # type: ignore[misc]
    declared = typer.Option(
        f"--{name.removeprefix('assets_').replace('_', '-')}", help=field.description, envvar=envvar, show_envvar=False
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=False if flag else None, annotation=Annotated[of, declared]
    )
