"""Laporan: papers, saved runs, comparisons."""
