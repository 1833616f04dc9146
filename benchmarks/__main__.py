"""Every measure in one run: `python -m benchmarks [--json FILE] [--small]`; a table at the end."""

import argparse
import asyncio
import json
from pathlib import Path

from benchmarks import counting, delegation, load, start, votes
from benchmarks.hamlet import hamlet

Figures = dict[str, dict[str, float]]


async def measured(scale: int) -> Figures:
    """All figures; sizes are divided by `scale`."""
    found: Figures = {"start": await start.main(runs=3)}
    for store in ("sqlite", "postgresql"):
        ratio = await votes.main(store, 2000 // scale, 100, 5)
        found[f"votes to empty answers, {store}"] = {"ratio": ratio}
    for store in ("sqlite", "postgresql"):
        async with hamlet(store, 10_000 // scale) as there:
            found[f"storm, {store}"] = await load.storm(there, 10_000 // scale, 500)
            found[f"100 votes/s, {store}"] = await load.receipts(there, 100.0, 10 // scale)
    async with hamlet("sqlite", 2000 // scale) as there:
        await load.memory(there, 4000 // scale)  # what the first votes load stays
        found["memory, 20,000 votes"] = await load.memory(there, 20_000 // scale)
    async with hamlet("sqlite", 1) as there:
        found["memory, servers"] = await load.servers(there, 1000 // scale)
    for store in ("sqlite", "postgresql"):
        async with hamlet(store, 1) as there:
            found[f"autocomplete, {store}"] = await load.titles(there, 100_000 // scale)
    size = 1_000_000 // scale
    found[f"counting {size:,} ballots, to a plain sum"] = counting.main(size, 5, rounds=3)
    found[f"delegations of {size:,} members, seconds"] = delegation.main(size, rounds=3)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--small", action="store_true", help="a tenth of every size")
    given = parser.parse_args()
    figures = asyncio.run(measured(10 if given.small else 1))
    print("\n| measure | figures |\n|---|---|")
    for name, row in figures.items():
        print(f"| {name} | {', '.join(f'{key}: {value:.2f}' for key, value in row.items())} |")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")
