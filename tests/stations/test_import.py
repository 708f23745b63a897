"""A file of stations: what each line would do, all or nothing, and the same file again changes nothing."""

from __future__ import annotations

import pytest

from tests.stations.network import ID, KEY, NOW, PLACE, build
from tests.stations.test_admit import approach
from zaryad import stations
from zaryad.kernel.errors import DomainError
from zaryad.link.facts import Booted, StationId
from zaryad.platform.db import Db
from zaryad.stations import AdmissionStatus, Imported, Settings
from zaryad.stations.onboarding.csv_read import LINES_MAX, read

HEADER = "station_id;location;vendor;model;admin_state;password;connector;kind;power_kw;tariff_id"
PLACE_NAME = "ТРЦ «Бишкек Парк»"
FILE = f"""{HEADER}
KG-1;{PLACE_NAME};ABB;Terra 184;;;1;ccs2;180;
KG-1;;;;;;2;type2;22;
KG-2;{PLACE};;;maintenance;Correct:Horse-1;1;GBT_DC;7,4;00000000-0000-0000-0000-000000000005
"""


async def done(db: Db, text: str | bytes, *, apply: bool = True, passwords: bool = False) -> Imported:
    data = text.encode() if isinstance(text, str) else text
    async with db.begin() as tx:
        return await stations.import_stations(tx, data, apply=apply, make_passwords=passwords, key=KEY, now=NOW)


def outcomes(it: Imported) -> list[tuple[int, str]]:
    return [(each.line, each.outcome) for each in it.outcomes]


async def test_a_dry_run_says_what_would_be_and_does_nothing(db: Db) -> None:
    await build(db)
    told = await done(db, FILE, apply=False, passwords=True)
    assert (told.applied, told.passwords) == (False, {})
    assert outcomes(told) == [(2, "new"), (3, "new"), (4, "new")]
    async with db.begin() as tx:
        assert await stations.find_station(tx, StationId("KG-1"), NOW) is None


async def test_a_file_is_applied_once_however_often(db: Db) -> None:
    await build(db)
    async with db.begin() as tx:
        await stations.admit(tx, approach("KG-1"), NOW, KEY)
    first = await done(db, FILE, passwords=True)
    assert (first.applied, list(first.passwords)) == (True, ["KG-1"])
    for again in (FILE, FILE.replace(";", ",").replace("7,4", '"7,4"')):
        second = await done(db, again, passwords=True)
        assert (second.applied, second.passwords, second.count("same")) == (True, {}, 3)
    async with db.begin() as tx:
        assert await stations.list_knocks(tx) == []
        for id, secret in (("KG-1", first.passwords["KG-1"]), ("KG-2", "Correct:Horse-1")):
            assert (await stations.admit(tx, approach(id, secret.encode()), NOW, KEY)).status is AdmissionStatus.OK
        connectors = await stations.connectors_of(tx, NOW, stations=["KG-1", "KG-2"])
        plain = await stations.station(tx, StationId("KG-2"), NOW)
    assert [(c.station_id, c.number, c.kind, c.power_w) for c in connectors] == [
        ("KG-1", 1, "ccs2", 180_000),
        ("KG-1", 2, "type2", 22_000),
        ("KG-2", 1, "gbt_dc", 7_400),
    ]
    assert plain.admin_state == "maintenance"


async def test_a_line_changes_what_it_names_and_leaves_the_rest(db: Db) -> None:
    await build(db)
    await stations.note_boot(db, Settings(), Booted(station_id=ID, received_at=NOW, vendor="ABB", model="Terra"))
    told = await done(db, f"station_id,vendor,admin_state,connector,kind,power_kw\n{ID},Siemens,disabled,2,type2,11\n")
    assert outcomes(told) == [(2, "changed")]
    async with db.begin() as tx:
        it = await stations.station(tx, ID, NOW)
        connectors = await stations.connectors_of(tx, NOW, stations=[ID])
    assert (it.vendor, it.admin_state, it.location_id) == ("ABB", "disabled", PLACE)  # its own word stands
    assert [c.power_w for c in connectors] == [120_000, 11_000]


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("a:b;;;;;;;;;", "station_id", "station_id_invalid"),
        (";x;;;;;;;;", "station_id", "station_id_invalid"),
        ("KG-9;;;;;;;;;", "location", "location_missing"),
        ("KG-9;Нигде;;;;;;;;", "location", "location_unknown"),
        (f"KG-9;{PLACE_NAME};;;on;;;;;", "admin_state", "word_unknown"),
        (f"KG-9;{PLACE_NAME};;;;short;;;;", "password", "password_length"),
        (f"KG-9;{PLACE_NAME};{'x' * 51};;;;;;;", "vendor", "text_too_long"),
        (f"KG-9;{PLACE_NAME};;;;;0;ccs2;50;", "connector", "connector_invalid"),
        (f"KG-9;{PLACE_NAME};;;;;one;ccs2;50;", "connector", "connector_invalid"),
        (f"KG-9;{PLACE_NAME};;;;;;ccs2;50;", "connector", "connector_missing"),
        (f"KG-9;{PLACE_NAME};;;;;1;schuko;3;", "kind", "word_unknown"),
        (f"KG-9;{PLACE_NAME};;;;;1;ccs2;-5;", "power_kw", "power_invalid"),
        (f"KG-9;{PLACE_NAME};;;;;1;ccs2;NaN;", "power_kw", "power_invalid"),
        (f"KG-9;{PLACE_NAME};;;;;1;ccs2;1e9;", "power_kw", "power_invalid"),
        (f"KG-9;{PLACE_NAME};;;;;1;ccs2;50;cheap", "tariff_id", "tariff_invalid"),
        ("KG-1;;;;;;1;ccs2;180;", "connector", "repeated"),
        ("KG-1;;Siemens;;;;3;ccs2;180;", "vendor", "contradicts"),
    ],
)  # fmt: skip
async def test_one_wrong_line_and_nothing_is_done(db: Db, line: str, column: str, code: str) -> None:
    await build(db)
    told = await done(db, FILE + line + "\n")
    assert not told.applied
    assert [(each.line, it.column, it.code) for each in told.outcomes for it in each.problems] == [(5, column, code)]
    async with db.begin() as tx:
        assert await stations.find_station(tx, StationId("KG-1"), NOW) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
async def test_a_spreadsheets_file_is_read_as_it_comes(db: Db, encoding: str, ends: str) -> None:
    await build(db)
    told = await done(db, FILE.replace("\n", ends).encode(encoding))
    assert (told.applied, told.count("new")) == (True, 3)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "csv_empty"),
        (b"\n\n", "csv_empty"),
        (b"station_id,colour\n", "csv_column_unknown"),
        (b"location\n", "csv_header_invalid"),
        (b"station_id,station_id\n", "csv_header_invalid"),
        (b'station_id\n"KG-1\n', "csv_unreadable"),
        (b"station_id\nKG\0-1\n", "csv_unreadable"),
        (b"\xff\xfeabc", "csv_unreadable"),
        (b"station_id\nKG-1,2\n", "csv_line_too_long"),
        (b"station_id\n" + b"x" * 501, "csv_field_too_long"),
        (b"station_id\n" + b"x\n" * (LINES_MAX + 1), "csv_too_many_lines"),
        (b"x" * ((4 << 20) + 1), "csv_too_big"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_what_is_no_such_file_is_refused_as_a_whole(data: bytes, code: str) -> None:
    with pytest.raises(DomainError, match=code):
        read(data)


def test_lines_have_the_numbers_that_an_editor_shows() -> None:
    lines = read(b'station_id,location\n\nKG-1,"two\nlines"\nKG-2,x\n')
    assert [(line.number, line["station_id"]) for line in lines] == [(3, "KG-1"), (5, "KG-2")]


async def test_a_big_file_goes_in_few_steps(db: Db) -> None:
    await build(db)
    rows = "".join(f"KG-{n:05};{PLACE};;;;;1;ccs2;50;\n" for n in range(3_000))
    assert (await done(db, f"{HEADER}\n{rows}", passwords=True)).count("new") == 3_000
    assert (await done(db, f"{HEADER}\n{rows}", passwords=True)).count("same") == 3_000
