"""Fresh genesis vouchers: the way in for the first agents."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.errors import StackError
from local.spawn import Program, run

_CODE = re.compile(r"[0-9a-f]{64}")


async def fresh_voucher(command: Sequence[str], environment: Mapping[str, str], data_dir: Path) -> str:
    """A new voucher code, 64 hexadecimal digits, issued by the identity service's own command."""
    program = Program(command=tuple(command), environment=environment)
    printed = await run(program, data_dir / "log" / "voucher.log", what="Issuing a voucher")
    if not _CODE.fullmatch(code := printed.strip()):
        raise StackError("Issuing a voucher failed: no voucher code was printed.")
    return code
