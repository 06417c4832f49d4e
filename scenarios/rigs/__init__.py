"""Rig files: which raw sensors a run has besides its object-level ones. Data only; `scenarios.rig_files` reads them."""
