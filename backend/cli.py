"""The command line: `padan serve | worker | migrate | demo | import | reindex | rematch | evaluate | check | ...`."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from backend.core.db import session_scope
from backend.core.settings import settings

if TYPE_CHECKING:
    from backend.matching.evaluation.evaluate import Evaluation

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
console = Console(stderr=True)


def progress_bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=False)


@cli.command()
def serve(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the website and the API."""
    import uvicorn

    uvicorn.run(
        "backend.app:create",
        factory=True,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=settings().trusted_proxies,
        timeout_graceful_shutdown=10,
    )


@cli.command()
def worker(concurrency: int = 3) -> None:
    """Run the jobs: indexing, matching, embedding, mail."""
    from backend.worker import main as run_worker

    run_worker(concurrency)


@cli.command()
def migrate() -> None:
    """Bring the database up to the code."""
    from backend.core.migrations import migrate as upgrade

    upgrade()


@cli.command()
def demo(port: int = 8000, host: str = "127.0.0.1") -> None:
    """Everything at once with demo data: its own PostgreSQL, the website and a worker, until Ctrl-C."""
    from backend.demo.run import run

    sys.exit(run(host, port))


@cli.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    kind: Annotated[Literal["listings", "needs"], typer.Option()],
    format_: Annotated[Literal["jsonl"], typer.Option("--format")] = "jsonl",  # noqa: ARG001 - one format so far
    source: Annotated[str | None, typer.Option(help="Where the records come from; default: the file's name")] = None,
    organisation: Annotated[str | None, typer.Option(help="Who lists them; default: named after the source")] = None,
    country: Annotated[str, typer.Option(help="The state of that organisation")] = "SG",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row, store nothing")] = False,
) -> None:
    """Take in a file of records, published as they are; rows that are not right are reported and left out."""
    from backend.imports.service import import_file, report_copies
    from backend.search.indexing import help_along

    with progress_bar() as progress:
        report = import_file(
            file, kind=kind, source=source or file.name.split(".")[0], organisation=organisation, country=country,
            dry_run=dry_run, progress=progress,
        )
        bar = progress.add_task("indexing, in batches", total=None)
        help_along(lambda done, total: progress.update(bar, completed=done, total=total))
        with session_scope() as session:
            report_copies(session, report)
    for problem in report.problems[:50]:
        console.print(f"row {problem.row}: {problem.field}: {problem.message}", markup=False)
    if len(report.problems) > 50:
        console.print(f"... and {len(report.problems) - 50} more")
    typer.echo(json.dumps(report.summary(), ensure_ascii=False))
    raise typer.Exit(1 if report.refused else 0)


@cli.command()
def reindex() -> None:
    """Rebuild the search index beside the live one and swap, losing no concurrent write."""
    from backend.search.service import reindex as rebuild

    with progress_bar() as progress:
        rebuild(progress)


@cli.command()
def rematch(restart: bool = False) -> None:
    """Match every need anew; goes on where an earlier run was stopped."""
    from backend.matching.rematch import rematch_all

    with progress_bar() as progress:
        bar = progress.add_task("matching needs", total=None)
        for done, total in rematch_all(restart=restart):
            progress.update(bar, completed=done, total=total)


@cli.command()
def embed() -> None:
    """Embed what waits, in this process, with a progress bar."""
    from backend.search.embedding import embed_batch, embedding_progress

    with progress_bar() as progress:
        bar = progress.add_task("embedding", total=None)
        while True:
            with session_scope() as session:
                embedded = embed_batch(session, 128)
            with session_scope() as session:
                done, total = embedding_progress(session)
            progress.update(bar, completed=done, total=total)
            if not embedded:
                return


@cli.command()
def evaluate(
    folders: Annotated[list[Path] | None, typer.Argument(help="Folders of judgements")] = None,
    from_feedback: Annotated[bool, typer.Option(help="What people said of this installation's matches")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write the reliability diagram there, as SVG")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line last")] = False,
) -> None:
    """Measure matching against judgements, beside BM25 alone and vectors alone, in a database that is thrown away."""
    from backend.matching.evaluation.diagram import reliability_diagram
    from backend.matching.evaluation.evaluate import as_dict
    from backend.matching.evaluation.tables import calibration_table, figures_table

    result = as_dict(_evaluated(folders or [], from_feedback=from_feedback))
    if plot:
        calibrations = {name: one["calibration"] for name, one in result["folders"].items()}
        plot.write_text(reliability_diagram(result["calibration"], calibrations), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    Console().print(figures_table(result["folders"]), calibration_table(result["calibration"]))


@cli.command()
def calibrate(
    folders: Annotated[list[Path], typer.Argument(help="Folders of judgements")],
    keep_order: Annotated[bool, typer.Option("--keep-order", help="One factor for all readings of the texts")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line last")] = False,
) -> None:
    """Fit the numbers of the score to judgements: prints what to write into score.py, and changes nothing."""
    from backend.matching.evaluation.fitting import report
    from backend.matching.evaluation.tables import calibration_table, held_out_table

    result = report(_evaluated(folders), keep_order=keep_order)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    out = Console()
    for name, value in result["fitted"].items():
        out.print(f"{name} = {value}  (now {result['now'][name]})")
    out.print(calibration_table(result["calibration"]))
    if result["held_out"]:
        out.print(held_out_table(result["held_out"]))
    else:
        out.print("Give several folders to see how the numbers do on judgements they were not fitted to.")


def _evaluated(folders: list[Path], *, from_feedback: bool = False) -> "list[Evaluation]":
    from backend.matching.evaluation import evaluate as evaluation
    from backend.matching.evaluation.folder import EvaluationError

    try:
        judged = evaluation.read_all(folders)
        if from_feedback:
            with session_scope() as session:
                judged.append(evaluation.from_feedback(session))
        if not judged:
            raise EvaluationError("Name a folder of judgements, or ask for --from-feedback.")
    except EvaluationError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error
    for warning in (warning for one in judged for warning in one.warnings):
        console.print(warning, markup=False, highlight=False, soft_wrap=True)
    with progress_bar() as progress:
        return [evaluation.evaluate(one, progress=progress) for one in judged]


@cli.command()
def directions() -> None:
    """Compute for the configured model where each language lies apart, and keep it; all vectors must be made anew."""
    from backend.language import neutral
    from backend.language.embedder import embedder

    plain = embedder().plain
    path = neutral.keep(plain.model_id, neutral.directions([plain.query, plain.passage]))
    typer.echo(f"{path}: now run padan reindex and padan embed")


@cli.command()
def check() -> None:
    """Say whether settings, database, embedder and search engine are fit to start with."""
    from backend.core.db import is_reachable
    from backend.language.embedder import check_dimension

    problems = settings().problems()
    if not is_reachable():
        problems.append("the database does not answer")
    try:
        check_dimension()
    except Exception as error:
        problems.append(str(error))
    for problem in problems:
        typer.echo(problem, err=True)
    raise typer.Exit(1 if problems else 0)


@cli.command(hidden=True)
def migration(message: str) -> None:
    """Write a migration from the difference between the models and an up-to-date database."""
    from alembic import command

    from backend.core.migrations import alembic_config, migrate

    migrate()
    command.revision(alembic_config(), message, autogenerate=True)


@cli.command(hidden=True)
def catalogues() -> None:
    """Collect every marked text into the catalogues; a translated one stays."""
    from backend.i18n.catalogues import update

    for locale, missing in update().items():
        typer.echo(f"{locale}: {missing} texts to translate")


def main() -> None:
    os.environ.setdefault("PYTHONUTF8", "1")
    cli()
