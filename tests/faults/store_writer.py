"""A process that writes until it is killed, and says what was acknowledged; started by test_store_kill.

Imports once, then forks one writer after another: a fresh process for each
kill without the price of importing. Nothing of a store is open at the fork.
"""

from __future__ import annotations

import itertools
import os
import sys

from safelight.core.facts import Actor, NewFact
from safelight.store import Store
from safelight.store.ledger import Ledger


def say(text: str) -> None:
    os.write(1, text.encode() + b"\n")


def write(root: str, turn: int) -> None:
    with Store.open(root) as store:
        for n in itertools.count():
            name = store.blobs.put([b"%d-%d" % (turn, n), bytes(n * 37 % 50_000)])
            say(f"blob {name}")
            key = f"{turn}-{n}"
            facts = [NewFact("version.made", key, {"proof": name}), NewFact("check.done", key, {"pass": True})]
            store.ledger.append_work(key, {"proof": name}, facts)
            say(f"work {key}")
            store.ledger.append([NewFact("decision.made", key, {"decided": "approve"}, Actor("person", "Ann"))])
            say(f"decision {key}")


def main() -> None:
    assert Ledger
    root, turns = sys.argv[1], int(sys.argv[2])
    for turn in range(turns):
        child = os.fork()
        if child == 0:
            say(f"pid {os.getpid()}")
            write(root, turn)
        os.waitpid(child, 0)
        say("dead")
        if sys.stdin.readline() != "next\n":
            return


if __name__ == "__main__":
    main()
