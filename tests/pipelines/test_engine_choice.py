"""An engine that cannot be had ends a build with one sentence and exit code 2, before anything is read."""

import json

import pytest

from pipelines.engines.spark import for_session
from pipelines.engines.spark_session import statements
from pipelines.workspace import load_workspace
from tests.parity.builds import command
from tests.spark import free_port, require_spark

SETTINGS = """facilities: [{id: NDC, timezone: UTC}]
feeds: [{name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/*.csv"}]
"""


@pytest.fixture
def workspace(tmp_path):
    """Writes a workspace with this engine; gives its folder."""

    def write(engine: str):
        (tmp_path / "dockledger.yaml").write_text(f"{SETTINGS}engine: {engine}\n")
        return tmp_path

    return write


def refusal(folder, **given) -> str:
    """What a build that ends with exit code 2 says, without its own name in front."""
    done = command("build", "--quiet", str(folder), **given)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("dockledger: ").rstrip("\n")


@pytest.mark.parametrize(
    ("engine", "name", "master"),
    [
        ("duckdb", "duckdb", None),
        ("spark", "spark", None),
        ("{memory_limit: 1GiB}", "duckdb", None),
        ("{name: spark, master: 'local[2]'}", "spark", "local[2]"),
        ("{name: spark, master: 'spark://head:7077'}", "spark", "spark://head:7077"),
        ("{name: spark, master: 'sc://head:15002'}", "spark", "sc://head:15002"),
    ],
)
def test_an_engine_is_chosen_by_its_name_alone_or_with_what_it_needs(workspace, engine, name, master):
    found = load_workspace(workspace(engine)).engine
    assert (found.name, found.master) == (name, master)


@pytest.mark.parametrize(
    ("engine", "why"),
    [
        ("flink", "line 3: engine.name: Input should be 'duckdb' or 'spark'"),
        ("{name: spark, master: 'yarn'}", "line 3: engine.master: "),
        ("{name: spark, exchange: share}", "line 3: engine.exchange: "),
        ("{name: spark, settings: {memory: 1g}}", "line 3: engine.settings."),
        ("{master: 'local[2]'}", "line 3: engine: master is for Spark, and name is not spark"),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(workspace, engine, why):
    assert why in refusal(workspace(engine))


@pytest.mark.parametrize("scheme", ["spark", "sc"])
def test_a_master_that_does_not_answer_is_told_at_once(workspace, scheme):
    require_spark()
    url = f"{scheme}://127.0.0.1:{free_port()}"
    folder = workspace(f"{{name: spark, master: '{url}'}}")
    assert refusal(folder) == f"engine: no Spark answers at {url} (Connection refused)"
    status = json.loads((folder / "published" / "STATUS.json").read_text())
    assert (status["outcome"], status["sentence"]) == (
        "unusable_input",
        f"engine: no Spark answers at {url} (Connection refused)",
    )


def test_a_token_in_the_address_is_not_told(workspace):
    require_spark()
    port = free_port()
    folder = workspace(f"{{name: spark, master: 'sc://127.0.0.1:{port}/;token=Kellerschluessel'}}")
    assert "Kellerschluessel" not in refusal(folder)
    assert "Kellerschluessel" not in (folder / "published" / "STATUS.json").read_text()


def test_spark_without_java_is_told(workspace):
    require_spark()
    said = refusal(workspace("spark"), PATH="/nowhere", JAVA_HOME="")
    assert said.startswith("engine: Spark needs Java 17 or newer, which is not installed")


def test_spark_without_pyspark_is_told(workspace):
    done = command("build", "--quiet", str(workspace("spark")), before="sys.modules['pyspark'] = None")
    assert (done.returncode, done.stderr) == (
        2,
        "dockledger: engine: Spark needs PySpark, which is not installed; pip install 'dockledger[spark]'\n",
    )


def test_a_java_that_does_not_start_is_told(workspace, tmp_path):
    require_spark()
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\nexit 1\n")
    java.chmod(0o755)
    said = refusal(workspace("spark"), JAVA_HOME=str(tmp_path / "jdk"))
    assert said.startswith("engine: Spark did not start (")
    assert said.endswith(f"its log is {tmp_path / 'warehouse.spark' / 'spark.log'}")


def test_duckdb_imports_no_spark(workspace):
    """What is not installed with the default engine must not be needed by it."""
    before = "sys.modules['pyspark'] = sys.modules['py4j'] = None"
    done = command("build", "--quiet", str(workspace("duckdb")), before=before)
    assert done.returncode == 0, done.stderr


def test_tables_alone_are_renamed_in_a_model_for_spark():
    sql = "SELECT t.a, marts.a FROM shared.t JOIN shared.t_more ON x.shared.t = 1 -- shared.t"
    renamed = "SELECT t.a, marts.a FROM shared__t JOIN shared__t_more ON x.shared.t = 1 -- shared__t"
    assert for_session(sql, {"shared.t", "shared.t_more"}) == renamed


def test_a_script_is_split_where_a_semicolon_ends_a_line():
    assert statements("a ';' b;\nc\nd; \n\ne;") == ["a ';' b", "c\nd", "e"]
