"""The evidence pack of one proposal, or of all of a channel, computed apart when its button is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from coverage.exports.letterhead import Letterhead, letterhead_of
from coverage.exports.pack_parts import pack_points
from coverage.exports.register import value_in_words
from coverage.exports.registry import PDF
from coverage.proposals.proposal import Proposal
from coverage.readers.proposals import proposal_rules
from coverage.run.proposals import Review
from coverage.store import Actor, Store
from coverage.store.proposals import ProposalLine
from coverage.web import store_access, visitor_work
from coverage.web.background_jobs import Job
from coverage.web.context import Context
from coverage.web.downloads import file_name, take_button
from coverage.web.fair_queue import Visit, current_visit
from coverage.web.workers import compute


def of_one(context: Context, store: Store, line: ProposalLine, found: Review) -> None:
    """Render the buttons of one proposal's pack."""
    _buttons(context, store, [line.proposal], found, line.proposal.name, "one")


def of_channel(context: Context, store: Store, lines: Sequence[ProposalLine], found: Review) -> None:
    """Render a choice of the channel, and the buttons of the pack of all its proposals."""
    words = context.words
    used = {line.proposal.channel for line in lines}
    channel = st.selectbox(
        words("proposals.pack.of_channel"),
        [key for key in proposal_rules().channels if key in used],
        key="pack_channel",
        format_func=lambda key: str(value_in_words("channel", key, words)),
    )
    chosen = [line.proposal for line in lines if line.proposal.channel == channel]
    _buttons(context, store, chosen, found, str(value_in_words("channel", channel, words)), "channel")


def _buttons(context: Context, store: Store, proposals: Sequence[Proposal], found: Review, name: str, key: str) -> None:
    words = context.words
    # Asked for here: the file is made in a thread that knows nobody's session.
    session = current_visit(), store_access.acting(), letterhead_of(context.decisions.letterhead)
    for ending, kind in ((".pdf", PDF), (".zip", "application/zip")):
        take_button(
            words(f"proposals.pack.take_{ending[1:]}"),
            partial(_made, context, store, proposals, found, ending == ".zip", *session),
            file_name(context.analysis, words, f"{words('proposals.pack.file')} {name}", ending),
            kind,
            key=f"pack_{key}_{ending[1:]}",
        )


def _made(
    context: Context,
    store: Store,
    proposals: Sequence[Proposal],
    found: Review,
    whole: bool,
    visit: Visit,
    who: Actor,
    letterhead: Letterhead,
) -> bytes:
    analysis, words = context.analysis, context.words
    points = pack_points(analysis, proposals, found, store, context.region, who, words)
    given = (analysis, None, words.language, points, letterhead, whole)
    job: Job[bytes] = Job(lambda job: compute(job, visitor_work.pack, *given), visit=visit)
    return job.result.result()
