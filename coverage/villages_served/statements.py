"""What each source says of a village's state, with date and weight, and where sources contradict each other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.base.parameters import Rule, StatementParameters
from coverage.base.schema import STATEMENTS, STATES, check

MADE_BY = {"none": "blank", "weak": "weak", "strong": "served"}
"""State that a class of measured signal speaks for."""
HEADS = ["village_code_bps", "pocket"]
"""What a statement is about: a village and its pocket, 0 for the village as a whole."""
OF_MANY = ("complaint",)
"""Evidence of many people, none of whom takes back what another said: all of a year is one statement."""
_NEED = {state: rank for rank, state in enumerate(STATES[:3])}


def statements(
    spots: pd.DataFrame,
    rule: Rule,
    evidence: pd.DataFrame | None,
    compared: pd.DataFrame | None,
    parameters: StatementParameters,
    pockets: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Collect what prediction, measurements and evidence say of each village, and of its pockets.

    A source speaks once a date, complaints once a year: of several rows the state that most of them claim counts, of
    equally many the one with the least service. Its latest date has weight, the earlier ones stay to be read. Ages are
    counted from the newest date of all; what has no date counts as one half-life old. What is not known says nothing.

    Parameters
    ----------
    spots : Table BLANK_SPOTS
    rule : whose states are the prediction
    evidence
        Table EVIDENCE; rows whose village could not be told are left out. With a column ``pocket`` (the number of the
        pocket in which their place lies, else 0) they speak for the pocket too; a decision for the pocket alone.
    compared : Table COMPARED, with a column ``pocket`` likewise
    pockets : Table POCKETS under ``rule``: what the prediction says of each

    Returns
    -------
    pandas.DataFrame
        Table STATEMENTS, by village, pocket, source and date.
    """
    said = [_predicted(spots, rule), _measured(_by_pocket(compared)), _evidence(_by_pocket(evidence))]
    if pockets is not None:
        own = pockets[pockets["pocket"] > 0]
        said.append(_rows(own[HEADS], "prediction", "blank", None, 1, rule.name))
    table = pd.concat([part for part in said if len(part)] or said[:1], ignore_index=True)
    table["day"] = pd.to_datetime(table["date"].fillna("").str.slice(0, 10), format="ISO8601", errors="coerce")
    order = [*HEADS, "source", "day", "state"]
    table = table.sort_values(order, kind="stable", na_position="first", ignore_index=True)
    latest = ~table.duplicated([*HEADS, "source"], keep="last")
    newest = table["day"].max()
    years = ((newest - table["day"]).dt.days / 365.25).fillna(parameters.half_life_years)
    years = years.where(~table["source"].isin(["prediction", "decision"]), 0.0)
    full = table["source"].map(parameters.weight).fillna(0.0)
    table["weight"] = np.where(latest, full * 0.5 ** (years / parameters.half_life_years), 0.0)
    last_list = table.groupby("source")["day"].transform("max")
    table["dropped"] = table["source"].isin(["official_list", "ministry"]) & latest & (table["day"] < last_list)
    return check(table[STATEMENTS.names], STATEMENTS)


def contradictions(said: pd.DataFrame) -> pd.DataFrame:
    """Weigh the statements of each village, and of each pocket, against each other.

    Parameters
    ----------
    said : Table STATEMENTS

    Returns
    -------
    pandas.DataFrame
        By BPS code and pocket (0: the whole village), of those of which anything is said: ``sources`` that speak,
        ``states`` they name, ``leaning`` (the state with most weight, of equal ones the one with the least service),
        ``lean_share`` (its share of it), ``decided`` (the state a meeting settled after the newest statement, else
        empty), and ``open``: sources contradict each other, or a list dropped the village, and nothing is decided. A
        hint, of service somewhere, contradicts only sources that all say blank.
    """
    counted = said[(said["weight"] > 0) & (said["source"] != "decision")]
    weight = counted.pivot_table(index=HEADS, columns="state", values="weight", aggfunc="sum")
    weight = weight.reindex(columns=["blank", "weak", "served"]).fillna(0.0)
    found = pd.DataFrame(index=weight.index)
    of_each = counted.groupby(HEADS)
    found["sources"] = of_each["source"].nunique()
    told = counted[counted["source"] != "hint"].pivot_table(
        index=HEADS, columns="state", values="weight", aggfunc="sum"
    )
    told = told.reindex(index=weight.index, columns=weight.columns).fillna(0.0) > 0
    hinted = (counted["source"] == "hint").groupby([counted[head] for head in HEADS]).any()
    found["states"] = told.sum(axis=1) + (hinted & told["blank"] & (told.sum(axis=1) == 1))
    found["leaning"] = weight.idxmax(axis=1)
    found["lean_share"] = weight.max(axis=1) / weight.sum(axis=1)
    decided = said[said["source"] == "decision"].drop_duplicates(HEADS, keep="last")
    decided = decided.set_index(HEADS).reindex(found.index)
    newest = counted[counted["source"] != "prediction"].groupby(HEADS)["date"].max().reindex(found.index)
    holds = decided["state"].notna() & ~(newest.fillna("") > decided["date"].fillna(""))
    found["decided"] = decided["state"].where(holds)
    found["open"] = ((found["states"] > 1) | of_each["dropped"].any()) & ~holds
    return found


def _by_pocket(rows: pd.DataFrame | None) -> pd.DataFrame | None:
    """Rows of villages as wholes, and once more those of pockets."""
    if rows is None or "pocket" not in rows:
        return None if rows is None else rows.assign(pocket=0)
    inside = rows["pocket"] > 0
    whole = rows[~(inside & (rows["kind"] == "decision"))] if "kind" in rows else rows
    return pd.concat([whole.assign(pocket=0), rows[inside]])


def _predicted(spots: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    rows = spots[(spots["rule"] == rule.name) & (spots["state"] != "unknown")]
    states = rows["state"].reset_index(drop=True)
    return _rows(rows[HEADS[:1]].assign(pocket=0), "prediction", states, None, 1, rule.name)


def _measured(compared: pd.DataFrame | None) -> pd.DataFrame:
    """A place's measurements of a day: blank or served where all of them are, else weak."""
    if compared is None or compared["village_code_bps"].isna().all():
        return _rows(pd.DataFrame(columns=HEADS), "measurement", [], None, 1, None)
    rows = compared[compared["village_code_bps"].notna()]
    day = rows["time"].astype("string").str.extract(r"^(\d{4}-\d{2}-\d{2})", expand=False).fillna("")
    states = rows["measured_class"].map(MADE_BY)
    by = [*(rows[name] for name in HEADS), day.rename("time")]
    found = states.groupby(by).agg(["nunique", "first", "size"]).reset_index()
    state = found["first"].where(found["nunique"] == 1, "weak")
    dates = found["time"].where(found["time"] != "", None)
    return _rows(found[HEADS], "measurement", state, dates, found["size"], None)


def _evidence(evidence: pd.DataFrame | None) -> pd.DataFrame:
    if evidence is None or evidence.empty:
        return _rows(pd.DataFrame(columns=HEADS), "survey", [], None, 1, None)
    rows = evidence[evidence["village_code_bps"].notna() & evidence["claimed_state"].isin(list(_NEED))].copy()
    rows["date"] = rows["date"].astype(object).where(rows["date"].notna(), "")
    rows["when"] = rows["date"].where(~rows["kind"].isin(OF_MANY), rows["date"].str[:4])
    key = [*HEADS, "kind", "when"]
    rows["date"] = rows.groupby(key)["date"].transform("max")
    counts = rows.groupby([*key, "claimed_state"], as_index=False).agg(
        count=("evidence_id", "size"), name=("source", "last"), date=("date", "first")
    )
    counts["need"] = counts["claimed_state"].map({"blank": 2, "weak": 1, "served": 0})
    counts = counts.sort_values([*key, "count", "need"], kind="stable")
    made = counts.drop_duplicates(key, keep="last").copy()
    made["count"] = counts.groupby(key)["count"].sum().reindex(pd.MultiIndex.from_frame(made[key])).to_numpy()
    made["date"] = made["date"].where(made["date"] != "", None)
    return made.rename(columns={"kind": "source", "claimed_state": "state"})[
        [*HEADS, "source", "state", "date", "count", "name"]
    ]


def _rows(
    of: pd.DataFrame,
    source: str,
    states: pd.Series | str | list[str],
    dates: pd.Series | None,
    counts: pd.Series | int,
    name: str | None,
) -> pd.DataFrame:
    made = of.reset_index(drop=True).assign(source=source, state=states)
    made["date"] = pd.Series(dates, dtype=object) if dates is not None else pd.Series([None] * len(made), dtype=object)
    return made.assign(count=counts, name=name)
