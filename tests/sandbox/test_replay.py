"""A tape is read whatever its lines are like, and answers are compared where they may be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zaryad.app.cli import call
from zaryad.sandbox.replay import TapeError, differences, read


def line(**more: Any) -> bytes:
    told = {
        "v": 1, "at": "2026-11-21T06:00:00Z", "station_id": "KG-1", "connection": 1, "protocol": "ocpp1.6",
        "direction": "in", "kind": "call", "action": "Heartbeat", "frame": '[2,"1","Heartbeat",{}]',
        "answer": '[3,"1",{"currentTime":"2026-11-21T06:00:00Z"}]', "cut": False,
    }  # fmt: skip
    return json.dumps(told | more).encode() + b"\n"


def test_a_tape_has_one_station_and_passes_over_what_it_cannot_use() -> None:
    tape = read(
        [
            line(
                at="2026-11-21T06:00:05Z",
                direction="out",
                action="Reset",
                frame='[2,"9","Reset",{"type":"Soft"}]',
                answer=None,
            ),
            line(),
            line(station_id="KG-2"),
            line(kind="opened", frame=None, answer=None, note="127.0.0.1"),
            line(cut=True),
            line(frame=None, payload={"a": 1}, answer={"b": 2}, action="DataTransfer", at="2026-11-21T06:00:09Z"),
            b'{"v":1,"kind":"end","rows":6,"next":null}\n',
        ]
    )
    assert (tape.station_id, tape.subprotocol, tape.cut, tape.whole) == ("KG-1", "ocpp1.6", 1, True)
    assert [(turn.action, turn.by_station) for turn in tape.turns] == [
        ("Heartbeat", True),
        ("Reset", False),
        ("DataTransfer", True),
    ]
    assert tape.turns[2].answer == [3, "", {"b": 2}]
    assert read([line(), line(station_id="KG-2")], "KG-2").station_id == "KG-2"


@pytest.mark.parametrize("lines", [[b"plug!"], [line(v=2)], [b'{"v":1,"kind":"end"}'], []])
def test_what_is_no_tape_is_said_so(lines: list[bytes]) -> None:
    with pytest.raises(TapeError):
        read(lines)


@pytest.mark.parametrize(
    ("recorded", "came", "paths"),
    [
        ({"currentTime": "2026-11-21T06:00:00Z"}, {"currentTime": "2027-01-01T00:00:00.5Z"}, []),
        (
            {"transactionId": 5, "idTagInfo": {"status": "Accepted"}},
            {"transactionId": 9, "idTagInfo": {"status": "Accepted"}},
            [],
        ),
        ({"password": "***"}, {"password": "secret"}, []),
        ({"status": "Accepted"}, {"status": "Rejected"}, ["status"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, ["a[0].b"]),
        ({"a": 1}, {}, ["a"]),
        ({"at": "2026-11-21T06:00:00Z"}, {"at": "soon"}, ["at"]),
    ],
)
def test_only_what_means_something_differs(recorded: Any, came: Any, paths: list[str]) -> None:
    assert [it.path for it in differences(0, "X", [3, "1", recorded], [3, "2", came])] == paths


def test_an_error_in_place_of_an_answer_differs_and_its_words_do_not() -> None:
    refused = [4, "1", "NotSupported", "why", {}]
    assert differences(0, "X", refused, [4, "2", "NotSupported", "other words", {}]) == []
    assert [it.path for it in differences(0, "X", refused, [4, "2", "InternalError", "", {}])] == ["code"]
    assert len(differences(0, "X", refused, [3, "2", {}])) == 1


def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text("plug!")
    for name, words in (("log.jsonl", "line 1 is no exchange"), ("gone.jsonl", "No such file")):
        with pytest.raises(SystemExit) as left:
            call(["replay", str(tmp_path / name), "--against", "ws://127.0.0.1:1", "--password", "x"])
        assert left.value.code == 1
        assert words in " ".join(capsys.readouterr().err.split())
    file.write_bytes(line())
    with pytest.raises(SystemExit):
        call(["replay", str(file), "--against", "ws://127.0.0.1:1", "--password", "x"])
    assert "no connection to ws://127.0.0.1:1" in " ".join(capsys.readouterr().err.split())
