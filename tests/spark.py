"""Spark for tests: whether it can run here, and a standalone cluster on the loopback address."""

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import skip_or_fail

READY_S = 60
WORKERS = 2


def is_parity() -> bool:
    """Whether `make parity` started the tests: whole scenarios are compared on a cluster then."""
    return os.environ.get("DOCKLEDGER_PARITY", "") not in ("", "0")


def require_spark() -> None:
    """Skips the test where PySpark or Java is missing; in CI, fails it."""
    if importlib.util.find_spec("pyspark") is None:
        skip_or_fail("PySpark is not installed (pip install 'dockledger[spark]')")
    if not shutil.which("java"):
        skip_or_fail("Java is not installed (on Debian: apt-get install default-jre-headless)")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spark_class(name: str, *given: str, log: Path) -> subprocess.Popen:
    """Starts a program of PySpark's own Spark, bound to the loopback address; it writes to `log`."""
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "512m",
        "SPARK_NO_DAEMONIZE": "1",
    }
    with log.open("wb") as stream:
        return subprocess.Popen(
            [home / "bin" / "spark-class", name, *given], env=environment, stdout=stream, stderr=subprocess.STDOUT
        )


def await_port(port: int, process: subprocess.Popen, log: Path) -> None:
    """Waits until a started program listens."""
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"it does not listen on {port}:\n{log.read_text(errors='replace')[-2000:]}")


def end(*processes: subprocess.Popen) -> None:
    """Ends programs that were started here."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def cluster(folder: Path, workers: int = WORKERS) -> Iterator[str]:
    """A standalone cluster on 127.0.0.1: a master and workers of one core each; yields the master's URL."""
    require_spark()
    folder.mkdir(parents=True, exist_ok=True)
    port, deploy = free_port(), "org.apache.spark.deploy"
    address = ("--host", "127.0.0.1", "--webui-port", "0")
    url = f"spark://127.0.0.1:{port}"
    started = [spark_class(f"{deploy}.master.Master", *address, "--port", str(port), log=folder / "master.log")]
    try:
        await_port(port, started[0], folder / "master.log")
        for number in range(workers):
            own = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"worker-{number}"))
            log = folder / f"worker-{number}.log"
            started.append(spark_class(f"{deploy}.worker.Worker", *address, *own, url, log=log))
        yield url
    finally:
        end(*reversed(started))
