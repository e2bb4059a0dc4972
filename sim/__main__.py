"""Lets ``python -m sim`` do what ``luohu`` does."""

from sim.cli import main

if __name__ == "__main__":
    main()
