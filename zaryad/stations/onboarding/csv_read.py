"""From the bytes of a spreadsheet's export to its lines: encoding, delimiter and header are found out."""

from __future__ import annotations

import codecs
import csv
import io

import msgspec

from zaryad.kernel.errors import DomainError, Kind

BYTES_MAX = 4 << 20
LINES_MAX = 10_000
FIELD_MAX = 500
COLUMNS = (
    "station_id",
    "location",  # its name, or its id
    "vendor",
    "model",
    "admin_state",
    "password",
    "connector",
    "kind",
    "power_kw",
    "tariff_id",
)
NEEDED = ("station_id",)


class Line(msgspec.Struct, frozen=True):
    """A line with the number it has in the file, and what stands under each known column; nothing is an empty text."""

    number: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return what stands under a column; empty when the file has none such."""
        return self.values.get(column, "")


def read(data: bytes) -> list[Line]:
    """Return the lines that say anything. DomainError INVALID for a file that cannot be read as a whole."""
    if len(data) > BYTES_MAX:
        raise DomainError(Kind.INVALID, "csv_too_big", most_mb=BYTES_MAX >> 20)
    text = decode(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    lines: list[Line] = []
    header: list[str] | None = None
    number = 1
    try:
        for row in reader:
            begins, number = number, reader.line_num + 1
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if header is None:
                header = _header(cells)
                continue
            if len(cells) > len(header) and any(cells[len(header) :]):
                raise DomainError(Kind.INVALID, "csv_line_too_long", line=begins, columns=len(header))
            if any(len(cell) > FIELD_MAX for cell in cells):
                raise DomainError(Kind.INVALID, "csv_field_too_long", line=begins, most=FIELD_MAX)
            if len(lines) >= LINES_MAX:
                raise DomainError(Kind.INVALID, "csv_too_many_lines", most=LINES_MAX)
            lines.append(Line(begins, dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        raise DomainError(Kind.INVALID, "csv_unreadable", line=reader.line_num) from error
    if header is None:
        raise DomainError(Kind.INVALID, "csv_empty", columns=", ".join(COLUMNS))
    return lines


def decode(data: bytes) -> str:
    """Return the text: UTF-8 with or without a mark, UTF-16 with one, else Windows-1251 as spreadsheets here write."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _decoded(data, encoding)
    try:
        return _no_nul(data.decode())
    except UnicodeDecodeError:
        return _decoded(data, "cp1251")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return _no_nul(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise DomainError(Kind.INVALID, "csv_unreadable", line=data[: error.start].count(b"\n") + 1) from error


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise DomainError(Kind.INVALID, "csv_unreadable", line=text[: text.index("\0")].count("\n") + 1)
    return text


def _delimiter(text: str) -> str:
    """Return the one that the first line with anything in it has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _header(cells: list[str]) -> list[str]:
    names = [cell.lower().replace(" ", "_") for cell in cells]
    for name in names:
        if name and name not in COLUMNS:
            raise DomainError(Kind.INVALID, "csv_column_unknown", column=name[:50], columns=", ".join(COLUMNS))
    given = [name for name in names if name]
    if len(set(given)) < len(given) or not set(NEEDED) <= set(given):
        raise DomainError(Kind.INVALID, "csv_header_invalid", columns=", ".join(COLUMNS))
    return names
