import json
from io import BytesIO

import pytest
from mcap.reader import make_reader
from mcap.writer import Writer

from scenarios.logbook import contents
from scenarios.logbook.reading import read_tolerant
from scenarios.logbook.tape import Tape
from scenarios.logbook.values import packed
from stack.vocabulary import InputError, SimNs


def refusal_of(path):
    """What reading everything in a file is refused with."""
    with pytest.raises(InputError) as refused:
        list(read_tolerant(path).entries())
    (finding,) = refused.value.findings
    assert path.name in finding.where
    return finding.problem


def metadata_of(path):
    begun = read_tolerant(path).begun.model_dump()
    return {key: json.dumps(value) for key, value in begun.items()} | {"schema": "1"}


def test_a_file_cut_anywhere_is_read_to_its_last_complete_record(plain_run, tmp_path):
    raw = plain_run.path.read_bytes()
    whole = [entry.at for entry in read_tolerant(plain_run.path).entries((contents.TRUTH,))]
    cut, lengths = tmp_path / "cut.mcap", []
    for share in (0.25, 0.35, 0.5, 0.77, 0.999):
        cut.write_bytes(raw[: int(share * len(raw))])
        recording = read_tolerant(cut)
        found = [entry.at for entry in recording.entries((contents.TRUTH,))]
        assert found == whole[: len(found)]
        assert recording.ended is None or share > 0.99
        if recording.ended is None:
            assert "complete up to byte" in recording.cut
        lengths.append(len(found))
    assert lengths == sorted(lengths)
    assert 0 < lengths[0] < lengths[-1] == len(whole)


def test_a_file_cut_before_its_run_began_is_refused(plain_run, tmp_path):
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(plain_run.path.read_bytes()[:60])
    assert refusal_of(cut).startswith("was cut before its run began")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refusal_of(tmp_path / "nowhere.mcap") == "cannot be read: No such file or directory"
    (tmp_path / "folder.mcap").mkdir()
    assert refusal_of(tmp_path / "folder.mcap") == "cannot be read: Is a directory"


@pytest.mark.parametrize("raw", [b"", b"{}", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_a_file_of_another_kind_is_refused(tmp_path, raw):
    path = tmp_path / "other.mcap"
    path.write_bytes(raw)
    problem = refusal_of(path)
    assert problem == "is no MCAP file; take a file that `faultline run --record` wrote"


def test_an_mcap_file_of_somebody_else_is_refused(tmp_path):
    path = tmp_path / "foreign.mcap"
    with path.open("wb") as stream:
        writer = Writer(stream)
        writer.start()
        channel = writer.register_channel("/chatter", "json", 0)
        writer.add_message(channel, 1, b"{}", 1)
        writer.finish()
    assert "is an MCAP file of somebody else: it has no record faultline.begun" in refusal_of(path)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("2", "was written with recording schema 2; this version reads up to 1: update Faultline"),
        ("first", "names no recording schema that ever was"),
        ("0", "names no recording schema that ever was"),
    ],
)
def test_a_recording_of_another_schema_is_refused(plain_run, tmp_path, schema, words):
    path = tmp_path / "other.mcap"
    _write_metadata(path, metadata_of(plain_run.path) | {"schema": schema})
    assert words in refusal_of(path)


def test_everything_wrong_with_the_metadata_is_said_at_once(plain_run, tmp_path):
    path = tmp_path / "other.mcap"
    texts = metadata_of(plain_run.path) | {"run_id": "7", "request": '{"scenario": "x"}'}
    _write_metadata(path, texts)
    with pytest.raises(InputError) as refused:
        read_tolerant(path)
    found = {finding.field for finding in refused.value.findings}
    assert {"run_id", "request.seed", "request.faults"} <= found


def test_metadata_that_is_no_json_is_refused(plain_run, tmp_path):
    path = tmp_path / "other.mcap"
    _write_metadata(path, metadata_of(plain_run.path) | {"run_id": "{"})
    assert "has a metadata record that is no JSON" in refusal_of(path)


def _write_metadata(path, texts):
    with path.open("wb") as stream:
        writer = Writer(stream)
        writer.start()
        writer.add_metadata(contents.BEGUN, texts)
        writer.finish()


@pytest.mark.parametrize("number", [0, 5, -1])
def test_a_damaged_chunk_is_found_and_said_where(plain_run, tmp_path, number):
    raw = bytearray(plain_run.path.read_bytes())
    chunk = make_reader(BytesIO(raw)).get_summary().chunk_indexes[number]
    raw[chunk.chunk_start_offset + chunk.chunk_length // 2] ^= 0xFF
    path = tmp_path / "damaged.mcap"
    path.write_bytes(bytes(raw))
    problem = refusal_of(path)
    assert problem.startswith(f"is damaged at byte {chunk.chunk_start_offset}: ")
    assert problem.endswith("record the run again")


def test_a_damaged_length_is_found_and_said_where(plain_run, tmp_path):
    raw = bytearray(plain_run.path.read_bytes())
    chunk = make_reader(BytesIO(raw)).get_summary().chunk_indexes[3]
    raw[chunk.chunk_start_offset + 5] = 0xFF
    path = tmp_path / "damaged.mcap"
    path.write_bytes(bytes(raw))
    assert f"no record begins at byte {chunk.chunk_start_offset}" in refusal_of(path)


def test_a_value_of_a_later_version_is_refused_with_its_instant(plain_run, tmp_path):
    begun = {key: json.loads(text) for key, text in metadata_of(plain_run.path).items()}
    tape = Tape(tmp_path / "later.mcap")
    tape.metadata(contents.BEGUN, begun)
    later = packed({"": "Hoverboard", "x_m": 1.0})
    tape._add(tape._channel(contents.WORLD_EVENT, contents.PACKED, 0), SimNs(1_500_000_000), SimNs(0), later, 0)
    path = tape.finish()
    with pytest.raises(InputError) as refused:
        list(read_tolerant(path).entries())
    (finding,) = refused.value.findings
    assert finding.where.endswith("later.mcap, faultline/world_event at 1.500 s")
    assert "a Hoverboard, which this version does not know" in finding.problem
    assert begun["code_version"] in finding.problem


def test_only_the_wanted_channels_are_read(plain_run):
    found = {entry.channel for entry in read_tolerant(plain_run.path).entries((contents.JOB, contents.SCENE))}
    assert found == {contents.JOB, contents.SCENE}
