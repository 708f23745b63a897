"""What goes wrong, and how often. Shares are of frames, calls or jobs; rates are per station and day."""

from __future__ import annotations

import msgspec


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """A bad day, but not an absurd one."""

    frame_lost: float = 0.004  # either way; nobody is told
    frame_doubled: float = 0.01
    frame_late: float = 0.02  # by up to ten seconds: others overtake it
    crash_before: float = 0.002  # the gateway dies with the call in its hands
    crash_after: float = 0.006  # ... or after the commit, before the answer
    refused: float = 0.002  # the database is away for a moment
    hint_lost: float = 0.1
    job_doubled: float = 0.2
    job_crash: float = 0.1  # the worker dies after the commit and before it says so
    half_open: float = 0.3  # of lost links: the central system notices a minute or two later

    drops_a_day: float = 6
    outages_a_day: float = 0.5  # minutes to hours without a network
    cuts_a_day: float = 0.7  # power
    resets_a_day: float = 0.4  # ordered by an operator, soft or hard
    faults_a_day: float = 0.3
    emergencies_a_day: float = 0.1
    host_deaths_a_day: float = 0.7  # the station's own computer, back from its memory
    skewed: float = 0.4  # share of stations whose clock is off and runs away
    skew_s: int = 60
    skew_ppm: int = 1_500


CALM = Faults(
    frame_lost=0, frame_doubled=0, frame_late=0, crash_before=0, crash_after=0, refused=0, hint_lost=0, job_doubled=0,
    job_crash=0, half_open=0, drops_a_day=0, outages_a_day=0, cuts_a_day=0, resets_a_day=0, faults_a_day=0,
    emergencies_a_day=0, host_deaths_a_day=0, skewed=0,
)  # fmt: skip
