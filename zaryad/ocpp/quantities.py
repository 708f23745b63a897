"""What meters measure, in every version's words: into which of our columns it goes, in which of our units.

Defaults of what is absent: Energy.Active.Import.Register, Wh, Outlet, no phase (OCPP 1.6, 7.43; 2.0.1, J).
"""

from __future__ import annotations

from typing import Final, NamedTuple

REGISTER: Final = "Energy.Active.Import.Register"
READINGS_MAX = 2_000  # of one message; the newest are kept, since they decide a bill
EXTRA_MAX = 40
EXTRA_TEXT_MAX = 80
PLANS_MAX = 1_000  # combinations of words remembered: those of one message may be anybody's

ENERGY, POWER, CURRENT, VOLTAGE, SOC = "energy_mwh", "power_mw", "current_ma", "voltage_mv", "soc_percent"

# Measurand and unit on the wire -> our column, and how many of our units one of theirs is.
# A known measurand with a unit that is not here is kept as text: better unread than misread.
COLUMNS: Final[dict[tuple[str | None, str | None], tuple[str, int]]] = {
    ("Power.Active.Import", "W"): (POWER, 1_000),
    ("Power.Active.Import", "kW"): (POWER, 1_000_000),
    ("Power.Active.Import", None): (POWER, 1_000),  # Autel's chargers mean watts
    ("Power.Active.Import", "Wh"): (POWER, 1_000),  # the unit's default, written out
    ("Current.Import", "A"): (CURRENT, 1_000),
    ("Current.Import", "mA"): (CURRENT, 1),
    ("Current.Import", None): (CURRENT, 1_000),
    ("Voltage", "V"): (VOLTAGE, 1_000),
    ("Voltage", "mV"): (VOLTAGE, 1),
    ("Voltage", None): (VOLTAGE, 1_000),
    ("SoC", "Percent"): (SOC, 1),
    ("SoC", "%"): (SOC, 1),
    ("SoC", None): (SOC, 1),
} | {
    (measurand, unit): (ENERGY, scale)
    for measurand in (REGISTER, None)
    for unit, scale in (("Wh", 1_000), ("kWh", 1_000_000), (None, 1_000))
}
LINES: Final = {"L1": "L1", "L2": "L2", "L3": "L3", "L1-N": "L1", "L2-N": "L2", "L3-N": "L3"}


class Plan(NamedTuple):
    """What becomes of a sample with certain words; worked out once for each combination."""

    column: str | None  # None: kept as text
    scale: int
    line: str | None  # a phase, to be combined with the others
    elsewhere: bool  # not at the outlet
    key: str  # its name in `extra`
    suffix: str


def plan(measurand: str | None, unit: str | None, phase: str | None, location: str | None) -> Plan:
    """Decide what becomes of a sample with these words."""
    column, scale = COLUMNS.get((measurand, unit), (None, 1))
    key = measurand or REGISTER
    line = None
    if phase is not None and column not in (None, SOC):
        line = phase if column == VOLTAGE else LINES.get(phase)
        if line is None:  # a current in the neutral, power between phases
            column = None
    if phase:
        key = f"{key}.{phase}"
    if location and location != "Outlet":
        key = f"{key}@{location}"
    return Plan(
        column,
        scale,
        line,
        elsewhere=location not in (None, "Outlet") and column != SOC,
        key=key[:EXTRA_TEXT_MAX],
        suffix=f" {unit[:20]}" if unit else "",
    )


def from_elsewhere(
    elsewhere: list[tuple[Plan, int, str]],
    columns: dict[str, int],
    phases: dict[str, dict[str, int]],
    extra: dict[str, str],
) -> None:
    """Take what was measured at another place only where the outlet says nothing; the rest is kept as text."""
    said = {*columns, *phases}
    for it, value, text in elsewhere:
        assert it.column is not None
        if it.column in said:
            keep(extra, it, text)
        elif it.line is None:
            columns[it.column] = value
        else:
            phases.setdefault(it.column, {})[it.line] = value


def combine(name: str, lines: dict[str, int], columns: dict[str, int]) -> None:
    """Make one number of the phases: energy and power are sums unless a total came too, current is the highest."""
    if name == CURRENT:
        columns[name] = max(lines.values())
    elif name in columns:
        return
    elif name == VOLTAGE:
        columns[name] = next((lines[phase] for phase in LINES if phase in lines), next(iter(lines.values())))
    else:
        columns[name] = sum(lines.values())


def keep(extra: dict[str, str], it: Plan, text: str, most: int = EXTRA_TEXT_MAX) -> None:
    """Keep as text: `Temperature@Body` -> `41.5 Celsius`."""
    if text and len(extra) < EXTRA_MAX:
        extra[it.key] = text[:most] + it.suffix
