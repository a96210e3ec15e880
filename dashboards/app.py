"""Entry of the dashboard: `streamlit run dashboards/app.py` with DOCKLEDGER_WORKSPACE set."""

from dashboards.frame import run_app

run_app()
