"""The words of the command line, and what becomes of an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer
from typer import exceptions

from safelight import __version__
from safelight.cli import session, terminal
from safelight.errors import SafelightError

app = typer.Typer(
    name="safelight",
    help="The post-production floor: machines take the volume, people keep the judgement, "
    "measured gates decide where each file goes next.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
guide_app = typer.Typer(help="Write and check style guides.", no_args_is_help=True)
app.add_typer(guide_app, name="guide")

INTERRUPTED = 130


def _show_version(wanted: bool) -> None:
    if wanted:
        terminal.out(f"safelight {__version__}")
        raise typer.Exit


@app.callback()
def _begin(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Say the version."),
) -> None:
    """Exit codes: 0 ok, 1 failed, 2 usage, 3 partial (files in quarantine), 10 no store, 11 locked, 130 interrupted."""


def main(words: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    # Strips and processes are the parallelism here. On matrices as small as ours a second thread of OpenBLAS waits by
    # spinning: reducing 24 megapixels to look at took six times the processor time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run_words(sys.argv[1:] if words is None else words))


def run_words(words: Sequence[str], folder: str | None = None) -> int:
    """Run a command and return its exit code; whatever it has to say goes through `terminal`.

    `folder` is where its relative paths start; the working directory by default.
    """
    _register()
    session.remember(words, folder)
    try:
        result = app(list(words), standalone_mode=False)
    except SafelightError as error:
        terminal.err(f"safelight: {error}")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except exceptions.TyperException as error:
        return _usage(error)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    # Typer turns Ctrl-C into its exit code and says nothing.
    return _interrupted() if result == INTERRUPTED else result if isinstance(result, int) else 0


def _interrupted() -> int:
    terminal.err("safelight: interrupted; what is done is kept, run the same command to carry on")
    return INTERRUPTED


def _usage(error: exceptions.TyperException) -> int:
    """Say what was wrong with the words; typer's own exits pass with their code."""
    code = int(getattr(error, "exit_code", 2))
    message = getattr(error, "format_message", lambda: str(error))()
    if message:
        context = getattr(error, "ctx", None)
        terminal.err(f"safelight: {message}" + (f"\n{context.get_usage()}" if context is not None else ""))
    return code


def _register() -> None:
    """Import every command's module, which adds it to `app`; they import nothing heavy at their top."""
    from safelight.cli import (  # noqa: F401
        amend,
        apply,
        backup,
        channels,
        check,
        checkout,
        credentials,
        cull,
        decide,
        deliver,
        doctor,
        erase,
        fix,
        floor,
        ghost,
        guide,
        ingest,
        keywords,
        layout,
        learning,
        look,
        mcp,
        models,
        numbers,
        override,
        overrule,
        path,
        products,
        reasons,
        release,
        report,
        restore,
        run,
        serve,
        sidecars,
        verify,
        versions,
        watch,
        webhooks,
    )
