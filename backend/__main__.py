"""`python -m backend` is `padan`."""

from backend.cli import main

if __name__ == "__main__":
    main()
