"""The `faultline` command's entry: says in one line what is missing, then hands over to the command line."""

import sys


def main() -> None:
    """Run the command line; without the extra `sim`, say what to install and exit 2."""
    if not (3, 11) <= sys.version_info[:2] < (3, 13):
        sys.stderr.write("faultline needs Python 3.11 or 3.12\n")
        raise SystemExit(2)
    try:
        from scenarios.cli import run_app
    except ModuleNotFoundError as missing:
        if missing.name in {"typer", "rich", "simpy", "numba"}:
            sys.stderr.write(f"faultline needs its simulator parts ({missing.name}): pip install 'faultline[sim]'\n")
            raise SystemExit(2) from None
        raise
    run_app()


if __name__ == "__main__":
    main()
