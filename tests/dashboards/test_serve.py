"""How the dashboard is started."""

import tomllib

from dashboards.palette import CONFIG
from dashboards.serve import command


def test_the_server_listens_on_the_loopback_address_only(tmp_path):
    argv, environment = command(tmp_path, 8601)
    assert "--server.address=127.0.0.1" in argv
    assert "--server.port=8601" in argv
    assert "--browser.gatherUsageStats=false" in argv
    assert "--server.headless=true" in argv
    assert environment["DOCKLEDGER_WORKSPACE"] == str(tmp_path.resolve())


def test_also_a_bare_streamlit_run_is_local_quiet_and_exports_nothing_raw():
    settings = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
    assert set(settings["server"]["allowedHosts"]) == {"127.0.0.1", "localhost"}
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["disableDataExport"] is True
    assert settings["client"]["showErrorDetails"] == "none"
