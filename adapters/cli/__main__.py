"""`python -m adapters.cli`: the console script where it is not installed."""

from adapters.cli.main import main

if __name__ == "__main__":
    main()
