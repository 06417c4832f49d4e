import importlib
import sys

import pytest

from stack.vocabulary import MissingPart


@pytest.mark.parametrize(
    ("package", "module"),
    [("mcap", "tape"), ("mcap", "reading"), ("foxglove", "tape"), ("foxglove", "scenes"), ("msgpack", "values")],
)
def test_without_the_extra_it_says_what_to_install(monkeypatch, package, module):
    ours = f"scenarios.logbook.{module}"
    importlib.import_module(ours)
    for name in list(sys.modules):
        if name == package or name.startswith(f"{package}."):
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, ours)
    with pytest.raises(MissingPart, match=rf"need the package {package}.*: pip install 'faultline\[record\]'"):
        importlib.import_module(ours)


def test_the_trace_needs_no_extra():
    source = importlib.import_module("scenarios.logbook.trace")
    chrome = importlib.import_module("scenarios.logbook.chrome")
    for module in (source, chrome):
        assert not {"mcap", "foxglove", "msgpack"} & set(vars(module))
