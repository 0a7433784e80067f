"""What Alembic runs: the migrations, inside the transaction that the caller holds."""

from alembic import context

from safelight.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Inside the caller's BEGIN IMMEDIATE: a migration that is killed leaves the old schema whole.
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
