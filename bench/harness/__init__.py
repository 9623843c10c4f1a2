# SPDX-License-Identifier: Apache-2.0
"""What bench/run.py is made of: processes, peers, scenarios, measuring, reporting."""
