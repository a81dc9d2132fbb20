"""Tests: rules without I/O, flows through HTTP, the building inspector, soak and bench.

A process told so reads every query without its tenant condition (tests/flows/test_isolation.py).
"""

import os

from app import queries

if "XIAOWEI_WITHOUT_TENANT" in os.environ:
    queries.drop_tenant_conditions()
