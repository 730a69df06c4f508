"""Run by every Python whose PYTHONPATH has this folder: hold a job just before a file is done.

A request is a file FAULTS/{dataset}-{folder}-{file}. While it exists, that output waits under its
partial name, and the job holds as many megabytes as the request says. What came by is noted in a
file beside it that ends in .seen. So no line of the product knows that it is being tested.
"""

import os
import time
from pathlib import Path
from typing import Any

REQUESTS = Path(os.environ["FAULTS"])
replace_at_once = os.replace


def replace(source: Any, target: Any, **options: Any) -> None:
    request = REQUESTS / "-".join(Path(target).absolute().parts[-3:])
    if request.exists():
        ballast = b"x" * (int(request.read_text(encoding="ascii")) * 1_000_000)
        request.with_name(f"{request.name}.seen").touch()
        while request.exists():
            time.sleep(0.1)
        del ballast
    replace_at_once(source, target, **options)


os.replace = replace
