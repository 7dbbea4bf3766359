"""Run the speech servers: `python -m wyoming_services`, or the console script `local-assist`."""

from wyoming_services.cli.app import main

if __name__ == "__main__":
    main()
