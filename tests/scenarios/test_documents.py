"""Documents are read strictly: every finding at once, at its line and column."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.documents import (
    Name,
    NonNegative,
    Number,
    Positive,
    Section,
    Text,
    dump_json_schema,
    parse_assignments,
    read_document,
)
from stack.vocabulary import InputError


class Wheel(Section):
    name: Name
    radius_m: Positive


class Cart(Section):
    title: Text
    load_kg: NonNegative = 0.0
    pulled: bool = False
    wheels: tuple[Wheel, ...] = ()
    notes: dict[str, Number] = {}


def written(folder: Path, text: str) -> Path:
    path = folder / "cart.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def findings(path: Path, overrides: dict[str, object] | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as refusal:
        read_document(path, Cart, overrides)
    return [
        (finding.where.removeprefix(f"{path}:"), finding.field, finding.problem) for finding in refusal.value.findings
    ]


def test_a_sound_document_is_read_as_its_model(tmp_path: Path) -> None:
    path = written(tmp_path, "title: cart\nload_kg: 1e3\nwheels: [{name: left, radius_m: 0.3}]\n")
    cart = read_document(path, Cart)
    assert cart.load_kg == 1000.0
    assert cart.wheels == (Wheel(name="left", radius_m=0.3),)


def test_every_fault_of_a_file_is_found_at_its_line_and_column(tmp_path: Path) -> None:
    text = """\
title: no
load_kg: heavy
load_kg: 3
wheels:
  - name: Left One
    radius_m: -1
  - nam: right
    radius_m:
colour: red
notes: {a: yes, b: 012, c: 1:30, d: .nan}
"""
    assert findings(written(tmp_path, text)) == [
        ("1:1", "title", "must be a valid string (got False)"),
        ("2:1", "load_kg", "must be a valid number (got 'heavy')"),
        ("3:1", "load_kg", "duplicate key, first given in line 2"),
        ("5:5", "wheels.0.name", "must be lower-case words joined by _ (got 'Left One')"),
        ("6:5", "wheels.0.radius_m", "must be greater than 0 (got -1)"),
        ("7:5", "wheels.1.name", "is missing"),
        ("7:5", "wheels.1.nam", "unknown key; did you mean 'name'?"),
        ("8:14", "wheels.1.radius_m", "has no value"),
        ("9:1", "colour", "unknown key; known: load_kg, notes, pulled, title, wheels"),
        ("10:9", "notes.a", "must be a number (got True)"),
        ("10:20", "notes.b", "'012' would be read in another base: write a plain number"),
        ("10:28", "notes.c", "'1:30' would be read in another base: write a plain number"),
        ("10:34", "notes.d", "must be a finite number (got nan)"),
    ]


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ("", "1:1", "must be a mapping of keys to values"),
        ("- a\n- b\n", "1:1", "must be a mapping of keys to values"),
        ("title: [a\n", "2:1", "not valid YAML: did not find expected ',' or ']'"),
        ("title: a\n---\ntitle: b\n", "2:1", "not valid YAML: but found another document"),
        ("? [a]\n: 1\ntitle: a\n", "1:3", "keys must be plain words"),
        ("title: &t a\nnotes: {a: *t}\n", "2:9", "anchors and aliases are not used here: write the value out"),
        ("title: !secret a\n", "1:8", "the tag !secret is not used here"),
        ("<<: {title: a}\n", "1:1", "keys must be plain words"),
        ("title: a\n" + "notes: " + "[" * 60 + "]" * 60 + "\n", "1:1", "is nested more than 32 deep"),
    ],
)
def test_what_yaml_would_accept_or_die_of_is_refused_with_its_position(
    tmp_path: Path, text: str, where: str, problem: str
) -> None:
    path = written(tmp_path, text)
    found = findings(path)
    assert (where, problem) in [(place, text) for place, _, text in found]


def test_a_file_that_endless_aliases_would_blow_up_is_refused_quickly(tmp_path: Path) -> None:
    lines = ["title: laughs", "a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    assert len(findings(written(tmp_path, "\n".join(lines) + "\n"))) > 10


def test_a_missing_file_and_one_that_is_no_text_are_explained(tmp_path: Path) -> None:
    assert findings(tmp_path / "nowhere.yaml") == [("1:1", "document", "cannot be read: No such file or directory")]
    path = tmp_path / "cart.yaml"
    path.write_bytes(b"title: \xff\xfe\n")
    assert findings(path) == [("1:1", "document", "cannot be read: is not UTF-8 text")]


def test_overrides_reach_nested_keys_list_items_by_name_and_keys_not_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "title: cart\nwheels: [{name: left, radius_m: 0.3}, {name: right, radius_m: 0.3}]\n")
    cart = read_document(path, Cart, {"wheels.right.radius_m": "0.5", "wheels.0.radius_m": 0.4, "load_kg": 7})
    assert [wheel.radius_m for wheel in cart.wheels] == [0.4, 0.5]
    assert cart.load_kg == 7.0


def test_wrong_overrides_are_findings_of_the_command_line(tmp_path: Path) -> None:
    path = written(tmp_path, "title: cart\nwheels: [{name: left, radius_m: 0.3}]\n")
    overrides = {"lod_kg": 1, "wheels.lft.radius_m": 1, "wheels.left.radius_m": -2, "title.x": 1}
    assert findings(path, overrides) == [
        ("--set", "wheels.lft.radius_m", "'lft' is no item of wheels; did you mean 'left'?"),
        ("--set", "title.x", "title has no parts"),
        ("--set", "wheels.0.radius_m", "must be greater than 0 (got -2)"),
        ("--set", "lod_kg", "unknown key; did you mean 'load_kg'?"),
    ]


def test_assignments_of_the_command_line_are_parsed_or_refused_together() -> None:
    assert parse_assignments(["a.b=3", "c = wet", "d=1e3"]) == {"a.b": 3, "c": "wet", "d": "1e3"}
    with pytest.raises(InputError) as refusal:
        parse_assignments(["a", "=3", "b=", "c=1", "c=2"])
    assert [finding.field for finding in refusal.value.findings] == ["a", "=3", "b=", "c"]


def test_the_json_schema_names_every_key_and_refuses_others() -> None:
    schema = dump_json_schema(Cart)
    assert '"load_kg"' in schema
    assert '"additionalProperties": false' in schema


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_either_read_or_explained(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "cart.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        assert isinstance(read_document(path, Cart), Cart)
    except InputError as refusal:
        assert refusal.findings
