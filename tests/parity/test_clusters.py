"""Whole scenarios on a Spark cluster of two workers, and behind Spark Connect: every table as DuckDB makes it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.parity.builds import build, command, copied
from tests.parity.comparison import differences, row_counts
from tests.spark import await_port, cluster, end, free_port, require_spark, spark_class

SCENARIOS = [("three-dc", 7), ("two-entities", 7)]
EVENTS = 20_000

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster of two workers."""
    with cluster(tmp_path_factory.mktemp("cluster")) as url:
        yield url


@pytest.fixture(scope="module")
def scenario(once: Callable[[str, Callable[[Path], None]], Path]) -> Callable[[str, int], Path]:
    """Gives a simulated scenario, built with DuckDB."""

    def give(name: str, seed: int) -> Path:
        def fill(folder: Path) -> None:
            from pipelines.simulator import simulate

            simulate(name, folder, events=EVENTS, seed=seed)
            build(folder)

        return once(f"{name}-{seed}-{EVENTS}", fill)

    return give


@pytest.mark.parametrize(("name", "seed"), SCENARIOS)
def test_a_cluster_makes_every_table_of_a_scenario_as_duckdb_does(name, seed, master, scenario, tmp_path):
    built = scenario(name, seed)
    other = copied(
        built, tmp_path / "spark", f"{{name: spark, master: '{master}', settings: {{spark.executor.memory: 768m}}}}"
    )
    build(other)
    counts = row_counts(other / "warehouse.duckdb")
    print(
        f"{name} with seed {seed}: {len(counts)} tables, {sum(counts.values()):,} rows, {sum(map(bool, counts.values()))} not empty"
    )
    assert differences(built / "warehouse.duckdb", other / "warehouse.duckdb") == {}


def test_spark_connect_makes_every_table_of_a_scenario_as_duckdb_does(scenario, tmp_path):
    require_spark()
    built, port, log = scenario(*SCENARIOS[0]), free_port(), tmp_path / "connect.log"
    given = ["--master", "local[2]", "--conf", f"spark.connect.grpc.binding.port={port}"]
    given += ["--conf", "spark.connect.grpc.binding.address=127.0.0.1", "--conf", "spark.ui.enabled=false"]
    given += ["--conf", "spark.sql.shuffle.partitions=4"]
    given += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    server = spark_class("org.apache.spark.deploy.SparkSubmit", *given, log=log)
    try:
        await_port(port, server, log)
        other = copied(built, tmp_path / "spark", f"{{name: spark, master: 'sc://127.0.0.1:{port}'}}")
        build(other)
    finally:
        end(server)
    assert differences(built / "warehouse.duckdb", other / "warehouse.duckdb") == {}


def test_a_cluster_without_workers_is_told_in_one_sentence(scenario, tmp_path):
    with cluster(tmp_path / "cluster", workers=0) as url:
        workspace = copied(scenario(*SCENARIOS[0]), tmp_path / "spark", f"{{name: spark, master: '{url}'}}")
        done = command("build", "--quiet", str(workspace))
    assert (done.returncode, done.stderr) == (
        2,
        f"dockledger: engine: the Spark cluster at {url} has no worker that is free\n",
    )
