"""The command line. See the package's docstring."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from operations.errors import OperatorError
from operations.ory_backup import bundle
from operations.ory_backup import folder as layout
from operations.ory_backup.exporting import Export, hosted_configuration, own_configuration
from operations.ory_backup.restoring import restore
from operations.ory_backup.settings import BackupSettings, DataSettings, ProjectSettings, passphrase_from
from shared.settings import load

PASSPHRASE = "ORY_BACKUP_PASSPHRASE"  # noqa: S105 - a variable's name
OWNER_ONLY = 0o077


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        told = chosen.run(chosen)
    except OperatorError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    sys.stdout.write(f"{told}\n")
    return 0


def _export(chosen: argparse.Namespace) -> str:
    settings = load(BackupSettings)
    passphrase = None if chosen.skip_encryption else passphrase_from(chosen.encrypt_passphrase_env)
    named = [name.strip() for name in settings.jwk_sets.split(",") if name.strip()]
    folder = layout.new_folder(chosen.output_dir, settings.root)
    export = Export(folder, chosen.page_size, list(dict.fromkeys([*named, *chosen.jwk_set])))
    project_id = _configuration(settings.config_dir, folder)
    export.data(load(DataSettings))
    export.describe(project_id)
    return _bundled(folder, passphrase)


def _configuration(of_our_own: Path, folder: Path) -> str | None:
    """Returns the project's id. The workspace's key is gone before the project's is read."""
    project = load(ProjectSettings)
    if project.project_id is None:
        own_configuration(of_our_own, folder)
    else:
        hosted_configuration(project, folder)
    return project.project_id


def _bundled(folder: Path, passphrase: str | None) -> str:
    archive = bundle.pack(folder)
    layout.write_bytes(folder / layout.BUNDLE, archive)
    if passphrase is None:
        return f"{folder / layout.BUNDLE} (not encrypted)"
    ciphertext, metadata = bundle.seal(archive, passphrase)
    layout.write_bytes(folder / layout.SEALED, ciphertext)
    layout.write_json(folder / layout.SEALED_METADATA, metadata)
    return str(folder / layout.SEALED)


def _open(chosen: argparse.Namespace) -> str:
    sealed = chosen.bundle
    metadata = layout.read_json(sealed.with_name(f"{sealed.name}.metadata.json"))
    archive = bundle.unseal(sealed.read_bytes(), metadata, passphrase_from(chosen.encrypt_passphrase_env))
    folder = layout.new_folder(chosen.output_dir, load(BackupSettings).root)
    bundle.unpack(archive, folder)
    return str(folder)


def _restore(chosen: argparse.Namespace) -> str:
    made = restore(chosen.folder, load(DataSettings))
    return ", ".join(f"{count} {kind}" for kind, count in made.items())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operations.ory_backup")
    commands = parser.add_subparsers(required=True)
    export = commands.add_parser("export", help="configuration and data into a folder and a bundle")
    export.add_argument("--output-dir", type=Path, required=True, help="a new folder below ORY_BACKUP_ROOT")
    export.add_argument("--page-size", type=int, default=500)
    export.add_argument("--jwk-set", action="append", default=[], help="a set of keys to export as well")
    export.add_argument("--encrypt-passphrase-env", default=PASSPHRASE, metavar="VARIABLE")
    export.add_argument("--skip-encryption", action="store_true")
    export.set_defaults(run=_export)
    opened = commands.add_parser("open", help="a bundle, back into a folder")
    opened.add_argument("bundle", type=Path, help="bundle.tar.gz.enc, with its metadata beside it")
    opened.add_argument("--output-dir", type=Path, required=True)
    opened.add_argument("--encrypt-passphrase-env", default=PASSPHRASE, metavar="VARIABLE")
    opened.set_defaults(run=_open)
    restored = commands.add_parser("restore", help="a folder, into clean servers")
    restored.add_argument("folder", type=Path)
    restored.set_defaults(run=_restore)
    return parser


if __name__ == "__main__":
    os.umask(OWNER_ONLY)
    sys.exit(main())
