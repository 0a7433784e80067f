"""``safelight credentials``: what a file claims of its making, and who signs for this store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here, opened

NOT_VERIFIED = 1

credentials_app = typer.Typer(
    help="Read and verify content credentials (C2PA) of any file, and choose who signs deliveries.",
    no_args_is_help=True,
)
app.add_typer(credentials_app, name="credentials")

File = Annotated[Path, typer.Argument(metavar="FILE", help="A picture, also one that was made elsewhere.")]
Trust = Annotated[Path | None, typer.Option("--trust", help="PEM file of the root certificates that you trust.")]


@credentials_app.command()
def show(picture: File, trust: Trust = None, json: options.Json = False) -> None:
    """Say what a file's credentials claim; nothing is fetched from the network."""
    from safelight import studio

    line = studio.read_credentials(here(picture), trust and here(trust))
    if json:
        terminal.json_line(line)
    else:
        _say(line)


@credentials_app.command()
def verify(picture: File, trust: Trust = None, json: options.Json = False) -> None:
    """Exit 0 only if the file is as it was signed, by somebody whom --trust vouches for; else 1 and why."""
    from safelight import studio

    line = studio.read_credentials(here(picture), trust and here(trust))
    if json:
        terminal.json_line(line)
    else:
        terminal.out(f"{line['file']}: {line['told']}")
    if not line["verified"]:
        raise typer.Exit(NOT_VERIFIED)


@credentials_app.command()
def use(
    chain: Annotated[
        Path, typer.Argument(metavar="CERTIFICATES", help="PEM: the signer's first, then its authority's.")
    ],
    name: options.As,
    key: Annotated[Path | None, typer.Option("--key", help="Its key, PEM without a password.")] = None,
    program: Annotated[
        list[str] | None,
        typer.Option("--program", help="A program that signs in the key's place; again for each of its words."),
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Sign deliveries with the studio's certificate from now on; a trial signature is made first."""
    with opened(store) as desk:
        line = desk.choose_signer(here(chain), key and here(key), program or (), name)
    _tell_signer(line, json)


@credentials_app.command()
def own(name: options.As, store: options.Store = None, json: options.Json = False) -> None:
    """Sign deliveries with a new key of the store's own, which nobody vouches for."""
    with opened(store) as desk:
        line = desk.choose_signer(None, None, (), name)
    _tell_signer(line, json)


@credentials_app.command()
def signer(
    root: Annotated[Path | None, typer.Option("--root", help="Write the last certificate of the chain there.")] = None,
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Say who signs deliveries; with --root write the certificate that others would have to trust."""
    with opened(store) as desk:
        line = desk.signer()
    if root is not None and line["kind"]:
        last = line["chain"].rpartition("-----BEGIN CERTIFICATE-----")
        here(root).write_text(last[1] + last[2])
    _tell_signer(line, json)


def _tell_signer(line: dict[str, Any], as_json: bool) -> None:
    if as_json:
        terminal.json_line(line)
    elif not line["kind"]:
        terminal.out("nothing was signed yet; the store's own key is made with the first delivery")
    else:
        vouched = "" if line["vouched"] else "; nobody vouches for it: files show as signed by an unknown signer"
        terminal.out(f"{line['signer']} ({line['algorithm']}), until {line['until']}{vouched}")


def _say(line: dict[str, Any]) -> None:
    terminal.out(f"{line['file']}: {line['told']}")
    for each in line["actions"]:
        source = str(each.get("digitalSourceType", "")).rsplit("/", 1)[-1]
        agent = each.get("softwareAgent") or {}
        by = f"{agent.get('name', '')} {agent.get('version', '')}".strip() if isinstance(agent, dict) else str(agent)
        terminal.out("        " + ", ".join(part for part in (str(each.get("action", "")), by, source) if part))
    for each in line["ingredients"]:
        kept = ", with credentials of its own" if each.get("active_manifest") else ""
        terminal.out(f"        from {each.get('title', 'an unnamed file')} ({each.get('relationship', '')}){kept}")
    if line["ingredient_codes"]:
        terminal.out(f"        of its ingredients: {', '.join(line['ingredient_codes'])}")
