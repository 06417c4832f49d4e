"""What long checks measured is said on the terminal, not only asserted."""

import pytest


@pytest.fixture
def say(request):
    """Writes a line to pytest's own report."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    capture = request.config.pluginmanager.get_plugin("capturemanager")

    def line(text):
        with capture.global_and_fixture_disabled():
            reporter.write_line(text)

    return line
