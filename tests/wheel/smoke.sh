#!/bin/sh
# Builds the wheel, installs it into a clean environment away from the sources, and runs one scenario there.
# Editable installs put the whole repository on the path, so only this shows that nothing was left out.
set -eu
python="$1"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$python" -m build --wheel --no-isolation --outdir "$work/dist" . >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$python" -m venv "$work/env"
wheel="$(ls "$work"/dist/*.whl)"
# shellcheck disable=SC2086
"$work/env/bin/python" -m pip --disable-pip-version-check -q install ${PIP_OPTIONS:-} -c constraints.txt "$wheel[sim]"
cd "$work"
env/bin/faultline run truck_meets_stationary_car --out out --json >run.json || { cat run.json; exit 1; }
env/bin/python - <<'EOF'
import json
import pathlib

document = json.load(open("run.json"))
[run] = document["runs"]
assert run["verdict"] == "pass", run
assert pathlib.Path("out/report.html").stat().st_size > 10_000
print(f"wheel: {run['run_id']} {run['verdict']} from a clean environment")
EOF
