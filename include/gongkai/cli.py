"""The gongkai command; filled by the stages as they land."""


def main() -> None:
    """Run the command line."""
    raise SystemExit(2)
